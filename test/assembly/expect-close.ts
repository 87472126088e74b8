import { expect } from 'vitest'

/**
 * Every actual number within `tolerance(i)` of the expected one, and as many of them. One failure message with the
 * worst offender, where an expect for each number would take most of the suite's time.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: (i: number) => number,
): void {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!)
    if (!(error <= tolerance(i)))
      expect.fail(`[${i}]: expected ${expected[i]} within ${tolerance(i)}, got ${actual[i]} (off by ${error})`)
  }
}

/** The very same numbers. */
export function expectExact(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expectClose(actual, expected, () => 0)
}

/** The same bits. */
export function expectSameBits(actual: Float32Array | Float64Array, expected: Float32Array | Float64Array): void {
  const bytes = (x: Float32Array | Float64Array) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength)
  expectExact(bytes(actual), bytes(expected))
}
