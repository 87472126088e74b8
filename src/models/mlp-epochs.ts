import type { Steps } from '../core/steps.ts'
import { at, NULL, OPTIMIZER, type Pointer, slabTable, type Workspace } from '../kernel/index.ts'
import type { EpochResult, EpochRunner } from '../optim/index.ts'
import type { Optimizer } from './linear-epochs.ts'
import { batchWork, type NetworkRows, squaredWeights } from './mlp-network.ts'
import { PASS_ROWS } from './mlp-passes.ts'
import { withMeanOne } from './mlp-samples.ts'
import { BatchShares, partsOf, type SharedBatch } from './mlp-shares.ts'
import { RowOrder } from './row-order.ts'

/** A batch that is more rows and more work than this is passed through in pieces, its gradients added up. A part of a fit's bits. */
const BATCH_WORK = 2 ** 25
const BATCH_ROWS = 64
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

/** Where what training needs is in kernel memory. */
interface Blocks {
  readonly order: RowOrder
  readonly table: Pointer
  readonly y: Pointer
  readonly s: Pointer
  readonly grads: Pointer
  readonly m: Pointer
  readonly v: Pointer
  readonly settings: Pointer
  /** float64 [sum of losses]; [sum of losses, gradients] where batches are split. */
  readonly out: Pointer
  readonly scratch: Pointer
  readonly split: { rows: number; y: Pointer; s: Pointer } | undefined
}

/**
 * Epochs of mini-batches of a network, in the kernel, a few milliseconds a call. The loss of a batch is the mean of
 * s_i l_i over its rows, where the weights s are scaled to mean 1: scaling them all changes nothing.
 */
export class NetworkEpochs implements EpochRunner {
  readonly #net: NetworkRows
  readonly #training: NetworkTraining
  readonly #rows: number
  readonly #at: Blocks
  /** Where there are threads and batches worth their while. */
  readonly #shares: BatchShares | undefined

  private constructor(net: NetworkRows, training: NetworkTraining, rows: number, at: Blocks, shares?: BatchShares) {
    this.#net = net
    this.#training = training
    this.#rows = rows
    this.#at = at
    this.#shares = shares
  }

  /**
   * Brings what training needs into kernel memory. codes, weights: one per row of X; `rows`: the numbers of those to train
   * on; `random`: 4 words of state, of a generator that shuffles from wherever the caller left it.
   */
  static *open(
    work: Workspace,
    net: NetworkRows,
    codes: Int32Array,
    weights: Float64Array | undefined,
    rows: Uint32Array,
    given: NetworkTraining,
    random: Pointer,
    state?: OptimizerState,
  ): Steps<NetworkEpochs> {
    const { memory } = net.kernel
    const training = { ...given, batchSize: Math.min(given.batchSize, rows.length) }
    const order = new RowOrder(net.kernel, net.X, random, work, rows.length < net.X.rows ? rows : undefined)
    yield
    const y = work.floatsOf(codes)
    yield
    const s = weights ? work.floatsOf(yield* withMeanOne(weights, rows)) : NULL
    yield
    // Plain steps keep neither a gradient nor a state, but in sums over the pieces of a batch.
    const m = work.floats(net.size)
    yield
    const v = work.floats(net.size)
    yield
    if (state) {
      memory.f32(m, net.size).set(state.m)
      memory.f32(v, net.size).set(state.v)
    }
    const settings = work.doubles(SETTINGS)
    const { optimizer, momentum, beta1, beta2, epsilon, weightDecay } = training
    const first = optimizer === 'adam' || optimizer === 'adamw' ? beta1 : momentum
    memory.f64(settings, 7).set([0, first, beta2, epsilon, weightDecay, ...(state?.powers ?? [1, 1])])

    const { batchSize } = training
    const isWhole = batchSize <= BATCH_ROWS || batchWork(net.shape.sizes, batchSize) <= BATCH_WORK
    const most = net.rowsAtOnce(3)
    const at: Blocks = {
      order,
      y,
      s,
      m,
      v,
      settings,
      table: work.adopt(slabTable(net.X.slabs)),
      grads: work.bytes(net.size * 4),
      out: work.bytes(8 * (isWhole ? 1 : 1 + net.size)),
      // Nothing passes through the network while its batches do, so that there is one scratch for both if it has room.
      scratch: isWhole && batchSize > PASS_ROWS ? net.scratchFor(batchSize) : net.scratch,
      split: isWhole ? undefined : { rows: most, y: work.floats(most), s: weights ? work.floats(most) : NULL },
    }
    const batch = isWhole ? batchSize : Math.min(most, PASS_ROWS)
    const shares = yield* BatchShares.for(work, net, { ...training, ...at, index: order.index, batch, isSum: !isWhole })
    return new NetworkEpochs(net, training, rows.length, at, shares)
  }

