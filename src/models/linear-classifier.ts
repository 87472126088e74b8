import { checkWeights, isArray, type NumberArray } from '../core/arrays.ts'
import { checkNumber, checkOptionNames, show } from '../core/checks.ts'
import { NotFittedError } from '../core/errors.ts'
import type { Label, Labels } from '../core/labels.ts'
import { runSync } from '../core/steps.ts'
import { Matrix, type MatrixLike, type Pointer, shapeOf, Workspace } from '../kernel/index.ts'
import type { HistoryEntry } from './fit-options.ts'
import { encodeLabels } from './labels.ts'
import type { LinearFit } from './linear-fit.ts'
import { Proba } from './proba.ts'
import { forScores } from './scores.ts'

/** One row for `predictOne`: values in the order of the features, or by feature name. */
export type Row = ArrayLike<number> | Readonly<Record<string, number>>

/** Options of `predict`. */
export interface PredictOptions {
  /** Answer the second class from this probability on, instead of the model's threshold. */
  threshold?: number
}

/**
 * What fitted binary linear models share: z = X coef + intercept, and what follows from it.
 *
 * Fitted properties throw NotFittedError before `fit`. Every method that takes X throws RangeError when its columns are
 * not those the model was fitted on, DataError for NaN or infinity, KernelError when memory is short.
 */
export abstract class LinearClassifier<L extends Label = Label> {
  protected fitted: LinearFit | undefined

  /** The class's name, for messages and files. */
  protected abstract readonly kind: string

  /** Probability from which on `predict` answers the second class. */
  abstract get threshold(): number

  /** nFeatures weights in original units: what one unit of a feature adds to the logit of the second class. */
  get coef(): Float64Array {
    return this.need('coef').coef
  }

  get intercept(): number {
    return this.need('intercept').intercept
  }

  /** The two labels, sorted; the second is the positive one. */
  get classes(): readonly [L, L] {
    return this.need('classes').classes as [L, L]
  }

  /** Iterations or epochs done. */
  get nIter(): number {
    return this.need('nIter').nIter
  }

  /** False if the solver stopped for another reason than having arrived. */
  get converged(): boolean {
    return this.need('converged').converged
  }

  /** The objective at the end (mean loss plus penalty), computed in float64. */
  get loss(): number {
    return this.need('loss').loss
  }

  /** The objective after every iteration or epoch; empty for a loaded model. */
  get history(): readonly HistoryEntry[] {
    return this.need('history').history
  }

  /** The solver that trained it: what `auto` chose. */
  get solver(): string {
    return this.need('solver').solver
  }

  /** Mean and population standard deviation of the columns in training; coef * std is the effect of one deviation on z. */
  get columns(): { readonly mean: Float64Array; readonly std: Float64Array } {
    return this.need('columns').columns
  }

  /** Names of the columns, where the data had them. */
  get featureNames(): readonly string[] | undefined {
    return this.need('featureNames').featureNames
  }

  get nFeatures(): number {
    return this.need('nFeatures').coef.length
  }

  /** z = X coef + intercept, one per row: the logit of the second class. */
  decisionFunction(X: MatrixLike): Float32Array {
    const { rows } = this.checkX(X, 'decisionFunction')
    const scores = new Float32Array(rows)
    this.eachScore(X, (memory, z, begin, n) => scores.set(memory.f32(z, n), begin))
    return scores
  }

  /** One label per row, as they were given to `fit`. */
  predict(X: MatrixLike, options: PredictOptions = {}): L[] {
    checkOptionNames('predict', options, ['threshold'])
    const threshold = options.threshold ?? this.threshold
    checkNumber('threshold', threshold, { min: 0, max: 1 })
    const [negative, positive] = this.need('predict').classes as [L, L]
    const { rows } = this.checkX(X, 'predict')
    const labels = new Array<L>(rows)
    this.eachScore(X, (memory, z, begin, n, kernels) => {
      // At 0.5 the sign of z decides; elsewhere the same probability that predictProba shows.
      if (threshold !== 0.5) kernels.sigmoid(n, z, z)
      const bound = threshold === 0.5 ? 0 : threshold
      const scores = memory.f32(z, n)
      for (let i = 0; i < n; i++) labels[begin + i] = scores[i]! >= bound ? positive : negative
    })
    return labels
  }

