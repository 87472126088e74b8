import { checkWeights, isArray, type NumberArray } from '../core/arrays.ts'
import { checkOptionNames, show } from '../core/checks.ts'
import { NotFittedError } from '../core/errors.ts'
import type { Label, Labels } from '../core/labels.ts'
import { runAsync, runSync } from '../core/steps.ts'
import { kernelReady, Matrix, type MatrixLike, shapeOf, Workspace } from '../kernel/index.ts'
import { open, seal } from '../persist/index.ts'
import { checkFitOptions, type FitOptions, type FitSyncOptions, type HistoryEntry } from './fit-options.ts'
import { encodeLabels } from './labels.ts'
import type { Row } from './linear-classifier.ts'
import type { PartialFitOptions } from './linear-partial.ts'
import { fitMlp, partialFitMlp } from './mlp-fit.ts'
import { predictedCode } from './mlp-measure.ts'
import { layersOf } from './mlp-network.ts'
import { checkMlpOptions, type MLPClassifierOptions, mlpOptionsFromJSON, mlpOptionsToJSON } from './mlp-options.ts'
import { forLogits, probabilityOf, RowNetwork } from './mlp-predict.ts'
import { type MlpFit, mlpFitFromJSON, mlpFitToJSON } from './mlp-result.ts'
import { namedRow } from './named-row.ts'
import { refuse } from './one-row.ts'
import { type OutOptions, outArray } from './out-array.ts'
import { Proba, putBothSides } from './proba.ts'
import { fitInWorker } from './worker-fit.ts'

/**
 * A feed-forward network (multi-layer perceptron) for two classes or more, trained by back-propagation on mini-batches
 * (Rumelhart, Hinton and Williams, Nature 323, 1986), as scikit-learn's MLPClassifier
 * (https://scikit-learn.org/stable/modules/neural_networks_supervised.html):
 *
 *   A_0 = (X - mean) / std,   A_l = f(A_(l-1) W_l + b_l),   the last layer without f: logits Z
 *   two classes: p = sigmoid(z) of the second;   more: p = softmax(Z)
 *
 *   minimise  1/S sum of s_i (-ln p of the label of row i) + l2/2 sum of |W_l|^2
 *
 * where s are sample weights times class weights and S is their sum. The same seed gives the same bits in every engine.
 *
 *     const model = await new MLPClassifier({ hiddenSizes: [128] }).fit(X, y)
 *     model.predict(X); model.predictProba(X).of('seven'); model.weights[0]
 *
 * Fitted properties throw NotFittedError before `fit`. Every method that takes X throws RangeError when its columns are
 * not those the model was fitted on, DataError for NaN or infinity, KernelError when memory is short.
 */
export class MLPClassifier<L extends Label = Label> {
  /** The options given, checked. */
  readonly options: Readonly<MLPClassifierOptions>
  #fit: MlpFit | undefined
  /** For `predictOne`. */
  #row: RowNetwork | undefined

  /** Only stores the options. @throws TypeError for an unknown option or a wrong kind, RangeError for a wrong value */
  constructor(options: MLPClassifierOptions = {}) {
    this.options = checkMlpOptions(options)
  }

  /** Weights of each layer, inputs x units, row-major: [i * units + j] leads from input i to unit j. Inputs are (x - mean) / std. */
  get weights(): readonly Float32Array[] {
    const { params, shape } = this.#need('weights')
    return layersOf(params, shape.sizes).weights
  }

  /** Biases of each layer, one a unit. */
  get biases(): readonly Float32Array[] {
    const { params, shape } = this.#need('biases')
    return layersOf(params, shape.sizes).biases
  }

