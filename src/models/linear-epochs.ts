import { Random } from '../core/random.ts'
import type { Steps } from '../core/steps.ts'
import { NULL, type Pointer, slabTable, type Workspace } from '../kernel/index.ts'
import type { EpochResult, EpochRunner } from '../optim/index.ts'
import { type ColumnTransform, penaltyOf } from './columns.ts'
import type { LinearData, LinearLoss } from './linear-data.ts'

/** What one call into the kernel takes batches of: so many bytes of X, and rows, as each may have to come from afar. */
const CALL_BYTES = 4 * 2 ** 20
const CALL_ROWS = 2 ** 16
/** Rows that one call puts into their random place. */
const SHUFFLE_ROWS = 2 ** 17

/** Options of mini-batch training. */
export interface EpochOptions {
  batchSize: number
  l2: number
  fitIntercept: boolean
  seed: number
}

/**
 * Mini-batch SGD on the parameters of u = (x - mean) * scale (see LinearObjective), a whole epoch inside the kernel in
 * slices. The kernel keeps the weights of the raw columns, w = a * scale, and the intercept of the centered ones.
 */
export class LinearEpochs implements EpochRunner {
  readonly #loss: LinearLoss
  readonly #data: LinearData
  readonly #transform: ColumnTransform
  readonly #options: EpochOptions
  readonly #memory: Workspace['memory']
  readonly #index: Pointer
  readonly #state: Pointer
  readonly #call: { slabs: Pointer; scale: Pointer; mean: Pointer; out: Pointer; scratch: Pointer }

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
    this.#index = work.bytes(X.rows * 4)
    this.#state = work.bytes(16)
    const table = work.adopt(slabTable(X.slabs))
    const scale = work.floats(X.stride)
    const mean = transform.mean.some((m) => m !== 0) ? work.floats(X.stride) : NULL
    const scratch = work.bytes(kernel.kernels.epochScratchBytes(options.batchSize))
    this.#call = { slabs: table, scale, mean, out: work.doubles(1), scratch }

    this.#memory.f32(scale, X.cols).set(transform.scale.map((s) => s * s))
    if (mean !== NULL) this.#memory.f32(mean, X.cols).set(transform.mean)
    const w = this.#memory.f32(data.w, X.stride + 1)
    for (let k = 0; k < X.cols; k++) w[k] = params[k]! * transform.scale[k]!
    w[X.stride] = params[X.cols] ?? 0
    const index = this.#memory.u32(this.#index, X.rows)
    for (let i = 0; i < X.rows; i++) index[i] = i
    this.#memory.u32(this.#state, 4).set(new Random(options.seed).state)
  }

  /** The parameters now. */
  params(): Float64Array {
    const { X } = this.#data
    const { scale } = this.#transform
    const w = this.#memory.f32(this.#data.w, X.stride + 1)
    const params = new Float64Array(X.cols + 1)
    for (let k = 0; k < X.cols; k++) params[k] = scale[k] === 0 ? 0 : w[k]! / scale[k]!
    params[X.cols] = w[X.stride]!
    return params
  }

  *epoch({ learningRate }: { learningRate: number }): Steps<EpochResult> {
    const { kernel, X, weightSum } = this.#data
    const { batchSize, l2, fitIntercept } = this.#options
    yield* this.#shuffle()
    this.#memory.f64(this.#call.out, 1)[0] = 0
    // Weights count relative to their mean, so that scaling them all changes nothing.
    const rate = (learningRate * X.rows) / weightSum
    const most = Math.min(CALL_ROWS, CALL_BYTES / (X.stride * 4))
    const rowsAtOnce = Math.max(1, Math.floor(most / batchSize)) * batchSize
    for (let begin = 0; begin < X.rows; begin += rowsAtOnce) {
      this.#loss.epoch(kernel, this.#data, {
        ...this.#call,
        rows: Math.min(rowsAtOnce, X.rows - begin),
        batchSize,
        index: (this.#index + begin * 4) as Pointer,
        w: this.#data.w,
        learningRate: rate,
        l2: (l2 * weightSum) / X.rows,
        fitIntercept,
      })
      yield
    }
    const penalty = penaltyOf(this.params(), this.#transform, l2)
    return { loss: this.#memory.f64(this.#call.out, 1)[0]! / weightSum + penalty }
  }

  *#shuffle(): Steps<void> {
    const { kernel, X } = this.#data
    for (let left = X.rows; left > 0; left -= SHUFFLE_ROWS) {
      kernel.kernels.shuffle(left, Math.max(0, left - SHUFFLE_ROWS), this.#index, this.#state)
      yield
    }
  }
}
