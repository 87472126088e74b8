import { checkNumber, checkOneOf } from '../core/checks.ts'
import { checkEarlyStopping, checkSchedule, type EarlyStoppingOptions, type ScheduleOptions } from '../optim/index.ts'
import { checkLinearOptions, type LinearOptions } from './linear-options.ts'
import { checkL1Solver } from './solver-choice.ts'

export const SOLVERS = ['auto', 'newton', 'sampledNewton', 'lbfgs', 'owlqn', 'gd', 'sgd'] as const
export type LogisticSolver = (typeof SOLVERS)[number]
const MULTI_CLASS = ['multinomial', 'ovr'] as const
export type MultiClass = (typeof MULTI_CLASS)[number]

/** Options of `LogisticRegression`. The intercept is never penalised. */
export interface LogisticRegressionOptions extends Omit<LinearOptions, 'penalizeIntercept'> {
  /**
   * 'auto' takes sampledNewton, lbfgs by the Hessian of some of the rows, from 2,048 rows on if there are 32 for each of up to
   * 1,024 coefficients; on fewer newton up to 64 features (more than two classes: up to 160 coefficients and intercepts), lbfgs
   * above; owlqn where there is an l1 penalty. 'gd' is full-batch gradient descent, 'sgd' mini-batches (no l1 penalty for the softmax of more than two classes: take 'owlqn' or multiClass 'ovr').
   */
  solver?: LogisticSolver
  /**
   * When to stop. lbfgs, owlqn: max|gradient| <= tol (1e-6) on columns scaled to about 1, whether `standardize` or not;
   * gd: the same on the columns it descends on; newton and sampledNewton: estimated gap <= tol |F| (1e-10; 1e-12); sgd: the loss of an epoch is
   * not below the best - tol for 5 epochs (1e-4).
   */
  tol?: number
  /** Most iterations of newton (100), sampledNewton, lbfgs, owlqn and gd (1000). */
  maxIter?: number
  /** Step size: sgd 0.1, gd 1 / (the greatest curvature). */
  learningRate?: number
  /** Rows of a mini-batch (sgd and partialFit). Default 32. */
  batchSize?: number
  /** Most passes over the data (sgd). Default 50. */
  epochs?: number
  /** How the step size changes from epoch to epoch (sgd). Default 'constant'. */
  schedule?: ScheduleOptions
  /** Stop sgd by the loss on `validation`, or on a `fraction` of the rows that is set aside, instead of by `tol`. */
  earlyStopping?: EarlyStoppingOptions
  /** Seed of the order of rows (sgd and partialFit). Default 0. */
  seed?: number
  /**
   * What more than two classes mean: 'multinomial', one softmax over all of them (the default), or 'ovr', one model for
   * each class against the rest, their probabilities divided by their sum.
   */
  multiClass?: MultiClass
  /** `predict` answers the second of two classes from this probability on. Default 0.5. */
  threshold?: number
}

const NAMES = [
  'C',
  'l2',
  'l1',
  'l1Ratio',
  'classWeight',
  'fitIntercept',
  'standardize',
  'solver',
  'tol',
  'maxIter',
  'learningRate',
  'batchSize',
  'epochs',
  'schedule',
  'earlyStopping',
  'seed',
  'warmStart',
  'multiClass',
  'threshold',
] as const

/**
 * A checked copy of the options, without the undefined ones.
 * @throws TypeError for an unknown name or a wrong kind, RangeError for a wrong value
 */
export function checkLogisticOptions(given: LogisticRegressionOptions = {}): LogisticRegressionOptions {
  const o = checkLinearOptions('LogisticRegression', given, NAMES)
  if (o.solver !== undefined) checkOneOf('solver', o.solver, SOLVERS)
  if (o.multiClass !== undefined) checkOneOf('multiClass', o.multiClass, MULTI_CLASS)
  if (o.threshold !== undefined) checkNumber('threshold', o.threshold, { min: 0, max: 1 })
  if (o.schedule !== undefined) o.schedule = checkSchedule('schedule', o.schedule)
  if (o.earlyStopping !== undefined) {
    if (o.solver !== 'sgd') throw new RangeError("earlyStopping: only for solver 'sgd'; the others stop at the optimum")
    o.earlyStopping = checkEarlyStopping('earlyStopping', o.earlyStopping)
  }
  checkL1Solver(o)
  return o
}
