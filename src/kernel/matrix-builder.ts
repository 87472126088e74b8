import { Resource } from '../core/dispose.ts'
import { KernelError } from '../core/errors.ts'
import { runAsync, type Steps } from '../core/steps.ts'
import { rowsWithin, SLAB_BYTES, STREAM_SLAB_BYTES, strideOf } from './layout.ts'
import { Matrix } from './matrix.ts'
import { at } from './pointer.ts'
import { badNumber, checkRow, type RowSource, readRows } from './read-rows.ts'
import { own, release, Slabs } from './slabs.ts'
import { Workspace } from './workspace.ts'

/** Rows that decide the shift. */
const SHIFT_ROWS = 1024
/** A column farther from 0 than this many standard deviations is shifted. */
const SHIFT_ABOVE = 8
/** 256 rows must fit into one block of memory, which is a little less than 1 GiB. */
const MOST_COLS = 2 ** 20 - 4

/** So many numbers, or one row, go into kernel memory as they are, before they are shifted and rounded there. */
const STAGED = 4096

/** What a WebAssembly memory can have at most. */
const KERNEL_BYTES = 2 ** 32

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
 * Fills a Matrix row by row. The first 1,024 rows wait in JavaScript until they have decided the shift. A few rows at a time
 * go into kernel memory as they are, and the kernel shifts, rounds and checks them while they are in its nearest cache.
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
    const first = this.#firstRow + this.rows
    try {
      this.#take(rows, rows.length)
    } catch (error) {
      // What is no row of numbers comes first, wherever it is.
      for (let i = 0; i < rows.length; i++) checkRow(rows[i], this.cols, first + i)
      throw error
    }
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
      const room = this.#pending.length / cols - this.#pendingRows
      taken = Math.min(rows, room)
      if (!readRows(source, 0, taken, cols, this.#pending, this.#pendingRows * cols)) throw notRows()
      this.#pendingRows += taken
      if (taken < room) return
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
    if (rows === 0) return
    const { stride, memory, kernel } = this.#slabs
    const most = Math.min(rows, Math.max(1, Math.floor(STAGED / cols)))
    using work = new Workspace(memory)
    const staged = work.bytes(most * cols * 8)
    const shiftAt = work.bytes(cols * 8)
    memory.f64(shiftAt, cols).set(shift)
    const values = memory.f64(staged, most * cols)
    let from = begin
    for (const run of this.#slabs.runs(this.#stored, this.#stored + rows, this.#slabRows)) {
      for (let i = 0; i < run.rows; i += most) {
        const n = Math.min(most, run.rows - i)
        if (!readRows(source, from, n, cols, values)) throw notRows()
        const allFinite = kernel.kernels.placeRows(n, cols, staged, shiftAt, at(run.x, i * stride * 4), stride)
        if (!allFinite) throw badNumber(values, n, shift, this.#firstRow + run.begin + i)
        from += n
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

/** Whoever catches it looks for what it is. */
function notRows(): TypeError {
  return new TypeError('X: expected rows of numbers')
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
