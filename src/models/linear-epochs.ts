import { Random } from '../core/random.ts'
import type { Steps } from '../core/steps.ts'
import { at, NULL, OPTIMIZER, type Pointer, slabTable, type Workspace } from '../kernel/index.ts'
import type { EpochResult, EpochRunner } from '../optim/index.ts'
import { absoluteSum, type ColumnTransform, penaltyOf } from './columns.ts'
import type { LinearData, LinearLoss } from './linear-data.ts'
import { RowOrder } from './row-order.ts'

/** What one call into the kernel takes batches of: so many bytes of X, and rows, as each may have to come from afar. */
const CALL_BYTES = 4 * 2 ** 20
const CALL_ROWS = 2 ** 16

export type Optimizer = keyof typeof OPTIMIZER

/** What an optimiser remembers from step to step: averages of gradients; of their squares, or what l1 is owed; powers of their rates. */
export interface OptimizerState {
  readonly m: Float32Array
  readonly v: Float32Array
  readonly powers: readonly [number, number]
}

/** float64 of an optimiser's settings, and float32 behind them; see assembly/kernels/update.ts. */
const SETTINGS = 7
const SETTINGS_BYTES = SETTINGS * 8 + 32

/** Options of mini-batch training. */
export interface EpochOptions {
  optimizer: Optimizer
  batchSize: number
  l1: number
  l2: number
  fitIntercept: boolean
  seed: number
  /** Share of the last step that momentum and Nesterov keep, and of the average that Adam does. Default 0.9. */
  momentum?: number | undefined
  /** The same of Adam's average of squares. Default 0.999. */
  beta2?: number | undefined
  /** What Adam divides by at least. Default 1e-8. */
  epsilon?: number | undefined
  /** Where an earlier run with the same optimiser was. */
  state?: OptimizerState | undefined
  /** The rows to learn from, whose weights are those of the data. Default: all. */
  train?: Uint32Array | undefined
}

/**
 * Mini-batch SGD on the parameters of u = (x - mean) * scale (see LinearObjective), a whole epoch inside the kernel in
 * slices. The kernel keeps the weights of the raw columns, w = a * scale, and the intercept of the centered ones.
 *
 * Plain SGD adds residuals straight into w. Where a gradient has to be kept, for other optimisers and the proximal steps of
 * an l1 penalty, the kernel's parameters are a itself, and the weights of rows are relative to their mean.
 */
export class LinearEpochs implements EpochRunner {
  readonly #loss: LinearLoss
  readonly #data: LinearData
  readonly #transform: ColumnTransform
  readonly #options: EpochOptions
  readonly #memory: Workspace['memory']
  readonly #order: RowOrder
  /** Rows of an epoch. */
  readonly #rows: number
  readonly #call: { slabs: Pointer; scale: Pointer; mean: Pointer; out: Pointer; scratch: Pointer }
  /** Where a gradient is kept. */
  readonly #kept: { s: Pointer; m: Pointer; v: Pointer; settings: Pointer } | undefined

  /** `params`: D coefficients on u and the intercept, to start from. */
  constructor(
    loss: LinearLoss,
    data: LinearData,
    transform: ColumnTransform,
    options: EpochOptions,
    params: Float64Array,
    work: Workspace,
  ) {
    const { X, kernel } = data
    this.#loss = loss
    this.#data = data
    this.#transform = transform
    this.#options = options
    this.#memory = kernel.memory
    this.#rows = options.train?.length ?? X.rows
    const random = work.bytes(16)
    this.#memory.u32(random, 4).set(new Random(options.seed).state)
    this.#order = new RowOrder(kernel, X, random, work, options.train)
    const table = work.adopt(slabTable(X.slabs))
    const scale = work.floats(X.stride)
    const mean = transform.mean.some((m) => m !== 0) ? work.floats(X.stride) : NULL
    const { batchSize, optimizer, l1 } = options
    const isKept = optimizer !== 'sgd' || l1 > 0
    const scratch = work.bytes(
      isKept
        ? kernel.kernels.optimizerScratchBytes(batchSize, X.stride)
        : kernel.kernels.epochScratchBytes(batchSize, X.stride),
    )
    this.#call = { slabs: table, scale, mean, out: work.doubles(1), scratch }
    this.#kept = isKept ? this.#keep(work) : undefined

    this.#memory.f32(scale, X.cols).set(isKept ? transform.scale : transform.scale.map((s) => s * s))
    if (mean !== NULL) this.#memory.f32(mean, X.cols).set(transform.mean)
    const w = this.#memory.f32(data.w, X.stride + 1)
    for (let k = 0; k < X.cols; k++) w[k] = params[k]! * (isKept ? 1 : transform.scale[k]!)
    w[X.stride] = params[X.cols] ?? 0
  }

