import type { Steps } from '../core/steps.ts'
import { chunkRowsOf, type Pointer, Workspace } from '../kernel/index.ts'
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
  readonly #work: Workspace
  /** [loss, sum of r, X'r], float64 */
  readonly #out: Pointer

  constructor(
    loss: LinearLoss,
    data: LinearData,
    transform: ColumnTransform,
    { l2, fitIntercept }: { l2: number; fitIntercept: boolean },
    work: Workspace,
  ) {
    this.#loss = loss
    this.#data = data
    this.#transform = transform
    this.#l2 = l2
    this.#work = work
    this.#out = work.doubles(2 + data.X.stride)
    this.size = data.X.cols + (fitIntercept ? 1 : 0)
  }

  *evaluate(params: Float64Array, grad: Float64Array): Steps<number> {
    const { kernel, X, weightSum } = this.#data
    const { mean, scale, penalty, interceptPenalty } = this.#transform
    const intercept = this.#data.place(params, this.#transform)
    const length = 2 + X.stride
    kernel.memory.f64(this.#out, length).fill(0)
    for (const run of this.#data.runs()) {
      const [y, s] = [this.#data.targetsAt(run), this.#data.weightsAt(run)]
      kernel.kernels.linearPass(
        this.#loss.code,
        run.rows,
        chunkRowsOf(X.stride),
        run.x,
        X.stride,
        this.#data.w,
        y,
        s,
        this.#out,
        this.#data.scratch,
        intercept,
      )
      yield
    }
    const out = kernel.memory.f64(this.#out, length)
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
    const { kernel, X } = this.#data
    using work = new Workspace(this.#work.memory)
    const length = 2 + X.stride + X.stride * X.stride
    const partial = work.doubles(length)
    const scratch = work.bytes(kernel.kernels.hessianScratchBytes(X.stride))
    const total = new Float64Array(length)
    const intercept = this.#data.place(params, this.#transform)
    for (const chunk of X.slabs.runs(0, X.rows, chunkRowsOf(X.stride))) {
      kernel.memory.f64(partial, length).fill(0)
      for (const run of X.slabs.runs(chunk.begin, chunk.begin + chunk.rows, hessianRows(X.stride))) {
        const [y, s] = [this.#data.targetsAt(run), this.#data.weightsAt(run)]
        const { code } = this.#loss
        kernel.kernels.linearHessian(code, run.rows, run.x, X.stride, this.#data.w, y, s, partial, scratch, intercept)
        yield
      }
      const sums = kernel.memory.f64(partial, length)
      for (let k = 0; k < length; k++) total[k]! += sums[k]!
    }
    this.#transformHessian(total, hessian)
  }

  /** From [sum q, -, q'X, X'QX] (upper triangle) to the Hessian in the parameters. */
  #transformHessian(sums: Float64Array, hessian: Float64Array): void {
    const { size } = this
    const { X, weightSum } = this.#data
    const { mean, scale, penalty, interceptPenalty } = this.#transform
    const total = sums[0]!
    const h = sums.subarray(2, 2 + X.stride)
    const H = sums.subarray(2 + X.stride)
    for (let i = 0; i < X.cols; i++) {
      for (let j = i; j < X.cols; j++) {
        const centered = H[i * X.stride + j]! - mean[i]! * h[j]! - h[i]! * mean[j]! + total * mean[i]! * mean[j]!
        const value = (scale[i]! * scale[j]! * centered) / weightSum
        hessian[i * size + j] = value
        hessian[j * size + i] = value
      }
      hessian[i * size + i]! += this.#l2 * penalty[i]!
      // A column with a single value has no say; its row must not make the matrix singular.
      if (scale[i] === 0) hessian[i * size + i]! += 1
      if (size > X.cols) {
        const cross = (scale[i]! * (h[i]! - mean[i]! * total)) / weightSum
        hessian[i * size + X.cols] = cross
        hessian[X.cols * size + i] = cross
      }
    }
    if (size > X.cols) hessian[size * size - 1] = total / weightSum + this.#l2 * interceptPenalty
  }
}

/** Rows of one call for the Hessian, whole blocks of 256, so that it lasts a few ms: about rows * stride^2 multiply-adds. */
function hessianRows(stride: number): number {
  let rows = 256
  while (2 * rows * stride * stride <= 1e8 && rows < chunkRowsOf(stride)) rows *= 2
  return rows
}
