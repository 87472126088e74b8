import type { Steps } from '../core/steps.ts'
import { at, NULL, OPTIMIZER, type Pointer, slabTable, type Workspace } from '../kernel/index.ts'
import type { EpochResult, EpochRunner } from '../optim/index.ts'
import type { Optimizer } from './linear-epochs.ts'
import { batchWork, layersOf, type NetworkRows, perCall, squaredWeights } from './mlp-network.ts'

/** A batch that is more rows and more work than this is passed through in pieces, its gradients added up. A part of a fit's bits. */
const BATCH_WORK = 2 ** 25
const BATCH_ROWS = 64
/** Rows of small batches that one call takes: each may have to come from afar. */
const CALL_ROWS = 2 ** 16
/** Rows that one call puts into their random place. */
const SHUFFLE_ROWS = 2 ** 17
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
    const penalty = l2 === 0 ? 0 : (l2 / 2) * squaredWeights(this.#net.copyParams(), sizes)
    return { loss: total / this.#rows + penalty }
  }

  *#shuffle(): Steps<void> {
    const { kernels } = this.#net.kernel
    for (let left = this.#rows; left > 0; left -= SHUFFLE_ROWS) {
      kernels.shuffle(left, Math.max(0, left - SHUFFLE_ROWS), this.#index, this.#random)
      yield
    }
  }

  /** Many batches a call; the sum of losses. */
  *#wholeBatches(): Steps<number> {
    const net = this.#net
    const { X, kernel } = net
    const { batchSize, l2, optimizer } = this.#training
    kernel.memory.f64(this.#out, 1)[0] = 0
    const batches = perCall(batchWork(net.shape.sizes, batchSize), Math.max(1, CALL_ROWS / batchSize))
    const rowsAtOnce = batches * batchSize
    for (let begin = 0; begin < this.#rows; begin += rowsAtOnce) {
      kernel.kernels.mlpEpoch(
        Math.min(rowsAtOnce, this.#rows - begin),
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
        OPTIMIZER[optimizer],
        net.activation,
        l2,
      )
      yield
    }
    return kernel.memory.f64(this.#out, 1)[0]!
  }

  /** A batch in many calls; the sum of losses. */
  *#splitBatches(): Steps<number> {
    const net = this.#net
    const { kernels, memory } = net.kernel
    const split = this.#split!
    let total = 0
    for (let begin = 0; begin < this.#rows; begin += this.#training.batchSize) {
      const count = Math.min(this.#training.batchSize, this.#rows - begin)
      memory.f64(this.#out, 1 + net.size).fill(0)
      const index = { at: at(this.#index, begin * 4), rows: count }
      yield* net.pieces(split.rows, index, (x, from, rows) => {
        this.#pick(this.#y, at(index.at, from * 4), rows, split.y)
        if (this.#s !== NULL) this.#pick(this.#s, at(index.at, from * 4), rows, split.s)
        net.pass(x, rows, split.y, split.s, this.#grads, this.#out)
      })
      total += memory.f64(this.#out, 1)[0]!
      this.#placeGradient(count)
      kernels.update(
        OPTIMIZER[this.#training.optimizer],
        net.size,
        net.params,
        this.#grads,
        this.#m,
        this.#v,
        this.#settings,
      )
      yield
    }
    return total
  }

  /** target[i] = source[index[i]] */
  #pick(source: Pointer, index: Pointer, rows: number, target: Pointer): void {
    const { memory } = this.#net.kernel
    const [from, to] = [memory.f32(source, this.#net.X.rows), memory.f32(target, rows)]
    const numbers = memory.u32(index, rows)
    for (let i = 0; i < rows; i++) to[i] = from[numbers[i]!]!
  }

  /** The gradient of the mean over `count` rows, plus the penalty's, from the sums of a pass. */
  #placeGradient(count: number): void {
    const { memory } = this.#net.kernel
    const { size, shape } = this.#net
    const sums = memory.f64(at(this.#out, 8), size)
    const grads = memory.f32(this.#grads, size)
    for (let i = 0; i < size; i++) grads[i] = sums[i]! / count
    const { l2 } = this.#training
    if (l2 === 0) return
    const { weights } = layersOf(memory.f32(this.#net.params, size), shape.sizes)
    for (const [l, g] of layersOf(grads, shape.sizes).weights.entries()) {
      for (let i = 0; i < g.length; i++) g[i]! += l2 * weights[l]![i]!
    }
  }
}

/** Weights of all rows, scaled so that those of the rows named have mean 1. */
function withMeanOne(weights: Float64Array, rows: Uint32Array): Float64Array {
  let sum = 0
  for (const row of rows) sum += weights[row]!
  return weights.map((weight) => (weight * rows.length) / sum)
}
