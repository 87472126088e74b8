import type { Steps } from '../core/steps.ts'
import { at, type Kernel, NULL, type Pointer, type Workspace } from '../kernel/index.ts'

/** Rows that one call puts into their place. */
const CALL_ROWS = 2 ** 17
/** Bytes of X that the second cache of a core holds: up to here any order does. */
const NEAR_BYTES = 2 ** 20
/** A block is a memory page or less: neighbours beyond that would gain nothing, but rows of it come at about the same time. */
const BLOCK_BYTES = 2 ** 12
const BLOCK_ROWS = 32
/** Streams of assembly/kernels/order.ts. */
const STREAMS = 16

/**
 * The order in which epochs take rows, drawn anew for each: uniformly random where X is small; else the blocks of
 * assembly/kernels/order.ts, which is a matter of shape alone.
 */
export class RowOrder {
  /** uint32: the rows, one after the other. */
  readonly index: Pointer
  readonly #kernel: Kernel
  readonly #rows: number
  readonly #random: Pointer
  readonly #blocks: { rows: number; count: number; order: Pointer; base: Pointer; scratch: Pointer } | undefined

  /** `random`: 4 words of a generator's state; `train`: the rows to take, default all of X. */
  constructor(
    kernel: Kernel,
    X: { readonly rows: number; readonly stride: number },
    random: Pointer,
    work: Workspace,
    train?: Uint32Array,
  ) {
    const { memory } = kernel
    this.#kernel = kernel
    this.#random = random
    this.#rows = train?.length ?? X.rows
    this.index = work.bytes(this.#rows * 4)
    const rowBytes = X.stride * 4
    if (X.rows * rowBytes <= NEAR_BYTES) {
      this.#fill(this.index, this.#rows, train)
      return
    }
    let rows = BLOCK_ROWS
    while (rows > 1 && rows * rowBytes > BLOCK_BYTES) rows /= 2
    const count = Math.ceil(this.#rows / rows)
    const order = work.bytes(count * 4)
    this.#fill(order, count)
    const base = train ? work.bytes(train.byteLength) : NULL
    if (train) memory.u32(base, train.length).set(train)
    this.#blocks = { rows, count, order, base, scratch: work.bytes(STREAMS * 4) }
  }

  #fill(to: Pointer, length: number, values?: Uint32Array): void {
    const numbers = this.#kernel.memory.u32(to, length)
    for (let i = 0; i < length; i++) numbers[i] = values?.[i] ?? i
  }

  /** Draws the order of the next epoch. */
  *draw(): Steps<void> {
    if (!this.#blocks) return yield* this.#shuffle(this.index, this.#rows)
    const { rows, count, order, base, scratch } = this.#blocks
    const { kernels } = this.#kernel
    for (let q = 0; q < STREAMS; q++) {
      const begin = Math.floor((q * count) / STREAMS)
      yield* this.#shuffle(at(order, begin * 4), Math.floor(((q + 1) * count) / STREAMS) - begin)
    }
    const rounds = Math.ceil(count / STREAMS)
    const most = CALL_ROWS / (STREAMS * rows)
    let done = 0
    for (let from = 0; from < rounds; from += most) {
      const to = Math.min(rounds, from + most)
      const out = at(this.index, done * 4)
      done += kernels.layRows(this.#rows, rows, from, to, order, base, out, this.#random, scratch)
      yield
    }
  }

  *#shuffle(items: Pointer, length: number): Steps<void> {
    for (let left = length; left > 0; left -= CALL_ROWS) {
      this.#kernel.kernels.shuffle(left, Math.max(0, left - CALL_ROWS), items, this.#random)
      yield
    }
  }
}
