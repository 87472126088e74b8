import { checkBoolean, checkInteger, checkNumber, checkOptionNames, show } from '../core/checks.ts'
import type { ClassWeight } from './samples.ts'

/** What linear models have in common, and may be told. */
export interface LinearOptions {
  /** Inverse strength of the penalty, as in scikit-learn: l2 = 1 / (C * sum of weights). Default 1. Not with `l2`. */
  C?: number
  /** Strength of the penalty l2/2 |coef|^2 beside the mean loss; 0: none. Not with `C`. */
  l2?: number
  /** Strength of the penalty l1 * sum of |coef_k| beside the mean loss. With it, `l2` is 0 unless it is given. Not with `C`. */
  l1?: number
  /** Share of the strength that `C` gives that goes to l1, the rest to l2 (elastic net; 1: lasso). Not with `l1` or `l2`. */
  l1Ratio?: number
  /** Weight of each class: 'balanced', or by label, e.g. { spam: 3 } or a Map. Default: all 1. */
  classWeight?: ClassWeight
  /** Whether there is an intercept. Default true. */
  fitIntercept?: boolean
  /** Penalise the intercept too, as the coefficient of a column of ones (liblinear's form). Default false. */
  penalizeIntercept?: boolean
  /** Penalise the coefficients of the standardised columns, as StandardScaler before the model would. Default true. */
  standardize?: boolean
  /** When to stop; what is compared depends on the solver. */
  tol?: number
  /** Most iterations. */
  maxIter?: number
  /** Step size of gradient descent in full batches or small. */
  learningRate?: number
  /** Rows of a mini-batch. Default 32. */
  batchSize?: number
  /** Most passes over the data in mini-batches. Default 50. */
  epochs?: number
  /** Seed of the order of rows. Default 0. */
  seed?: number
  /** Start `fit` from the parameters of the last fit. Default false. */
  warmStart?: boolean
}

/**
 * A checked copy of the options, without the undefined ones; `names`: those the model has. What is not in LinearOptions
 * is left to the caller.
 * @throws TypeError for an unknown name or a wrong kind, RangeError for a wrong value
 */
export function checkLinearOptions<O extends LinearOptions>(where: string, given: O, names: readonly string[]): O {
  checkOptionNames(where, given, names)
  const o = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as O
  for (const [a, b] of [
    ['C', 'l2'],
    ['C', 'l1'],
    ['l1Ratio', 'l1'],
    ['l1Ratio', 'l2'],
  ] as const) {
    if (o[a] !== undefined && o[b] !== undefined) throw new TypeError(`${where}: give ${a} or ${b}, not both`)
  }
  if (o.C !== undefined) checkNumber('C', o.C, { above: 0 })
  if (o.l2 !== undefined) checkNumber('l2', o.l2, { min: 0 })
  if (o.l1 !== undefined) checkNumber('l1', o.l1, { min: 0 })
  if (o.l1Ratio !== undefined) checkNumber('l1Ratio', o.l1Ratio, { min: 0, max: 1 })
  if (o.classWeight !== undefined) o.classWeight = checkClassWeight(o.classWeight)
  if (o.fitIntercept !== undefined) checkBoolean('fitIntercept', o.fitIntercept)
  if (o.penalizeIntercept !== undefined) checkBoolean('penalizeIntercept', o.penalizeIntercept)
  if (o.standardize !== undefined) checkBoolean('standardize', o.standardize)
  if (o.tol !== undefined) checkNumber('tol', o.tol, { min: 0 })
  if (o.maxIter !== undefined) checkInteger('maxIter', o.maxIter, { min: 1 })
  if (o.learningRate !== undefined) checkNumber('learningRate', o.learningRate, { above: 0 })
  if (o.batchSize !== undefined) checkInteger('batchSize', o.batchSize, { min: 1, max: 2 ** 24 })
  if (o.epochs !== undefined) checkInteger('epochs', o.epochs, { min: 1 })
  if (o.seed !== undefined) checkInteger('seed', o.seed, { min: 0 })
  if (o.warmStart !== undefined) checkBoolean('warmStart', o.warmStart)
  return o
}

/** The penalties as the objective has them, per unit of mean loss. */
export function penaltiesOf(
  { C = 1, l1, l2, l1Ratio = 0 }: LinearOptions,
  weightSum: number,
): { l1: number; l2: number } {
  if (l1 !== undefined || l2 !== undefined) return { l1: l1 ?? 0, l2: l2 ?? 0 }
  const strength = 1 / (C * weightSum)
  return { l1: l1Ratio === 0 ? 0 : strength * l1Ratio, l2: l1Ratio === 0 ? strength : strength * (1 - l1Ratio) }
}

/** Whether there will be a penalty of absolute values. */
export function hasL1({ l1 = 0, l1Ratio = 0 }: LinearOptions): boolean {
  return l1 > 0 || l1Ratio > 0
}

export function checkClassWeight(value: unknown): ClassWeight {
  if (value === 'balanced') return value
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const copy = value instanceof Map ? new Map(value) : { ...(value as Record<string, number>) }
    for (const [label, weight] of copy instanceof Map ? copy : Object.entries(copy)) {
      checkNumber(`classWeight: ${show(label)}`, weight, { min: 0 })
    }
    return copy
  }
  throw new TypeError(`classWeight: expected 'balanced', an object or a Map of weights by label, got ${show(value)}`)
}
