import { show } from '../core/checks.ts'
import { Resource } from '../core/dispose.ts'
import { KernelError } from '../core/errors.ts'
import { rowsWithin, SLAB_BYTES } from './layout.ts'
import { MatrixBuilder } from './matrix-builder.ts'
import { NULL, type Pointer } from './pointer.ts'
import { disposed, own, release, Slabs } from './slabs.ts'

/** A table of numbers in row-major order: row i is data[i * cols ... (i + 1) * cols). */
export interface DenseData {
  readonly data: Float32Array | Float64Array
  readonly rows: number
  readonly cols: number
}

/** Whatever a model takes as X. */
export type MatrixLike = Matrix | DenseData | readonly (readonly number[] | Float32Array | Float64Array)[]

/**
 * nSamples x nFeatures numbers, resident in kernel memory as float32.
 *
 * A column whose mean is far from 0 is stored shifted (see `shift`), so that it does not lose its digits to float32.
 * The memory goes back with `using`, with `dispose()`, or some time after the matrix is forgotten.
 */
export class Matrix extends Resource {
  readonly rows: number
  readonly cols: number
  /** Per column, in float64: what was subtracted before rounding to float32. 0 unless |mean| > 8 std in the first 1,024 rows. */
  readonly shift: Float64Array
  readonly #slabs: Slabs
  #featureNames: readonly string[] | undefined

  /** Not for users: see `Matrix.from` and `MatrixBuilder`. Takes over the slabs. */
  constructor(slabs: Slabs, rows: number, cols: number, shift: Float64Array) {
    super()
    this.rows = rows
    this.cols = cols
    this.shift = shift
    this.#slabs = slabs
    own(this, slabs)
  }

  /**
   * Copies X in. `shift` (default: decided by the first rows) fixes the float64 shift per column; `firstRow` is the
   * number of the first row in error messages.
   * @throws TypeError, RangeError for a wrong shape; DataError NON_FINITE, FLOAT32_OVERFLOW with row and column
   */
  static from(X: MatrixLike, options: { shift?: Float64Array; firstRow?: number } = {}): Matrix {
    if (X instanceof Matrix) return X.sliceRows(0, X.rows)
    const { rows, cols } = shapeOf(X)
    const builder = new MatrixBuilder(cols, { rows, ...options })
    try {
      if (Array.isArray(X)) builder.appendRows(X as readonly ArrayLike<number>[])
      else builder.append((X as DenseData).data, rows)
      return builder.finish()
    } catch (error) {
      builder.dispose()
      throw error
    }
  }

  /** Names of the columns, where the source had them; models remember them. A copy is kept of those that are set. */
  get featureNames(): readonly string[] | undefined {
    return this.#featureNames
  }

  /** @throws TypeError, RangeError for what is not one string a column */
  set featureNames(names: readonly string[] | undefined) {
    if (names === undefined) {
      this.#featureNames = undefined
      return
    }
    if (!Array.isArray(names)) throw new TypeError(`featureNames: expected an array of strings, got ${show(names)}`)
    if (names.length !== this.cols) {
      throw new RangeError(`featureNames: expected ${this.cols} names (columns of X), got ${names.length}`)
    }
    const k = names.findIndex((name) => typeof name !== 'string')
    if (k >= 0) throw new TypeError(`featureNames[${k}]: expected a string, got ${show(names[k])}`)
    this.#featureNames = [...names]
  }

  /** Floats from row to row: cols rounded up to a multiple of 4. */
  get stride(): number {
    return this.#slabs.stride
  }

  get disposed(): boolean {
    return this.#slabs.freed
  }

  /** The memory, for passes over rows. @throws KernelError DISPOSED */
  get slabs(): Slabs {
    if (this.#slabs.freed) throw disposed()
    return this.#slabs
  }

  /** Row i in original units, as float64. */
  row(i: number, out = new Float64Array(this.cols)): Float64Array {
    if (!Number.isInteger(i) || i < 0 || i >= this.rows)
      throw new RangeError(`row: expected 0 to ${this.rows - 1}, got ${show(i)}`)
    const { slabs } = this
    const [run] = slabs.runs(i, i + 1, 1)
    const view = slabs.memory.f32(run!.x, this.cols)
    for (let k = 0; k < this.cols; k++) out[k] = view[k]! + this.shift[k]!
    return out
  }

  /** A new matrix of the rows named, in that order (repeats allowed). */
  takeRows(indices: Uint32Array): Matrix {
    for (const i of indices)
      if (i >= this.rows) throw new RangeError(`takeRows: expected row numbers below ${this.rows}, got ${i}`)
    return takeRows(this, indices)
  }

  /** A new matrix of rows [begin, end). */
  sliceRows(begin: number, end: number): Matrix {
    return this.takeRows(Uint32Array.from({ length: Math.max(0, end - begin) }, (_, i) => begin + i))
  }

  /**
   * Reorders the rows in place: the new row i is the old row indices[i]; each old row exactly once.
   * @throws KernelError IN_USE while a fit or prediction is running on it
   */
  permuteRows(indices: Uint32Array): void {
    checkPermutation(indices, this.rows)
    const { memory, pointers, shift, stride } = this.#unused()
    // Nothing is allocated meanwhile: one view of the whole memory holds.
    const floats = memory.f32(NULL, memory.totalBytes / 4)
    const inSlab = 2 ** shift - 1
    const place = (i: number) => pointers[i >>> shift]! / 4 + (i & inSlab) * stride
    const saved = new Float32Array(stride)
    const done = new Uint8Array(this.rows)
    for (let start = 0; start < this.rows; start++) {
      if (done[start]) continue
      // Follow the cycle that starts here, moving each row to where it belongs.
      let to = place(start)
      saved.set(floats.subarray(to, to + stride))
      let i = start
      for (; indices[i] !== start; i = indices[i]!) {
        done[i] = 1
        const from = place(indices[i]!)
        floats.copyWithin(to, from, from + stride)
        to = from
      }
      done[i] = 1
      floats.set(saved, to)
    }
  }

  /**
   * The first `rows` rows as a matrix of their own, in the same memory. What is behind them is given back, and this
   * matrix is spent.
   * @throws RangeError; KernelError IN_USE while a fit or prediction is running on it
   */
  keepRows(rows: number): Matrix {
    if (!Number.isInteger(rows) || rows < 1 || rows > this.rows)
      throw new RangeError(`keepRows: expected 1 to ${this.rows}, got ${show(rows)}`)
    const slabs = this.#unused()
    slabs.fit(rows)
    const kept = new Matrix(slabs.handOver(), rows, this.cols, this.shift)
    kept.featureNames = this.featureNames
    release(slabs)
    return kept
  }

  #unused(): Slabs {
    const { slabs } = this
    if (slabs.held) throw new KernelError('IN_USE', 'a fit or a prediction is running on this Matrix')
    return slabs
  }

