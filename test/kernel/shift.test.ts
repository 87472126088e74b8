import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { kernelInfo, Matrix, normals } from '../../src/kernel/index.ts'
import { stored } from './stored.ts'

afterEach(() => {
  expect(kernelInfo().liveBytes).toBe(0)
})

/** 2,000 rows of one column with this mean and standard deviation. */
function column(mean: number, std: number): Float64Array {
  const values = new Float64Array(2000)
  normals(1, values)
  const average = values.reduce((sum, z) => sum + z, 0) / 2000
  const deviation = Math.sqrt(values.reduce((sum, z) => sum + (z - average) ** 2, 0) / 2000)
  return values.map((z) => mean + (std * (z - average)) / deviation)
}
const matrixOf = (data: Float64Array) => Matrix.from({ data, rows: data.length, cols: 1 })

test.each([
  [0, 1],
  [5, 1],
  [-7, 1],
  [1e-3, 1e-3],
])('mean %f, std %f: none', (mean, std) => {
  using matrix = matrixOf(column(mean, std))
  expect(matrix.shift[0]).toBe(0)
})

test.each([
  [9.5, 1],
  [-100, 1],
  [1e6, 1],
  [1.7e12, 1e3],
  [1e-20, 1e-25],
])('mean %f, std %f: the mean of 1,024 rows', (mean, std) => {
  const values = column(mean, std)
  using matrix = matrixOf(values)
  const average = values.subarray(0, 1024).reduce((sum, x) => sum + x, 0) / 1024
  expect(Math.abs(matrix.shift[0]! - average)).toBeLessThanOrEqual(2e-15 * Math.abs(average))
  // The digits of the deviations survive: within half an ulp of float32 of a deviation of at most 5 std.
  for (const [i, x] of values.entries())
    expect(Math.abs(matrix.row(i)[0]! - x)).toBeLessThan(5 * std * 2 ** -24 + Math.abs(mean) * 2 ** -52)
})

test('every column has its own', () => {
  const [a, b] = [column(0, 1), column(1e6, 1)]
  using matrix = Matrix.from(Array.from(a, (x, i) => [x, b[i]!, 5]))
  expect([...matrix.shift].map(Math.round)).toEqual([0, 1e6, 5])
})

test('a constant column is stored as zeros, whatever the number and however many', () => {
  const value = fc.double({ noNaN: true, min: 1e-100, max: 1e100 }).chain((x) => fc.constantFrom(x, -x, 0))
  fc.assert(
    fc.property(value, fc.integer({ min: 1, max: 1100 }), (x, rows) => {
      using matrix = matrixOf(new Float64Array(rows).fill(x))
      expect(stored(matrix).every((zero) => zero === 0)).toBe(true)
      expect(matrix.row(rows - 1)[0]! - x).toBe(0)
    }),
  )
})

test('one that is given is taken as it is', () => {
  using matrix = Matrix.from(
    [
      [1e6, 2],
      [1e6 + 1, 3],
    ],
    { shift: Float64Array.of(1e6 - 1, 0) },
  )
  expect([...stored(matrix)]).toEqual([1, 2, 2, 3])
  expect([...matrix.shift]).toEqual([1e6 - 1, 0])
  expect(() => Matrix.from([[1, 2, 3]], { shift: new Float64Array(2) })).toThrow(
    new RangeError('shift: expected 3 numbers (columns of X), got 2'),
  )
})

test('normals are the same for a seed, in any kind of array', () => {
  const [a, b, c] = [new Float32Array(101), new Float64Array(101), new Float32Array(101)]
  normals(3, a, 2, 0.5)
  normals(3, b, 2, 0.5)
  normals(4, c, 2, 0.5)
  expect([...b]).toEqual([...a])
  expect([...c]).not.toEqual([...a])
})
