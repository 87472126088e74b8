import { show } from '../core/checks.ts'
import { Resource } from '../core/dispose.ts'
import { DataError, KernelError } from '../core/errors.ts'
import { runAsync, type Steps } from '../core/steps.ts'
import { rowsWithin, SLAB_BYTES, STREAM_SLAB_BYTES, strideOf } from './layout.ts'
import { Matrix } from './matrix.ts'
import { own, release, Slabs } from './slabs.ts'

/** Rows that decide the shift. */
const SHIFT_ROWS = 1024
/** A column farther from 0 than this many standard deviations is shifted. */
const SHIFT_ABOVE = 8
/** 256 rows must fit into one block of memory, which is a little less than 1 GiB. */
const MOST_COLS = 2 ** 20 - 4

/** What a WebAssembly memory can have at most. */
const KERNEL_BYTES = 2 ** 32

/** Numbers row by row in one array, or an array a row. */
type RowSource = Float32Array | Float64Array | readonly ArrayLike<number>[]

/** Options of `MatrixBuilder`. */
export interface MatrixBuilderOptions {
  /** How many rows will come at most, if known: then they lie in as few slabs as possible. */
  rows?: number
  /** The shift per column; default: decided by the first 1,024 rows. */
  shift?: Float64Array
  /** What error messages call the first row. Default 0. */
  firstRow?: number
}

/**
 * Fills a Matrix row by row. The first 1,024 rows wait in JavaScript until they have decided the shift; all others are
 * rounded straight into kernel memory.
 *
 *     const builder = new MatrixBuilder(cols)
 *     await builder.reserve(1000)          // optional: waits for the garbage collector if memory is short
 *     builder.append(values, 1000)         // any number of times
 *     const X = builder.finish()           // or builder.dispose() if something went wrong
 */
export class MatrixBuilder extends Resource {
  readonly cols: number
  readonly #slabs: Slabs
  readonly #slabRows: number
  readonly #expected: number | undefined
  readonly #firstRow: number
  #shift: Float64Array | undefined
  /** Rows that wait for the shift. */
  #pending: Float64Array
  #pendingRows = 0
  #stored = 0
  #finished = false

