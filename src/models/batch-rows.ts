import { checkWeights, isArray } from '../core/arrays.ts'
import { show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import { compareLabels, type Label, LabelIndex } from '../core/labels.ts'
import { runSync, type Steps } from '../core/steps.ts'
import { Matrix, shapeOf, Workspace } from '../kernel/index.ts'
import { type Batch, type BatchSource, eachBatch } from './batches.ts'
import { type ColumnMoments, type ColumnTransform, columnMoments } from './columns.ts'
import { checkClasses, encodeLabels } from './labels.ts'
import { LinearData } from './linear-data.ts'
import { borrowMatrix, type ClassWeight, classWeights, type Rows, sumOfWeights, totalWeights } from './samples.ts'

/** A column that varies by less than this share of its mean is constant (see columnMoments). */
const ROUNDING = 2 ** -48

/** A batch in kernel memory. */
export interface BatchRun {
  readonly data: LinearData
  readonly transform: ColumnTransform
  readonly matrix: Rows
  readonly codes: Int32Array
  readonly weights: Float64Array | undefined
  /** Lives as long as the batch does. */
  readonly work: Workspace
}

/** What the rows are to a solver: a target for each class code, and a weight for each class. */
export interface Side {
  targets(codes: Int32Array): ArrayLike<number>
  readonly ofClass: Float64Array | undefined
}

/** The rows of a source: what a first pass has found out about them, and further passes. */
export class BatchRows {
  readonly #source: BatchSource
  readonly #signal: AbortSignal | undefined
  rows = 0
  cols = 0
  classes: Label[] = []
  /** Sum of the sample weights of each class. */
  classTotals = new Float64Array(0)
  featureNames: readonly string[] | undefined
  /** What is subtracted from the columns as they are copied in. */
  shift = new Float64Array(0)
  /** Of the columns as they are copied in. */
  moments: ColumnMoments = { mean: new Float64Array(0), variance: new Float64Array(0) }

  constructor(source: BatchSource, signal: AbortSignal | undefined) {
    this.#source = source
    this.#signal = signal
  }

  /**
   * The first pass: classes, their weights, and the moments of the columns, those of all batches put together (Chan, Golub
   * & LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979).
   * @throws RangeError, TypeError, DataError as fit does
   */
  *survey(): Steps<void> {
    const index = new LabelIndex()
    const totals: number[] = []
    let [mean, squares, total] = [new Float64Array(0), new Float64Array(0), 0]
    yield* eachBatch(
      this.#source,
      this.#signal,
      function* (this: BatchRows, batch: Batch): Steps<void> {
        const { rows, cols } = shapeOf(batch.X)
        this.#admit(batch, cols)
        if (!isArray(batch.y)) throw new TypeError(`y: expected an array of labels, got ${show(batch.y)}`)
        if (batch.y.length !== rows) {
          throw new RangeError(`y: expected ${rows} values (rows of X), got ${batch.y.length}`)
        }
        const codes = index.encode('y', batch.y)
        const sampleWeight = weightsOf(batch, rows)
        while (totals.length < index.labels.length) totals.push(0)
        for (let i = 0; i < rows; i++) totals[codes[i]!]! += sampleWeight?.[i] ?? 1
        using borrowed = yield* borrowMatrix(batch.X, { firstRow: this.rows })
        this.rows += rows
        const weight = sumOfWeights(sampleWeight, rows)
        if (weight === 0) return
        const moments = yield* columnMoments(borrowed.matrix, sampleWeight)
        if (total === 0) [mean, squares] = [new Float64Array(cols), new Float64Array(cols)]
        const share = weight / (total + weight)
        for (let k = 0; k < cols; k++) {
          const off = moments.mean[k]! + borrowed.matrix.shift[k]! - mean[k]!
          mean[k]! += off * share
          squares[k]! += weight * moments.variance[k]! + off * off * total * share
        }
        total += weight
      }.bind(this),
    )
    if (this.rows === 0) throw new RangeError('source: expected at least one batch, got none')
    const variance = squares.map((square, k) => {
      const v = square / total
      return v <= (ROUNDING * mean[k]!) ** 2 ? 0 : v
    })
    this.#keepClasses(index.labels, totals)
    // As LinearClassifier.shift has it for predictions.
    this.shift = mean.map((m, k) => (Math.abs(m) > 8 * Math.sqrt(variance[k]!) ? m : 0))
    this.moments = { mean: mean.map((m, k) => m - this.shift[k]!), variance }
  }

  #admit({ X, featureNames }: Batch, cols: number): void {
    if (this.rows === 0) {
      this.cols = cols
      this.featureNames = featureNames ?? (X instanceof Matrix ? X.featureNames : undefined)
    } else if (cols !== this.cols) {
      throw new RangeError(`X: expected ${this.cols} columns as in the first batch, got ${cols}`)
    }
  }

  #keepClasses(labels: readonly Label[], totals: readonly number[]): void {
    const order = [...labels.keys()].sort((a, b) => compareLabels(labels[a]!, labels[b]!))
    this.classes = order.map((code) => labels[code]!)
    this.classTotals = Float64Array.from(order, (code) => totals[code]!)
    checkClasses(this.classes, this.rows)
    if (this.classTotals.every((weight) => weight === 0)) throw new DataError('ZERO_WEIGHTS', 'every row has weight 0')
    const absent = this.classTotals.indexOf(0)
    if (absent >= 0) {
      const problem = `every row of class ${show(this.classes[absent])} has weight 0`
      throw new DataError('ZERO_WEIGHTS', problem, { hint: 'Leave its rows out' })
    }
  }

  /** The weight of each class, by code; for 'balanced' from the totals. */
  classWeights(classWeight: ClassWeight | undefined): Float64Array | undefined {
    const codes = Int32Array.from(this.classes.keys())
    return runSync(classWeights(classWeight, this.classes, codes, this.classTotals))
  }

  /**
   * A further pass. Batches whose rows all weigh nothing are left out.
   * @throws RangeError for a source that gives other rows than the first time
   */
  *each(side: Side, transform: ColumnTransform, use: (run: BatchRun) => Steps<void>): Steps<void> {
    let seen = 0
    yield* eachBatch(
      this.#source,
      this.#signal,
      function* (this: BatchRows, batch: Batch): Steps<void> {
        const { rows, cols } = shapeOf(batch.X)
        if (cols !== this.cols)
          throw new RangeError(`X: expected ${this.cols} columns as in the first batch, got ${cols}`)
        seen += rows
        if (seen > this.rows) throw this.#otherRows('more')
        const { codes } = yield* encodeLabels(batch.y, rows, this.classes)
        const sampleWeight = weightsOf(batch, rows)
        const weights = yield* totalWeights(codes, sampleWeight, side.ofClass)
        using borrowed = yield* borrowMatrix(batch.X, { shift: this.shift, firstRow: seen - rows })
        const { matrix } = borrowed
        using work = new Workspace(matrix.slabs.memory)
        const data = new LinearData(work, matrix, side.targets(codes), weights)
        if (data.weightSum === 0) return
        // A Matrix of the caller's has a shift of its own.
        const mean = transform.mean.map((m, k) => m + this.shift[k]! - matrix.shift[k]!)
        yield* use({ data, transform: { ...transform, mean }, matrix, codes, weights, work })
      }.bind(this),
    )
    if (seen < this.rows) throw this.#otherRows(String(seen))
  }

  #otherRows(got: string): RangeError {
    return new RangeError(`source: expected the ${this.rows} rows of the first pass again, got ${got}`)
  }
}

/** Sample weights of a batch, which may all be 0. */
function weightsOf({ sampleWeight }: Batch, rows: number): Float64Array | undefined {
  const isNothing = isArray(sampleWeight) && Array.prototype.every.call(sampleWeight, (weight) => weight === 0)
  return isNothing && sampleWeight.length === rows
    ? new Float64Array(rows)
    : checkWeights(sampleWeight, rows, 'rows of X')
}