  /** Units of all layers: inputs, hidden layers, outputs (1 for two classes). */
  get layerSizes(): readonly number[] {
    return [...this.#need('layerSizes').shape.sizes]
  }

  /** The labels, sorted. */
  get classes(): readonly L[] {
    return this.#need('classes').classes as readonly L[]
  }

  /** Epochs done. */
  get nIter(): number {
    return this.#need('nIter').nIter
  }

  /** True if training ended because the loss did not fall any more (`tol`) or by early stopping. */
  get converged(): boolean {
    return this.#need('converged').converged
  }

  /** The objective at the end, with all rows passed through the network as it then was. */
  get loss(): number {
    return this.#need('loss').loss
  }

  /** After every epoch: the objective (mean over its batches as they were met), validation loss and accuracy; empty for a loaded model. */
  get history(): readonly HistoryEntry[] {
    return this.#need('history').history
  }

  /** Mean and population standard deviation of the columns in training. */
  get columns(): { readonly mean: Float64Array; readonly std: Float64Array } {
    return this.#need('columns').columns
  }

  /** Names of the columns, where the data had them. */
  get featureNames(): readonly string[] | undefined {
    return this.#need('featureNames').featureNames
  }

  get nFeatures(): number {
    return this.#need('nFeatures').shape.sizes[0]!
  }

  /**
   * Trains without blocking: it takes a break every 8 ms. The model changes only when training has ended.
   *
   * @param X nSamples x nFeatures
   * @param y nSamples labels of two classes or more: numbers, strings or booleans
   * @throws TypeError, RangeError for wrong arguments; DataError ONE_CLASS, NON_FINITE, DIVERGED, DEAD_NETWORK ...;
   *   KernelError; the signal's reason when it is aborted
   */
  async fit(X: MatrixLike, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    checkFitOptions('fit', options)
    options.signal?.throwIfAborted()
    if (options.worker) {
      this.#fit = await fitInWorker('mlp', X, y, this.options, this.options, options, this.#fit)
      return this
    }
    // Where there is a Matrix there is a kernel; without a wait it is held from the call on, and may be disposed.
    if (![X, options.validation?.X].some((given) => given instanceof Matrix)) await kernelReady()
    this.#fit = await runAsync(fitMlp(X, y, this.options, options, this.#fit), options)
    return this
  }

  /** As `fit`, but blocks until it is done. Throws KernelError where only `await init()` can load a kernel. */
  fitSync(X: MatrixLike, y: Labels<L>, options: FitSyncOptions = {}): this {
    checkFitOptions('fitSync', options)
    options.signal?.throwIfAborted()
    this.#fit = runSync(fitMlp(X, y, this.options, options, this.#fit))
    return this
  }

  /**
   * One epoch over some more rows, for data that come in pieces. The first call decides the classes (give `classes` if
   * its rows may lack one) and, with `standardize`, mean and deviation of the columns. The optimiser remembers the calls
   * before; after loading from JSON it starts afresh.
   */
  partialFit(X: MatrixLike, y: Labels<L>, options: PartialFitOptions<L> = {}): this {
    if (this.#fit) this.#checkX(X, 'partialFit')
    this.#fit = runSync(partialFitMlp(X, y, this.options, options, this.#fit))
    return this
  }

  /**
   * The last layer's sums: nSamples logits of the second of two classes, or nSamples x nClasses, row-major.
   * @throws TypeError, RangeError for an `out` of another kind or length
   */
  decisionFunction(X: MatrixLike, options: OutOptions = {}): Float32Array {
    const fit = this.#need('decisionFunction')
    const { rows } = this.#checkX(X, 'decisionFunction')
    const k = fit.shape.sizes.at(-1)!
    const logits = outArray('decisionFunction', options, X, rows, k, 'outputs')
    forLogits(X, fit, ({ memory }, z, begin, n) => logits.set(memory.f32(z, n * k), begin * k))
    return logits
  }

  /** One label per row, as they were given to `fit`: the most probable, the second of two where they are equal. */
  predict(X: MatrixLike): L[] {
    const fit = this.#need('predict')
    const { rows } = this.#checkX(X, 'predict')
    const k = fit.shape.sizes.at(-1)!
    const labels = new Array<L>(rows)
    forLogits(X, fit, ({ memory }, z, begin, n) => {
      const logits = memory.f32(z, n * k)
      for (let i = 0; i < n; i++) labels[begin + i] = fit.classes[predictedCode(logits, i * k, k)] as L
    })
    return labels
  }

  /** Probabilities of all classes, nSamples x nClasses. @throws TypeError, RangeError for an `out` of another kind or length */
  predictProba(X: MatrixLike, options: OutOptions = {}): Proba<L> {
    const fit = this.#need('predictProba')
    const { rows } = this.#checkX(X, 'predictProba')
    const k = fit.classes.length
    const data = outArray('predictProba', options, X, rows, k, 'classes')
    forLogits(X, fit, (kernel, z, begin, n) => {
      if (k > 2) {
        const { kernels, memory } = kernel
        using work = new Workspace(memory)
        kernels.softmaxRows(n, k, z, work.bytes(kernels.softmaxRowsScratchBytes(k)))
        data.set(memory.f32(z, n * k), begin * k)
        return
      }
      putBothSides(kernel, z, n, data, begin)
    })
    return new Proba(data, rows, this.classes)
  }

  /** The label of one row and its probability, in float64, without the kernel; agrees with `predict` to about 1e-6. */
  predictOne(row: Row): { label: L; proba: number } {
    const fit = this.#need('predictOne')
    if (this.#row?.fit !== fit) this.#row = new RowNetwork(fit)
    const logits = this.#row.logits(this.#rowOf(row))
    const code = predictedCode(logits, 0, logits.length)
    return { label: fit.classes[code] as L, proba: probabilityOf(logits, code) }
  }

  /**
   * Accuracy: the share of rows (or of their weight) whose label `predict` gets right.
   * @throws DataError UNKNOWN_LABEL for a label that `fit` did not see
   */
  score(X: MatrixLike, y: Labels<L>, options: { sampleWeight?: NumberArray } = {}): number {
    checkOptionNames('score', options, ['sampleWeight'])
    this.#need('score')
    const predicted = this.predict(X)
    const { codes } = runSync(encodeLabels(y, predicted.length, this.classes))
    const weights = checkWeights(options.sampleWeight, predicted.length, 'rows of X')
    const { classes } = this
    let [right, total] = [0, 0]
    for (const [i, code] of codes.entries()) {
      const weight = weights?.[i] ?? 1
      total += weight
      if (predicted[i] === classes[code]) right += weight
    }
    return right / total
  }

  /** A new, unfitted model with the same options. */
  clone(): MLPClassifier<L> {
    return new MLPClassifier(this.options)
  }

  /** The fitted model as an object for JSON.stringify: every weight as it is, without history and optimiser. */
  toJSON(): object {
    return seal('MLPClassifier', { options: mlpOptionsToJSON(this.options), fit: mlpFitToJSON(this.#need('toJSON')) })
  }

  /** A saved model, from the object or its JSON text. @throws ModelFormatError if it is none, damaged or too new */
  static fromJSON<L extends Label = Label>(json: unknown): MLPClassifier<L> {
    const { options, fit, ...rest } = open(json, 'MLPClassifier')
    const model = new MLPClassifier<L>(mlpOptionsFromJSON(options, rest))
    model.#fit = mlpFitFromJSON(fit)
    return model
  }

  #rowOf(row: Row): ArrayLike<number> {
    const { nFeatures, featureNames } = this
    if (!isArray(row)) return namedRow(row as Readonly<Record<string, number>>, featureNames)
    if (row.length !== nFeatures) throw this.#featureCountError('predictOne', row.length)
    for (let k = 0; k < nFeatures; k++) if (!Number.isFinite(row[k])) refuse(row)
    return row as ArrayLike<number>
  }

  #checkX(X: MatrixLike, method: string): { rows: number; cols: number } {
    const { featureNames, shape } = this.#need(method)
    const { rows, cols } = shapeOf(X)
    if (cols !== shape.sizes[0]) throw this.#featureCountError(method, cols)
    const names = X instanceof Matrix ? X.featureNames : undefined
    if (names && featureNames) {
      const k = names.findIndex((name, i) => name !== featureNames[i])
      if (k >= 0) {
        throw new RangeError(`X: expected column ${k} to be ${show(featureNames[k])} as in fit, got ${show(names[k])}`)
      }
    }
    return { rows, cols }
  }

  #featureCountError(method: string, got: number): RangeError {
    return new RangeError(`${method}: expected ${this.nFeatures} features as in fit, got ${got}`)
  }

  #need(method: string): MlpFit {
    if (!this.#fit) throw new NotFittedError('MLPClassifier', method)
    return this.#fit
  }
}
