import type { Steps } from '../core/steps.ts'
import type { Run } from './run.ts'
import { addScaled, dot } from './vector.ts'

// Constants of the Wolfe conditions; curvature 0.9 is the usual choice for Newton-like directions, whose first step is
// nearly always right.
const DECREASE = 1e-4
const CURVATURE = 0.9
const APPROXIMATE = 0.1

const MAX_TRIALS = 20
/** At the noise floor the first step is good or none is: do not dig. */
const MAX_TRIALS_IN_NOISE = 8

/**
 * Looks along run.at.w + t * direction for a step t that satisfies the strong Wolfe conditions (Nocedal & Wright,
 * Numerical Optimization, 3.7) or the approximate ones of Hager & Zhang (SIAM J. Optim. 16, 2005, eq. 4.1), which trust
 * the slope and let the value rise by `slack`: near the optimum the change of the value is smaller than its noise.
 *
 * `slope` = g . direction < 0 at t = 0. Returns t with run.trial holding that point and run.gain set, or 0 if nothing was found.
 *
 * The bracket keeps: at `lo` the value is low enough and the slope falls, at `hi` the value is too high, the slope
 * rises, or something is not finite; so an acceptable step lies between (More & Thuente, ACM TOMS 20, 1994, theorem 2.1).
 */
export function* lineSearch(
  run: Run,
  direction: Float64Array,
  slope: number,
  first: number,
  slack: number,
): Steps<number> {
  const { at, trial } = run
  const ceiling = at.loss + slack
  const steep = -CURVATURE * slope
  const maxTrials = -slope * first <= slack ? MAX_TRIALS_IN_NOISE : MAX_TRIALS
  let [lo, loLoss, loSlope] = [0, at.loss, slope]
  let [hi, hiLoss, hiSlope] = [Number.POSITIVE_INFINITY, Number.NaN, Number.NaN]
  let width = hi
  let t = first

  for (let trials = 1; trials <= maxTrials; trials++) {
    addScaled(trial.w, at.w, t, direction)
    yield* run.evaluate(trial)
    const { loss } = trial
    const trialSlope = dot(trial.grad, direction)
    const finite = Number.isFinite(loss) && Number.isFinite(trialSlope)

    if (finite && Math.abs(trialSlope) <= steep) {
      const wolfe = loss <= at.loss + DECREASE * t * slope
      const approximateWolfe = loss <= ceiling && trialSlope <= (2 * APPROXIMATE - 1) * slope
      if (wolfe || approximateWolfe) {
        run.gain = (-t * (slope + trialSlope)) / 2
        return t
      }
    }
    if (finite && loss <= ceiling && trialSlope < 0) {
      const [from, fromSlope] = [lo, loSlope]
      ;[lo, loLoss, loSlope] = [t, loss, trialSlope]
      if (hi === Number.POSITIVE_INFINITY) {
        t = extrapolate(from, fromSlope, lo, loSlope)
        continue
      }
    } else {
      ;[hi, hiLoss, hiSlope] = [t, finite ? loss : Number.NaN, trialSlope]
    }
    // An interpolation that leaves most of the bracket is followed by a bisection.
    const shrunk = hi - lo <= 0.66 * width
    width = hi - lo
    t = lo + width * (shrunk ? interpolate(width, loLoss, loSlope, hiLoss, hiSlope, slack) : 0.5)
  }

  if (lo === 0 || loLoss > at.loss - slack) return 0
  // No curvature condition was met, but this point is lower for sure.
  addScaled(trial.w, at.w, lo, direction)
  yield* run.evaluate(trial)
  run.gain = at.loss - loLoss
  return lo
}

/** Where the slope would vanish if it went on changing as from a to b, at 1.5 to 10 times b. */
function extrapolate(a: number, slopeA: number, b: number, slopeB: number): number {
  const zero = slopeB > slopeA ? b - (slopeB * (b - a)) / (slopeB - slopeA) : Number.POSITIVE_INFINITY
  return Math.min(10 * b, Math.max(1.5 * b, zero))
}

/**
 * The fraction of a bracket where the minimum is expected: by the cubic through values and slopes of both ends (Nocedal
 * & Wright, 3.59), or by the slopes alone where the values differ by no more than noise.
 */
function interpolate(width: number, loLoss: number, loSlope: number, hiLoss: number, hiSlope: number, slack: number) {
  if (Number.isNaN(hiLoss)) return 0.25
  let fraction = 0.5
  if (Math.abs(hiLoss - loLoss) > 10 * slack) {
    const d1 = loSlope + hiSlope - (3 * (hiLoss - loLoss)) / width
    const square = d1 * d1 - loSlope * hiSlope
    const d2 = Math.sqrt(Math.max(0, square))
    if (square >= 0) fraction = 1 - (hiSlope + d2 - d1) / (hiSlope - loSlope + 2 * d2)
  } else if (hiSlope > 0) {
    fraction = loSlope / (loSlope - hiSlope)
  }
  return fraction >= 0 && fraction <= 1 ? Math.min(0.9, Math.max(0.01, fraction)) : 0.5
}
