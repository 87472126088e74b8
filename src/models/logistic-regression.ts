import { checkNumber, checkOptionNames } from '../core/checks.ts'
import type { Label, Labels } from '../core/labels.ts'
import { runAsync, runSync } from '../core/steps.ts'
import { kernelReady, Matrix, type MatrixLike, shapeOf } from '../kernel/index.ts'
import { open, seal } from '../persist/index.ts'
import type { BatchSource } from './batches.ts'
import {
  checkBatchesOptions,
  checkFitOptions,
  type FitBatchesOptions,
  type FitOptions,
  type FitSyncOptions,
} from './fit-options.ts'
import { greatest, LinearClassifier, type Row } from './linear-classifier.ts'
import { linearFitFromJSON, linearFitToJSON } from './linear-fit.ts'
import type { PartialFitOptions } from './linear-partial.ts'
import { fitLogistic, partialFitLogistic, planLogistic } from './logistic-fit.ts'
import { checkLogisticOptions, type LogisticRegressionOptions } from './logistic-options.ts'
import { loadFitBatches } from './on-demand.ts'
import { optionsFromJSON, optionsToJSON } from './options-json.ts'
import { type OutOptions, outArray } from './out-array.ts'
import { Proba, putShares } from './proba.ts'
import { bothSidesOfRows, forRows, softmaxOfRows } from './scores.ts'
import { checkMeasured } from './set-aside.ts'
import { fitInWorker } from './worker-fit.ts'

/** Options of `predict`. */
export interface PredictOptions {
  /** Answer the second of two classes from this probability on, instead of the model's threshold. */
  threshold?: number
}

/**
 * Logistic regression, as scikit-learn's LogisticRegression
 * (https://scikit-learn.org/stable/modules/linear_model.html#logistic-regression):
 *
 *   minimise  1/S sum of s_i (ln(1 + e^z_i) - t_i z_i) + l2/2 |coef|^2,   z = X coef + intercept,   t in {0, 1}
 *
 * for two classes, where s are sample weights times class weights, S is their sum, and t is 1 for the second class. More
 * classes have a z_c each, and the loss is that of their softmax, ln(sum of e^z_c) - z_y; coefficients and intercepts then
 * sum to 0 over the classes (the first, unless there is an l1 penalty), as adding one number to all z changes nothing. With
 * `multiClass: 'ovr'` each class has a binary model against the rest. Intercepts are not penalised; by default the penalty
 * acts on the coefficients of the standardised columns.
 *
 *     const model = await new LogisticRegression({ C: 1 }).fit(X, y)
 *     model.predict(X); model.predictProba(X).of('malignant'); model.predictOne([...])
 */
export class LogisticRegression<L extends Label = Label> extends LinearClassifier<L> {
  protected readonly kind = 'LogisticRegression'
  /** The options given, checked. */
  readonly options: Readonly<LogisticRegressionOptions>
  #threshold: number

  /** Only stores the options. @throws TypeError for an unknown option or a wrong kind, RangeError for a wrong value */
  constructor(options: LogisticRegressionOptions = {}) {
    super()
    this.options = checkLogisticOptions(options)
    this.#threshold = this.options.threshold ?? 0.5
  }

  /** Probability of the second of two classes from which on `predict` answers it. May be set, also after `fit`. */
  get threshold(): number {
    return this.#threshold
  }

  set threshold(value: number) {
    this.#threshold = checkNumber('threshold', value, { min: 0, max: 1 })
  }

  /**
   * Trains without blocking: it takes a break every 8 ms. The model changes only when training has ended.
   *
   * @param X nSamples x nFeatures
   * @param y nSamples labels of two classes or more: numbers, strings or booleans
   * @throws TypeError, RangeError for wrong arguments; DataError ONE_CLASS, NON_FINITE, SEPARABLE, DIVERGED ...;
   *   KernelError; the signal's reason when it is aborted
   */
  async fit(X: MatrixLike, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    checkFitOptions('fit', options)
    checkMeasured(this.options, options)
    options.signal?.throwIfAborted()
    if (options.worker) {
      const plan = planLogistic(this.options, shapeOf(X))
      this.fitted = await fitInWorker('linear', X, y, plan, this.options, options, this.fitted)
      return this
    }
    // Where there is a Matrix there is a kernel; without a wait it is held from the call on, and may be disposed.
    if (![X, options.validation?.X].some((given) => given instanceof Matrix)) await kernelReady()
    this.fitted = await runAsync(fitLogistic(X, y, this.options, options, this.fitted), options)
    return this
  }

  /** As `fit`, but blocks until it is done. Throws KernelError where only `await init()` can load a kernel. */
  fitSync(X: MatrixLike, y: Labels<L>, options: FitSyncOptions = {}): this {
    checkFitOptions('fitSync', options)
    checkMeasured(this.options, options)
    options.signal?.throwIfAborted()
    this.fitted = runSync(fitLogistic(X, y, this.options, options, this.fitted))
    return this
  }

  /**
   * Trains on more than kernel memory holds: `source` opens the data for a pass and is called once for each, one for
   * classes and statistics and then one for every evaluation of the objective, with newton, lbfgs, owlqn or gd.
   * The result is that of \`fit\` on all rows at once, but for rounding; of X one batch at a time is in kernel memory.
   *
   *     await model.fitBatches(() => readBatches(path), { onProgress })
   *
   * @param source returns an iterable or async iterable of { X, y, sampleWeight? }, the same rows every time
   * @throws as fit; RangeError for solver 'sgd', or a source that gives other rows than the first time
   */
  async fitBatches(source: BatchSource<L>, options: FitBatchesOptions = {}): Promise<this> {
    checkBatchesOptions(options)
    checkFitOptions('fitBatches', options)
    options.signal?.throwIfAborted()
    const [{ fitBatches }] = await Promise.all([loadFitBatches(), kernelReady()])
    const plan = (cols: number) => planLogistic(this.options, { rows: 0, cols })
    this.fitted = await runAsync(fitBatches(source as BatchSource, plan, options, this.fitted), options)
    return this
  }

