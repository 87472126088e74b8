import type { Steps } from '../core/steps.ts'
import { choleskySolve } from './cholesky.ts'
import { lineSearch } from './line-search.ts'
import type { Objective, SolverOptions, SolverResult } from './objective.ts'
import { ridgeCholesky } from './ridge-cholesky.ts'
import { FLOOR_GAP, LOSS_NOISE, Run, Stall } from './run.ts'
import { dot, scale } from './vector.ts'

/** Iterations in a block, which must bring some progress. */
const BLOCK = 3
/** As a share of |F| at the start, the gap that noise of float32 leaves; squares of residuals, so far below LOSS_NOISE. */
const START_GAP = 1e-11
/** Above this ridge the decrement no longer bounds the gap. */
export const HONEST_RIDGE = 1e-6

export interface NewtonOptions extends SolverOptions {
  /** Where to leave the Cholesky factor of the last Hessian, size x size (see cholesky.ts). */
  factor?: Float64Array | undefined
  /** The estimated gap by the Hessian before a step is believed where the step made it so small a share of itself. Default 1e-4. */
  settled?: number | undefined
}

/**
 * Minimises a smooth function by Newton's method, damped by a line search (Nocedal & Wright, Numerical Optimization,
 * algorithm 3.2). Where the Hessian is not positive definite, a ridge makes it so; size up to about 1000.
 *
 * Stops when lambda^2 / 2 <= tol * |F| (default 1e-10), lambda^2 = g' H^-1 g being the squared Newton decrement and
 * lambda^2 / 2 the estimated gap to the optimum (Boyd & Vandenberghe, Convex Optimization, 9.5.1), or after maxIter
 * (default 100). Where no step is acceptable, it has converged ('noise-floor') if that gap is at most FLOOR_GAP * |F|, or
 * START_GAP of |F| at the start: residuals in float32 cannot be told from 0 further down.
 *
 * start: size values, copied. Throws RangeError when their number is wrong, TypeError when the objective has no
 * hessian; options are trusted.
 */
export function* newton(
  objective: Objective,
  start: ArrayLike<number>,
  options: NewtonOptions = {},
): Steps<SolverResult> {
  if (!objective.hessian) throw new TypeError('newton: expected an objective with a hessian')
  const run = new Run(objective, start, options.onIteration)
  return (yield* run.begin()) ? yield* newtonFrom(run, objective, options) : run.result('diverged')
}

/** The same from where a solver is already. */
export function* newtonFrom(run: Run, objective: Objective, options: NewtonOptions): Steps<SolverResult> {
  const { size } = objective
  const { tol = 1e-10, maxIter = 100, factor: hessian = new Float64Array(size * size), settled = 1e-4 } = options
  const diagonal = new Float64Array(size)
  const sums = new Float64Array(size)
  const direction = new Float64Array(size)
  const stall = new Stall(BLOCK)
  const arrival = new Arrival(START_GAP * Math.abs(run.at.loss))
  let gap = Number.NaN
  for (;;) {
    const { at } = run
    if (run.gradNorm === 0) return run.result('gradient', gap)
    if (run.nIter >= maxIter) return run.result('max-iter', gap)

    yield* objective.hessian?.(at.w, hessian) ?? []
    const ridge = yield* ridgeCholesky(hessian, size, diagonal, sums)
    scale(direction, -1, at.grad)
    if (ridge >= 0) choleskySolve(hessian, size, direction)
    let slope = dot(direction, at.grad)
    const usable = ridge >= 0 && slope <= 0
    const honest = usable && ridge <= HONEST_RIDGE
    gap = honest ? -slope / 2 : Number.NaN
    if (gap <= tol * run.scale) return run.result('decrement', gap)
    const atFloor = gap <= FLOOR_GAP * run.scale || gap <= arrival.gap
    const idle = stall.update(run.gain, gap, run.scale)
    if ((idle && atFloor) || arrival.update(gap)) return run.result('noise-floor', gap)

    const slack = LOSS_NOISE * Math.abs(at.loss)
    let step = usable ? yield* lineSearch(run, direction, slope, 1, slack) : 0
    if (step === 0) {
      if (atFloor) return run.result('noise-floor', gap)
      scale(direction, -1, at.grad)
      slope = -dot(at.grad, at.grad)
      step = yield* lineSearch(run, direction, slope, Math.min(1, 1 / Math.sqrt(-slope)), slack)
      if (step === 0) return run.result('line-search', gap)
    }
    const stop = yield* run.advance()

    // Near the optimum the Hessian hardly changes: when the old one already predicts a gap below tol, a new one would
    // only confirm it. That the step did what the old one promised (the gap fell 10,000 times) is the sign.
    if (honest) {
      scale(direction, 1, run.at.grad)
      choleskySolve(hessian, size, direction)
      const next = dot(direction, run.at.grad) / 2
      const isSettled = next <= settled * gap && next <= tol * run.scale
      gap = next
      if (isSettled) return run.result('decrement', gap)
    }
    if (stop) return run.result('stopped', gap)
  }
}

/**
 * Notices a minimum near 0 next to the start (more parameters than rows): below `gap` a block of iterations did not
 * halve the gap, which true Newton steps do.
 */
class Arrival {
  readonly gap: number
  #lowest = Number.POSITIVE_INFINITY
  #idle = 0

  constructor(gap: number) {
    this.gap = gap
  }

  update(gap: number): boolean {
    if (!(gap <= this.gap)) return false
    this.#idle = gap <= this.#lowest / 2 ? 0 : this.#idle + 1
    if (this.#idle === 0) this.#lowest = gap
    return this.#idle >= BLOCK
  }
}
