import { Random } from '../core/random.ts'
import type { Steps } from '../core/steps.ts'
import { at, NULL, type Pointer, slabTable, type Workspace } from '../kernel/index.ts'
import type { EpochResult, EpochRunner } from '../optim/index.ts'
import type { ColumnTransform } from './columns.ts'
import type { LinearData } from './linear-data.ts'
import { RowOrder } from './row-order.ts'
import { softmaxPenalty } from './softmax-columns.ts'

/** What one call into the kernel takes batches of: so many multiply-adds (rows x columns x classes), and rows. */
const CALL_PRODUCTS = 2 ** 22
const CALL_ROWS = 2 ** 16

/** Plain steps (assembly/kernels/update.ts), and no hidden layer to activate. */
const SGD = 0
const NO_ACTIVATION = 0
/** Float64 of settings, and room for 8 float32 behind them. */
const SETTINGS = 7 + 4

/** Options of mini-batch training. */
interface EpochOptions {
  batchSize: number
  l2: number
  fitIntercept: boolean
  seed: number
  /** The rows to draw mini-batches from; default all. */
  train?: Uint32Array | undefined
}

/**
 * Mini-batch SGD of multinomial logistic regression: a network of one layer (assembly/kernels/mlp.ts) on
 * u = (x - mean) * scale, a whole epoch inside the kernel in slices. Parameters as in SoftmaxObjective, with intercepts.
 */
export class SoftmaxEpochs implements EpochRunner {
  readonly #k: number
  readonly #data: LinearData
  readonly #transform: ColumnTransform
  readonly #options: EpochOptions
  /** Rows of an epoch. */
  readonly #rows: number
  readonly #order: RowOrder
  readonly #at: Record<
    'sizes' | 'slabs' | 'mean' | 'scale' | 'params' | 'grads' | 'settings' | 'out' | 'scratch',
    Pointer
  >

  constructor(
    k: number,
    data: LinearData,
    transform: ColumnTransform,
    options: EpochOptions,
    params: Float64Array,
    work: Workspace,
  ) {
    const { X, kernel } = data
    const { memory } = kernel
    this.#k = k
    this.#data = data
    this.#transform = transform
    this.#options = options
    const size = k * (X.cols + 1)
    this.#rows = options.train?.length ?? X.rows
    const batch = Math.min(options.batchSize, this.#rows)
    const random = work.bytes(16)
    memory.u32(random, 4).set(new Random(options.seed).state)
    this.#order = new RowOrder(kernel, X, random, work, options.train)
    const sizes = work.bytes(8)
    memory.u32(sizes, 2).set([X.cols, k])
    this.#at = {
      sizes,
      slabs: work.adopt(slabTable(X.slabs)),
      mean: work.floats(X.stride),
      scale: work.floats(X.stride),
      params: work.floats(size),
      grads: work.floats(size),
      settings: work.doubles(SETTINGS),
      out: work.doubles(1),
      scratch: work.bytes(kernel.kernels.mlpScratchBytes(batch, X.stride, 1, sizes)),
    }
    memory.f32(this.#at.mean, X.cols).set(transform.mean)
    memory.f32(this.#at.scale, X.cols).set(transform.scale)
    // The kernel has a row for each column, a column for each class.
    const placed = memory.f32(this.#at.params, size)
    for (let c = 0; c < k; c++) for (let j = 0; j < X.cols; j++) placed[j * k + c] = params[c * X.cols + j]!
    if (options.fitIntercept) placed.set(params.subarray(k * X.cols), k * X.cols)
  }

  /** The parameters now. */
  params(): Float64Array {
    const { cols } = this.#data.X
    const k = this.#k
    const placed = this.#data.kernel.memory.f32(this.#at.params, k * (cols + 1))
    const params = new Float64Array(k * (cols + 1))
    for (let c = 0; c < k; c++) for (let j = 0; j < cols; j++) params[c * cols + j] = placed[j * k + c]!
    params.set(placed.subarray(k * cols), k * cols)
    return params
  }

  *epoch({ learningRate }: { learningRate: number }): Steps<EpochResult> {
    const { kernel, X, weightSum } = this.#data
    const { batchSize, l2, fitIntercept } = this.#options
    const { memory } = kernel
    yield* this.#order.draw()
    memory.f64(this.#at.out, 1)[0] = 0
    // Weights count relative to their mean, so that scaling them all changes nothing.
    memory.f64(this.#at.settings, 1)[0] = (learningRate * this.#rows) / weightSum
    const most = Math.min(CALL_ROWS, CALL_PRODUCTS / (X.stride * this.#k))
    // Without intercepts, what a step made of them is taken back before the next.
    const rowsAtOnce = fitIntercept ? Math.max(1, Math.floor(most / batchSize)) * batchSize : batchSize
    for (let begin = 0; begin < this.#rows; begin += rowsAtOnce) {
      this.#batches(begin, Math.min(rowsAtOnce, this.#rows - begin), (l2 * weightSum) / this.#rows)
      if (!fitIntercept) memory.f32(this.#at.params, this.#k * (X.cols + 1)).fill(0, this.#k * X.cols)
      yield
    }
    const penalty = softmaxPenalty(this.params(), this.#k, this.#transform, { l2 })
    return { loss: memory.f64(this.#at.out, 1)[0]! / weightSum + penalty }
  }

  #batches(begin: number, rows: number, l2: number): void {
    const { kernel, X, y, s } = this.#data
    const { sizes, slabs, mean, scale, params, grads, settings, out, scratch } = this.#at
    kernel.kernels.mlpEpoch(
      rows,
      Math.min(this.#options.batchSize, this.#rows),
      1,
      sizes,
      slabs,
      X.slabs.shift,
      X.stride,
      at(this.#order.index, begin * 4),
      y,
      s,
      mean,
      scale,
      params,
      grads,
      // Plain steps have no state.
      grads,
      grads,
      settings,
      out,
      scratch,
      NULL,
      SGD,
      NO_ACTIVATION,
      l2,
      0,
    )
  }
}
