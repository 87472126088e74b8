import { checkNumber, checkOneOf } from '../core/checks.ts'
import type { Label, Labels } from '../core/labels.ts'
import { runSync } from '../core/steps.ts'
import { type MatrixLike, OPTIMIZER } from '../kernel/index.ts'
import { checkEarlyStopping, checkSchedule, type EarlyStoppingOptions, type ScheduleOptions } from '../optim/index.ts'
import type { FitOptions } from './fit-options.ts'
import { greatest, type Row } from './linear-classifier.ts'
import { type LinearLossName, linearLosses } from './linear-data.ts'
import type { Optimizer } from './linear-epochs.ts'
import { LinearEstimator } from './linear-estimator.ts'
import { checkLinearOptions, hasL1, type LinearOptions } from './linear-options.ts'
import { type Momenta, type PartialFitOptions, partialFitLinear } from './linear-partial.ts'
import type { LinearPlan } from './linear-training.ts'
import { type OutOptions, outArray } from './out-array.ts'
import { Proba, putShares } from './proba.ts'
import { bothSidesOfRows, forRows } from './scores.ts'
import { checkMeasured } from './set-aside.ts'

/** Options of `SGDClassifier`. */
export interface SGDClassifierOptions extends Omit<LinearOptions, 'penalizeIntercept' | 'maxIter'> {
  /** 'logistic' (default), 'squaredError', 'squaredErrorLogistic', 'hinge' or 'squaredHinge'. */
  loss?: LinearLossName
  /** What is done with the gradient of a mini-batch. Default 'sgd'. 'adamw' takes l2 as its weight decay. */
  optimizer?: Optimizer
  /** Step size before the schedule: default 0.1 for sgd, 0.01 for the others. */
  learningRate?: number
  /** How the step size changes from epoch to epoch. Default 'constant'. */
  schedule?: ScheduleOptions
  /** Share of the last step that momentum and nesterov keep, of the average gradient that adam does. Default 0.9. */
  momentum?: number
  /** The same of adam's average of squared gradients. Default 0.999. */
  beta2?: number
  /** Added to what adam divides by. Default 1e-8. */
  epsilon?: number
  /** It has converged when the loss of an epoch was not below the best - tol for 5 epochs. Default 1e-4. */
  tol?: number
  /** Stop by the loss on `validation`, or on a `fraction` of the rows that is set aside, instead of by `tol`. */
  earlyStopping?: EarlyStoppingOptions
}

const NAMES = [
  'loss',
  'optimizer',
  'C',
  'l2',
  'l1',
  'l1Ratio',
  'classWeight',
  'fitIntercept',
  'standardize',
  'tol',
  'learningRate',
  'schedule',
  'momentum',
  'beta2',
  'epsilon',
  'batchSize',
  'epochs',
  'earlyStopping',
  'seed',
  'warmStart',
]

/**
 * Any linear loss by mini-batches, as scikit-learn's SGDClassifier
 * (https://scikit-learn.org/stable/modules/sgd.html#classification):
 *
 *   minimise  1/S sum of s_i l(z_i, t_i) + l2/2 |coef|^2 + l1 |coef|_1,   z = X coef + intercept
 *
 * The intercept is not penalised. scikit-learn's alpha is the strength of the penalty: l2 = alpha (1 - l1Ratio) and
 * l1 = alpha l1Ratio here; the default of C = 1 is l2 = 1 / S. Penalties of absolute values are proximal steps on what
 * a coefficient owes since the first step (Tsuruoka, Tsujii and Ananiadou, ACL 2009), so that coefficients become exactly
 * 0 and stay there however noisy a batch is; not for adam and adamw. Squared error takes targets -1 and +1 as hinge losses
 * do: z = 0 is every loss's border.
 */
export class SGDClassifier<L extends Label = Label> extends LinearEstimator<L, SGDClassifierOptions> {
  protected readonly kind = 'SGDClassifier'
  readonly options: Readonly<SGDClassifierOptions>
  #momenta: Momenta = []

  /** Only stores the options. @throws TypeError for an unknown option or a wrong kind, RangeError for a wrong value */
  constructor(options: SGDClassifierOptions = {}) {
    super()
    this.options = checkSGDOptions(options)
  }

  protected plan(): LinearPlan & { solver: Optimizer } {
    const { loss = 'logistic', optimizer = 'sgd' } = this.options
    return { loss: linearLosses[loss], solver: optimizer, options: this.options }
  }

