import type { Steps } from '../core/steps.ts'
import { chunkRowsOf, type Pointer, type Workspace } from '../kernel/index.ts'
import type { ColumnTransform } from './columns.ts'
import type { Rows } from './samples.ts'

/**
 * The rows of X as a model looks at them, (u, 1) with u = (x - mean) * scale, for solvers that keep a number a row: X w
 * and X'r in float64, where float32 would decide which rows lie on a margin, and the weighted Gram matrix in the kernel.
 */
export class TransformedRows {
  readonly X: Rows
  /** Columns, and one more if there is an intercept. */
  readonly size: number
  readonly #transform: ColumnTransform
  readonly #q: Pointer
  readonly #sums: Pointer
  readonly #scratch: Pointer

  constructor(X: Rows, transform: ColumnTransform, fitIntercept: boolean, work: Workspace) {
    const { stride } = X
    this.X = X
    this.size = X.cols + (fitIntercept ? 1 : 0)
    this.#transform = transform
    this.#q = work.floats(Math.min(X.rows, chunkRowsOf(stride)))
    this.#sums = work.doubles(2 + stride + stride * stride)
    this.#scratch = work.bytes(X.slabs.kernel.kernels.gramScratchBytes(stride))
  }

  /** Calls `each` with z = (u, 1) w of every row, in float64: alpha is as exact as the margins are. */
  *multiply(w: Float64Array, each: (i: number, z: number) => void): Steps<void> {
    const { X } = this
    const { mean, scale } = this.#transform
    const placed = scale.map((s, k) => s * w[k]!)
    const intercept = placed.reduce((sum, v, k) => sum - v * mean[k]!, w[X.cols] ?? 0)
    for (const { x, begin, rows } of X.slabs.runs(0, X.rows, rowsOfPass(X.stride))) {
      const values = X.slabs.memory.f32(x, rows * X.stride)
      for (let i = 0, at = 0; i < rows; i++, at += X.stride) {
        let [z, other] = [intercept, 0]
        let k = 0
        for (; k + 1 < placed.length; k += 2) {
          z += placed[k]! * values[at + k]!
          other += placed[k + 1]! * values[at + k + 1]!
        }
        if (k < placed.length) z += placed[k]! * values[at + k]!
        each(begin + i, z + other)
      }
      yield
    }
  }

  /** The sum over rows of `weight` (u, 1), in float64. */
  *sum(weight: (i: number) => number): Steps<Float64Array> {
    const { X } = this
    const { mean, scale } = this.#transform
    const sums = new Float64Array(X.cols)
    let total = 0
    for (const { x, begin, rows } of X.slabs.runs(0, X.rows, rowsOfPass(X.stride))) {
      const values = X.slabs.memory.f32(x, rows * X.stride)
      for (let i = 0, at = 0; i < rows; i++, at += X.stride) {
        const r = weight(begin + i)
        if (r === 0) continue
        total += r
        for (let k = 0; k < sums.length; k++) sums[k]! += r * values[at + k]!
      }
      yield
    }
    return Float64Array.from({ length: this.size }, (_, k) =>
      k === X.cols ? total : scale[k]! * (sums[k]! - mean[k]! * total),
    )
  }

  /** Writes the sum over rows of q (u, 1) (u, 1)' into `out`, size x size. */
  *gram(q: Float64Array, out: Float64Array): Steps<void> {
    const { X, size } = this
    const { stride, cols, slabs } = X
    const { memory, kernels } = slabs.kernel
    const { mean, scale } = this.#transform
    memory.f64(this.#sums, 2 + stride + stride * stride).fill(0)
    for (const run of slabs.runs(0, X.rows, gramRows(stride))) {
      memory.f32(this.#q, run.rows).set(q.subarray(run.begin, run.begin + run.rows))
      kernels.gram(run.rows, run.x, stride, this.#q, this.#sums, this.#scratch)
      yield
    }
    const sums = memory.f64(this.#sums, 2 + stride + stride * stride)
    const [total, h, H] = [sums[0]!, sums.subarray(2), sums.subarray(2 + stride)]
    for (let i = 0; i < size; i++) {
      for (let j = i; j < size; j++) {
        let value = total
        if (j < cols) {
          const centered = H[i * stride + j]! - mean[i]! * h[j]! - h[i]! * mean[j]! + total * mean[i]! * mean[j]!
          value = scale[i]! * scale[j]! * centered
        } else if (i < cols) value = scale[i]! * (h[i]! - mean[i]! * total)
        out[i * size + j] = value
        out[j * size + i] = value
      }
    }
  }
}

/** Rows between two chances to pause, a power of two: about 2 ms. */
function rowsOfPass(stride: number): number {
  return 2 ** Math.max(0, Math.clz32(stride - 1) - 12)
}

/** Rows of one call for a Gram matrix, whole blocks of 256, so that it lasts a few ms. */
function gramRows(stride: number): number {
  let rows = 256
  while (2 * rows * stride * stride <= 1e8 && rows < chunkRowsOf(stride)) rows *= 2
  return rows
}