  /**
   * One pass of mini-batch SGD over some more rows, for data that come in pieces. The first call decides the classes
   * (give `classes` if its rows may lack one) and, with `standardize`, mean and deviation of the columns.
   */
  partialFit(X: MatrixLike, y: Labels<L>, options: PartialFitOptions<L> = {}): this {
    if (this.fitted) this.checkX(X, 'partialFit')
    this.fitted = runSync(partialFitLogistic(X, y, this.options, options, this.fitted))
    return this
  }

  /**
   * One label per row, as they were given to `fit`: of two classes the second from `threshold` on (the model's, unless
   * it is given here), of more the most probable.
   * @throws RangeError for a threshold of more than two classes
   */
  override predict(X: MatrixLike, options: PredictOptions = {}): L[] {
    checkOptionNames('predict', options, ['threshold'])
    const threshold = checkNumber('threshold', options.threshold ?? this.#threshold, { min: 0, max: 1 })
    const [no, yes] = this.need('predict').classes as L[]
    if (this.classes.length > 2) {
      if (options.threshold === undefined) return super.predict(X)
      throw new RangeError(`threshold: only for two classes, there are ${this.classes.length}`)
    }
    // At 0.5 the sign of z decides; elsewhere the same probability that predictProba shows.
    if (threshold === 0.5) return super.predict(X)
    const { rows } = this.checkX(X, 'predict')
    const labels = new Array<L>(rows)
    this.eachScore(X, ({ memory, kernels }, z, begin, n) => {
      kernels.sigmoid(n, z, z)
      const proba = memory.f32(z, n)
      for (let i = 0; i < n; i++) labels[begin + i] = proba[i]! >= threshold ? yes! : no!
    })
    return labels
  }

  /**
   * Probabilities of the classes, rows x nClasses; each row sums to 1.
   * @throws TypeError, RangeError for an `out` of another kind or length; DataError for NaN or infinity in X, with `out`
   *   filled in part
   */
  predictProba(X: MatrixLike, options: OutOptions = {}): Proba<L> {
    const fit = this.need('predictProba')
    const { rows } = this.checkX(X, 'predictProba')
    const k = fit.classes.length
    const data = outArray('predictProba', options, X, rows, k, 'classes')
    if (k === 2) {
      forRows(X, this.shift(), (part, offset) => bothSidesOfRows(part, fit, offset, data))
    } else if (this.options.multiClass === 'ovr') {
      this.eachScore(X, (kernel, z, begin, n) => putShares(kernel, z, n, k, data, begin))
    } else {
      forRows(X, this.shift(), (part, offset) =>
        softmaxOfRows(part, fit, offset, ({ memory }, proba, begin, n) => {
          data.set(memory.f32(proba, n * k), begin * k)
        }),
      )
    }
    return new Proba(data, rows, fit.classes as L[])
  }

  /** The label of one row and its probability. Does not touch the kernel; agrees with `predict` to 1e-6. */
  override predictOne(row: Row): { label: L; proba: number } {
    const z = this.scoresOne(row)
    if (typeof z !== 'number') return this.#likeliest(z)
    // Of the likelier class; no exponential overflows.
    const e = Math.exp(-Math.abs(z))
    const more = 1 / (1 + e)
    const { classes } = this
    // No branch on the side: one guess in two would be wrong.
    if (this.#threshold === 0.5) return { label: classes[+(z >= 0)]!, proba: more }
    const less = e * more
    return (z >= 0 ? more : less) >= this.#threshold
      ? { label: classes[1]!, proba: z >= 0 ? more : less }
      : { label: classes[0]!, proba: z >= 0 ? less : more }
  }

  #likeliest(z: readonly number[]): { label: L; proba: number } {
    const best = greatest(z)
    // What the others have, where the best has 1.
    const top = z[best]!
    // Sigmoids far below 0 are as their exponentials.
    const sigmoids = this.options.multiClass === 'ovr' && top > -30
    let sum = 0
    for (let c = 0; c < z.length; c++) {
      sum += sigmoids ? (1 + Math.exp(-top)) / (1 + Math.exp(-z[c]!)) : Math.exp(z[c]! - top)
    }
    return { label: this.classes[best]!, proba: 1 / sum }
  }

  /** A new, unfitted model with the same options. */
  clone(): LogisticRegression<L> {
    return new LogisticRegression({ ...this.options, threshold: this.#threshold })
  }

  /** The fitted model as an object for JSON.stringify. */
  toJSON(): object {
    const options = optionsToJSON({ ...this.options, threshold: this.#threshold })
    return seal(this.kind, { options, fit: linearFitToJSON(this.need('toJSON')) })
  }

  /** A saved model, from the object or its JSON text. @throws ModelFormatError if it is none, damaged or too new */
  static fromJSON<L extends Label = Label>(json: unknown): LogisticRegression<L> {
    const { options, fit, ...rest } = open(json, 'LogisticRegression')
    const model = new LogisticRegression<L>(optionsFromJSON(options, rest))
    model.fitted = linearFitFromJSON(fit)
    return model
  }
}
