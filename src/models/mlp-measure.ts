import type { Steps } from '../core/steps.ts'
import type { Pointer, Workspace } from '../kernel/index.ts'
import type { NetworkRows } from './mlp-network.ts'

/** How a network does on some rows. */
export interface Measured {
  /** Weighted mean of the cross-entropy. */
  readonly loss: number
  /** Share of the weight that is predicted right. */
  readonly accuracy: number
  /** False if all rows have the same logits, to the last bit. */
  readonly varies: boolean
}

/**
 * Measures a network on rows with labels, forward only. The cross-entropy comes from the logits in the overflow-safe form
 *
 *   one output  max(z, 0) - t z + ln(1 + e^-|z|)         k outputs  max z - z_t + ln(sum of e^(z_c - max z))
 *
 * with the kernel's exp and log1p: validation losses decide what early stopping keeps, so engines must agree on them.
 */
export class NetworkMeasure {
  readonly #net: NetworkRows
  readonly #codes: Int32Array
  readonly #weights: Float64Array | undefined
  readonly #rows: Uint32Array | undefined
  readonly #index: { at: Pointer; rows: number } | undefined
  readonly #room: Pointer

  /** codes, weights: one per row of the network's X; `rows`: the numbers of those to measure on, or all. */
  constructor(
    work: Workspace,
    net: NetworkRows,
    codes: Int32Array,
    weights: Float64Array | undefined,
    rows?: Uint32Array,
  ) {
    this.#net = net
    this.#codes = codes
    this.#weights = weights
    this.#rows = rows
    this.#room = work.bytes(Math.min(net.rowsAtOnce(), net.X.rows) * net.outputs * 4)
    if (rows) {
      this.#index = { at: work.bytes(rows.byteLength), rows: rows.length }
      work.memory.u32(this.#index.at, rows.length).set(rows)
    }
  }

  /** `from`: whose parameters to measure. */
  *measure(from: NetworkRows): Steps<Measured> {
    const net = this.#net
    if (net !== from) net.setParams(from.copyParams())
    const k = net.outputs
    const { memory } = net.kernel
    let [loss, right, total, varies] = [0, 0, 0, false]
    let first: Float32Array | undefined
    yield* net.logits(this.#index, (z, begin, rows) => {
      const losses = k === 1 ? this.#binary(z, begin, rows) : this.#softmax(z, begin, rows)
      const logits = memory.f32(z, rows * k)
      first ??= logits.slice(0, k)
      for (let i = 0; i < rows; i++) {
        const row = this.#row(begin + i)
        const weight = this.#weights?.[row] ?? 1
        loss += weight * losses[i]!
        total += weight
        if (predictedCode(logits, i * k, k) === this.#codes[row]) right += weight
        for (let c = 0; c < k; c++) if (logits[i * k + c] !== first[c]) varies = true
      }
    })
    return { loss: loss / total, accuracy: right / total, varies }
  }

  #row(i: number): number {
    return this.#rows ? this.#rows[i]! : i
  }

  #binary(z: Pointer, begin: number, rows: number): Float64Array {
    const { kernels, memory } = this.#net.kernel
    const [logits, room] = [memory.f32(z, rows), memory.f32(this.#room, rows)]
    for (let i = 0; i < rows; i++) room[i] = -Math.abs(logits[i]!)
    kernels.exp(rows, this.#room, this.#room)
    kernels.log1p(rows, this.#room, this.#room)
    return Float64Array.from(room, (rest, i) => {
      const logit = logits[i]!
      return rest + Math.max(logit, 0) - (this.#codes[this.#row(begin + i)] === 1 ? logit : 0)
    })
  }

  #softmax(z: Pointer, begin: number, rows: number): Float64Array {
    const { kernels, memory } = this.#net.kernel
    const k = this.#net.outputs
    const [logits, room] = [memory.f32(z, rows * k), memory.f32(this.#room, rows * k)]
    const losses = new Float64Array(rows)
    for (let i = 0; i < rows; i++) {
      let top = Number.NEGATIVE_INFINITY
      for (let c = 0; c < k; c++) top = Math.max(top, logits[i * k + c]!)
      for (let c = 0; c < k; c++) room[i * k + c] = logits[i * k + c]! - top
      losses[i] = top - logits[i * k + this.#codes[this.#row(begin + i)]!]!
    }
    kernels.exp(rows * k, this.#room, this.#room)
    for (let i = 0; i < rows; i++) {
      let sum = -1
      for (let c = 0; c < k; c++) sum += room[i * k + c]!
      room[i] = sum
    }
    kernels.log1p(rows, this.#room, this.#room)
    for (let i = 0; i < rows; i++) losses[i]! += room[i]!
    return losses
  }
}

/** The class of a row from its logits: by sign for one output, else the greatest, the first of equals. */
export function predictedCode(logits: ArrayLike<number>, begin: number, k: number): number {
  if (k === 1) return logits[begin]! >= 0 ? 1 : 0
  let best = 0
  for (let c = 1; c < k; c++) if (logits[begin + c]! > logits[begin + best]!) best = c
  return best
}
