import type { Steps } from '../core/steps.ts'
import { at, chunkRowsOf, mapRows, type Pointer, type RowRun, sumRows, Workspace } from '../kernel/index.ts'
import type { Objective } from '../optim/index.ts'
import type { ColumnTransform } from './columns.ts'
import type { LinearData } from './linear-data.ts'
import { gramRowsOf, gramWorkOf } from './linear-objective.ts'
import { leastPenalty, softmaxPenalty } from './softmax-columns.ts'

/** Bytes of X, times the classes, that one call into the kernel passes over. */
const CALL_BYTES = 8 * 2 ** 20
/** Multiply-adds of a thread, and bytes of probabilities, that the Hessian goes by. */
const WINDOW_WORK = 3e7
const WINDOW_BYTES = 16 * 2 ** 20

/**
 * The objective of multinomial logistic regression with k classes,
 *
 *   F(a, b) = 1/S sum of s_i (ln(sum of e^z_ic) - z_iy) + l2/2 sum of p_j a_cj^2,   z_c = u a_c + b_c,
 *
 * on u = (x - mean) * scale as in LinearObjective; parameters are k x D coefficients, row-major, and, if they are fitted,
 * k intercepts behind them, free of penalty.
 *
 * Adding one number to all z changes nothing, so F is flat along the intercepts' common direction (and, without a
 * penalty, along that of each column). Gradients have nothing there; the Hessian gets curvature there (a choice of gauge),
 * which leaves Newton's steps as they are as long as the parameters sum to 0 over the classes.
 */
export class SoftmaxObjective implements Objective {
  readonly size: number
  readonly #k: number
  readonly #data: LinearData
  readonly #transform: ColumnTransform
  readonly #l2: number
  readonly #hasIntercepts: boolean
  /** Whether the Hessian stays flat where the loss is. */
  readonly #isFlat: boolean
  /** k x stride float32, and k float32. */
  readonly #w: Pointer
  readonly #b: Pointer

  constructor(
    k: number,
    data: LinearData,
    transform: ColumnTransform,
    { l2, fitIntercept, isFlat = false }: { l2: number; fitIntercept: boolean; isFlat?: boolean },
    work: Workspace,
  ) {
    const { stride, cols } = data.X
    this.#k = k
    this.#data = data
    this.#transform = transform
    this.#l2 = l2
    this.#hasIntercepts = fitIntercept
    this.#isFlat = isFlat
    this.#w = work.floats(k * stride)
    this.#b = work.floats(k)
    this.size = k * (cols + (fitIntercept ? 1 : 0))
  }

