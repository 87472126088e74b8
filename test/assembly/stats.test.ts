import { expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import * as reference from '../reference/stats.ts'
import { magnitude, type Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectExact, expectSameBits } from './expect-close.ts'
import { EPS, padded, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

type Name = 'columnSums' | 'columnSquares'

function run(kernel: Kernel, name: Name, X: Table, center: Float32Array, s: Float32Array | undefined, start = 0) {
  return inArena(kernel, (arena) => {
    const sums = arena.inout(new Float64Array(X.stride).fill(start))
    const weights = s ? arena.input(s, 4) : NULL
    const at = arena.input(padded(center, X.stride))
    kernel.kernels[name](X.rows, arena.input(X.data), X.stride, at, weights, sums)
    return arena.f64(sums, X.stride)
  })
}

forEachVariant((kernel) => {
  test.each(SIZES)('column sums and squares of %i rows of any width, on whole numbers: exact', (rows) => {
    for (const [i, cols] of SIZES.entries()) {
      const samples = new Samples(rows * 1001 + cols)
      const X = samples.table(rows, cols, (n) => samples.whole(n), (i % 2) * 4)
      const center = samples.whole(cols)
      const s = i % 3 === 0 ? undefined : samples.whole(rows, 3).map(Math.abs)
      const weights = s ?? new Float32Array(rows).fill(1)
      const sums = run(kernel, 'columnSums', X, center, s, 2)
      expectExact(
        sums.subarray(0, cols),
        reference.columnSums(X, weights).map((sum) => sum + 2),
      )
      const squares = run(kernel, 'columnSquares', X, center, s, 2)
      expectExact(
        squares.subarray(0, cols),
        reference.columnSquares(X, center, weights).map((sum) => sum + 2),
      )
      expect([...sums.subarray(cols), ...squares.subarray(cols)].every((sum) => sum === 2)).toBe(true)
    }
  })

  test('round as float32 does over four rows, however many there are', () => {
    const samples = new Samples(1)
    const X = samples.table(5000, 9, (n) => samples.uniform(n))
    const center = samples.uniform(9)
    const s = samples.uniform(5000, 0, 2)
    const sizes = reference.columnSums(magnitude(X), s)
    const sums = run(kernel, 'columnSums', X, center, s).subarray(0, 9)
    expectClose(sums, reference.columnSums(X, s), (k) => 4 * EPS * sizes[k]!)
    const squares = reference.columnSquares(X, center, s)
    expectClose(run(kernel, 'columnSquares', X, center, s).subarray(0, 9), squares, (k) => 8 * EPS * squares[k]!)
  })

  test('no weights are weights of 1, bit for bit', () => {
    for (const rows of [1, 2, 3, 4, 257]) {
      const samples = new Samples(rows)
      const X = samples.table(rows, 7, (n) => samples.uniform(n))
      const center = samples.uniform(7)
      for (const name of ['columnSums', 'columnSquares'] as const) {
        const ones = new Float32Array(rows).fill(1)
        expectSameBits(run(kernel, name, X, center, ones), run(kernel, name, X, center, undefined))
      }
    }
  })

  test.each(SIZES)('gatherRows copies %i rows from slabs, in any order and repeated', (n) => {
    const samples = new Samples(n)
    // 53 rows in slabs of 16: the last has 5.
    const X = samples.table(53, 6, (length) => samples.whole(length), 4)
    const index = Uint32Array.from(samples.uniform(n, 0, 53), Math.floor)
    const target = inArena(kernel, (arena) => {
      const slabs = [0, 16, 32, 48].map((row) => arena.input(X.data.subarray(row * X.stride, (row + 16) * X.stride)))
      const out = arena.room(n * X.stride * 4)
      const table = arena.input(Uint32Array.from(slabs))
      kernel.kernels.gatherRows(n, arena.input(index), table, 4, X.stride, out)
      return arena.f32(out, n * X.stride)
    })
    for (const [at, i] of index.entries()) {
      const row = target.subarray(at * X.stride, (at + 1) * X.stride)
      expectExact(row, X.data.subarray(i * X.stride, (i + 1) * X.stride))
    }
  })
})
