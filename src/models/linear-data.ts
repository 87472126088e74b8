import type { Steps } from '../core/steps.ts'
import { chunkRowsOf, type Kernel, LOSS, NULL, type Pointer, type RowRun, sumRows, Workspace } from '../kernel/index.ts'
import type { ColumnTransform, LinearParameters } from './columns.ts'
import { type Rows, sumOfWeights } from './samples.ts'

/** Bytes of X that one call into the kernel passes over: a few ms even before the engine has optimised it. */
const CALL_BYTES = 8 * 2 ** 20
/** Bytes of scratch of the losses in float64, for an output: see assembly/kernels/exact-loss.ts. */
export const EXACT_SCRATCH = 128

export type LinearLossName = keyof typeof LOSS

/** What training has to know of a linear loss; its formula is in assembly/losses.ts. */
export interface LinearLoss {
  readonly name: LinearLossName
  /** Its number in the kernel. */
  readonly code: number
  /** The target of the first class; that of the second is 1. */
  readonly negative: 0 | -1
  /** The greatest value of its curvature, which bounds the step of gradient descent; Infinity where it has none. */
  readonly maxCurvature: number
  /** Its value at z = 0 on both targets: what a start from 0 costs. */
  readonly atZero: number
  readonly convex: boolean
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

  constructor(work: Workspace, X: Rows, targets: ArrayLike<number>, weights: Float64Array | undefined) {
    this.X = X
    this.kernel = X.slabs.kernel
    this.y = work.floatsOf(targets)
    this.s = weights ? work.floatsOf(weights) : NULL
    this.weightSum = sumOfWeights(weights, X.rows)
    this.w = work.floats(X.stride + 1)
  }

  /** Rows that one call may take, whole chunks. */
  get callRows(): number {
    let rows = chunkRowsOf(this.X.stride)
    while (rows * 2 * this.X.stride * 4 <= CALL_BYTES) rows *= 2
    return rows
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
  const { stride, slabs, rows } = data.X
  const chunkRows = chunkRowsOf(stride)
  const sums = yield* sumRows({
    name: 'linearLoss',
    ...{ slabs, rows, chunkRows, callRows: chunkRows, length: 1, work: 2 * stride, scratchBytes: EXACT_SCRATCH },
    args: (run, out, scratch) => {
      const [y, s] = [data.targetsAt(run), data.weightsAt(run)]
      return [loss.code, run.rows, run.x, stride, w, y, s, out, scratch, intercept]
    },
  })
  return sums[0]!
}

/** The mean of weighted losses of all rows at parameters in original units, in float64. */
export function* meanLoss(loss: LinearLoss, data: LinearData, { coef, intercept }: LinearParameters): Steps<number> {
  const stored = coef.reduce((sum, c, k) => sum + c * data.X.shift[k]!, intercept)
  return (yield* exactLoss(loss, data, coef, stored)) / data.weightSum
}

/**
 * The losses of binary linear models. Margins are the business of hinge losses, targets -1 and +1. Squared error has
 * them too, as in scikit-learn's RidgeClassifier, so that z = 0 is the border of every model: with targets 0 and 1
 * coefficients would be half as large, the border at z = 1/2 and the predictions the same.
 */
export const linearLosses: Readonly<Record<LinearLossName, LinearLoss>> = {
  logistic: lossOf('logistic', 0, 0.25, Math.LN2),
  squaredError: lossOf('squaredError', -1, 1, 0.5),
  // The curvature is greatest at p = (15 - sqrt 33) / 24 on target 0: 0.0771. It is negative in places.
  squaredErrorLogistic: { ...lossOf('squaredErrorLogistic', 0, 0.0771, 0.125), convex: false },
  hinge: lossOf('hinge', -1, Number.POSITIVE_INFINITY, 1),
  squaredHinge: lossOf('squaredHinge', -1, 2, 1),
}

function lossOf(name: LinearLossName, negative: 0 | -1, maxCurvature: number, atZero: number): LinearLoss {
  return { name, code: LOSS[name], negative, maxCurvature, atZero, convex: true }
}

/** Logistic cross-entropy, targets 0 and 1. */
export const logisticLoss: LinearLoss = linearLosses.logistic

/** The targets of class codes 0 and 1. */
export function targetsOf({ negative }: LinearLoss, codes: Int32Array): Int32Array {
  return negative === 0 ? codes : codes.map((code) => (code === 0 ? negative : 1))
}
