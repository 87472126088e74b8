import type { Steps } from '../core/steps.ts'
import { at, NULL, OPTIMIZER, type Pointer, slabTable, type Workspace } from '../kernel/index.ts'
import type { EpochResult, EpochRunner } from '../optim/index.ts'
import type { Optimizer } from './linear-epochs.ts'
import { batchWork, type NetworkRows, squaredWeights } from './mlp-network.ts'

/** A batch that is more rows and more work than this is passed through in pieces, its gradients added up. A part of a fit's bits. */
const BATCH_WORK = 2 ** 25
const BATCH_ROWS = 64
/** Rows that one call puts into their random place. */
const SHUFFLE_ROWS = 2 ** 17
/** float64 that are set to 0 in one go. */
const CLEAR_NUMBERS = 2 ** 20
/** float64 settings of assembly/kernels/update.ts, and the room behind them. */
const SETTINGS = 11
const POWERS = 5

/** Options of mini-batch training. */
export interface NetworkTraining {
  readonly batchSize: number
  readonly l2: number
  readonly optimizer: Optimizer
  readonly momentum: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** What an optimiser remembers between steps. */
export interface OptimizerState {
  readonly m: Float32Array
  readonly v: Float32Array
  /** beta1^t and beta2^t after t steps. */
  readonly powers: readonly [number, number]
}

/**
 * Epochs of mini-batches of a network, in the kernel, a few milliseconds a call. The loss of a batch is the mean of
 * s_i l_i over its rows, where the weights s are scaled to mean 1: scaling them all changes nothing.
 */
export class NetworkEpochs implements EpochRunner {
  readonly #net: NetworkRows
  readonly #training: NetworkTraining
  readonly #rows: number
  /** Generator that shuffles, from wherever the caller left it. */
  readonly #random: Pointer
  readonly #index: Pointer
  readonly #table: Pointer
  readonly #y: Pointer
  readonly #s: Pointer
  readonly #grads: Pointer
  readonly #m: Pointer
  readonly #v: Pointer
  readonly #settings: Pointer
  /** float64 [loss]; [loss, gradients] where batches are split. */
  readonly #out: Pointer
  readonly #scratch: Pointer
  readonly #split: { rows: number; y: Pointer; s: Pointer } | undefined

