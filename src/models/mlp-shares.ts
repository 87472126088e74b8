import type { Steps } from '../core/steps.ts'
import {
  OPTIMIZER,
  type Pointer,
  type SharedKernelExports,
  slabTable,
  type Workspace,
  wholeLines,
} from '../kernel/index.ts'
import type { Pool } from '../kernel/pool.ts'
import type { Job } from '../kernel/pool-jobs.ts'
import type { Optimizer } from './linear-epochs.ts'
import { batchWork, type NetworkRows } from './mlp-network.ts'

/** A batch of less work stays on one thread: handing over and waiting for each other cost what the others save (measured). */
const LEAST_WORK = 2e6
/** Work of the batches that are put together: a few milliseconds. */
const SLICE_WORK = 5e7
/** Rows that shares begin at multiples of: whole lane vectors of every layer; of inputs: panels of the product, too. */
const ROWS = 4
const INPUTS = 12
/** Shares of a step for each thread: where one is late the others take what is left. */
const STEP_SHARES = 2
/** Words of a plan. */
const PLAN = 22

/** What batches are passed through for; see assembly/kernels/shares.ts. Addresses may be NULL where it says so. */
export interface SharedWork {
  /** Rows of a batch at most. */
  readonly batch: number
  /** uint32 numbers of the rows; NULL: rows in order. */
  readonly index: Pointer
  readonly y: Pointer
  readonly s: Pointer
  readonly grads: Pointer
  readonly m: Pointer
  readonly v: Pointer
  readonly settings: Pointer
  readonly out: Pointer
  readonly optimizer: Optimizer
  readonly l2: number
  /** Losses and gradients are added up in `out`, and steps are by those sums. */
  readonly isSum: boolean
}

/** Rows `begin` to `begin + count`, and how many there are in the sums if they are the last before a step; else 0. */
export interface SharedBatch {
  readonly begin: number
  readonly count: number
  readonly step: number
}

/**
 * Batches of a network, one after the other, each in shares for all threads: its rows on their way forward and back, then
 * slabs of the weights, whose gradients add up over all rows. Threads meet twice a batch. No sum is cut, so the bits are
 * those of one thread.
 */
export class BatchShares {
  readonly #pool: Pool
  readonly #net: NetworkRows
  readonly #plan: Pointer
  readonly #scratch: Pointer
  readonly #scratchBytes: number
  /** [layer, first input, inputs] of the shares of a step. */
  readonly #slabs: readonly (readonly [number, number, number])[]

  private constructor(pool: Pool, work: Workspace, net: NetworkRows, given: SharedWork) {
    const { X, layers, sizes, kernel } = net
    const kernels = kernel.kernels as SharedKernelExports
    const { slabs, stride } = X
    this.#pool = pool
    this.#net = net
    this.#slabs = slabsOf(net.shape.sizes, pool.threads * STEP_SHARES)
    this.#scratchBytes = wholeLines(kernels.networkScratchBytes(net.outputs))
    this.#scratch = work.lines(pool.threads * this.#scratchBytes)
    this.#plan = work.lines(PLAN * 4)
    const room = work.lines(kernels.networkRoomBytes(given.batch, stride, layers, sizes) >>> 0)
    const { batch, index, y, s, grads, m, v, settings, out, optimizer, isSum, l2 } = given
    const { mean, scale, params, activation } = net
    const table = work.adopt(slabTable(slabs))
    const data = [layers, sizes, batch, stride, table, slabs.shift, index, y, s]
    const training = [mean, scale, params, grads, m, v, settings, out, room, OPTIMIZER[optimizer], activation]
    kernel.memory.u32(this.#plan, PLAN - 1).set([...data, ...training, Number(isSum)])
    kernel.memory.f32(this.#plan, PLAN)[PLAN - 1] = l2
  }

  /** Undefined where one thread is to do it all: there is no other, or a batch is not worth it. */
  static *for(work: Workspace, net: NetworkRows, given: SharedWork): Steps<BatchShares | undefined> {
    const { pool } = net.kernel
    const isWorthIt = batchWork(net.shape.sizes, given.batch) >= LEAST_WORK && given.batch > ROWS
    return pool && isWorthIt && (yield* pool.canRun()) ? new BatchShares(pool, work, net, given) : undefined
  }

  *run(batches: Iterable<SharedBatch>): Steps<void> {
    let jobs: Job[] = []
    let work = 0
    for (const batch of batches) {
      jobs.push(this.#rows(batch), this.#step(batch))
      work += batchWork(this.#net.shape.sizes, batch.count)
      if (work < SLICE_WORK) continue
      yield* this.#pool.run(...jobs)
      jobs = []
      work = 0
    }
    if (jobs.length) yield* this.#pool.run(...jobs)
  }

  #rows({ begin, count, step }: SharedBatch): Job {
    const share = Math.ceil(count / this.#pool.threads / ROWS) * ROWS
    const tasks: number[][] = []
    for (let from = 0; from < count; from += share) {
      tasks.push([this.#plan, begin, count, step, from, Math.min(share, count - from), this.#scratch])
    }
    return { name: 'networkRows', tasks, scratchAt: 6, scratchBytes: this.#scratchBytes }
  }

  #step({ count, step }: SharedBatch): Job {
    const tasks = this.#slabs.map((slab) => [this.#plan, count, step, ...slab, this.#scratch])
    return { name: 'networkStep', tasks, scratchAt: 6, scratchBytes: this.#scratchBytes }
  }
}

/** About so many slabs of all weights, each of one layer; the largest layers first. */
function slabsOf(sizes: readonly number[], shares: number): [number, number, number][] {
  const weights = sizes.slice(1).map((outputs, l) => sizes[l]! * outputs)
  const all = weights.reduce((sum, n) => sum + n, 0)
  const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!)
  return order.flatMap((l) => {
    const inputs = sizes[l]!
    const count = Math.max(1, Math.round((shares * weights[l]!) / all))
    const step = Math.ceil(inputs / count / INPUTS) * INPUTS
    const slabs: [number, number, number][] = []
    for (let i = 0; i < inputs; i += step) slabs.push([l, i, Math.min(step, inputs - i)])
    return slabs
  })
}

/** Batches of at most `most` rows that together are `rows` from `begin` on, with one step behind the last if `step`. */
export function* partsOf(begin: number, rows: number, most: number, step: boolean): Generator<SharedBatch> {
  for (let i = 0; i < rows; i += most) {
    const count = Math.min(most, rows - i)
    yield { begin: begin + i, count, step: step && i + count === rows ? rows : 0 }
  }
}
