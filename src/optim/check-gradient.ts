import { checkNumber, checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import { runSync } from '../core/steps.ts'
import type { Objective } from './objective.ts'

/** Writes the gradient at params into grad and returns the value. */
export type ValueAndGradient = (params: Float64Array, grad: Float64Array) => number

export interface CheckGradientOptions {
  /** Difference quotients: 'central' (default), (F(p + h) - F(p - h)) / 2h, or 'forward', (F(p + h) - F(p)) / h. */
  method?: 'central' | 'forward'
  /**
   * h, times max(1, |p_k|). Default 2^-17 central, 2^-26 forward: what balances truncation against rounding of float64.
   * Values with float32 noise want about 1e-2 central.
   */
  step?: number
}

export interface GradientCheck {
  /** The largest |analytic - numeric| / max(1, |analytic|, |numeric|) of all coordinates; NaN where one is not finite. */
  readonly maxError: number
  /** The coordinate it is at. */
  readonly worst: { readonly index: number; readonly analytic: number; readonly numeric: number }
}

/**
 * Compares a gradient with difference quotients, coordinate by coordinate (Nocedal & Wright, Numerical Optimization,
 * 8.1). A right gradient of a smooth function gives a maxError of about 1e-9 central, 1e-7 forward.
 *
 * @param objective a function, or an object with `evaluate` such as an Objective
 * @param params where; not changed
 * @throws TypeError, RangeError for wrong arguments
 */
export function checkGradient(
  objective: ValueAndGradient | Pick<Objective, 'evaluate'>,
  params: ArrayLike<number>,
  options: CheckGradientOptions = {},
): GradientCheck {
  const evaluate = evaluator(objective)
  checkOptionNames('checkGradient', options, ['method', 'step'])
  const { method = 'central' } = options
  checkOneOf('method', method, ['central', 'forward'])
  const step = checkNumber('step', options.step ?? (method === 'central' ? 2 ** -17 : 2 ** -26), { above: 0 })
  const at = Float64Array.from(params)
  if (at.length === 0) throw new RangeError('params: expected at least one')
  const analytic = new Float64Array(at.length)
  const value = evaluate(at, analytic)

  const scratch = new Float64Array(at.length)
  let worst = { index: 0, analytic: analytic[0]!, numeric: Number.NaN }
  let maxError = Number.NEGATIVE_INFINITY
  for (let k = 0; k < at.length; k++) {
    const here = at[k]!
    // The steps that are taken in fact, after rounding.
    const above = here + step * Math.max(1, Math.abs(here))
    const below = method === 'central' ? here - step * Math.max(1, Math.abs(here)) : here
    at[k] = above
    const high = evaluate(at, scratch)
    at[k] = below
    const low = method === 'central' ? evaluate(at, scratch) : value
    at[k] = here
    const numeric = (high - low) / (above - below)
    const exact = analytic[k]!
    const error = Math.abs(exact - numeric) / Math.max(1, Math.abs(exact), Math.abs(numeric))
    if (error > maxError || !Number.isFinite(error)) {
      worst = { index: k, analytic: exact, numeric }
      maxError = Number.isFinite(error) ? error : Number.NaN
      if (Number.isNaN(maxError)) break
    }
  }
  return { maxError, worst }
}

function evaluator(objective: ValueAndGradient | Pick<Objective, 'evaluate'>): ValueAndGradient {
  if (typeof objective === 'function') return objective
  if (typeof objective?.evaluate !== 'function') {
    throw new TypeError(`objective: expected a function or an object with evaluate, got ${show(objective)}`)
  }
  return (params, grad) => {
    const value = objective.evaluate(params, grad)
    return typeof value === 'number' ? value : runSync(value)
  }
}
