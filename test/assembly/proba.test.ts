import { expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import type { Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectSameBits } from './expect-close.ts'
import { padded, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

/** Both probabilities of all rows: by linearProba, and by gemv and sigmoidPairs. */
function both(kernel: Kernel, X: Table, w: Float32Array, b: number): [Float32Array, Float32Array] {
  const { kernels } = kernel
  return inArena(kernel, (arena) => {
    const [x, at] = [arena.input(X.data), arena.input(padded(w, X.stride, 7))]
    const [out, pairs, z] = [arena.room(X.rows * 8, 4), arena.room(X.rows * 8), arena.room(X.rows * 4)]
    kernels.linearProba(X.rows, x, X.stride, at, out, arena.room(kernels.linearScratchBytes(X.stride)), b)
    kernels.gemv(X.rows, x, X.stride, at, z, b)
    kernels.sigmoidPairs(X.rows, z, pairs)
    return [arena.f32(out, 2 * X.rows), arena.f32(pairs, 2 * X.rows)]
  })
}

forEachVariant((kernel) => {
  test.each([...SIZES, 2055])('linearProba of %i rows has the bits of gemv and sigmoidPairs', (rows) => {
    // Eight lane vectors have a loop of their own: 8 and 32 columns.
    for (const [i, cols] of [...SIZES, 8, 32].entries()) {
      const samples = new Samples(rows * 1001 + cols)
      const X = samples.table(rows, cols, (n) => samples.uniform(n, -3, 3), (i % 2) * 8)
      expectSameBits(...both(kernel, X, samples.uniform(cols), (i % 3) - 0.75))
    }
  })

  test.each([8, 30, 1030])('linearProba of %i rows with a z from 80 to 120 has those bits, too', (rows) => {
    for (const cols of [5, 8, 32]) {
      const samples = new Samples(rows + cols)
      const X = samples.table(rows, cols, (n) => samples.uniform(n))
      for (let z = 80; z < 120; z++) {
        const row = (z * 7) % rows
        const w = samples.uniform(cols)
        X.data.fill(0, row * X.stride, (row + 1) * X.stride)
        X.data[row * X.stride] = (z % 2 ? z : -z) / w[0]!
        expectSameBits(...both(kernel, X, w, 0))
      }
    }
  })

  test('linearProba says by its first number that a z is not finite', () => {
    for (const [rows, bad] of [
      [1, 0],
      [30, 29],
      [2055, 1500],
    ] as const) {
      // biome-ignore format: a table
      const samples = new Samples(rows)
      const X = samples.table(rows, 5, (n) => samples.uniform(n))
      X.data.set([3e38, -3e38], bad * X.stride)
      const [out, pairs] = both(kernel, X, Float32Array.of(9, 9, 0, 0, 0), 1)
      expect(out[0]).toBeNaN()
      if (bad > 0) expectSameBits(out.slice(1, 2 * bad), pairs.slice(1, 2 * bad))
    }
  })
})
