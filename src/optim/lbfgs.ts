import type { Steps } from '../core/steps.ts'
import { InverseHessian, type Solve } from './inverse-hessian.ts'
import { lineSearch } from './line-search.ts'
import type { Objective, SolverOptions, SolverResult } from './objective.ts'
import { FLOOR_GAP, LOSS_NOISE, Run, Stall } from './run.ts'
import { dot, scale } from './vector.ts'

export interface LbfgsOptions extends SolverOptions {
  /** Number of pairs remembered, at least 1. Default 10. */
  memory?: number | undefined
}

/** Iterations in a block, which must bring some progress: fewer mistake a pause of the gradient for its floor. */
const BLOCK = 60

/**
 * Minimises a smooth function by limited-memory BFGS (Nocedal & Wright, Numerical Optimization, algorithm 7.5; Liu &
 * Nocedal, Math. Programming 45, 1989). Most iterations take one evaluation.
 *
 * Stops at max|g| <= tol (default 1e-6) or after maxIter (default 1000). A search that fails restarts once with
 * steepest descent and ten times the slack for noise (as CG_DESCENT does); where that fails too, the solver has
 * converged ('noise-floor') if the estimated gap is at most FLOOR_GAP * |F|.
 *
 * start: size values, copied. Throws RangeError when their number is wrong; options are trusted.
 */
export function* lbfgs(
  objective: Objective,
  start: ArrayLike<number>,
  options: LbfgsOptions = {},
): Steps<SolverResult> {
  const run = new Run(objective, start, options.onIteration)
  return (yield* run.begin()) ? yield* lbfgsFrom(run, objective, options) : run.result('diverged')
}

/**
 * The same from where a solver is already. `metric`: an inverse Hessian that is nearly right but for a factor, and the
 * estimated gap, as a share of |F|, that it stops at instead.
 */
export function* lbfgsFrom(
  run: Run,
  objective: Objective,
  options: LbfgsOptions & { metric?: { solve: Solve; tol: number } | undefined },
): Steps<SolverResult> {
  const { tol = 1e-6, maxIter = 1000, memory = 10, metric } = options
  const inverse = new InverseHessian(objective.size, memory, metric?.solve, true)
  const direction = new Float64Array(objective.size)
  const stall = new Stall(BLOCK)
  let noise = LOSS_NOISE
  let gap = Number.NaN
  let stopped = false
  for (;;) {
    const { at, trial } = run
    inverse.descent(at.grad, direction)
    let slope = dot(direction, at.grad)
    if (inverse.count > 0) {
      if (slope < 0) gap = -slope / 2
      else {
        inverse.clear()
        scale(direction, -1, at.grad)
        slope = -dot(at.grad, at.grad)
      }
    }
    if (metric ? gap <= metric.tol * run.scale : run.gradNorm <= tol) {
      return run.result(metric ? 'decrement' : 'gradient', gap)
    }
    if (stopped) return run.result('stopped', gap)
    if (run.nIter >= maxIter) return run.result('max-iter', gap)
    const atFloor = gap <= FLOOR_GAP * run.scale
    if (stall.update(run.gain, run.gradNorm, run.scale) && atFloor) return run.result('noise-floor', gap)

    const first = inverse.count > 0 || metric ? 1 : Math.min(1, 1 / Math.sqrt(-slope))
    const step = yield* lineSearch(run, direction, slope, first, noise * Math.abs(at.loss))
    if (step === 0) {
      const hopeless = inverse.count === 0 || (noise > LOSS_NOISE && gap <= LOSS_NOISE * run.scale)
      if (hopeless) return run.result(atFloor ? 'noise-floor' : 'line-search', gap)
      inverse.clear()
      noise = 10 * LOSS_NOISE
      continue
    }
    inverse.store(at, trial)
    stopped = yield* run.advance()
  }
}
