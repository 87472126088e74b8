import { checkInteger, checkNumber, checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import { cosPi } from '../core/cosine.ts'

/** The learning rate of an epoch (counted from 0), from the base rate. */
export type Schedule = (epoch: number, base: number) => number

/** The base rate, always (scikit-learn: learning_rate='constant'). */
export const constantSchedule: Schedule = (_epoch, base) => base

/** base * factor^floor(epoch / every): constant for `every` epochs, then `factor` times that, and so on. */
export function stepSchedule(every: number, factor: number): Schedule {
  return (epoch, base) => {
    let rate = base
    for (let steps = Math.floor(epoch / every); steps > 0 && rate > 0; steps--) rate *= factor
    return rate
  }
}

/** base / (1 + decay * epoch), decay >= 0 (Robbins & Monro's kind; Bottou, "Stochastic Gradient Descent Tricks", 2012). */
export function inverseSchedule(decay: number): Schedule {
  return (epoch, base) => base / (1 + decay * epoch)
}

/**
 * From base down to floor * base along half a cosine over `epochs` epochs, floor * base after them (Loshchilov and Hutter,
 * "SGDR", arXiv:1608.03983, equation 5 without restarts).
 */
export function cosineSchedule(epochs: number, floor = 0): Schedule {
  return (epoch, base) => {
    const share = epoch < epochs ? (1 + cosPi(epoch / epochs)) / 2 : 0
    return base * (floor + (1 - floor) * share)
  }
}

/** base / epochs, 2 base / epochs, ... up to base in the last of `epochs` epochs; then `after`, from its beginning. */
export function warmUpSchedule(epochs: number, after: Schedule = constantSchedule): Schedule {
  return (epoch, base) => (epoch < epochs ? (base * (epoch + 1)) / epochs : after(epoch - epochs, base))
}

/**
 * A learning-rate schedule as plain data, so that a model can be saved with it. Rates are those of whole epochs e = 0, 1, ...
 *
 * - 'constant': the learning rate, always
 * - step: learningRate * factor^floor(e / every)
 * - inverse: learningRate / (1 + decay e)
 * - cosine: from learningRate to floor * learningRate (floor: 0) along half a cosine over `epochs` (what is left of training)
 * - warmUp: linearly up to learningRate over `epochs` epochs, then another schedule (constant) from its beginning
 */
export type ScheduleOptions =
  | 'constant'
  | { readonly type: 'step'; readonly every: number; readonly factor: number }
  | { readonly type: 'inverse'; readonly decay: number }
  | { readonly type: 'cosine'; readonly epochs?: number; readonly floor?: number }
  | { readonly type: 'warmUp'; readonly epochs: number; readonly after?: ScheduleOptions }

/** Deeper than anybody needs, and than a hostile file may ask for. */
const MOST_NESTED = 8

/** A checked copy. @throws TypeError, RangeError */
export function checkSchedule(name: string, given: unknown, depth = 0): ScheduleOptions {
  if (given === 'constant') return given
  if (typeof given === 'string') throw new RangeError(`${name}: expected 'constant' or an object, got ${show(given)}`)
  if (given === null || typeof given !== 'object') {
    throw new TypeError(`${name}: expected 'constant' or an object with a type, got ${show(given)}`)
  }
  const options = given as Record<string, unknown>
  const type = checkOneOf(`${name}: type`, options.type, ['step', 'inverse', 'cosine', 'warmUp'])
  switch (type) {
    case 'step':
      checkOptionNames(name, options, ['type', 'every', 'factor'])
      return {
        type,
        every: checkInteger(`${name}: every`, options.every, { min: 1 }),
        factor: checkNumber(`${name}: factor`, options.factor, { above: 0, max: 1 }),
      }
    case 'inverse':
      checkOptionNames(name, options, ['type', 'decay'])
      return { type, decay: checkNumber(`${name}: decay`, options.decay, { min: 0 }) }
    case 'cosine': {
      checkOptionNames(name, options, ['type', 'epochs', 'floor'])
      const { epochs, floor } = options
      return {
        type,
        ...(epochs !== undefined && { epochs: checkInteger(`${name}: epochs`, epochs, { min: 1 }) }),
        ...(floor !== undefined && { floor: checkNumber(`${name}: floor`, floor, { min: 0, max: 1 }) }),
      }
    }
    case 'warmUp': {
      checkOptionNames(name, options, ['type', 'epochs', 'after'])
      const epochs = checkInteger(`${name}: epochs`, options.epochs, { min: 1 })
      if (options.after === undefined) return { type, epochs }
      if (depth === MOST_NESTED) throw new RangeError(`${name}: nested more than ${MOST_NESTED} deep`)
      return { type, epochs, after: checkSchedule(`${name}: after`, options.after, depth + 1) }
    }
  }
}

/** The schedule that checked options describe; `epochs` is how long training lasts. */
export function scheduleOf(options: ScheduleOptions, epochs: number): Schedule {
  if (options === 'constant') return constantSchedule
  switch (options.type) {
    case 'step':
      return stepSchedule(options.every, options.factor)
    case 'inverse':
      return inverseSchedule(options.decay)
    case 'cosine':
      return cosineSchedule(options.epochs ?? Math.max(1, epochs), options.floor)
    case 'warmUp':
      return warmUpSchedule(options.epochs, scheduleOf(options.after ?? 'constant', epochs - options.epochs))
  }
}
