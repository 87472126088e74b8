import { expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { inArena } from './arena.ts'
import { expectSameBits } from './expect-close.ts'
import { Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

function place(kernel: Kernel, from: Float64Array, cols: number, shift: Float64Array) {
  const rows = cols ? from.length / cols : 0
  const stride = (cols + 3) & ~3
  return inArena(kernel, (arena) => {
    const to = arena.room(rows * stride * 4)
    const ok = kernel.kernels.placeRows(rows, cols, arena.input(from, 8), arena.input(shift, 8), to, stride)
    return { ok: Boolean(ok), stored: arena.f32(to, rows * stride), stride }
  })
}

forEachVariant((kernel) => {
  test.each(SIZES)('rows of %i numbers are shifted, rounded once and padded', (cols) => {
    const samples = new Samples(cols)
    for (const rows of [1, 2, 5]) {
      // Digits that float32 does not hold, and a shift that leaves some of them.
      const from = Float64Array.from(samples.uniform(rows * cols), (x) => 1e6 + x * (1 + 1e-9))
      const shift = Float64Array.from(samples.uniform(cols), (x, k) => (k % 2 ? 1e6 + x / 3 : 0))
      const { ok, stored, stride } = place(kernel, from, cols, shift)
      const expected = new Float32Array(rows * stride)
      for (let i = 0; i < from.length; i++) {
        expected[Math.floor(i / cols) * stride + (i % cols)] = from[i]! - shift[i % cols]!
      }
      expect(ok).toBe(true)
      expectSameBits(stored, expected)
    }
  })

  test.each([1, 3, 4, 7, 8, 21])('one number of %i columns that is not finite as float32 is noticed', (cols) => {
    const shift = new Float64Array(cols)
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3.5e38, -1e300]) {
      for (let i = 0; i < 3 * cols; i++) {
        const from = new Float64Array(3 * cols).fill(1)
        from[i] = bad
        expect(place(kernel, from, cols, shift).ok).toBe(false)
      }
    }
    // Sums of these would overflow.
    expect(place(kernel, new Float64Array(3 * cols).fill(3.4e38), cols, shift).ok).toBe(true)
  })
})
