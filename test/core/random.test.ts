import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'

describe('uint32', () => {
  test('draws what the authors of xoshiro128** draw', () => {
    const random = new Random(0)
    random.state.set([1, 2, 3, 4])
    // From xoshiro128starstar.c, https://prng.di.unimi.it, compiled with gcc.
    const known = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804]
    expect(known.map(() => random.uint32())).toEqual(known)
  })

  test('is seeded by splitmix32', () => {
    expect([...new Random(0).state]).toEqual([1684164658, 3653269916, 2939563536, 2141751570])
    expect([...new Random(1).state]).toEqual([1580013426, 350525680, 3524174333, 3011703609])
  })

  test('the same seed draws the same, another seed something else, above 2^32 too', () => {
    const first = (seed: number) =>
      Array.from(
        { length: 4 },
        (
          (random) => () =>
            random.uint32()
        )(new Random(seed)),
      )
    const seeds = [0, 1, 2, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]
    for (const seed of seeds) expect(first(seed)).toEqual(first(seed))
    expect(new Set(seeds.map((seed) => first(seed).join())).size).toBe(seeds.length)
  })
})

describe('uniform', () => {
  test('lies in [0, 1), has 24 bits and the moments of a uniform distribution', () => {
    const random = new Random(3)
    const draws = Array.from({ length: 100_000 }, () => random.uniform())
    expect(draws.every((u) => u >= 0 && u < 1 && Number.isInteger(u * 2 ** 24))).toBe(true)
    const mean = draws.reduce((sum, u) => sum + u, 0) / draws.length
    const variance = draws.reduce((sum, u) => sum + (u - mean) ** 2, 0) / draws.length
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(0.004)
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002)
  })
})

describe('below', () => {
  test('is in range for every n', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (n, seed) => {
        const random = new Random(seed)
        for (let i = 0; i < 20; i++) {
          const draw = random.below(n)
          expect(Number.isInteger(draw) && draw >= 0 && draw < n).toBe(true)
        }
      }),
    )
  })

  test('reaches both ends of the whole range', () => {
    const random = new Random(1)
    const draws = Array.from({ length: 1000 }, () => random.below(2 ** 32))
    expect(Math.max(...draws)).toBeGreaterThan(0.99 * 2 ** 32)
    expect(Math.min(...draws)).toBeLessThan(0.01 * 2 ** 32)
  })

  test.each([2, 3, 5, 7, 100, 129])('is not biased: chi-square over %i cells', (n) => {
    const random = new Random(n)
    const counts = new Array(n).fill(0)
    const expected = 1000
    for (let i = 0; i < n * expected; i++) counts[random.below(n)]++
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // Mean n - 1, variance 2 (n - 1).
    expect(Math.abs(chiSquare - (n - 1))).toBeLessThan(4 * Math.sqrt(2 * (n - 1)))
  })

  test('is not biased where the range is not a power of two and large', () => {
    const random = new Random(9)
    const n = 3 * 2 ** 30
    const draws = 60_000
    let low = 0
    for (let i = 0; i < draws; i++) if (random.below(n) < 2 ** 30) low++
    // Taken modulo n, a third of the numbers would come twice as often: half of the draws instead of a third.
    expect(Math.abs(low / draws - 1 / 3)).toBeLessThan(0.01)
  })

  test('n = 1 draws nothing', () => {
    const random = new Random(4)
    const before = [...random.state]
    expect(random.below(1)).toBe(0)
    expect([...random.state]).toEqual(before)
  })
})

describe('shuffle', () => {
  test('keeps every item, in arrays of any kind', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        const shuffled = new Random(seed).shuffle([...items])
        expect([...shuffled].sort()).toEqual([...items].sort())
      }),
    )
    const typed = Uint32Array.of(1, 2, 3)
    expect(new Random(1).shuffle(typed)).toBe(typed)
  })

  test('every order of four is equally likely', () => {
    const random = new Random(11)
    const counts = new Map<string, number>()
    for (let i = 0; i < 24_000; i++) {
      const order = random.shuffle([0, 1, 2, 3]).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4.5 * Math.sqrt(1000))
  })
})
