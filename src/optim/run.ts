import type { Steps } from '../core/steps.ts'
import type { Objective, SolverOptions, SolverResult, StopAnswer, StopReason } from './objective.ts'
import { maxAbs } from './vector.ts'

/** Relative noise of a loss whose terms were computed in float32 (measured: about 1e-7). Gradients do not have it. */
export const LOSS_NOISE = 1e-7

/** A solver that ends at the noise floor has converged when its estimated gap is at most this share of |F|. */
export const FLOOR_GAP = 1e-6

/** A place the solver has been, or is trying. */
export interface Point {
  readonly w: Float64Array
  readonly grad: Float64Array
  loss: number
}

function newPoint(w: Float64Array): Point {
  return { w, grad: new Float64Array(w.length), loss: Number.NaN }
}

/** Waits for a callback's answer; true means stop. */
export function* isStop(answer: StopAnswer): Steps<boolean> {
  return (typeof answer === 'object' ? yield* answer : answer) === true
}

/**
 * What every solver keeps: where it is, where it tries to go, and its counts. The two points swap roles, so nothing is
 * allocated or copied after the start.
 */
export class Run {
  at: Point
  trial: Point
  /** max|g| at the current point. */
  gradNorm = Number.NaN
  nIter = 0
  evaluations = 0
  /** How far the last line search lowered the loss, integrated from slopes: these carry no noise. */
  gain = 0
  readonly #objective: Objective
  readonly #onIteration: SolverOptions['onIteration']
  #smallest = 0

  /** Throws RangeError when start does not have the objective's size. start is copied. */
  constructor(objective: Objective, start: ArrayLike<number>, onIteration: SolverOptions['onIteration']) {
    const { size } = objective
    if (start.length !== size) throw new RangeError(`start: expected ${size} parameters, got ${start.length}`)
    this.at = newPoint(Float64Array.from(start))
    this.trial = newPoint(new Float64Array(size))
    this.#objective = objective
    this.#onIteration = onIteration
  }

  /** Evaluates the start; false when there is nothing to descend from: value or gradient are not finite. */
  *begin(): Steps<boolean> {
    yield* this.evaluate(this.at)
    this.gradNorm = maxAbs(this.at.grad)
    this.#smallest = 1e-15 * Math.abs(this.at.loss)
    return Number.isFinite(this.at.loss) && Number.isFinite(this.gradNorm)
  }

  /** Goes to another start if that is better. */
  *tryFrom(start: ArrayLike<number>): Steps<void> {
    const { at, trial } = this
    trial.w.set(start)
    yield* this.evaluate(trial)
    if (at.loss <= trial.loss) return
    this.at = trial
    this.trial = at
    this.gradNorm = maxAbs(trial.grad)
  }

  /** Computes loss and gradient of a point from its w. */
  *evaluate(point: Point): Steps<void> {
    this.evaluations++
    const loss = this.#objective.evaluate(point.w, point.grad)
    point.loss = typeof loss === 'number' ? loss : yield* loss
  }

  /**
   * What gaps are compared to: |F|, but never less than 1e-15 of |F| at the start, so that a minimum of exactly 0 can
   * be reached.
   */
  get scale(): number {
    return Math.max(Math.abs(this.at.loss), this.#smallest)
  }

  /** Ends an iteration: the trial becomes the current point, the driver gets its break, the callback its say. */
  *advance(): Steps<boolean> {
    const { at, trial } = this
    this.at = trial
    this.trial = at
    this.gradNorm = maxAbs(trial.grad)
    this.nIter++
    yield
    if (!this.#onIteration) return false
    const { gradNorm, evaluations } = this
    const answer = this.#onIteration({ iteration: this.nIter, loss: trial.loss, gradNorm, w: trial.w, evaluations })
    return yield* isStop(answer)
  }

  /** gap: NaN where there is no estimate. */
  result(reason: StopReason, gap = Number.NaN): SolverResult {
    const { at, gradNorm, nIter, evaluations } = this
    const converged = reason === 'gradient' || reason === 'decrement' || reason === 'noise-floor'
    const result: SolverResult = { w: at.w, loss: at.loss, gradNorm, nIter, evaluations, converged, reason }
    if (gap >= 0) result.gap = gap
    return result
  }
}

/** A block of iterations that gains less than this share of |F| in total is no progress. */
const BLOCK_GAIN = 1e-9

/**
 * Notices a solver that wanders at its noise floor: a block of iterations that brought neither a gain in loss worth
 * mentioning nor a new low of the solver's own measure.
 */
export class Stall {
  readonly #block: number
  #iterations = 0
  #gain = 0
  #lowest = Number.POSITIVE_INFINITY
  #improved = false

  constructor(block: number) {
    this.#block = block
  }

  /** Called once an iteration. gain: see Run; measure: what the solver wants to be small. */
  update(gain: number, measure: number, scale: number): boolean {
    this.#gain += gain
    if (measure < 0.99 * this.#lowest) {
      this.#lowest = measure
      this.#improved = true
    }
    if (++this.#iterations < this.#block) return false
    const stalled = !this.#improved && this.#gain <= BLOCK_GAIN * scale
    this.#iterations = 0
    this.#gain = 0
    this.#improved = false
    return stalled
  }
}