  protected override checkFit(method: string, options: FitOptions): void {
    super.checkFit(method, options)
    checkMeasured(this.options, options)
    this.#momenta = []
  }

  /**
   * One epoch over some more rows, for data that come in pieces. The first call decides the classes (give `classes` if
   * its rows may lack one) and, with `standardize`, mean and deviation of the columns. A schedule counts calls.
   */
  partialFit(X: MatrixLike, y: Labels<L>, options: PartialFitOptions<L> = {}): this {
    if (this.fitted) this.checkX(X, 'partialFit')
    const momenta = [...this.#momenta]
    this.fitted = runSync(partialFitLinear(X, y, this.plan(), options, this.fitted, momenta))
    this.#momenta = momenta
    return this
  }

  /**
   * Probabilities of the classes, rows x nClasses, by the sigmoid of z; of more than two classes divided by their sum.
   * @throws TypeError for a loss without probabilities: all but logistic and squaredErrorLogistic; TypeError, RangeError
   *   for an `out` of another kind or length
   */
  predictProba(X: MatrixLike, options: OutOptions = {}): Proba<L> {
    const fit = this.need('predictProba')
    const { classes } = fit
    if (!this.#hasProba) {
      throw new TypeError(`predictProba: loss ${this.options.loss} has no probabilities; take 'logistic'`)
    }
    const { rows } = this.checkX(X, 'predictProba')
    const { length: k } = classes
    const data = outArray('predictProba', options, X, rows, k, 'classes')
    if (k === 2) forRows(X, this.shift(), (part, offset) => bothSidesOfRows(part, fit, offset, data))
    else this.eachScore(X, (kernel, z, begin, n) => putShares(kernel, z, n, k, data, begin))
    return new Proba(data, rows, classes as L[])
  }

  /** The label of one row and, where the loss has probabilities, its own. Does not touch the kernel. */
  override predictOne(row: Row): { label: L; proba?: number } {
    const z = this.scoresOne(row)
    const best = typeof z === 'number' ? (z >= 0 ? 1 : 0) : greatest(z)
    const label = this.classes[best]!
    if (!this.#hasProba) return { label }
    if (typeof z === 'number') return { label, proba: sigmoid(Math.abs(z)) }
    const sum = z.reduce((total, score) => total + sigmoid(score), 0)
    return { label, proba: sum > 0 ? sigmoid(z[best]!) / sum : 1 / z.length }
  }

  get #hasProba(): boolean {
    const { loss = 'logistic' } = this.options
    return linearLosses[loss].negative === 0
  }

  /** A new, unfitted model with the same options. */
  clone(): SGDClassifier<L> {
    return new SGDClassifier(this.options)
  }

  /** A saved model, from the object or its JSON text. @throws ModelFormatError if it is none, damaged or too new */
  static fromJSON<L extends Label = Label>(json: unknown): SGDClassifier<L> {
    const { options, fit } = LinearEstimator.load(json, 'SGDClassifier', checkSGDOptions)
    const model = new SGDClassifier<L>(options)
    model.fitted = fit
    return model
  }
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z))
}

function checkSGDOptions(given: SGDClassifierOptions): SGDClassifierOptions {
  const o = checkLinearOptions('SGDClassifier', given, NAMES)
  if (o.loss !== undefined) checkOneOf('loss', o.loss, Object.keys(linearLosses) as LinearLossName[])
  if (o.optimizer !== undefined) checkOneOf('optimizer', o.optimizer, Object.keys(OPTIMIZER) as Optimizer[])
  if (o.schedule !== undefined) o.schedule = checkSchedule('schedule', o.schedule)
  for (const name of ['momentum', 'beta2'] as const) {
    if (o[name] !== undefined) checkNumber(name, o[name], { min: 0, max: 1 - 2 ** -24 })
  }
  if (o.epsilon !== undefined) checkNumber('epsilon', o.epsilon, { above: 0 })
  if (hasL1(o) && (o.optimizer === 'adam' || o.optimizer === 'adamw')) {
    throw new RangeError(
      `optimizer: ${o.optimizer} has its own scale for each coefficient, which an l1 penalty cannot follow; take 'sgd', 'momentum' or 'nesterov'`,
    )
  }
  if (o.earlyStopping !== undefined) o.earlyStopping = checkEarlyStopping('earlyStopping', o.earlyStopping)
  return o
}
