import { expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { gemv, gemvTransposed } from '../reference/matmul.ts'
import { magnitude, magnitudes, type Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectExact, expectSameBits } from './expect-close.ts'
import { Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

/** Of float64. */
const EPS = 2 ** -53

function run(kernel: Kernel, X: Table, w: Float64Array, b: number): Float64Array {
  return inArena(kernel, (arena) => {
    const z = arena.room(X.rows * 8)
    const padded = new Float64Array(X.stride)
    padded.set(w)
    kernel.kernels.wideGemv(X.rows, arena.input(X.data), X.stride, arena.input(padded), z, b)
    return arena.f64(z, X.rows)
  })
}

/** On sums that begin at `start`. */
function runTransposed(kernel: Kernel, X: Table, r: Float64Array, start: number): Float64Array {
  return inArena(kernel, (arena) => {
    const g = arena.inout(new Float64Array(X.stride).fill(start))
    kernel.kernels.wideGemvTransposed(X.rows, arena.input(X.data), X.stride, arena.input(r), g)
    return arena.f64(g, X.stride)
  })
}

const widened = (values: Float32Array) => Float64Array.from(values, (v) => v * (1 + 2 ** -30))

forEachVariant((kernel) => {
  test.each(SIZES)('%i rows of any width, on whole numbers: exact', (rows) => {
    for (const cols of SIZES) {
      const samples = new Samples(rows * 1001 + cols)
      const X = samples.table(rows, cols, (n) => samples.whole(n), 0)
      const [w, r] = [Float64Array.from(samples.whole(cols)), Float64Array.from(samples.whole(rows))]
      // Beyond what float32 holds.
      const b = 2 ** 40 + 0.5
      expectExact(run(kernel, X, w, b), gemv(X, w, b))
      const expected = new Float64Array(X.stride).fill(b)
      for (const [k, sum] of gemvTransposed(X, r).entries()) expected[k]! += sum
      expectExact(runTransposed(kernel, X, r, b), expected)
    }
  })

  test('rounds as float64 does', () => {
    const samples = new Samples(1)
    for (const [rows, cols] of [
      [1000, 37],
      [301, 257],
    ] as const) {
      const X = samples.table(rows, cols, (n) => samples.uniform(n))
      const [w, r] = [widened(samples.uniform(cols)), widened(samples.uniform(rows))]
      const sizes = gemv(magnitude(X), magnitudes(w), 0)
      expectClose(run(kernel, X, w, 0), gemv(X, w, 0), (i) => 2 * (cols + 3) * EPS * sizes[i]!)
      const transposedSizes = gemvTransposed(magnitude(X), magnitudes(r))
      const sums = runTransposed(kernel, X, r, 0).subarray(0, cols)
      expectClose(sums, gemvTransposed(X, r), (k) => 2 * rows * EPS * transposedSizes[k]!)
    }
  })

  test('the transposed product has the same bits row by row', () => {
    const samples = new Samples(2)
    const X = samples.table(23, 13, (n) => samples.uniform(n))
    const r = widened(samples.uniform(23))
    let sums: Float64Array = new Float64Array(X.stride)
    for (let i = 0; i < X.rows; i++) {
      const row = { ...X, rows: 1, data: X.data.slice(i * X.stride, (i + 1) * X.stride) }
      const before = sums
      sums = inArena(kernel, (arena) => {
        const g = arena.inout(before)
        kernel.kernels.wideGemvTransposed(1, arena.input(row.data), X.stride, arena.input(r.slice(i, i + 1)), g)
        return arena.f64(g, X.stride)
      })
    }
    expectSameBits(runTransposed(kernel, X, r, 0), sums)
    expect(sums.some((sum) => sum !== 0)).toBe(true)
  })
})
