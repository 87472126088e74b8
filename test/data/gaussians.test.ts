import { expect, test } from 'vitest'
import { gaussians } from '../../src/data/index.ts'
import { kernelInfo } from '../../src/kernel/index.ts'

/** Mean and variance of each column over the rows of one class. */
function moments(data: ReturnType<typeof gaussians>, label: number) {
  const rows = Array.from({ length: data.X.rows }, (_, i) => i).filter((i) => data.y[i] === label)
  return data.featureNames.map((_, k) => {
    const values = rows.map((i) => data.X.row(i)[k]!)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
  })
}

test('two clouds of unit variance around (-2, -2) and (+2, +2)', () => {
  using data = gaussians({ rows: 20_000, seed: 1 })
  expect(data).toMatchObject({ featureNames: ['x0', 'x1'], targetName: 'y', skippedRows: 0 })
  expect(data.X).toMatchObject({ rows: 20_000, cols: 2, featureNames: ['x0', 'x1'] })
  for (const [label, centre] of [
    [0, -2],
    [1, 2],
  ] as const) {
    for (const { mean, variance } of moments(data, label)) {
      // Five standard errors of 10,000 draws.
      expect(Math.abs(mean - centre)).toBeLessThan(0.05)
      expect(Math.abs(variance - 1)).toBeLessThan(0.071)
    }
  }
})

test('classes come in the share asked for, mixed, labelled 0 and 1', () => {
  using data = gaussians({ rows: 1000, balance: 0.1, cols: 3, centre: 1 })
  expect(data.y.filter((label) => label === 1)).toHaveLength(100)
  expect(data.y.filter((label) => label === 0)).toHaveLength(900)
  expect(data.y.subarray(0, 100).every((label) => label === data.y[0])).toBe(false)
  expect(data.X.cols).toBe(3)
  expect(Math.abs(moments(data, 1)[2]!.mean - 1)).toBeLessThan(0.5)
})

test('the same for a seed, in any engine, and no two rows alike', () => {
  const rows = (seed: number) => {
    using data = gaussians({ rows: 70_000, seed })
    return [0, 1, 40_000, 69_999].map((i) => [...data.X.row(i)])
  }
  expect(rows(5)).toEqual(rows(5))
  expect(rows(5)).not.toEqual(rows(6))
  expect(new Set(rows(5).flat()).size).toBe(8)
  expect(rows(5)).toEqual([
    [-1.8476970195770264, -0.916996955871582],
    [-1.8452067375183105, -1.7110506296157837],
    [1.7950845956802368, 1.6758116483688354],
    [1.355954885482788, 1.921547532081604],
  ])
})

test('all of one class', () => {
  using data = gaussians({ rows: 10, balance: 1 })
  expect([...new Set(data.y)]).toEqual([1])
})

test('gives its memory back', () => {
  const before = kernelInfo().liveBytes
  gaussians().dispose()
  expect(kernelInfo().liveBytes).toBe(before)
})

test.each([
  { rows: 0 },
  { rows: 1.5 },
  { cols: 0 },
  { balance: 1.1 },
  { balance: Number.NaN },
  { centre: Number.POSITIVE_INFINITY },
  { seed: -1 },
])('%o is out of range', (options) => {
  expect(() => gaussians(options)).toThrow(RangeError)
})

test('an unknown option', () => {
  expect(() => gaussians({ row: 5 } as never)).toThrow(/^gaussians: unknown option "row", did you mean "rows"\?/)
})