  /** A copy of what the optimiser remembers. */
  *state(): Steps<OptimizerState> {
    const { memory } = this.#net.kernel
    const [first, second] = memory.f64(at(this.#at.settings, POWERS * 8), 2)
    const m = memory.f32(this.#at.m, this.#net.size).slice()
    yield
    return { m, v: memory.f32(this.#at.v, this.#net.size).slice(), powers: [first!, second!] }
  }

  *epoch({ learningRate }: { learningRate: number }): Steps<EpochResult> {
    const { memory } = this.#net.kernel
    memory.f64(this.#at.settings, 1)[0] = learningRate
    yield* this.#at.order.draw()
    const { split, out } = this.#at
    if (split) yield* this.#clear()
    else memory.f64(out, 1)[0] = 0
    if (this.#shares) yield* this.#shares.run(this.#batches())
    else yield* split ? this.#splitBatches() : this.#wholeBatches()
    const total = memory.f64(out, 1)[0]!
    const { l2 } = this.#training
    const { sizes } = this.#net.shape
    const penalty = l2 === 0 ? 0 : (l2 / 2) * (yield* squaredWeights(this.#net.copyParams(), sizes))
    return { loss: total / this.#rows + penalty }
  }

  /** The same batches for all threads, large ones in the same pieces. */
  *#batches(): Generator<SharedBatch> {
    const { batchSize } = this.#training
    const { split } = this.#at
    const most = split ? Math.min(split.rows, PASS_ROWS) : batchSize
    for (let begin = 0; begin < this.#rows; begin += batchSize) {
      yield* partsOf(begin, Math.min(batchSize, this.#rows - begin), most, true)
    }
  }

  #wholeBatches(): Steps<void> {
    const net = this.#net
    const { X, kernel } = net
    const { batchSize, l2, optimizer } = this.#training
    return net.calls(this.#rows, (begin, progress, budget) =>
      kernel.kernels.mlpEpoch(
        this.#rows - begin,
        batchSize,
        net.layers,
        net.sizes,
        this.#at.table,
        X.slabs.shift,
        X.stride,
        at(this.#at.order.index, begin * 4),
        this.#at.y,
        this.#at.s,
        net.mean,
        net.scale,
        net.params,
        this.#at.grads,
        this.#at.m,
        this.#at.v,
        this.#at.settings,
        this.#at.out,
        this.#at.scratch,
        progress,
        OPTIMIZER[optimizer],
        net.activation,
        l2,
        budget,
      ),
    )
  }

  /** The same, where the gradients of pieces of a batch are added up. */
  *#splitBatches(): Steps<void> {
    const net = this.#net
    const { rows: most, y, s } = this.#at.split!
    for (let begin = 0; begin < this.#rows; begin += this.#training.batchSize) {
      const count = Math.min(this.#training.batchSize, this.#rows - begin)
      const index = { at: at(this.#at.order.index, begin * 4), rows: count }
      yield* net.pieces(most, index, (x, from, rows) => {
        this.#pick(this.#at.y, at(index.at, from * 4), rows, y)
        if (this.#at.s !== NULL) this.#pick(this.#at.s, at(index.at, from * 4), rows, s)
        return net.pass(x, rows, y, s, this.#at.grads, this.#at.out)
      })
      yield* this.#step(count)
    }
  }

  /** Sums that an epoch which was given up may have left. */
  *#clear(): Steps<void> {
    const sums = this.#net.kernel.memory
    for (let begin = 0, end = 1 + this.#net.size; begin < end; begin += CLEAR_NUMBERS) {
      sums.f64(at(this.#at.out, begin * 8), Math.min(CLEAR_NUMBERS, end - begin)).fill(0)
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
          at(this.#at.out, 8),
          net.params,
          this.#at.grads,
          this.#at.m,
          this.#at.v,
          this.#at.settings,
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
