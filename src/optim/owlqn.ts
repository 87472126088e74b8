import type { Steps } from '../core/steps.ts'
import { InverseHessian } from './inverse-hessian.ts'
import type { LbfgsOptions } from './lbfgs.ts'
import type { Objective, SolverResult } from './objective.ts'
import { absolute, changeOf, proximalNewtonFrom, pseudoGradient } from './proximal-newton.ts'
import { FLOOR_GAP, Run, Stall } from './run.ts'
import { dot, maxAbs, scale } from './vector.ts'

export interface OwlqnOptions extends LbfgsOptions {
  /** What |w_k| is multiplied by in the penalty, at least 0 each; 0 leaves a parameter free. */
  l1: ArrayLike<number>
}

/** Iterations in a block, which must bring some progress. */
const BLOCK = 60
const DECREASE = 1e-4
const MAX_TRIALS = 30
/** Where curvature cannot be learnt in so many iterations, or as many as there are parameters, it is computed for up to so many. */
const PATIENCE = 100
const MOST_BY_HESSIAN = 512

/**
 * Minimises f(w) + sum_k l1_k |w_k|, f smooth, by orthant-wise limited-memory quasi-Newton (Andrew & Gao, "Scalable
 * training of L1-regularized log-linear models", ICML 2007). Parameters that the penalty holds at 0 are exactly 0.
 *
 * Stops when no coordinate of the pseudo-gradient (the steepest descent of the sum) is above tol (default 1e-6), or after
 * maxIter (default 1000). `loss` is that of the sum, `gradNorm` the largest of the pseudo-gradient; convergence at the
 * noise floor as in lbfgs. Where the objective has a hessian and up to MOST_BY_HESSIAN parameters, iterations beyond PATIENCE,
 * or beyond a search that fails, are those of proximalNewtonFrom. start: size values, copied. Throws RangeError when their number is wrong.
 */
export function* owlqn(objective: Objective, start: ArrayLike<number>, options: OwlqnOptions): Steps<SolverResult> {
  const { tol = 1e-6, maxIter = 1000, memory = 10, onIteration, l1 } = options
  const { size } = objective
  const run = new Run(withAbsolute(objective, l1), start, onIteration)
  if (!(yield* run.begin())) return run.result('diverged')

  const inverse = new InverseHessian(size, memory)
  const pseudo = new Float64Array(size)
  const direction = new Float64Array(size)
  const stall = new Stall(BLOCK)
  const hasHessian = objective.hessian !== undefined && size <= MOST_BY_HESSIAN
  let gap = Number.NaN
  let stopped = false
  for (;;) {
    const { at, trial } = run
    pseudoGradient(at.w, at.grad, l1, pseudo)
    run.gradNorm = maxAbs(pseudo)
    if (run.gradNorm <= tol) return run.result('gradient', gap)
    inverse.descent(pseudo, direction)
    // A coordinate whose quasi-Newton direction is not one of descent stays where it is, unless it is free.
    for (let k = 0; k < size; k++) if (l1[k]! > 0 && direction[k]! * pseudo[k]! >= 0) direction[k] = 0
    let slope = dot(direction, pseudo)
    if (!(slope < 0)) {
      inverse.clear()
      scale(direction, -1, pseudo)
      slope = -dot(pseudo, pseudo)
    }
    if (inverse.count > 0) gap = -slope / 2
    if (stopped) return run.result('stopped', gap)
    if (hasHessian && run.nIter >= Math.max(PATIENCE, size))
      return yield* proximalNewtonFrom(run, objective, { l1, tol, maxIter })
    if (run.nIter >= maxIter) return run.result('max-iter', gap)
    const atFloor = gap <= FLOOR_GAP * run.scale
    if (stall.update(run.gain, run.gradNorm, run.scale) && atFloor) return run.result('noise-floor', gap)

    const first = inverse.count > 0 ? 1 : Math.min(1, 1 / Math.sqrt(-slope))
    if (!(yield* search(run, direction, pseudo, l1, first))) {
      if (inverse.count === 0) {
        if (atFloor) return run.result('noise-floor', gap)
        return hasHessian
          ? yield* proximalNewtonFrom(run, objective, { l1, tol, maxIter })
          : run.result('line-search', gap)
      }
      inverse.clear()
      continue
    }
    inverse.store(at, trial)
    stopped = yield* run.advance()
  }
}

/** The value with the penalty, the gradient without: that is what curvature is learnt from. */
function withAbsolute(objective: Objective, l1: ArrayLike<number>): Objective {
  return {
    size: objective.size,
    *evaluate(w, grad): Steps<number> {
      const smooth = objective.evaluate(w, grad)
      return (typeof smooth === 'number' ? smooth : yield* smooth) + absolute(w, l1)
    },
  }
}

/**
 * Halves the step until the value has fallen enough; a coordinate that would leave its orthant stops at 0. True with run.trial holding the point and run.gain set.
 */
function* search(
  run: Run,
  direction: Float64Array,
  pseudo: Float64Array,
  l1: ArrayLike<number>,
  first: number,
): Steps<boolean> {
  const { at, trial } = run
  let t = first
  for (let trials = 0; trials < MAX_TRIALS; trials++, t /= 2) {
    let expected = 0
    let moved = false
    for (let k = 0; k < direction.length; k++) {
      const w = at.w[k]!
      const next = w + t * direction[k]!
      const orthant = w !== 0 ? w : -pseudo[k]!
      // Free parameters have no orthant.
      trial.w[k] = l1[k] === 0 || next * orthant > 0 ? next : 0
      const change = trial.w[k]! - w
      moved ||= change !== 0
      expected += pseudo[k]! * change
    }
    if (!moved) return false
    yield* run.evaluate(trial)
    const change = changeOf(run, l1)
    if (expected < 0 && change <= DECREASE * expected) {
      run.gain = -change
      return true
    }
  }
  return false
}
