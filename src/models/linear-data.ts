import type { Steps } from '../core/steps.ts'
import { chunkRowsOf, type Kernel, LOSS, NULL, type Pointer, type RowRun, Workspace } from '../kernel/index.ts'
import type { ColumnTransform, LinearParameters } from './columns.ts'
import { type Rows, sumOfWeights } from './samples.ts'

/** Bytes of X that one call into the kernel passes over: a few ms even before the engine has optimised it. */
const CALL_BYTES = 8 * 2 ** 20

/** What a linear loss is to the kernel. */
export interface LinearLoss {
  pass(k: Kernel, data: LinearData, run: RowRun, out: Pointer, intercept: number): void
  hessian(k: Kernel, data: LinearData, run: RowRun, out: Pointer, scratch: Pointer, intercept: number): void
  /** The sum of weighted losses with everything after X in float64. */
  loss(k: Kernel, data: LinearData, run: RowRun, w: Pointer, intercept: number): number
  epoch(k: Kernel, data: LinearData, epoch: EpochCall): void
  /** The greatest value of its curvature, which bounds the step of gradient descent. */
  readonly maxCurvature: number
}

/** Arguments of a stretch of mini-batches; see assembly/kernels/epoch.ts. */
export interface EpochCall {
  rows: number
  batchSize: number
  slabs: Pointer
  index: Pointer
  scale: Pointer
  mean: Pointer
  w: Pointer
  out: Pointer
  scratch: Pointer
  learningRate: number
  l2: number
  fitIntercept: boolean
}

/**
 * The rows a fit passes over, in kernel memory: X where it is, targets and weights copied in, and room for parameters
 * and results. Lives as long as its Workspace.
 */
export class LinearData {
  readonly X: Rows
  readonly kernel: Kernel
  /** nSamples float32. */
  readonly y: Pointer
  /** nSamples float32, or NULL where every weight is 1. */
  readonly s: Pointer
  /** Sum of the weights. */
  readonly weightSum: number
  /** stride float32 and one more: the parameters as the kernel takes them. */
  readonly w: Pointer
  readonly scratch: Pointer

  constructor(work: Workspace, X: Rows, targets: ArrayLike<number>, weights: Float64Array | undefined) {
    this.X = X
    this.kernel = X.slabs.kernel
    this.y = work.floatsOf(targets)
    this.s = weights ? work.floatsOf(weights) : NULL
    this.weightSum = sumOfWeights(weights, X.rows)
    this.w = work.floats(X.stride + 1)
    this.scratch = work.bytes(this.kernel.kernels.linearScratchBytes(X.stride))
  }

  /** Rows in runs that one call may take, whole chunks each. */
  runs(): Generator<RowRun> {
    const chunk = chunkRowsOf(this.X.stride)
    let rows = chunk
    while (rows * 2 * this.X.stride * 4 <= CALL_BYTES) rows *= 2
    return this.X.slabs.runs(0, this.X.rows, rows)
  }

  targetsAt(run: RowRun): Pointer {
    return (this.y + run.begin * 4) as Pointer
  }

  weightsAt(run: RowRun): Pointer {
    return this.s === NULL ? NULL : ((this.s + run.begin * 4) as Pointer)
  }

  /**
   * Writes the kernel's weights for parameters on u = (x - mean) * scale; returns its intercept. Both are rounded to
   * float32, the intercept last, so that z is that of the rounded weights.
   */
  place(params: Float64Array, { mean, scale }: ColumnTransform): number {
    const w = this.X.slabs.memory.f32(this.w, scale.length)
    let intercept = params[scale.length] ?? 0
    for (let k = 0; k < scale.length; k++) {
      w[k] = params[k]! * scale[k]!
      intercept -= w[k]! * mean[k]!
    }
    return intercept
  }
}

/** The sum of weighted losses of all rows at coefficients on the stored columns, in float64. */
function* exactLoss(loss: LinearLoss, data: LinearData, coef: Float64Array, intercept: number): Steps<number> {
  using work = new Workspace(data.X.slabs.memory)
  const w = work.doubles(data.X.stride)
  data.X.slabs.memory.f64(w, coef.length).set(coef)
  let total = 0
  for (const run of data.runs()) {
    total += loss.loss(data.kernel, data, run, w, intercept)
    yield
  }
  return total
}

/** The mean of weighted losses of all rows at parameters in original units, in float64. */
export function* meanLoss(loss: LinearLoss, data: LinearData, { coef, intercept }: LinearParameters): Steps<number> {
  const stored = coef.reduce((sum, c, k) => sum + c * data.X.shift[k]!, intercept)
  return (yield* exactLoss(loss, data, coef, stored)) / data.weightSum
}

/** Logistic cross-entropy, targets 0 and 1. */
export const logisticLoss: LinearLoss = {
  pass({ kernels }, data, run, out, intercept) {
    const { stride } = data.X
    const [y, s] = [data.targetsAt(run), data.weightsAt(run)]
    kernels.linearPass(
      LOSS.logistic,
      run.rows,
      chunkRowsOf(stride),
      run.x,
      stride,
      data.w,
      y,
      s,
      out,
      data.scratch,
      intercept,
    )
  },
  hessian({ kernels }, data, run, out, scratch, intercept) {
    const [y, s] = [data.targetsAt(run), data.weightsAt(run)]
    kernels.linearHessian(LOSS.logistic, run.rows, run.x, data.X.stride, data.w, y, s, out, scratch, intercept)
  },
  loss({ kernels }, data, run, w, intercept) {
    const [y, s] = [data.targetsAt(run), data.weightsAt(run)]
    return kernels.linearLoss(LOSS.logistic, run.rows, run.x, data.X.stride, w, y, s, intercept)
  },
  epoch({ kernels }, { X, y, s }, e) {
    kernels.sgdEpoch(
      LOSS.logistic,
      e.rows,
      e.batchSize,
      e.slabs,
      X.slabs.shift,
      X.stride,
      e.index,
      y,
      s,
      e.scale,
      e.mean,
      e.w,
      e.out,
      e.scratch,
      e.learningRate,
      e.l2,
      e.fitIntercept,
    )
  },
  maxCurvature: 0.25,
}