  /** Gives the memory back (after a fit that is using it has ended). Any number of times. */
  dispose(): void {
    release(this.#slabs)
  }
}

/** The shape of anything a model takes as X. */
export function shapeOf(X: MatrixLike, name = 'X'): { rows: number; cols: number } {
  if (X instanceof Matrix) return X
  if (Array.isArray(X)) {
    const first: unknown = X[0]
    if (X.length > 0 && !Array.isArray(first) && !ArrayBuffer.isView(first)) {
      const advice =
        typeof first === 'number' ? 'numbers; one row is [[1, 2, 3]], one column [[1], [2], [3]]' : show(first)
      throw new TypeError(`${name}: expected an array of rows, got an array of ${advice}`)
    }
    const cols = X.length ? (first as ArrayLike<number>).length : 0
    return checkShape(name, X.length, cols)
  }
  const { data, rows, cols } = (X ?? {}) as Partial<DenseData>
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new TypeError(
      `${name}: expected rows (number[][]), { data, rows, cols } with a Float32Array or Float64Array, or a Matrix, got ${show(X)}`,
    )
  }
  checkShape(name, rows as number, cols as number)
  if (data.length !== rows! * cols!) {
    throw new RangeError(`${name}: expected ${rows! * cols!} numbers (${rows} rows x ${cols} cols), got ${data.length}`)
  }
  return { rows: rows!, cols: cols! }
}

function checkShape(name: string, rows: number, cols: number): { rows: number; cols: number } {
  if (!Number.isSafeInteger(rows) || rows < 1)
    throw new RangeError(`${name}: expected at least one row, got ${show(rows)}`)
  if (!Number.isSafeInteger(cols) || cols < 1)
    throw new RangeError(`${name}: expected at least one column, got ${show(cols)}`)
  return { rows, cols }
}

function checkPermutation(indices: Uint32Array, rows: number): void {
  const seen = new Uint8Array(rows)
  for (const i of indices) if (i < rows) seen[i] = 1
  if (indices.length !== rows || seen.includes(0))
    throw new RangeError(`permuteRows: expected each row number below ${rows} exactly once`)
}

/** A new matrix of some rows of what a Matrix has, or had when a fit began to hold it; the numbers are trusted. */
export function takeRows(
  { slabs, cols, shift, featureNames }: Pick<Matrix, 'slabs' | 'cols' | 'shift' | 'featureNames'>,
  indices: Uint32Array,
): Matrix {
  const made = emptyLike(slabs, indices.length)
  const taken = new Matrix(made, indices.length, cols, shift.slice())
  taken.featureNames = featureNames
  try {
    gather(slabs, indices, made)
  } catch (error) {
    taken.dispose()
    throw error
  }
  return taken
}

/** Slabs for `rows` rows of the same width, contents undefined. */
function emptyLike(like: Slabs, rows: number): Slabs {
  const slabRows = rowsWithin(SLAB_BYTES, like.stride)
  const made = new Slabs(like.stride, 31 - Math.clz32(slabRows))
  try {
    for (let left = rows; left > 0; left -= slabRows) made.add(Math.min(left, slabRows))
  } catch (error) {
    made.free()
    throw error
  }
  return made
}

/** Copies the rows named, one after the other. */
function gather(from: Slabs, indices: Uint32Array, to: Slabs): void {
  const { kernels, memory } = from.kernel
  const index = memory.alloc(indices.byteLength)
  try {
    memory.u32(index, indices.length).set(indices)
    const table = slabTable(from)
    for (const run of to.runs(0, indices.length, 2 ** to.shift)) {
      kernels.gatherRows(run.rows, (index + run.begin * 4) as Pointer, table, from.shift, from.stride, run.x)
    }
    memory.free(table)
  } finally {
    memory.free(index)
  }
}

/** The table of slab addresses that kernels look rows up in. The caller frees it. */
export function slabTable(slabs: Slabs): Pointer {
  const table = slabs.memory.alloc(Math.max(1, slabs.pointers.length) * 4)
  slabs.memory.u32(table, slabs.pointers.length).set(slabs.pointers)
  return table
}