  /** codes, weights: one per row of X; `rows`: the numbers of those to train on; `random`: 4 words of state. */
  constructor(
    work: Workspace,
    net: NetworkRows,
    codes: Int32Array,
    weights: Float64Array | undefined,
    rows: Uint32Array,
    training: NetworkTraining,
    random: Pointer,
    state?: OptimizerState,
  ) {
    const { memory } = net.kernel
    this.#net = net
    this.#rows = rows.length
    this.#training = { ...training, batchSize: Math.min(training.batchSize, rows.length) }
    this.#random = random
    this.#index = work.bytes(rows.byteLength)
    memory.u32(this.#index, rows.length).set(rows)
    this.#table = work.adopt(slabTable(net.X.slabs))
    this.#y = work.floatsOf(codes)
    this.#s = weights ? work.floatsOf(withMeanOne(weights, rows)) : NULL
    this.#grads = work.floats(net.size)
    this.#m = work.floats(net.size)
    this.#v = work.floats(net.size)
    this.#settings = work.doubles(SETTINGS)
    const { batchSize } = this.#training
    if (batchSize <= BATCH_ROWS || batchWork(net.shape.sizes, batchSize) <= BATCH_WORK) {
      this.#out = work.doubles(1)
      this.#scratch = net.scratchFor(batchSize)
    } else {
      this.#out = work.doubles(1 + net.size)
      this.#scratch = NULL
      const most = net.rowsAtOnce(3)
      this.#split = { rows: most, y: work.floats(most), s: weights ? work.floats(most) : NULL }
    }
    const { optimizer, momentum, beta1, beta2, epsilon, weightDecay } = training
    const first = optimizer === 'adam' || optimizer === 'adamw' ? beta1 : momentum
    memory.f64(this.#settings, 7).set([0, first, beta2, epsilon, weightDecay, ...(state?.powers ?? [1, 1])])
    if (state) {
      memory.f32(this.#m, net.size).set(state.m)
      memory.f32(this.#v, net.size).set(state.v)
    }
  }

  /** A copy of what the optimiser remembers. */
  state(): OptimizerState {
    const { memory } = this.#net.kernel
    const [first, second] = memory.f64(at(this.#settings, POWERS * 8), 2)
    const [m, v] = [this.#m, this.#v].map((from) => memory.f32(from, this.#net.size).slice())
    return { m: m!, v: v!, powers: [first!, second!] }
  }

  *epoch({ learningRate }: { learningRate: number }): Steps<EpochResult> {
    const { memory } = this.#net.kernel
    memory.f64(this.#settings, 1)[0] = learningRate
    yield* this.#shuffle()
    const total = yield* this.#split ? this.#splitBatches() : this.#wholeBatches()
    const { l2 } = this.#training
    const { sizes } = this.#net.shape
    const penalty = l2 === 0 ? 0 : (l2 / 2) * (yield* squaredWeights(this.#net.copyParams(), sizes))
    return { loss: total / this.#rows + penalty }
  }

  *#shuffle(): Steps<void> {
    const { kernels } = this.#net.kernel
    for (let left = this.#rows; left > 0; left -= SHUFFLE_ROWS) {
      kernels.shuffle(left, Math.max(0, left - SHUFFLE_ROWS), this.#index, this.#random)
      yield
    }
  }

  /** The sum of losses. */
  *#wholeBatches(): Steps<number> {
    const net = this.#net
    const { X, kernel } = net
    const { batchSize, l2, optimizer } = this.#training
    kernel.memory.f64(this.#out, 1)[0] = 0
    yield* net.calls(this.#rows, (begin, progress, budget) =>
      kernel.kernels.mlpEpoch(
        this.#rows - begin,
        batchSize,
        net.layers,
        net.sizes,
        this.#table,
        X.slabs.shift,
        X.stride,
        at(this.#index, begin * 4),
        this.#y,
        this.#s,
        net.mean,
        net.scale,
        net.params,
        this.#grads,
        this.#m,
        this.#v,
        this.#settings,
        this.#out,
        this.#scratch,
        progress,
        OPTIMIZER[optimizer],
        net.activation,
        l2,
        budget,
      ),
    )
    return kernel.memory.f64(this.#out, 1)[0]!
  }

  /** The same, where the gradients of pieces of a batch are added up. */
  *#splitBatches(): Steps<number> {
    const net = this.#net
    const { memory } = net.kernel
    const { rows: most, y, s } = this.#split!
    yield* this.#clear()
    for (let begin = 0; begin < this.#rows; begin += this.#training.batchSize) {
      const count = Math.min(this.#training.batchSize, this.#rows - begin)
      const index = { at: at(this.#index, begin * 4), rows: count }
      yield* net.pieces(most, index, (x, from, rows) => {
        this.#pick(this.#y, at(index.at, from * 4), rows, y)
        if (this.#s !== NULL) this.#pick(this.#s, at(index.at, from * 4), rows, s)
        return net.pass(x, rows, y, s, this.#grads, this.#out)
      })
      yield* this.#step(count)
    }
    return memory.f64(this.#out, 1)[0]!
  }

  /** Sums that an epoch which was given up may have left. */
  *#clear(): Steps<void> {
    const sums = this.#net.kernel.memory
    for (let begin = 0, end = 1 + this.#net.size; begin < end; begin += CLEAR_NUMBERS) {
      sums.f64(at(this.#out, begin * 8), Math.min(CLEAR_NUMBERS, end - begin)).fill(0)
      yield
    }
  }

  /** The optimiser's step by the sums over `count` rows. */
  #step(count: number): Steps<void> {
    const net = this.#net
    return net.calls(1, (_, progress, budget) =>
      Number(
        net.kernel.kernels.mlpStep(
          count,
          net.layers,
          net.sizes,
          at(this.#out, 8),
          net.params,
          this.#grads,
          this.#m,
          this.#v,
          this.#settings,
          progress,
          OPTIMIZER[this.#training.optimizer],
          this.#training.l2,
          budget,
        ),
      ),
    )
  }

  /** target[i] = source[index[i]] */
  #pick(source: Pointer, index: Pointer, rows: number, target: Pointer): void {
    const { memory } = this.#net.kernel
    const [from, to] = [memory.f32(source, this.#net.X.rows), memory.f32(target, rows)]
    const numbers = memory.u32(index, rows)
    for (let i = 0; i < rows; i++) to[i] = from[numbers[i]!]!
  }
}

/** Weights of all rows, scaled so that those of the rows named have mean 1. */
function withMeanOne(weights: Float64Array, rows: Uint32Array): Float64Array {
  let sum = 0
  for (const row of rows) sum += weights[row]!
  return weights.map((weight) => (weight * rows.length) / sum)
}