  constructor(cols: number, { rows, shift, firstRow = 0 }: MatrixBuilderOptions = {}) {
    super()
    if (cols > MOST_COLS) throw new RangeError(`X: expected at most ${MOST_COLS} columns, got ${cols}`)
    if (shift && shift.length !== cols)
      throw new RangeError(`shift: expected ${cols} numbers (columns of X), got ${shift.length}`)
    this.cols = cols
    this.#expected = rows
    this.#firstRow = firstRow
    this.#shift = shift
    const stride = strideOf(cols)
    if (rows !== undefined && rows * stride * 4 >= KERNEL_BYTES) throw tooLarge(rows * stride * 4)
    this.#slabRows = rowsWithin(rows === undefined ? STREAM_SLAB_BYTES : SLAB_BYTES, stride)
    this.#slabs = new Slabs(stride, 31 - Math.clz32(this.#slabRows))
    own(this, this.#slabs)
    this.#pending = new Float64Array(shift ? 0 : Math.min(SHIFT_ROWS, rows ?? SHIFT_ROWS) * cols)
  }

  /** Rows taken so far. */
  get rows(): number {
    return this.#stored + this.#pendingRows
  }

  /** Makes room for `rows` more, waiting for forgotten matrices to be collected if memory is short. */
  async reserve(rows: number): Promise<void> {
    await runAsync(this.reserving(rows))
  }

  /** The same as part of longer work; run synchronously it does not wait. */
  *reserving(rows: number): Steps<void> {
    while (this.#room() < this.rows + rows) yield* this.#slabs.addPatiently(this.#nextSlab())
  }

  /**
   * Takes `rows` x cols numbers, row-major, in original units.
   * @throws DataError NON_FINITE or FLOAT32_OVERFLOW with row and column, KernelError OUT_OF_MEMORY
   */
  append(values: Float32Array | Float64Array, rows: number): void {
    this.#take(values, rows)
  }

  /** The same from an array of rows. @throws RangeError for a row of another length, TypeError for what is no number */
  appendRows(rows: readonly ArrayLike<number>[]): void {
    for (let i = 0; i < rows.length; i++) checkRow(rows[i], this.cols, this.#firstRow + this.rows + i)
    this.#take(rows, rows.length)
  }

  /** The matrix. The builder is spent. */
  finish(): Matrix {
    this.#settle()
    this.#slabs.fit(this.#stored)
    this.#finished = true
    return new Matrix(this.#slabs, this.#stored, this.cols, this.#shift as Float64Array)
  }

  /** Gives everything back; after `finish` nothing is left to give. */
  dispose(): void {
    if (!this.#finished) release(this.#slabs)
  }

  #take(source: RowSource, rows: number): void {
    const { cols } = this
    if (this.#expected !== undefined && this.rows + rows > this.#expected)
      throw new RangeError(`X: expected ${this.#expected} rows, as announced, got ${this.rows + rows}`)
    let taken = 0
    if (!this.#shift) {
      for (; taken < rows && (this.#pendingRows + 1) * cols <= this.#pending.length; taken++) {
        const o = this.#pendingRows++ * cols
        const values = Array.isArray(source) ? source[taken]! : source
        const at = values === source ? taken * cols : 0
        for (let k = 0; k < cols; k++) this.#pending[o + k] = values[at + k]!
      }
      if (this.#pendingRows * cols < this.#pending.length) return
      this.#settle()
    }
    this.#store(source, taken, rows)
  }

  /** Decides the shift and stores the rows that waited for it. */
  #settle(): void {
    if (this.#shift) return
    this.#shift = shiftOf(this.#pending, this.#pendingRows, this.cols)
    const waiting = this.#pending
    const rows = this.#pendingRows
    this.#pendingRows = 0
    this.#pending = new Float64Array(0)
    this.#store(waiting, 0, rows)
  }

  /** Stores rows [begin, end) of the source. */
  #store(source: RowSource, begin: number, end: number): void {
    const { cols } = this
    const shift = this.#shift as Float64Array
    const rows = end - begin
    while (this.#room() < this.#stored + rows) this.#slabs.add(this.#nextSlab())
    const { stride, memory } = this.#slabs
    let from = begin
    for (const run of this.#slabs.runs(this.#stored, this.#stored + rows, this.#slabRows)) {
      const out = memory.f32(run.x, run.rows * stride)
      for (let i = 0, o = 0; i < run.rows; i++, from++) {
        const values = Array.isArray(source) ? source[from]! : source
        const at = values === source ? from * cols : 0
        // 0 as long as every number is finite, as it came and as it is stored.
        let bad = 0
        for (let k = 0; k < cols; k++) {
          const value = Math.fround(values[at + k]! - shift[k]!)
          out[o + k] = value
          bad += value * 0
        }
        o += cols
        for (const end = (i + 1) * stride; o < end; o++) out[o] = 0
        if (bad !== 0) throw badValue(values, at, this.#firstRow + run.begin + i, shift)
      }
    }
    this.#stored += rows
  }

  #room(): number {
    return this.#slabs.room.reduce((sum, rows) => sum + rows, 0)
  }

  #nextSlab(): number {
    const left = this.#expected === undefined ? this.#slabRows : this.#expected - this.#room()
    return left > 0 ? Math.min(left, this.#slabRows) : this.#slabRows
  }
}

function tooLarge(bytes: number): KernelError {
  const size = (bytes / 2 ** 30).toFixed(1)
  return new KernelError('OUT_OF_MEMORY', `X: ${size} GiB as float32 do not fit, kernel memory ends at 4 GiB`, {
    hint: 'Train on them in batches, with fitBatches or partialFit',
  })
}

/**
 * Per column: the mean of these rows where it is more than 8 standard deviations from 0, else 0. Two passes; the second
 * gives the mean back what rounding took, so that a constant column is stored as zeros.
 */
function shiftOf(values: Float64Array, rows: number, cols: number): Float64Array {
  const mean = new Float64Array(cols)
  for (let i = 0; i < rows; i++) for (let k = 0; k < cols; k++) mean[k]! += values[i * cols + k]! / rows
  const variance = new Float64Array(cols)
  const lost = new Float64Array(cols)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < cols; k++) {
      const d = values[i * cols + k]! - mean[k]!
      variance[k]! += (d * d) / rows
      lost[k]! += d / rows
    }
  }
  return mean.map((m, k) => (Math.abs(m) > SHIFT_ABOVE * Math.sqrt(variance[k]!) ? m + lost[k]! : 0))
}

/** A null or an empty string would become 0 on its way into a typed array: only numbers are numbers. */
export function checkRow(row: unknown, cols: number, i: number): void {
  const plain = Array.isArray(row)
  if (!plain && !ArrayBuffer.isView(row))
    throw new TypeError(`X: expected an array of numbers in row ${i}, got ${show(row)}`)
  const values = row as ArrayLike<unknown>
  if (values.length !== cols) throw new RangeError(`X: expected ${cols} numbers in row ${i}, got ${values.length}`)
  if (!plain) return
  for (let k = 0; k < cols; k++) {
    if (typeof values[k] !== 'number')
      throw new TypeError(`X: row ${i}, column ${k}: expected a number, got ${show(values[k])}`)
  }
}

/** What is wrong with row i, whose numbers begin at `at`. */
function badValue(values: ArrayLike<number>, at: number, i: number, shift: Float64Array): Error {
  for (let k = 0; k < shift.length; k++) {
    const value = values[at + k]!
    const where = `X: row ${i}, column ${k}`
    if (!Number.isFinite(value)) {
      return new DataError('NON_FINITE', `${where} is ${value}`, {
        row: i,
        column: k,
        hint: 'Remove or impute such values before fitting',
      })
    }
    if (!Number.isFinite(Math.fround(value - shift[k]!))) {
      return new DataError('FLOAT32_OVERFLOW', `${where} is ${value}, beyond float32`, {
        row: i,
        column: k,
        hint: 'Scale the column, e.g. by its logarithm',
      })
    }
  }
  return new DataError('NON_FINITE', `X: row ${i} is not finite`, { row: i })
}
