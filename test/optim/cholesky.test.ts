import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { runSync } from '../../src/core/steps.ts'
import { cholesky, choleskySolve } from '../../src/optim/index.ts'
import { ridgeCholesky } from '../../src/optim/ridge-cholesky.ts'

/** B B' + ridge I with B (n x rank) uniform in +-1. */
function gram(n: number, rank: number, ridge: number, seed = 1): Float64Array {
  const random = new Random(seed)
  const B = Array.from({ length: n * rank }, () => 2 * random.uniform() - 1)
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? ridge : 0
      for (let k = 0; k < rank; k++) sum += B[i * rank + k]! * B[j * rank + k]!
      a[i * n + j] = sum
    }
  }
  return a
}

/** The textbook, element by element; NaN where a pivot is negative. */
function reference(a: Float64Array, n: number): Float64Array {
  const l = a.slice()
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!
    }
  }
  return l
}

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 31, 64, 101]

describe('cholesky', () => {
  test.each(sizes)('n = %i: equals the reference, above the diagonal nothing changes', (n) => {
    const a = gram(n, n, 0.1)
    const l = a.slice()
    expect(runSync(cholesky(l, n))).toBe(true)
    const expected = reference(a, n)
    for (let k = 0; k < n * n; k++) expect(Math.abs(l[k]! - expected[k]!)).toBeLessThanOrEqual(1e-12 * n)
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(l[i * n + j]).toBe(a[i * n + j])
  })

  test('reads the lower triangle only', () => {
    const a = gram(6, 6, 1)
    const l = a.slice()
    for (let i = 0; i < 6; i++) for (let j = i + 1; j < 6; j++) l[i * 6 + j] = Number.NaN
    expect(runSync(cholesky(l, 6))).toBe(true)
    for (let i = 0; i < 6; i++)
      for (let j = 0; j <= i; j++) expect(l[i * 6 + j]).toBeCloseTo(reference(a, 6)[i * 6 + j]!, 12)
  })

  test('solves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (n, seed) => {
        const a = gram(n, n, 1, seed)
        const random = new Random(seed + 1)
        const x = Float64Array.from({ length: n }, () => random.uniform() - 0.5)
        const b = x.map((_, i) => x.reduce((sum, xj, j) => sum + a[i * n + j]! * xj, 0))
        expect(runSync(cholesky(a, n))).toBe(true)
        choleskySolve(a, n, b)
        for (let i = 0; i < n; i++) expect(Math.abs(b[i]! - x[i]!)).toBeLessThanOrEqual(1e-11)
      }),
    )
  })

  test('n = 0 is fine', () => {
    expect(runSync(cholesky(new Float64Array(0), 0))).toBe(true)
  })

  test.each(sizes)('n = %i: refuses what is not positive definite, wherever that shows', (n) => {
    for (const where of new Set([0, n >> 1, n - 1])) {
      for (const bad of [-1, 0, Number.NaN, Number.POSITIVE_INFINITY]) {
        const a = gram(n, n, 0.1)
        a[where * n + where] = bad
        expect(runSync(cholesky(a, n))).toBe(false)
      }
    }
    // Rank n - 1: the last pivot is rounding, of either sign.
    if (n > 1) expect(runSync(cholesky(gram(n, n - 1, 0), n))).toBe(false)
  })

  test('scale does not decide: 1e-200 and 1e200 times a definite matrix are definite', () => {
    for (const factor of [1e-200, 1e200]) {
      const a = gram(9, 9, 0.1).map((x) => factor * x)
      expect(runSync(cholesky(a, 9))).toBe(true)
    }
  })

  test('lets others work in between when the matrix is large', () => {
    const n = 300
    const a = gram(n, 1, 1)
    let breaks = 0
    for (const _ of cholesky(a, n)) breaks++
    expect(breaks).toBeGreaterThan(0)
  })
})

describe('ridgeCholesky', () => {
  const factor = (a: Float64Array, n: number) => runSync(ridgeCholesky(a, n, new Float64Array(n), new Float64Array(n)))

  test('adds nothing to a definite matrix', () => {
    const a = gram(13, 13, 0.1)
    const l = a.slice()
    expect(factor(l, 13)).toBe(0)
    runSync(cholesky(a, 13))
    expect(l).toEqual(a)
  })

  test('any symmetric matrix but 0 becomes A + ridge D with D = row sums of |A|, and its solution goes downhill', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), fc.integer({ min: -8, max: 8 }), (n, seed, exponent) => {
        const random = new Random(seed)
        const a = new Float64Array(n * n)
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            a[i * n + j] = (2 * random.uniform() - 1) * 10 ** (random.below(2) * exponent)
            a[j * n + i] = a[i * n + j]!
          }
        }
        const l = a.slice()
        const ridge = factor(l, n)
        expect(ridge).toBeGreaterThanOrEqual(0)
        expect(ridge).toBeLessThanOrEqual(11)
        const g = Float64Array.from({ length: n }, () => 2 * random.uniform() - 1)
        const d = g.map((x) => -x)
        choleskySolve(l, n, d)
        expect(d.reduce((sum, x, i) => sum + x * g[i]!, 0)).toBeLessThan(0)
        const sums = Float64Array.from({ length: n }, (_, i) =>
          a.slice(i * n, i * n + n).reduce((s, x) => s + Math.abs(x), 0),
        )
        for (let i = 0; i < n; i++) {
          let product = 0
          for (let k = 0; k <= i; k++) product += l[i * n + k]! ** 2
          const expected = a[i * n + i]! + ridge * Math.max(sums[i]!, 1e-8 * Math.max(...sums))
          expect(Math.abs(product - expected)).toBeLessThanOrEqual(1e-12 * Math.max(...sums))
        }
      }),
    )
  })

  test('a matrix of rank n - 1 needs the smallest ridge only', () => {
    expect(factor(gram(8, 7, 0), 8)).toBe(1e-8)
  })

  test('says NaN where nothing helps', () => {
    expect(factor(new Float64Array(9), 3)).toBeNaN()
    expect(factor(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toBeNaN()
    expect(factor(Float64Array.of(Number.POSITIVE_INFINITY, 0, 0, 1), 2)).toBeNaN()
  })
})
