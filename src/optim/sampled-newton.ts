import type { Steps } from '../core/steps.ts'
import { choleskySolve } from './cholesky.ts'
import { InverseHessian, type Solve } from './inverse-hessian.ts'
import { lbfgsFrom } from './lbfgs.ts'
import { lineSearch } from './line-search.ts'
import { HONEST_RIDGE, newton, newtonFrom } from './newton.ts'
import type { Objective, SolverOptions, SolverResult } from './objective.ts'
import { ridgeCholesky } from './ridge-cholesky.ts'
import { FLOOR_GAP, LOSS_NOISE, Run, Stall } from './run.ts'
import { dot } from './vector.ts'

const TOL = 1e-12
/** Pairs remembered. */
const MEMORY = 10
/** On the sample, whose optimum is another one anyway, newton stops early, or gives up. */
const ON_SAMPLE = { tol: 1e-2, settled: 0.1, maxIter: 12 }
/** A Hessian of all rows costs as much as size / 4 evaluations (measured for linear models: 30 columns as many, 300 fewer). */
const HESSIAN = 4
/** Where the two Hessians that the sample takes cost more evaluations than this, lbfgs is tried first, so long or longer, and by a metric twice so long. */
const CHEAP = 12
const CHEAP_BESIDE_METRIC = 4
const ATTEMPT = 24
/** It stops at so many times the gap: an iteration leaves a third. */
const METRIC_TOL = 3
/** Iterations in a block, which says what the others will cost. */
const BLOCK = 5
/** An estimated gap above this share of |F|: the sample is not like the whole. */
const FAR = 0.5
/** Below this share the Hessian is hardly another one than at the optimum. */
const NEAR = 1e-4
/** Added to the diagonal, as a share of it: what has less curvature, gradients of float32 terms say nothing of. */
const RIDGE = 1e-7

/** An objective on some of the rows of another one. Both have a hessian. */
export interface SampledObjective extends Objective {
  /** Which share of the rows. */
  readonly share: number
  /** Whether its Hessian may be believed up to the end: nothing is known that the sample lacks. */
  readonly isSound: boolean
  /** Draws the rows: called once, before all else but `share`. */
  draw(): Steps<void>
  /** A stand-in for the inverse of its Hessian, right but for a factor, where that is much cheaper; or nothing. */
  readonly metric?: () => Steps<Solve | undefined>
}

/**
 * Minimises a smooth convex function that is a mean over many rows, by L-BFGS with the Hessian of some of the rows. Newton's
 * method on the sample gives a start near the optimum, and the Hessian there is the initial matrix of L-BFGS on all rows
 * (sub-sampled Hessians: Byrd, Chin, Neveitt & Nocedal, SIAM J. Optim. 21, 2011; Roosta-Khorasani & Mahoney, Math.
 * Programming 174, 2019). With d parameters and n' rows in the sample it is wrong by about e = sqrt(d / n'), so that an
 * iteration, which is one evaluation, leaves e^2 of the gap. Where the sample's Hessians would cost much, L-BFGS by its metric
 * is tried first, from the start given.
 *
 * A sample may be unlike the whole. Where a block of iterations promises that all others would cost more than the Hessian of
 * all rows, that takes the place of the sample's; where that does not help either, or is not positive definite, newton goes
 * on. The Hessian of a sample that is not sound is replaced near the end in any case: the gap is estimated by it.
 *
 * Stops when the estimated gap g' H g / 2, H the matrix of L-BFGS, is <= tol * |F| (default 1e-12; newton's 1e-10 is the
 * gap before its last step), by the metric at 3 tol (without one at max|g| <= sqrt(tol)), or after
 * maxIter (default 1000) iterations on all rows; at the floor of noise as newton does.
 *
 * start: size values, copied; one that is not 0 is taken instead of the sample's optimum if it is better. Throws RangeError
 * when their number is wrong; options are trusted.
 */
