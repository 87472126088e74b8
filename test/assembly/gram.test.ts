import { expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { cell, type Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectExact } from './expect-close.ts'
import { Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

/** [sum of q, 0, q^T X, X^T diag(q) X] on sums that begin at `start`. */
function run(kernel: Kernel, X: Table, q: Float32Array, start: number): Float64Array {
  const length = 2 + X.stride + X.stride ** 2
  return inArena(kernel, (arena) => {
    const out = arena.inout(new Float64Array(length).fill(start))
    const scratch = arena.room(kernel.kernels.gramScratchBytes(X.stride))
    kernel.kernels.gram(X.rows, arena.input(X.data), X.stride, arena.input(q, 4), out, scratch)
    return arena.f64(out, length)
  })
}

function sumOf(X: Table, term: (i: number) => number, start: number): number {
  let sum = start
  for (let i = 0; i < X.rows; i++) sum += term(i)
  return sum
}

forEachVariant((kernel) => {
  test.each(SIZES)('%i rows of whole numbers, of any width: exact', (rows) => {
    for (const cols of [0, 1, 3, 4, 5, 7, 8, 9, 12, 13, 17, 25]) {
      const samples = new Samples(rows * 31 + cols)
      const X = samples.table(rows, cols, (n) => samples.whole(n), (cols % 2) * 4)
      // Negative ones too: not every loss is convex.
      const q = samples.whole(rows, 3)
      const start = cols % 3
      const out = run(kernel, X, q, start)
      const { stride } = X
      expectExact(out.subarray(0, 2), [sumOf(X, (i) => q[i]!, start), start])
      const cross = Array.from({ length: cols }, (_, k) => sumOf(X, (i) => q[i]! * cell(X, i, k), start))
      expectExact(out.subarray(2, 2 + cols), cross)
      for (let j = 0; j < cols; j++) {
        const row = out.subarray(2 + stride + j * stride, 2 + stride + (j + 1) * stride)
        const products = Array.from({ length: cols - j }, (_, k) =>
          sumOf(X, (i) => q[i]! * cell(X, i, j) * cell(X, i, j + k), start),
        )
        expectExact(row.subarray(j, cols), products)
        expect(row.subarray(cols).every((sum) => sum === start)).toBe(true)
      }
    }
  })
})
