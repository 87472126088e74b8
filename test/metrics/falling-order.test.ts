import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fallingOrder } from '../../src/metrics/falling-order.ts'

describe('fallingOrder', () => {
  const byComparator = (scores: Float64Array) =>
    Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)

  test('sorts like a comparator, ties in row order', () => {
    // Halves keep the comparator's differences finite.
    const any = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value / 2 + 0)
    const tied = fc.integer({ min: -2, max: 2 }).map((value) => value + 0)
    fc.assert(
      fc.property(fc.array(fc.oneof(any, tied)), (list) => {
        const scores = Float64Array.from(list)
        expect(Array.from(fallingOrder(scores))).toEqual(byComparator(scores))
      }),
    )
  })

  test('none, one, and the ends of the range', () => {
    expect(Array.from(fallingOrder(new Float64Array(0)))).toEqual([])
    expect(Array.from(fallingOrder(Float64Array.of(3)))).toEqual([0])
    const ends = Float64Array.of(-5e-324, Number.MAX_VALUE, 0, -Number.MAX_VALUE, 5e-324)
    expect(Array.from(fallingOrder(ends))).toEqual([1, 4, 2, 0, 3])
  })

  test('leaves the scores alone and works on a part of a buffer', () => {
    const whole = Float64Array.of(9, 1, 2, 3, 9)
    expect(Array.from(fallingOrder(whole.subarray(1, 4)))).toEqual([2, 1, 0])
    expect(Array.from(whole)).toEqual([9, 1, 2, 3, 9])
  })
})