  *evaluate(params: Float64Array, grad: Float64Array): Steps<number> {
    const { X, weightSum } = this.#data
    const { mean, scale, penalty } = this.#transform
    const { cols, stride, slabs } = X
    const k = this.#k
    this.#place(params)
    const chunkRows = chunkRowsOf(stride * k)
    const out = yield* sumRows({
      name: 'softmaxPass',
      slabs,
      rows: X.rows,
      chunkRows,
      callRows: rowsOfCall(stride * k, chunkRows),
      length: 2 + k * (2 + stride),
      work: 2 * k * stride,
      scratchBytes: slabs.kernel.kernels.softmaxScratchBytes(k, stride),
      args: (run, sums, scratch) => {
        const [y, s] = [this.#data.targetsAt(run), this.#data.weightsAt(run)]
        return [run.rows, chunkRows, k, run.x, stride, this.#w, this.#b, y, s, sums, scratch]
      },
    })
    for (let c = 0; c < k; c++) {
      const at = 2 + c * (2 + stride)
      const residual = out[at]!
      for (let j = 0; j < cols; j++) {
        const i = c * cols + j
        const slope = (scale[j]! * (out[at + 2 + j]! - mean[j]! * residual)) / weightSum
        grad[i] = slope + this.#l2 * penalty[j]! * params[i]!
      }
      if (this.#hasIntercepts) grad[k * cols + c] = residual / weightSum
    }
    return out[0]! / weightSum + softmaxPenalty(params, k, this.#transform, { l2: this.#l2 })
  }

  /**
   * From one weighted Gram matrix a pair of classes: the block of classes c and d is -U' diag(s p_c p_d) U / S, and a
   * diagonal block is what makes the row of blocks sum to 0.
   */
  *hessian(params: Float64Array, hessian: Float64Array): Steps<void> {
    const { X } = this.#data
    const { stride, slabs } = X
    const k = this.#k
    const chunkRows = chunkRowsOf(stride)
    const length = 2 + stride + stride * stride
    const { kernels, pool } = slabs.kernel
    const windowRows = pool
      ? chunkRows * chunksOfWindow((chunkRows * gramWorkOf(stride)) / pool.threads, chunkRows * k * 4)
      : chunkRows
    using work = new Workspace(slabs.memory)
    const proba = work.bytes(Math.min(windowRows, X.rows) * k * 4)
    const q = work.bytes(Math.min(windowRows, X.rows) * 4)
    const total = new Float64Array(((k * (k - 1)) / 2) * length)
    this.#place(params)
    for (const window of slabs.runs(0, X.rows, windowRows)) {
      const { begin, rows } = window
      yield* mapRows({
        name: 'softmaxForward',
        ...{ slabs, begin, rows, chunkRows, rowBytes: 0, work: k * stride },
        scratchBytes: kernels.softmaxScratchBytes(k, stride),
        calls: (run, _, scratch) => [
          [run.rows, k, run.x, stride, this.#w, this.#b, at(proba, (run.begin - begin) * k * 4), scratch],
        ],
      })
      let pair = 0
      for (let c = 0; c < k; c++) {
        for (let d = c + 1; d < k; d++) {
          this.#curvature(c, d, window, proba, q)
          yield* sumRows({
            name: 'gram',
            ...{ slabs, begin, rows, chunkRows, callRows: gramRowsOf(stride), work: gramWorkOf(stride), length },
            scratchBytes: kernels.gramScratchBytes(stride),
            total: total.subarray(pair, pair + length),
            args: (run, sums, scratch) => [run.rows, run.x, stride, at(q, (run.begin - begin) * 4), sums, scratch],
          })
          pair += length
        }
      }
    }
    this.#assemble(total, length, hessian)
  }

  /** Adding one number to all classes' coefficients of a column changes penalties only. */
  lighten(params: Float64Array, l1: ArrayLike<number>): void {
    const { penalty } = this.#transform
    const cols = penalty.length
    for (let j = 0; j < cols; j++) {
      const ofColumn = Float64Array.from({ length: this.#k }, (_, c) => params[c * cols + j]!)
      const shift = leastPenalty(ofColumn, l1[j]!, this.#l2 * penalty[j]!)
      for (let c = 0; c < this.#k; c++) params[c * cols + j]! -= shift
    }
  }

  /** Writes the kernel's weights for parameters on u, the intercepts for the weights as they are rounded. */
  #place(params: Float64Array): void {
    const { X, kernel } = this.#data
    const { mean, scale } = this.#transform
    const { cols, stride } = X
    const k = this.#k
    const w = kernel.memory.f32(this.#w, k * stride)
    const b = kernel.memory.f32(this.#b, k)
    for (let c = 0; c < k; c++) {
      let intercept = this.#hasIntercepts ? params[k * cols + c]! : 0
      for (let j = 0; j < cols; j++) {
        const at = c * stride + j
        w[at] = params[c * cols + j]! * scale[j]!
        intercept -= w[at]! * mean[j]!
      }
      b[c] = intercept
    }
  }

  /** q = s p_c p_d of a chunk. */
  #curvature(c: number, d: number, { begin, rows }: RowRun, proba: Pointer, q: Pointer): void {
    const k = this.#k
    const { memory } = this.#data.kernel
    const p = memory.f32(proba, rows * k)
    const to = memory.f32(q, rows)
    const s = this.#data.s && memory.f32(this.#data.s, begin + rows)
    for (let i = 0; i < rows; i++) to[i] = p[i * k + c]! * p[i * k + d]! * (s ? s[begin + i]! : 1)
  }

  /** From the pairs' [sum q, -, q'X, X'QX] (upper triangle) to the Hessian in the parameters. */
  #assemble(total: Float64Array, length: number, hessian: Float64Array): void {
    const { size } = this
    const { X, weightSum } = this.#data
    const { mean, scale, penalty } = this.#transform
    const { cols, stride } = X
    const k = this.#k
    const width = cols + (this.#hasIntercepts ? 1 : 0)
    const block = new Float64Array(width * width)
    const place = (c: number, j: number) => (j < cols ? c * cols + j : k * cols + c)
    const add = (c: number, d: number, sign: number) => {
      for (let i = 0; i < width; i++) {
        for (let j = 0; j < width; j++) hessian[place(c, i) * size + place(d, j)]! += sign * block[i * width + j]!
      }
    }
    hessian.fill(0)
    let at = 0
    for (let c = 0; c < k; c++) {
      for (let d = c + 1; d < k; d++) {
        const q = total[at]!
        const h = total.subarray(at + 2, at + 2 + stride)
        const H = total.subarray(at + 2 + stride, at + length)
        for (let i = 0; i < width; i++) {
          for (let j = i; j < width; j++) {
            let value = q
            if (j < cols) value = H[i * stride + j]! - mean[i]! * h[j]! - h[i]! * mean[j]! + q * mean[i]! * mean[j]!
            else if (i < cols) value = h[i]! - mean[i]! * q
            value *= (i < cols ? scale[i]! : 1) * (j < cols ? scale[j]! : 1)
            block[i * width + j] = value / weightSum
            block[j * width + i] = value / weightSum
          }
        }
        add(c, d, -1)
        add(d, c, -1)
        add(c, c, 1)
        add(d, d, 1)
        at += length
      }
    }
    for (let j = 0; j < width; j++) {
      let trace = 0
      for (let c = 0; c < k; c++) trace += hessian[place(c, j) * (size + 1)]!
      for (let c = 0; c < k; c++) {
        // The gauge: curvature of the usual size along the direction that all classes share.
        if (!this.#isFlat) for (let d = 0; d < k; d++) hessian[place(c, j) * size + place(d, j)]! += trace / (k * k)
        if (j === cols) continue
        hessian[place(c, j) * (size + 1)]! += this.#l2 * penalty[j]!
        // A column with a single value has no say; its rows must not make the matrix singular.
        if (scale[j] === 0) hessian[place(c, j) * (size + 1)]! += 1
      }
    }
  }
}

/** Rows of one call of the pass, whole chunks. */
function rowsOfCall(floats: number, chunk: number): number {
  let rows = chunk
  while (rows * 2 * floats * 4 <= CALL_BYTES) rows *= 2
  return rows
}

/** Chunks whose probabilities are kept at a time: enough for a thread to be busy, in 16 MiB. */
function chunksOfWindow(work: number, bytes: number): number {
  let chunks = 1
  while (chunks * work < WINDOW_WORK && 2 * chunks * bytes <= WINDOW_BYTES) chunks *= 2
  return chunks
}
