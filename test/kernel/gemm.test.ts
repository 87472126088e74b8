import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { runAsync, runSync } from '../../src/core/steps.ts'
import { init, kernel, type Matmul, matmul, Workspace } from '../../src/kernel/index.ts'
import { Pool } from '../../src/kernel/pool.ts'

const isPage = 'document' in globalThis
const jobs = vi.spyOn(Pool.prototype, 'run')

beforeEach(() => jobs.mockClear())

afterAll(async () => {
  await init({ variant: 'simd', threads: 1 })
})

interface Case {
  m: number
  n: number
  k: number
  transposeA?: boolean
  transposeB?: boolean
  accumulate?: boolean
}

// Not whole panels; more columns than the kernel takes at a time, by one too; one column, both ways.
const CASES: Case[] = [
  { m: 301, n: 77, k: 300 },
  { m: 200, n: 1025, k: 130, transposeA: true },
  { m: 101, n: 1600, k: 70, transposeB: true, accumulate: true },
  { m: 1000, n: 513, k: 65, transposeA: true, transposeB: true, accumulate: true },
  { m: 20_003, n: 1, k: 200 },
  { m: 20_003, n: 1, k: 150, transposeA: true },
]

/** What lies behind a row of C must stay. */
const GAP = 3

async function product(given: Case, run: typeof runAsync | typeof runSync): Promise<Float32Array> {
  const { m, n, k, transposeA = false, transposeB = false } = given
  const { memory } = kernel()
  using work = new Workspace(memory)
  const numbers = (length: number, step: number) =>
    Float32Array.from({ length }, (_, i) => (((i * step) % 1009) - 500) / 257)
  const ldc = n === 1 ? 1 : n + GAP
  const c = work.floatsOf(numbers(m * ldc, 31))
  const task: Matmul = {
    ...given,
    ...{ a: work.floatsOf(numbers(m * k, 7919)), lda: transposeA ? m : k },
    ...{ b: work.floatsOf(numbers(k * n, 104729)), ldb: transposeB ? k : n },
    ...{ c, ldc },
  }
  await run(matmul(kernel(), task))
  return memory.f32(c, m * ldc).slice()
}

describe.each(CASES)('$m x $n, $k terms, transposed $transposeA $transposeB', (given) => {
  let expected: Float32Array | undefined

  test.each([1, 2, 3, 7])('on %d threads: the same bits', async (threads) => {
    await init({ variant: 'simd', threads })
    const result = await product(given, runAsync)
    expected ??= result
    expect(result.findIndex((value, i) => !Object.is(value, expected![i]))).toBe(-1)
    expect(jobs).toHaveBeenCalledTimes(threads > 1 ? 1 : 0)
  })

  test('is the product', async () => {
    const { m, n, k, transposeA, transposeB, accumulate } = given
    const [a, b, c] = [7919, 104729, 31].map((step) => (i: number) => (((i * step) % 1009) - 500) / 257) as [
      (i: number) => number,
      (i: number) => number,
      (i: number) => number,
    ]
    const ldc = n === 1 ? 1 : n + GAP
    for (let at = 0; at < m * ldc; at += 997) {
      const [i, j] = [Math.floor(at / ldc), at % ldc]
      let sum = j < n && !accumulate ? 0 : c(at)
      for (let t = 0; j < n && t < k; t++) {
        sum += a(transposeA ? t * m + i : i * k + t) * b(transposeB ? j * k + t : t * n + j)
      }
      expect(Math.abs(expected![at]! - sum)).toBeLessThan(1e-3)
    }
  })
})

test('synchronously: on a page by the page itself', async () => {
  const [given] = CASES as [Case]
  await init({ threads: 1 })
  const expected = await product(given, runSync)
  await init({ threads: 2 })
  expect(await product(given, runSync)).toEqual(expected)
  expect(jobs).toHaveBeenCalledTimes(isPage ? 0 : 1)
})

test('a small product stays on one thread', async () => {
  await init({ threads: 2 })
  await product({ m: 100, n: 100, k: 100 }, runAsync)
  expect(jobs).not.toHaveBeenCalled()
})
