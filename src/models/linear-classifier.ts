import { checkWeights, isArray, type NumberArray } from '../core/arrays.ts'
import { checkOptionNames, show } from '../core/checks.ts'
import { NotFittedError } from '../core/errors.ts'
import { type Label, type Labels, listLabels } from '../core/labels.ts'
import { runSync } from '../core/steps.ts'
import { Matrix, type MatrixLike, shapeOf } from '../kernel/index.ts'
import type { HistoryEntry } from './fit-options.ts'
import { encodeLabels } from './labels.ts'
import { type LinearFit, outputOf } from './linear-fit.ts'
import { namedRow } from './named-row.ts'
import { outputsOfRow, refuse, scorer } from './one-row.ts'
import { type OutOptions, outArray } from './out-array.ts'
import { type EachScore, forRows, scoreRows } from './scores.ts'

/** One row for `predictOne`: values in the order of the features, or by feature name. */
export type Row = ArrayLike<number> | Readonly<Record<string, number>>

/**
 * What fitted linear models share: z = X coef + intercept, and what follows from it. Two classes have one output, z of
 * the second class; k > 2 classes have one each, in the order of `classes`.
 *
 * Fitted properties throw NotFittedError before `fit`. Every method that takes X throws RangeError when its columns are
 * not those the model was fitted on, DataError for NaN or infinity, KernelError when memory is short.
 */
export abstract class LinearClassifier<L extends Label = Label> {
  protected fitted: LinearFit | undefined
  #scorer = (_: ArrayLike<number>) => 0
  /** The fit it is for. */
  #scored: LinearFit | undefined

  /** The class's name, for messages and files. */
  protected abstract readonly kind: string

  /**
   * Weights in original units: what one unit of a feature adds to z. Two classes: nFeatures, for the second class; k
   * classes: k x nFeatures, row-major, in the order of `classes`.
   */
  get coef(): Float64Array {
    return this.need('coef').coef
  }

  /** The intercept of two classes. @throws RangeError for more: they have `intercepts` */
  get intercept(): number {
    const { intercepts } = this.need('intercept')
    if (intercepts.length === 1) return intercepts[0]!
    throw new RangeError(`intercept: there are ${intercepts.length}, one a class. Read intercepts`)
  }

  /** One for two classes, k for k classes. */
  get intercepts(): Float64Array {
    return this.need('intercepts').intercepts
  }

  /** The nFeatures weights that speak for one class; of two classes, the first one's are the second one's turned round. */
  coefOf(label: L): Float64Array {
    const { classes, ...outputs } = this.need('coefOf')
    const code = classes.indexOf(label)
    if (code < 0) throw new RangeError(`coefOf: expected one of ${listLabels(classes)}, got ${show(label)}`)
    if (classes.length > 2) return outputOf(outputs, code).coef.slice()
    return outputs.coef.map((c) => (code === 1 ? c : -c))
  }

  /** The labels, sorted; of two, the second is the positive one. */
  get classes(): readonly L[] {
    return this.need('classes').classes as L[]
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
    return this.need('nFeatures').columns.mean.length
  }

  /**
   * z = X coef + intercept. Two classes: one per row, above 0 for the second class; k classes: rows x k, row-major, in
   * the order of `classes`.
   * @throws TypeError, RangeError for an `out` of another kind or length; it is filled in part where X holds NaN or infinity
   */
  decisionFunction(X: MatrixLike, options: OutOptions = {}): Float32Array {
    const { rows } = this.checkX(X, 'decisionFunction')
    const { length: k } = this.intercepts
    const scores = outArray('decisionFunction', options, X, rows, k, 'outputs')
    this.eachScore(X, ({ memory }, z, begin, n) => {
      const part = memory.f32(z, n * k)
      if (k === 1) scores.set(part, begin)
      else for (let c = 0; c < k; c++) for (let i = 0; i < n; i++) scores[(begin + i) * k + c] = part[c * n + i]!
    })
    return scores
  }

  /** One label per row, as they were given to `fit`: that of the greatest z (of two classes: the second from z = 0 on). */
  predict(X: MatrixLike): L[] {
    const classes = this.need('predict').classes as L[]
    const { rows } = this.checkX(X, 'predict')
    const labels = new Array<L>(rows)
    const { length: k } = this.intercepts
    this.eachScore(X, ({ memory }, z, begin, n) => {
      const scores = memory.f32(z, n * k)
      // No branch on the side: one guess in two would be wrong.
      if (k === 1) for (let i = 0; i < n; i++) labels[begin + i] = classes[+(scores[i]! >= 0)]!
      else for (let i = 0; i < n; i++) labels[begin + i] = classes[greatestOf(scores, i, n)]!
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

  /** The label of one row. Does not touch the kernel; agrees with `predict` but for rounding. */
  predictOne(row: Row): { label: L } {
    const z = this.scoresOne(row)
    return { label: this.classes[typeof z === 'number' ? (z >= 0 ? 1 : 0) : greatest(z)]! }
  }

  /**
   * z of one row, one per output, without the kernel; a plain number where there is one output, to spare an array. As short
   * as can be, so that engines inline it: a number that a function returns which is not inlined is an allocation.
   */
  protected scoresOne(row: Row): number | number[] {
    const fit = this.need('predictOne')
    const { coef, intercepts } = fit
    // isArray begins with the same question; asked here, engines answer it without a call (measured: 0.95 of the time).
    const x = Array.isArray(row) || isArray(row) ? (row as ArrayLike<number>) : this.namedRow(row)
    if (x.length !== coef.length || intercepts.length > 1) return this.scoresOfRow(coef, intercepts, x)
    if (fit !== this.#scored) {
      this.#scored = fit
      this.#scorer = scorer(coef, intercepts)
    }
    const z = this.#scorer(x)
    return Number.isFinite(z) ? z : refuse(x)
  }

  private namedRow(row: unknown): number[] {
    return namedRow(row as Readonly<Record<string, number>>, this.featureNames)
  }

  private scoresOfRow(coef: Float64Array, intercepts: Float64Array, x: ArrayLike<number>): number[] {
    const { length } = x
    if (length * intercepts.length !== coef.length) throw this.featureCountError('predictOne', length)
    return outputsOfRow(coef, intercepts, x, length)
  }

  /** z of all rows, output by output (see scoreRows). */
  protected eachScore(X: MatrixLike, each: EachScore): void {
    const fit = this.need('predict')
    forRows(X, this.shift(), (rows, offset) => scoreRows(rows, fit, offset, each))
  }

  /** As a Matrix would decide: columns far from 0 lose their digits unless they are shifted. */
  protected shift(): Float64Array {
    const { mean, std } = this.need('predict').columns
    return mean.map((m, k) => (Math.abs(m) > 8 * std[k]! ? m : 0))
  }

  protected checkX(X: MatrixLike, method: string): { rows: number; cols: number } {
    const { featureNames } = this.need(method)
    const shape = shapeOf(X)
    if (shape.cols !== this.nFeatures) throw this.featureCountError(method, shape.cols)
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

/** The place of the first of the greatest. */
export function greatest(scores: readonly number[]): number {
  let best = 0
  for (let c = 1; c < scores.length; c++) if (scores[c]! > scores[best]!) best = c
  return best
}

/** The same of row i, whose scores lie n apart. A function of its own: a callback in the loop over rows would cost 20 ns a row. */
function greatestOf(scores: Float32Array, i: number, n: number): number {
  let best = 0
  for (let c = 1, at = i + n; at < scores.length; c++, at += n) if (scores[at]! > scores[i + best * n]!) best = c
  return best
}
