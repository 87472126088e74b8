import type { Steps } from '../core/steps.ts'
import { blockRows, chunkRowsOf, streamsOf, sumRows } from '../kernel/index.ts'
import type { Objective } from '../optim/index.ts'
import { type ColumnTransform, penaltyOf } from './columns.ts'
import type { LinearData, LinearLoss } from './linear-data.ts'

/**
 * The objective of a linear model,
 *
 *   F(a, b) = 1/S sum of s_i l(z_i, y_i) + l2/2 sum of p_k a_k^2,   z = u a + b,   u = (x - mean) * scale,   S = sum of s_i,
 *
 * with D coefficients a and, if it is fitted, an intercept b, the last parameter, free of penalty unless the transform
 * says otherwise (liblinear's form). X is left as it is:
 * the kernel sees w = a * scale and c = b - w mean, and its sums over x are turned into sums over u,
 *
 *   dF/da = scale * (X'r - mean sum(r)) / S + l2 p a
 *   H_aa  = scale scale' * (X'QX - mean (q'X) - (X'q) mean' + sum(q) mean mean') / S + l2 p.
 */
export class LinearObjective implements Objective {
  readonly size: number
  readonly #loss: LinearLoss
  readonly #data: LinearData
  readonly #transform: ColumnTransform
  readonly #l2: number

  constructor(
    loss: LinearLoss,
    data: LinearData,
    transform: ColumnTransform,
    { l2, fitIntercept }: { l2: number; fitIntercept: boolean },
  ) {
    this.#loss = loss
    this.#data = data
    this.#transform = transform
    this.#l2 = l2
    this.size = data.X.cols + (fitIntercept ? 1 : 0)
  }

  *evaluate(params: Float64Array, grad: Float64Array): Steps<number> {
    const { X, weightSum, w } = this.#data
    const { mean, scale, penalty, interceptPenalty } = this.#transform
    const intercept = this.#data.place(params, this.#transform)
    const { stride, slabs } = X
    const chunkRows = chunkRowsOf(stride)
    const streams = streamsOf(X.rows, stride)
    const out = yield* sumRows({
      name: 'linearPass',
      slabs,
      rows: X.rows,
      chunkRows,
      callRows: this.#data.callRows,
      length: 2 + stride,
      work: 2 * stride,
      scratchBytes: slabs.kernel.kernels.linearScratchBytes(stride),
      args: (run, sums, scratch) => {
        const [y, s] = [this.#data.targetsAt(run), this.#data.weightsAt(run)]
        return [this.#loss.code, run.rows, chunkRows, run.x, stride, w, y, s, sums, scratch, intercept, streams]
      },
    })
    const residual = out[1]!
    for (let k = 0; k < X.cols; k++) {
      grad[k] = (scale[k]! * (out[2 + k]! - mean[k]! * residual)) / weightSum + this.#l2 * penalty[k]! * params[k]!
    }
    if (this.size > X.cols) {
      grad[X.cols] = residual / weightSum
      if (interceptPenalty) grad[X.cols]! += this.#l2 * interceptPenalty * params[X.cols]!
    }
    return out[0]! / weightSum + penaltyOf(params, this.#transform, this.#l2)
  }

  *hessian(params: Float64Array, hessian: Float64Array): Steps<void> {
    const { X, w } = this.#data
    const { stride, slabs } = X
    const intercept = this.#data.place(params, this.#transform)
    const total = yield* sumRows({
      name: 'linearHessian',
      slabs,
      rows: X.rows,
      chunkRows: chunkRowsOf(stride),
      callRows: gramRowsOf(stride),
      length: 2 + stride + stride * stride,
      work: gramWorkOf(stride),
      scratchBytes: slabs.kernel.kernels.hessianScratchBytes(stride),
      args: (run, sums, scratch) => {
        const [y, s] = [this.#data.targetsAt(run), this.#data.weightsAt(run)]
        return [this.#loss.code, run.rows, run.x, stride, w, y, s, sums, scratch, intercept]
      },
    })
    this.#finishHessian(total, hessian)
  }

  #finishHessian(sums: Float64Array, hessian: Float64Array): void {
    const { size } = this
    const { X, weightSum } = this.#data
    const { scale, penalty, interceptPenalty } = this.#transform
    transformGram(sums, X, this.#transform, size, hessian)
    for (let i = 0; i < size * size; i++) hessian[i]! /= weightSum
    for (let i = 0; i < X.cols; i++) {
      hessian[i * size + i]! += this.#l2 * penalty[i]!
      // A column with a single value has no say; its row must not make the matrix singular.
      if (scale[i] === 0) hessian[i * size + i]! += 1
    }
    if (size > X.cols) hessian[size * size - 1]! += this.#l2 * interceptPenalty
  }
}

/**
 * Writes the sum over rows of q (u, 1) (u, 1)', u = (x - mean) * scale, into `out`, size x size, from the kernel's
 * [sum q, -, q'X, X'QX] (upper triangle). A size of as many as there are columns: without the 1.
 */
export function transformGram(
  sums: Float64Array,
  { cols, stride }: { readonly cols: number; readonly stride: number },
  { mean, scale }: Pick<ColumnTransform, 'mean' | 'scale'>,
  size: number,
  out: Float64Array,
): void {
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

/** Rows of one call for a Gram matrix, whole blocks of 256, so that it lasts a few ms: about rows * stride^2 multiply-adds. */
export function gramRowsOf(stride: number): number {
  let rows = 256
  while (2 * rows * stride * stride <= 1e8 && rows < chunkRowsOf(stride)) rows *= 2
  return rows
}

/** About the bytes that a Hessian takes in kernel memory: its numbers, and a block of rows times their curvature. */
export function hessianBytes(stride: number): number {
  return 8 * (stride * stride + stride) + 4 * (blockRows + 20) * stride + 2 ** 14
}

/** Multiply-adds of a row: half of the square, and the sums. */
export function gramWorkOf(stride: number): number {
  return (stride * stride) / 2 + 2 * stride
}
