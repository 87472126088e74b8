import { checkBoolean, checkInteger, checkNumber, checkOptionNames } from '../core/checks.ts'

/** When to stop on validation data (Prechelt, "Early Stopping - But When?", 1998: generalisation loss, by patience). */
export interface EarlyStoppingOptions {
  /** Epochs in a row without progress before it stops. Default 10. */
  patience?: number
  /** By how much the validation loss has to fall below the best to be progress. Default 0. */
  minDelta?: number
  /** Whether the model becomes what it was after its best epoch. Default true. */
  restoreBest?: boolean
  /** Share of the rows to set aside as validation data where none are given, of every class. */
  fraction?: number
}

/** A checked copy, without undefined parts. @throws TypeError, RangeError */
export function checkEarlyStopping(name: string, given: unknown): EarlyStoppingOptions {
  if (given === null || typeof given !== 'object') {
    throw new TypeError(`${name}: expected an object such as { patience: 10 }, got ${String(given)}`)
  }
  checkOptionNames(name, given, ['patience', 'minDelta', 'restoreBest', 'fraction'])
  const { patience, minDelta, restoreBest, fraction } = given as EarlyStoppingOptions
  return {
    ...(patience !== undefined && { patience: checkInteger(`${name}: patience`, patience, { min: 1 }) }),
    ...(minDelta !== undefined && { minDelta: checkNumber(`${name}: minDelta`, minDelta, { min: 0 }) }),
    ...(restoreBest !== undefined && { restoreBest: checkBoolean(`${name}: restoreBest`, restoreBest) }),
    ...(fraction !== undefined && { fraction: checkNumber(`${name}: fraction`, fraction, { above: 0, max: 0.9 }) }),
  }
}

/** Watches a loss epoch by epoch. `S` is what a caller needs to go back to an epoch: a copy of its parameters. */
export class EarlyStopping<S> {
  readonly #patience: number
  readonly #minDelta: number
  readonly #restoreBest: boolean
  #best = Number.POSITIVE_INFINITY
  #bestEpoch = 0
  #state: S | undefined
  #idle = 0
  #reference = Number.POSITIVE_INFINITY

  constructor({ patience = 10, minDelta = 0, restoreBest = true }: EarlyStoppingOptions = {}) {
    this.#patience = patience
    this.#minDelta = minDelta
    this.#restoreBest = restoreBest
  }

  /** Notes the loss after an epoch (counted from 1); true when it is time to stop. `state` is asked for at a best only. */
  add(epoch: number, loss: number, state: () => S): boolean {
    if (loss < this.#best) {
      this.#best = loss
      this.#bestEpoch = epoch
      if (this.#restoreBest) this.#state = state()
    }
    // Many small gains make one large one: they are summed up since the last that counted.
    if (loss < this.#reference - this.#minDelta) {
      this.#reference = loss
      this.#idle = 0
    } else this.#idle++
    return this.#idle >= this.#patience
  }

  /** The epoch of the lowest loss, 0 if there was none. */
  get bestEpoch(): number {
    return this.#bestEpoch
  }

  /** What to go back to; undefined where nothing was seen, or nothing is to be restored. */
  get best(): S | undefined {
    return this.#state
  }
}
