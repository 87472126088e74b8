import { checkBoolean, checkInteger, checkNumber, checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import type { ClassWeight } from './samples.ts'

export const SOLVERS = ['auto', 'newton', 'lbfgs', 'gd', 'sgd'] as const
export type LogisticSolver = (typeof SOLVERS)[number]

/** Options of `LogisticRegression`. */
export interface LogisticRegressionOptions {
  /** Inverse strength of the penalty, as in scikit-learn: l2 = 1 / (C * sum of weights). Default 1. Not with `l2`. */
  C?: number
  /** Strength of the penalty l2/2 |coef|^2 beside the mean loss; 0: none. Not with `C`. */
  l2?: number
  /** Weight of each class: 'balanced', or by label, e.g. { spam: 3 } or a Map. Default: all 1. */
  classWeight?: ClassWeight
  /** Whether there is an intercept; it is never penalised. Default true. */
  fitIntercept?: boolean
  /** Penalise the coefficients of the standardised columns, as StandardScaler + LogisticRegression would. Default true. */
  standardize?: boolean
  /** 'auto' takes newton up to 64 features, lbfgs above. 'gd' is full-batch gradient descent, 'sgd' mini-batches. */
  solver?: LogisticSolver
  /**
   * When to stop. lbfgs: max|gradient| <= tol (1e-6) on columns scaled to about 1, whether `standardize` or not; gd: the
   * same on the columns it descends on; newton: estimated gap <= tol |F| (1e-10); sgd: the loss of an epoch is not below the best - tol for 5 epochs (1e-4).
   */
  tol?: number
  /** Most iterations of newton (100), lbfgs (1000), gd (1000). */
  maxIter?: number
  /** Step size: sgd 0.1, gd 1 / (the greatest curvature). */
  learningRate?: number
  /** Rows of a mini-batch (sgd and partialFit). Default 32. */
  batchSize?: number
  /** Most passes over the data (sgd). Default 50. */
  epochs?: number
  /** Seed of the order of rows (sgd and partialFit). Default 0. */
  seed?: number
  /** Start `fit` from the parameters of the last fit. Default false. */
  warmStart?: boolean
  /** `predict` answers the second class from this probability on. Default 0.5. */
  threshold?: number
}

const NAMES = [
  'C',
  'l2',
  'classWeight',
  'fitIntercept',
  'standardize',
  'solver',
  'tol',
  'maxIter',
  'learningRate',
  'batchSize',
  'epochs',
  'seed',
  'warmStart',
  'threshold',
] as const

/**
 * A checked copy of the options, without the undefined ones.
 * @throws TypeError for an unknown name or a wrong kind, RangeError for a wrong value
 */
export function checkLogisticOptions(given: LogisticRegressionOptions = {}): LogisticRegressionOptions {
  const where = 'LogisticRegression'
  checkOptionNames(where, given, NAMES)
  const o = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as LogisticRegressionOptions
  if (o.C !== undefined && o.l2 !== undefined) throw new TypeError(`${where}: give C or l2, not both`)
  if (o.C !== undefined) checkNumber('C', o.C, { above: 0 })
  if (o.l2 !== undefined) checkNumber('l2', o.l2, { min: 0 })
  if (o.classWeight !== undefined) o.classWeight = checkClassWeight(o.classWeight)
  if (o.fitIntercept !== undefined) checkBoolean('fitIntercept', o.fitIntercept)
  if (o.standardize !== undefined) checkBoolean('standardize', o.standardize)
  if (o.solver !== undefined) checkOneOf('solver', o.solver, SOLVERS)
  if (o.tol !== undefined) checkNumber('tol', o.tol, { min: 0 })
  if (o.maxIter !== undefined) checkInteger('maxIter', o.maxIter, { min: 1 })
  if (o.learningRate !== undefined) checkNumber('learningRate', o.learningRate, { above: 0 })
  if (o.batchSize !== undefined) checkInteger('batchSize', o.batchSize, { min: 1, max: 2 ** 24 })
  if (o.epochs !== undefined) checkInteger('epochs', o.epochs, { min: 1 })
  if (o.seed !== undefined) checkInteger('seed', o.seed, { min: 0 })
  if (o.warmStart !== undefined) checkBoolean('warmStart', o.warmStart)
  if (o.threshold !== undefined) checkNumber('threshold', o.threshold, { min: 0, max: 1 })
  return o
}

function checkClassWeight(value: unknown): ClassWeight {
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
