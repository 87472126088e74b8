import { expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { gemv, gemvTransposed } from '../reference/matmul.ts'
import { magnitude, magnitudes, type Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectExact, expectSameBits } from './expect-close.ts'
import { EPS, padded, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

/** Calls gemv; what w holds beyond the columns must not matter. */
function run(kernel: Kernel, X: Table, w: Float32Array, b: number): Float32Array {
  return inArena(kernel, (arena) => {
    const z = arena.room(X.rows * 4)
    kernel.kernels.gemv(X.rows, arena.input(X.data), X.stride, arena.input(padded(w, X.stride, 7)), z, b)
    return arena.f32(z, X.rows)
  })
}

/** Calls gemvTransposed on sums that begin at `start`. */
function runTransposed(kernel: Kernel, X: Table, r: Float32Array, start: number): Float64Array {
  return inArena(kernel, (arena) => {
    const g = arena.inout(new Float64Array(X.stride).fill(start))
    const scratch = arena.room(X.stride * 4)
    kernel.kernels.gemvTransposed(X.rows, arena.input(X.data), X.stride, arena.input(r), g, scratch)
    return arena.f64(g, X.stride)
  })
}

/** Rows [begin, end) as a table of their own. */
function rowsOf(X: Table, begin: number, end: number): Table {
  return { ...X, rows: end - begin, data: X.data.slice(begin * X.stride, end * X.stride) }
}

forEachVariant((kernel) => {
  test.each(SIZES)('%i rows of any width, on whole numbers: exact', (rows) => {
    // Eight lane vectors have a loop of their own: 8 and 32 columns.
    for (const [i, cols] of [...SIZES, 8, 32].entries()) {
      const samples = new Samples(rows * 1001 + cols)
      // Every other table has more padding than it needs.
      const X = samples.table(rows, cols, (n) => samples.whole(n), (i % 2) * 8)
      const [w, r] = [samples.whole(cols), samples.whole(rows)]
      const b = i % 3 === 0 ? 0 : -2.5
      expectExact(run(kernel, X, w, b), gemv(X, w, b))
      const sums = gemvTransposed(X, r)
      expectExact(
        runTransposed(kernel, X, r, 3),
        padded64(sums, X.stride).map((sum) => sum + 3),
      )
    }
  })

  test('rounds as float32 does, over at most half a row or 256 rows', () => {
    const samples = new Samples(1)
    for (const [rows, cols] of [
      [1000, 37],
      [300, 257],
    ] as const) {
      const X = samples.table(rows, cols, (n) => samples.uniform(n))
      const [w, r] = [samples.uniform(cols), samples.uniform(rows)]
      const sizes = gemv(magnitude(X), magnitudes(w), 0)
      expectClose(run(kernel, X, w, 0), gemv(X, w, 0), (i) => (X.stride / 2 + 3) * EPS * sizes[i]!)
      const transposedSizes = gemvTransposed(magnitude(X), magnitudes(r))
      const sums = runTransposed(kernel, X, r, 0).subarray(0, cols)
      expectClose(sums, gemvTransposed(X, r), (k) => 257 * EPS * transposedSizes[k]!)
    }
  })

  test("a row's bits do not depend on its place", () => {
    for (const cols of [1, 4, 5, 8, 12, 16, 32, 37, 257]) {
      const samples = new Samples(cols)
      const X = samples.table(23, cols, (n) => samples.uniform(n))
      const w = samples.uniform(cols)
      const together = run(kernel, X, w, 0.7)
      for (let i = 0; i < X.rows; i++) {
        // Alone, first of a group of eight, and at every place in a group or a tail.
        for (let more = 0; more < 12 && i + more < X.rows; more++) {
          const part = run(kernel, rowsOf(X, i, i + more + 1), w, 0.7)
          expectSameBits(part, together.slice(i, i + more + 1))
        }
      }
    }
  })

  test("a row's bits do not depend on the block it is in", () => {
    const samples = new Samples(2)
    const X = samples.table(1000, 37, (n) => samples.uniform(n))
    const w = samples.uniform(37)
    const together = run(kernel, X, w, 0)
    for (const n of SIZES) expectSameBits(run(kernel, rowsOf(X, 0, n), w, 0), together.slice(0, n))
    for (const n of SIZES) expectSameBits(run(kernel, rowsOf(X, 1000 - n, 1000), w, 0), together.slice(1000 - n))
    for (const i of [0, 63, 64, 128, 255, 256, 511, 767, 768, 825, 826, 999])
      expectSameBits(run(kernel, rowsOf(X, i, i + 1), w, 0), together.slice(i, i + 1))
  })

  test('more padding does not change a bit', () => {
    const samples = new Samples(9)
    const narrow = samples.table(50, 30, (n) => samples.uniform(n))
    const wide = { ...narrow, stride: 48, data: new Float32Array(50 * 48) }
    for (let i = 0; i < 50; i++) wide.data.set(narrow.data.subarray(i * 32, i * 32 + 30), i * 48)
    const [w, r] = [samples.uniform(30), samples.uniform(50)]
    expectSameBits(run(kernel, wide, w, 0), run(kernel, narrow, w, 0))
    const sums = runTransposed(kernel, wide, r, 0)
    expectSameBits(sums.slice(0, 32), runTransposed(kernel, narrow, r, 0))
    expect([...sums.slice(32)]).toEqual(new Array(16).fill(0))
  })
})

function padded64(values: Float64Array, length: number): Float64Array {
  const row = new Float64Array(length)
  row.set(values)
  return row
}
