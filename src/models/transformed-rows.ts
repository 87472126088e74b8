import { Resource } from '../core/dispose.ts'
import type { Steps } from '../core/steps.ts'
import { at, chunkRowsOf, mapRows, type Pointer, sumRows, Workspace } from '../kernel/index.ts'
import type { ColumnTransform } from './columns.ts'
import { gramRowsOf, gramWorkOf, transformGram } from './linear-objective.ts'
import type { Rows } from './samples.ts'

/** Chunks whose numbers are in kernel memory at a time: at most a MiB. */
const WINDOW_CHUNKS = 32

/**
 * The rows of X as a model looks at them, (u, 1) with u = (x - mean) * scale, for solvers that keep a number a row: X w
 * and X'r in float64, where float32 would decide which rows lie on a margin, and the weighted Gram matrix.
 */
export class TransformedRows extends Resource {
  readonly X: Rows
  /** Columns, and one more if there is an intercept. */
  readonly size: number
  readonly #transform: ColumnTransform
  readonly #work: Workspace
  /** stride float64. */
  readonly #w: Pointer
  /** A float64 for each row of a window. */
  readonly #r: Pointer
  readonly #chunkRows: number
  readonly #windowRows: number

  constructor(X: Rows, transform: ColumnTransform, fitIntercept: boolean) {
    super()
    const { stride, slabs } = X
    this.X = X
    this.size = X.cols + (fitIntercept ? 1 : 0)
    this.#transform = transform
    this.#chunkRows = chunkRowsOf(stride)
    this.#windowRows = WINDOW_CHUNKS * this.#chunkRows
    this.#work = new Workspace(slabs.memory)
    this.#w = this.#work.doubles(stride)
    this.#r = this.#work.doubles(Math.min(X.rows, this.#windowRows))
  }

  /** z = (u, 1) w of every row. */
  *multiply(w: Float64Array, z: Float64Array): Steps<void> {
    const { slabs, stride, rows, cols } = this.X
    const { memory } = slabs
    const { mean, scale } = this.#transform
    const placed = memory.f64(this.#w, stride).fill(0)
    let intercept = w[cols] ?? 0
    for (let k = 0; k < cols; k++) {
      const v = scale[k]! * w[k]!
      placed[k] = v
      intercept -= v * mean[k]!
    }
    yield* mapRows(
      {
        name: 'wideGemv',
        ...{ slabs, rows, chunkRows: this.#chunkRows, rowBytes: 8, work: stride, scratchBytes: 0 },
        calls: (run, out) => [[run.rows, run.x, stride, this.#w, out, intercept]],
      },
      (run, out) => z.set(memory.f64(out, run.rows), run.begin),
    )
  }

  /** The sum over rows of r (u, 1). */
  *sum(r: Float64Array): Steps<Float64Array> {
    const { slabs, stride, rows, cols } = this.X
    const { mean, scale } = this.#transform
    const sums = new Float64Array(stride)
    for (let begin = 0; begin < rows; begin += this.#windowRows) {
      const count = Math.min(rows - begin, this.#windowRows)
      slabs.memory.f64(this.#r, count).set(r.subarray(begin, begin + count))
      yield* sumRows({
        name: 'wideGemvTransposed',
        ...{ slabs, begin, rows: count, chunkRows: this.#chunkRows, callRows: this.#chunkRows },
        ...{ length: stride, total: sums, work: stride, scratchBytes: 0 },
        args: (run, out) => [run.rows, run.x, stride, at(this.#r, 8 * (run.begin - begin)), out],
      })
    }
    let total = 0
    for (let i = 0; i < rows; i++) total += r[i]!
    return Float64Array.from({ length: this.size }, (_, k) =>
      k === cols ? total : scale[k]! * (sums[k]! - mean[k]! * total),
    )
  }

  /**
   * Writes the sum over rows of q (u, 1) (u, 1)' into `out`, size x size. The rows of `exact` are added in float64: where
   * a few weigh far more than all others, float32 would round away what the others say.
   */
  *gram(q: Float64Array, out: Float64Array, exact: readonly number[] = []): Steps<void> {
    const { X, size } = this
    const { stride, slabs, rows } = X
    const { memory, kernels } = slabs.kernel
    const length = 2 + stride + stride * stride
    const sums = new Float64Array(length)
    for (let begin = 0; begin < rows; begin += this.#windowRows) {
      const count = Math.min(rows - begin, this.#windowRows)
      const rounded = memory.f32(this.#r, count)
      rounded.set(q.subarray(begin, begin + count))
      for (const i of exact) if (i >= begin && i < begin + count) rounded[i - begin] = 0
      yield* sumRows({
        name: 'gram',
        ...{ slabs, begin, rows: count, chunkRows: this.#chunkRows, callRows: gramRowsOf(stride), length },
        ...{ total: sums, work: gramWorkOf(stride), scratchBytes: kernels.gramScratchBytes(stride) },
        args: (run, to, scratch) => [run.rows, run.x, stride, at(this.#r, 4 * (run.begin - begin)), to, scratch],
      })
    }
    transformGram(sums, X, this.#transform, size, out)
    for (const i of exact) {
      const u = this.#rowOf(i)
      for (let k = 0; k < size; k++) {
        const product = q[i]! * u[k]!
        for (let j = 0; j < size; j++) out[k * size + j]! += product * u[j]!
      }
      yield
    }
  }

  /** (u, 1) of a row. */
  #rowOf(i: number): Float64Array {
    const { slabs, stride, cols } = this.X
    const { pointers, shift, memory } = slabs
    const x = memory.f32(at(pointers[i >>> shift]!, (i & (2 ** shift - 1)) * stride * 4), cols)
    const { mean, scale } = this.#transform
    return Float64Array.from({ length: this.size }, (_, k) => (k === cols ? 1 : scale[k]! * (x[k]! - mean[k]!)))
  }

  dispose(): void {
    this.#work.dispose()
  }
}