  /**
   * Accuracy: the share of rows (or of their weight) whose label `predict` gets right.
   * @throws DataError UNKNOWN_LABEL for a label that `fit` did not see
   */
  score(X: MatrixLike, y: Labels<L>, options: { sampleWeight?: NumberArray } = {}): number {
    checkOptionNames('score', options, ['sampleWeight'])
    const predicted = this.predict(X)
    const { codes } = runSync(encodeLabels(y, predicted.length, this.classes))
    const weights = checkWeights(options.sampleWeight, predicted.length, 'rows of X')
    let [right, total] = [0, 0]
    for (const [i, code] of codes.entries()) {
      const weight = weights?.[i] ?? 1
      total += weight
      if (predicted[i] === this.classes[code]) right += weight
    }
    return right / total
  }

  /** Class probabilities by the sigmoid of z. */
  protected probabilities(X: MatrixLike): Proba<L> {
    const { classes } = this.need('predictProba')
    const { rows } = this.checkX(X, 'predictProba')
    const data = new Float32Array(rows * 2)
    this.eachScore(X, (memory, z, begin, n, kernels) => {
      using work = new Workspace(memory)
      const pairs = work.bytes(n * 8)
      kernels.sigmoidPairs(n, z, pairs)
      data.set(memory.f32(pairs, 2 * n), 2 * begin)
    })
    return new Proba(data, rows, classes as [L, L])
  }

  /** z of one row, without the kernel. */
  protected scoreOne(row: Row): number {
    const { coef, intercept } = this.need('predictOne')
    const x = isArray(row) ? (row as ArrayLike<number>) : this.rowOf(row as Readonly<Record<string, number>>)
    if (x.length !== coef.length) throw this.featureCountError('predictOne', x.length)
    let z0 = intercept
    let z1 = 0
    let z2 = 0
    let z3 = 0
    let k = 0
    for (const end = coef.length - 3; k < end; k += 4) {
      z0 += coef[k]! * x[k]!
      z1 += coef[k + 1]! * x[k + 1]!
      z2 += coef[k + 2]! * x[k + 2]!
      z3 += coef[k + 3]! * x[k + 3]!
    }
    for (; k < coef.length; k++) z0 += coef[k]! * x[k]!
    const z = z0 + z1 + (z2 + z3)
    if (!Number.isFinite(z))
      throw new TypeError(
        `predictOne: expected ${coef.length} finite numbers, got ${show(x)} with another value among them`,
      )
    return z
  }

  private rowOf(row: Readonly<Record<string, number>>): number[] {
    const { featureNames } = this.need('predictOne')
    if (!featureNames)
      throw new TypeError('predictOne: the model has no feature names, give an array of values in order')
    checkOptionNames('predictOne', row, featureNames)
    return featureNames.map((name) => checkNumber(`predictOne: ${show(name)}`, row[name]))
  }

  private eachScore(
    X: MatrixLike,
    each: (memory: Workspace['memory'], z: Pointer, begin: number, rows: number, kernels: Kernels) => void,
  ): void {
    const { columns, ...parameters } = this.need('predict')
    // As a Matrix would decide: columns far from 0 lose their digits unless they are shifted.
    const shift = columns.mean.map((mean, k) => (Math.abs(mean) > 8 * columns.std[k]! ? mean : 0))
    forScores(X, parameters, shift, (k, z, begin, rows) => each(k.memory, z, begin, rows, k.kernels))
  }

  protected checkX(X: MatrixLike, method: string): { rows: number; cols: number } {
    const { coef, featureNames } = this.need(method)
    const shape = shapeOf(X)
    if (shape.cols !== coef.length) throw this.featureCountError(method, shape.cols)
    const names = X instanceof Matrix ? X.featureNames : undefined
    if (names && featureNames) {
      const k = names.findIndex((name, i) => name !== featureNames[i])
      if (k >= 0) {
        throw new RangeError(`X: expected column ${k} to be ${show(featureNames[k])} as in fit, got ${show(names[k])}`)
      }
    }
    return shape
  }

  private featureCountError(method: string, got: number): RangeError {
    return new RangeError(`${method}: expected ${this.nFeatures} features as in fit, got ${got}`)
  }

  protected need(method: string): LinearFit {
    if (!this.fitted) throw new NotFittedError(this.kind, method)
    return this.fitted
  }
}

type Kernels = Parameters<Parameters<typeof forScores>[3]>[0]['kernels']
