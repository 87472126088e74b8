import { Random } from '../../src/core/random.ts'
import type { Table } from '../reference/table.ts'

/** Around every boundary of the kernels: lanes (4), unrolls (16), tiles (16), blocks (256). */
export const SIZES = [0, 1, 3, 4, 5, 15, 16, 17, 255, 256, 257, 1000] as const

/** One unit roundoff of float32: the relative error of a single operation is at most this. */
export const EPS = 2 ** -24

/**
 * Seeded numbers for kernels. Whole numbers are small enough that float32 sums of their products are exact: then a
 * kernel must return the very number, whatever its order, and a row that is dropped, doubled or misplaced shows.
 */
export class Samples {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** n whole numbers in [-most, most]. */
  whole(n: number, most = 4): Float32Array {
    return Float32Array.from({ length: n }, () => this.#random.below(2 * most + 1) - most)
  }

  /** n numbers, uniform in [low, high). */
  uniform(n: number, low = -1, high = 1): Float32Array {
    return Float32Array.from({ length: n }, () => low + (high - low) * this.#random.uniform())
  }

  /** n labels, 0 or 1. */
  labels(n: number): Float32Array {
    return Float32Array.from({ length: n }, () => this.#random.below(2))
  }

  /** Numbers of rows in random order. */
  order(n: number): Uint32Array {
    return this.#random.shuffle(Uint32Array.from({ length: n }, (_, i) => i))
  }

  /** A padded table; `extra` floats more padding than needed. */
  table(rows: number, cols: number, draw: (n: number) => Float32Array, extra = 0): Table {
    const stride = ((cols + 3) & ~3) + extra
    const data = new Float32Array(rows * stride)
    for (let i = 0; i < rows; i++) data.set(draw(cols), i * stride)
    return { data, rows, cols, stride }
  }
}

/** A row of weights: as long as the stride, what is beyond the columns must not matter. */
export function padded(values: Float32Array, stride: number, filler = 0): Float32Array {
  const row = new Float32Array(stride).fill(filler)
  row.set(values)
  return row
}
