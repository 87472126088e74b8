import { checkOneOf } from '../core/checks.ts'
import type { Label } from '../core/labels.ts'
import { linearLosses } from './linear-data.ts'
import { LinearEstimator } from './linear-estimator.ts'
import { checkLinearOptions, type LinearOptions } from './linear-options.ts'
import type { LinearPlan } from './linear-training.ts'
import type { Shape } from './solver-choice.ts'

const SOLVERS = ['auto', 'cholesky', 'lbfgs', 'gd'] as const
export type RidgeSolver = (typeof SOLVERS)[number]

/** Up to this width the normal equations are solved at once. */
const CHOLESKY_MOST_FEATURES = 512

/** Options of `RidgeClassifier`. */
export interface RidgeClassifierOptions
  extends Omit<LinearOptions, 'l1' | 'l1Ratio' | 'batchSize' | 'epochs' | 'seed'> {
  /** 'cholesky': the closed form. 'gd' is full-batch gradient descent. 'auto' takes cholesky up to 512 features, lbfgs above. */
  solver?: RidgeSolver
  /** When to stop. cholesky: estimated gap <= tol |F| (1e-10); lbfgs, gd: max|gradient| <= tol (1e-6). */
  tol?: number
  /** Most iterations of lbfgs and gd (1000); cholesky needs one, and a second where rounding asks for it. */
  maxIter?: number
  /** Step size of gd. Default 1 / (the greatest curvature). */
  learningRate?: number
}

const NAMES = [
  'solver',
  'C',
  'l2',
  'classWeight',
  'fitIntercept',
  'penalizeIntercept',
  'standardize',
  'tol',
  'maxIter',
  'learningRate',
  'warmStart',
]

/**
 * Least squares on the classes, as scikit-learn's RidgeClassifier
 * (https://scikit-learn.org/stable/modules/linear_model.html#classification):
 *
 *   minimise  1/S sum of s_i (z_i - t_i)^2 / 2 + l2/2 |coef|^2,   z = X coef + intercept,   t in {-1, +1}
 *
 * so that z = 0 is the border. scikit-learn's alpha is l2 S = 1 / C: its default of 1 is that of C here. On targets 0
 * and 1 coefficients would be half as large, the intercept (intercept + 1) / 2, the border z = 1/2 and every prediction
 * the same. It has no probabilities.
 */
export class RidgeClassifier<L extends Label = Label> extends LinearEstimator<L, RidgeClassifierOptions> {
  protected readonly kind = 'RidgeClassifier'
  readonly options: Readonly<RidgeClassifierOptions>

  /** Only stores the options. @throws TypeError for an unknown option or a wrong kind, RangeError for a wrong value */
  constructor(options: RidgeClassifierOptions = {}) {
    super()
    this.options = checkRidgeOptions(options)
  }

  protected plan({ cols }: Shape): LinearPlan {
    const { solver = 'auto' } = this.options
    const auto = cols <= CHOLESKY_MOST_FEATURES ? 'cholesky' : 'lbfgs'
    return { loss: linearLosses.squaredError, solver: solver === 'auto' ? auto : solver, options: this.options }
  }

  /** A new, unfitted model with the same options. */
  clone(): RidgeClassifier<L> {
    return new RidgeClassifier(this.options)
  }

  /** A saved model, from the object or its JSON text. @throws ModelFormatError if it is none, damaged or too new */
  static fromJSON<L extends Label = Label>(json: unknown): RidgeClassifier<L> {
    const { options, fit } = LinearEstimator.load(json, 'RidgeClassifier', checkRidgeOptions)
    const model = new RidgeClassifier<L>(options)
    model.fitted = fit
    return model
  }
}

function checkRidgeOptions(given: RidgeClassifierOptions): RidgeClassifierOptions {
  const o = checkLinearOptions('RidgeClassifier', given, NAMES)
  if (o.solver !== undefined) checkOneOf('solver', o.solver, SOLVERS)
  return o
}