  /** Room for the optimiser: its state and settings, and relative weights. */
  #keep(work: Workspace): { s: Pointer; m: Pointer; v: Pointer; settings: Pointer } {
    const { X, s, weightSum } = this.#data
    const { optimizer, momentum = 0.9, beta2 = 0.999, epsilon = 1e-8, l2, state } = this.#options
    const weights = s === NULL ? NULL : work.floats(X.rows)
    if (weights !== NULL) {
      const factor = this.#rows / weightSum
      const given = this.#memory.f32(s, X.rows)
      this.#memory.f32(weights, X.rows).set(given.map((weight) => weight * factor))
    }
    const [m, v] = [work.floats(X.stride + 4), work.floats(2 * X.stride)]
    if (state) {
      this.#memory.f32(m, X.stride + 1).set(state.m)
      this.#memory.f32(v, 2 * X.stride).set(state.v)
    }
    const settings = work.bytes(SETTINGS_BYTES)
    const decay = optimizer === 'adamw' ? l2 : 0
    const [first, second] = state?.powers ?? [1, 1]
    this.#memory.f64(settings, SETTINGS).set([0, momentum, beta2, epsilon, decay, first, second])
    return { s: weights, m, v, settings }
  }

  /** What the optimiser remembers, a copy; undefined where it remembers nothing. */
  state(): OptimizerState | undefined {
    if (!this.#kept) return undefined
    const { m, v, settings } = this.#kept
    const { stride } = this.#data.X
    const [first, second] = this.#memory.f64(settings, SETTINGS).slice(5)
    return {
      m: this.#memory.f32(m, stride + 1).slice(),
      v: this.#memory.f32(v, 2 * stride).slice(),
      powers: [first!, second!],
    }
  }

  /** The parameters now. */
  params(): Float64Array {
    const { X } = this.#data
    const { scale } = this.#transform
    const w = this.#memory.f32(this.#data.w, X.stride + 1)
    const params = new Float64Array(X.cols + 1)
    for (let k = 0; k < X.cols; k++) params[k] = scale[k] === 0 ? 0 : w[k]! / (this.#kept ? 1 : scale[k]!)
    params[X.cols] = w[X.stride]!
    return params
  }

  *epoch({ learningRate }: { learningRate: number }): Steps<EpochResult> {
    const { X, weightSum } = this.#data
    const { batchSize, l1, l2 } = this.#options
    yield* this.#order.draw()
    this.#memory.f64(this.#call.out, 1)[0] = 0
    const most = Math.min(CALL_ROWS, CALL_BYTES / (X.stride * 4))
    const rowsAtOnce = Math.max(1, Math.floor(most / batchSize)) * batchSize
    for (let begin = 0; begin < this.#rows; begin += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, this.#rows - begin)
      const index = at(this.#order.index, begin * 4)
      if (this.#kept) this.#keptBatches(rows, index, learningRate)
      else this.#batches(rows, index, learningRate)
      yield
    }
    const params = this.params()
    const penalty = penaltyOf(params, this.#transform, l2) + (l1 > 0 ? l1 * absoluteSum(params, this.#transform) : 0)
    return { loss: this.#memory.f64(this.#call.out, 1)[0]! / (this.#kept ? this.#rows : weightSum) + penalty }
  }

  #batches(rows: number, index: Pointer, learningRate: number): void {
    const { kernel, X, y, s, w, weightSum } = this.#data
    const { batchSize, l2, fitIntercept } = this.#options
    const { slabs, scale, mean, out, scratch } = this.#call
    kernel.kernels.sgdEpoch(
      this.#loss.code,
      rows,
      batchSize,
      slabs,
      X.slabs.shift,
      X.stride,
      index,
      y,
      s,
      scale,
      mean,
      w,
      out,
      scratch,
      // Weights count relative to their mean, so that scaling them all changes nothing.
      (learningRate * this.#rows) / weightSum,
      (l2 * weightSum) / this.#rows,
      fitIntercept,
    )
  }

  #keptBatches(rows: number, index: Pointer, learningRate: number): void {
    const { kernel, X, y, w } = this.#data
    const { optimizer, batchSize, momentum = 0.9, l1, l2, fitIntercept } = this.#options
    const { slabs, scale, mean, out, scratch } = this.#call
    const { s, m, v, settings } = this.#kept!
    this.#memory.f64(settings, 1)[0] = learningRate
    kernel.kernels.optimizerEpoch(
      this.#loss.code,
      OPTIMIZER[optimizer],
      rows,
      batchSize,
      slabs,
      X.slabs.shift,
      X.stride,
      index,
      y,
      s,
      scale,
      mean,
      w,
      m,
      v,
      settings,
      out,
      scratch,
      optimizer === 'adamw' ? 0 : l2,
      // A gradient that stays is worth 1 / (1 - momentum) steps in the end: the proximal step must keep up with it.
      optimizer === 'sgd' ? l1 : l1 / (1 - momentum),
      fitIntercept,
    )
  }
}