export function* sampledNewton(
  objective: Objective,
  sample: SampledObjective,
  start: ArrayLike<number>,
  options: SolverOptions = {},
): Steps<SolverResult> {
  const { maxIter = 1000, tol = TOL } = options
  const price = (2 * sample.share * sample.size) / HESSIAN
  if (price > (sample.metric ? CHEAP_BESIDE_METRIC : CHEAP)) {
    if (sample.metric) yield* sample.draw()
    const solve = sample.isSound ? yield* sample.metric?.() ?? [] : undefined
    const run = new Run(objective, start, options.onIteration)
    if (!(yield* run.begin())) return run.result('diverged')
    const most = Math.min(Math.max(solve ? 2 * ATTEMPT : ATTEMPT, Math.round(price)), maxIter)
    const metric = solve && { solve, tol: METRIC_TOL * tol }
    const result = yield* lbfgsFrom(run, objective, { maxIter: most, tol: Math.sqrt(tol), metric })
    if (result.converged || result.reason === 'stopped' || most === maxIter) return result
    if (!sample.metric) yield* sample.draw()
    return yield* descend(run, objective, yield* inverseAt(sample, run.at.w), sample.isSound, options)
  }

  yield* sample.draw()
  const near = yield* nearby(sample, start)
  const run = new Run(objective, near.solve ? near.w : start, options.onIteration)
  let isNear = yield* run.begin()
  if (near.solve) {
    const step = run.at.grad.slice()
    near.solve(step)
    isNear &&= dot(step, run.at.grad) / 2 <= FAR * run.scale
    const isCold = Array.prototype.every.call(start, (value) => value === 0)
    if (!(isNear && isCold)) yield* run.tryFrom(start)
  } else if (!isNear) return run.result('diverged')
  return yield* descend(run, objective, isNear ? near.solve : undefined, sample.isSound, options)
}

/** A point near the sample's optimum, and the inverse of the Hessian there; none where newton did not arrive. */
function* nearby(
  sample: SampledObjective,
  start: ArrayLike<number>,
): Steps<{ w: Float64Array; solve: Solve | undefined }> {
  const { size } = sample
  const factor = new Float64Array(size * size)
  const { w, converged } = yield* newton(sample, start, { ...ON_SAMPLE, factor })
  return { w, solve: converged ? (v) => choleskySolve(factor, size, v) : undefined }
}

/** The inverse of the Hessian at w; none where that is not positive definite. */
function* inverseAt(objective: Objective, w: Float64Array): Steps<Solve | undefined> {
  const { size } = objective
  const factor = new Float64Array(size * size)
  yield* objective.hessian?.(w, factor) ?? []
  for (let i = 0; i < factor.length; i += size + 1) factor[i]! *= 1 + RIDGE
  const ridge = yield* ridgeCholesky(factor, size, new Float64Array(size), new Float64Array(size))
  return ridge <= HONEST_RIDGE ? (v) => choleskySolve(factor, size, v) : undefined
}

/**
 * L-BFGS from where the run is, by the inverse `solve` of a Hessian of the sample, or one of all rows where there is none;
 * `isProved`: whether the gap may be estimated by it.
 */
function* descend(
  run: Run,
  objective: Objective,
  solve: Solve | undefined,
  isProved: boolean,
  { tol = TOL, maxIter = 1000 }: SolverOptions,
): Steps<SolverResult> {
  const { size } = objective
  const inverse = new InverseHessian(size, MEMORY, solve)
  const direction = new Float64Array(size)
  const stall = new Stall(3)
  let [gap, before, since, isSample] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, true]
  for (;;) {
    const { at, trial } = run
    let step = 0
    if (solve) {
      inverse.descent(at.grad, direction)
      const slope = dot(direction, at.grad)
      gap = -slope / 2
      if (run.nIter >= maxIter) return run.result('max-iter', gap)
      const isTrusted = isProved || gap > NEAR * run.scale
      const atFloor = isTrusted && gap <= FLOOR_GAP * run.scale
      if (isTrusted && gap <= tol * run.scale) return run.result('decrement', gap)
      if (stall.update(run.gain, gap, run.scale) && atFloor) return run.result('noise-floor', gap)

      const isBlock = since % BLOCK === 0
      const goesOn = since === 0 || !isBlock || isWorthwhile(gap, before, tol * run.scale, size / HESSIAN)
      if (isTrusted && goesOn) {
        if (isBlock) before = gap
        since++
        step = yield* lineSearch(run, direction, slope, 1, LOSS_NOISE * Math.abs(at.loss))
        if (step === 0 && atFloor) return run.result('noise-floor', gap)
      }
      if (step > 0) {
        inverse.store(at, trial)
        if (yield* run.advance()) return run.result('stopped', gap)
        continue
      }
      if (isTrusted && !isSample) solve = undefined
    }
    solve = isSample || solve ? yield* inverseAt(objective, at.w) : undefined
    if (!solve) return yield* newtonFrom(run, objective, { maxIter })
    inverse.clear(solve)
    isSample = false
    isProved = gap <= NEAR * run.scale
    since = 0
  }
}

/** Whether more iterations are cheaper than a better matrix, if they go on as from `before` to `gap`. */
function isWorthwhile(gap: number, before: number, goal: number, price: number): boolean {
  let iterations = 0
  for (let left = gap; left > goal && iterations <= price + BLOCK; left *= gap / before) iterations += BLOCK
  return gap < before && iterations <= price + BLOCK
}
