import type { Steps } from '../core/steps.ts'
import type { Objective, SolverOptions, SolverResult } from './objective.ts'
import { LOSS_NOISE, Run } from './run.ts'
import { addScaled, maxAbs } from './vector.ts'

export interface GradientDescentOptions extends SolverOptions {
  /** The fixed step size. Default 0.1. */
  learningRate?: number | undefined
}

/** So many climbs in a row, to above the start, are divergence: on a convex function one step too large climbs for ever. */
const CLIMBS = 10

/**
 * Gradient descent with a fixed step: w <- w - learningRate * g, one evaluation an iteration.
 *
 * Stops at max|g| <= tol (default 1e-6) or after maxIter (default 1000). Reason 'diverged': value or gradient stopped
 * being finite (w is then the last finite point), or the loss rose 10 times in a row to above where it started; a
 * smaller learningRate helps.
 *
 * start: size values, copied. Throws RangeError when their number is wrong; options are trusted.
 */
export function* gradientDescent(
  objective: Objective,
  start: ArrayLike<number>,
  options: GradientDescentOptions = {},
): Steps<SolverResult> {
  const { tol = 1e-6, maxIter = 1000, learningRate = 0.1, onIteration } = options
  const run = new Run(objective, start, onIteration)
  if (!(yield* run.begin())) return run.result('diverged')

  const startLoss = run.at.loss
  let climbs = 0
  while (!(run.gradNorm <= tol)) {
    if (run.nIter >= maxIter) return run.result('max-iter')
    const { at, trial } = run
    addScaled(trial.w, at.w, -learningRate, at.grad)
    yield* run.evaluate(trial)
    if (!Number.isFinite(trial.loss) || !Number.isFinite(maxAbs(trial.grad))) return run.result('diverged')
    climbs = trial.loss > at.loss + LOSS_NOISE * Math.abs(at.loss) ? climbs + 1 : 0
    if (yield* run.advance()) return run.result(run.gradNorm <= tol ? 'gradient' : 'stopped')
    if (climbs >= CLIMBS && trial.loss > startLoss) return run.result('diverged')
  }
  return run.result('gradient')
}
