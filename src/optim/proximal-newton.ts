import type { Steps } from '../core/steps.ts'
import type { Objective, SolverResult } from './objective.ts'
import { FLOOR_GAP, LOSS_NOISE, type Run, Stall } from './run.ts'
import { maxAbs } from './vector.ts'

/** Iterations in a block, which must bring some progress. */
const BLOCK = 3
const DECREASE = 1e-4
const MAX_TRIALS = 30
/** Passes over the coordinates of one quadratic model, and what its gradient may be left with: shares of tol and of where it began. */
const MOST_SWEEPS = 1000
const MODEL_TOL = 0.1
const MODEL_SHARE = 1e-2
/** Added to the Hessian's diagonal, as a share of its greatest element. */
const RIDGE = 1e-12
/** Multiplications between two chances to pause: about 2 ms. */
const WORK = 2e6

export interface ProximalNewtonOptions {
  readonly l1: ArrayLike<number>
  readonly tol: number
  readonly maxIter: number
}

/**
 * Goes on from where a run of owlqn is, to minimise f(w) + sum_k l1_k |w_k| by Newton's method with the absolute values left
 * in the quadratic model (Lee, Sun & Saunders, "Proximal Newton-type methods", SIAM J. Optim. 24, 2014), whose minimum
 * coordinate descent finds (Yuan, Ho & Lin, "An improved GLMNET", JMLR 13, 2012). An iteration costs a Hessian, but
 * neither scales nor corners of f cost many. Stops as owlqn does; the run's objective has the absolute values in its values
 * and not in its gradients, `objective` is f and has a hessian.
 */
export function* proximalNewtonFrom(
  run: Run,
  objective: Objective,
  { l1, tol, maxIter }: ProximalNewtonOptions,
): Steps<SolverResult> {
  const { size } = objective
  const [hessian, goal, pseudo] = [new Float64Array(size * size), new Float64Array(size), new Float64Array(size)]
  const stall = new Stall(BLOCK)
  let gap = Number.NaN
  let stopped = false
  for (;;) {
    const { at } = run
    pseudoGradient(at.w, at.grad, l1, pseudo)
    run.gradNorm = maxAbs(pseudo)
    if (run.gradNorm <= tol) return run.result('gradient', gap)
    if (stopped) return run.result('stopped', gap)
    if (run.nIter >= maxIter) return run.result('max-iter', gap)

    yield* objective.hessian?.(at.w, hessian) ?? []
    goal.set(at.w)
    const rest = Math.max(MODEL_TOL * tol, MODEL_SHARE * run.gradNorm)
    yield* minimiseModel(hessian, at.grad, l1, rest, goal, (w) => objective.lighten?.(w, l1))
    let slope = absolute(goal, l1) - absolute(at.w, l1)
    for (let k = 0; k < size; k++) slope += at.grad[k]! * (goal[k]! - at.w[k]!)
    gap = -slope / 2
    const atFloor = gap <= FLOOR_GAP * run.scale
    if (stall.update(run.gain, run.gradNorm, run.scale) && atFloor) return run.result('noise-floor', gap)
    if (!(slope < 0 && (yield* search(run, goal, slope, l1)))) {
      return run.result(atFloor ? 'noise-floor' : 'line-search', gap)
    }
    stopped = yield* run.advance()
  }
}

/**
 * The minimum of grad (v - w) + (v - w)' H (v - w) / 2 + sum of l1 |v|, to where no coordinate's gradient is above tol: one
 * coordinate after the other, and all by `lighten`. `goal` is w and becomes v.
 */
function* minimiseModel(
  hessian: Float64Array,
  grad: Float64Array,
  l1: ArrayLike<number>,
  tol: number,
  goal: Float64Array,
  lighten: (w: Float64Array) => void,
): Steps<void> {
  const n = goal.length
  const slopes = grad.slice()
  const before = new Float64Array(n)
  let most = 0
  for (let k = 0; k < n; k++) most = Math.max(most, hessian[k * (n + 1)]!)
  for (let k = 0; k < n; k++) hessian[k * (n + 1)]! += RIDGE * most
  const moved = (k: number, change: number) => {
    for (let j = 0; j < n; j++) slopes[j]! += hessian[k * n + j]! * change
    return Math.abs(change) * hessian[k * (n + 1)]!
  }
  let work = 0
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let worst = 0
    for (let k = 0; k < n; k++) {
      const curvature = hessian[k * (n + 1)]!
      if (!(curvature > 0)) continue
      const free = goal[k]! - slopes[k]! / curvature
      const shrunk = Math.abs(free) - l1[k]! / curvature
      const next = shrunk > 0 ? (free > 0 ? shrunk : -shrunk) : 0
      const change = next - goal[k]!
      goal[k] = next
      if (change !== 0) worst = Math.max(worst, moved(k, change))
    }
    before.set(goal)
    lighten(goal)
    for (let k = 0; k < n; k++) if (goal[k] !== before[k]) worst = Math.max(worst, moved(k, goal[k]! - before[k]!))
    if (worst <= tol) return
    work += n * n
    if (work > WORK) {
      work = 0
      yield
    }
  }
}

/** Halves the step towards `goal` until the value has fallen enough; true with run.trial holding the point and run.gain set. */
function* search(run: Run, goal: Float64Array, slope: number, l1: ArrayLike<number>): Steps<boolean> {
  const { at, trial } = run
  for (let [t, trials] = [1, 0]; trials < MAX_TRIALS; t /= 2, trials++) {
    for (let k = 0; k < goal.length; k++) trial.w[k] = t === 1 ? goal[k]! : at.w[k]! + t * (goal[k]! - at.w[k]!)
    yield* run.evaluate(trial)
    const change = changeOf(run, l1)
    if (change <= DECREASE * t * slope) {
      run.gain = -change
      return true
    }
  }
  return false
}

/**
 * How much the value changes from run.at to run.trial. Where the values differ by no more than their noise, the change is
 * taken from the gradients at both ends and the penalty, which have none.
 */
export function changeOf({ at, trial }: Run, l1: ArrayLike<number>): number {
  const change = trial.loss - at.loss
  if (!(Math.abs(change) <= 10 * LOSS_NOISE * Math.abs(at.loss))) return change
  let sum = absolute(trial.w, l1) - absolute(at.w, l1)
  for (let k = 0; k < at.w.length; k++) sum += ((at.grad[k]! + trial.grad[k]!) / 2) * (trial.w[k]! - at.w[k]!)
  return sum
}

export function absolute(w: Float64Array, l1: ArrayLike<number>): number {
  let sum = 0
  for (let k = 0; k < w.length; k++) sum += l1[k]! * Math.abs(w[k]!)
  return sum
}

/** The subgradient of least size (Andrew & Gao, equation 4): 0 where no step from 0 pays. */
export function pseudoGradient(w: Float64Array, grad: Float64Array, l1: ArrayLike<number>, out: Float64Array): void {
  for (let k = 0; k < w.length; k++) {
    const g = grad[k]!
    const c = l1[k]!
    if (w[k]! !== 0) out[k] = g + (w[k]! > 0 ? c : -c)
    else out[k] = g + c < 0 ? g + c : g - c > 0 ? g - c : 0
  }
}
