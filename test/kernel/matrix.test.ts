import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { disposeSymbol } from '../../src/core/dispose.ts'
import { kernelInfo, Matrix, MatrixBuilder, type MatrixLike } from '../../src/kernel/index.ts'
import { padding, rowsOf } from './stored.ts'

/** Whatever a test does, afterwards nothing is left in the kernel's memory. */
afterEach(() => {
  expect(kernelInfo().liveBytes).toBe(0)
})

const small = [
  [1, 2, 3],
  [4, 5, 6],
]

describe('from', () => {
  test.each<[string, MatrixLike]>([
    ['arrays', small],
    ['typed rows', small.map((row) => Float64Array.from(row))],
    ['rows of several kinds', [small[0]!, Float32Array.from(small[1]!)]],
    ['a dense Float64Array', { data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 2, cols: 3 }],
    ['a dense Float32Array', { data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 2, cols: 3 }],
  ])('copies %s', (_, X) => {
    using matrix = Matrix.from(X)
    expect(matrix).toMatchObject({ rows: 2, cols: 3, stride: 4, disposed: false })
    expect(rowsOf(matrix)).toEqual(small)
    expect(padding(matrix)).toEqual([0, 0])
  })

  test('a copy of a matrix is independent, names and shift included', () => {
    const first = Matrix.from([[1e6], [1e6 + 1]])
    first.featureNames = ['height']
    using second = Matrix.from(first)
    first.dispose()
    expect(rowsOf(second)).toEqual([[1e6], [1e6 + 1]])
    expect(second.featureNames).toEqual(['height'])
  })

  test('what kernel memory cannot hold is refused at once, with the way out', () => {
    expect(() => new MatrixBuilder(1024, { rows: 2 ** 20 })).toThrow(
      expect.objectContaining({ code: 'OUT_OF_MEMORY', hint: expect.stringContaining('fitBatches') }),
    )
    expect(() => new MatrixBuilder(1024, { rows: 2 ** 20 })).toThrow('X: 4.0 GiB as float32 do not fit')
    new MatrixBuilder(1024, { rows: 2 ** 20 - 1 }).dispose()
  })

  test('names are one string a column, a copy of them', () => {
    using matrix = Matrix.from([[1, 2]])
    expect(() => Object.assign(matrix, { featureNames: ['a'] })).toThrow(
      new RangeError('featureNames: expected 2 names (columns of X), got 1'),
    )
    expect(() => Object.assign(matrix, { featureNames: ['a', 2] })).toThrow(/featureNames\[1\].*string.*2/)
    expect(() => Object.assign(matrix, { featureNames: 'ab' })).toThrow(TypeError)
    expect(matrix.featureNames).toBeUndefined()
    const names = ['a', 'b']
    matrix.featureNames = names
    names[0] = 'c'
    expect(matrix.featureNames).toEqual(['a', 'b'])
    matrix.featureNames = undefined
    expect(matrix.featureNames).toBeUndefined()
  })

  test('any shape and any float32 comes back as it was', () => {
    const value = fc.float({ noNaN: true, min: -(2 ** 100), max: 2 ** 100 })
    const table = fc
      .integer({ min: 1, max: 9 })
      .chain((cols) => fc.array(fc.array(value, { minLength: cols, maxLength: cols }), { minLength: 1, maxLength: 40 }))
    fc.assert(
      fc.property(table, (rows) => {
        using matrix = Matrix.from(rows)
        expect(padding(matrix).every((zero) => zero === 0)).toBe(true)
        for (const [i, row] of rows.entries()) {
          for (const [k, got] of matrix.row(i).entries()) {
            // Exact where nothing is shifted, else off by the rounding of the difference (to a denormal: its step) and
            // of the sum.
            const shift = matrix.shift[k]!
            const size = Math.abs(row[k]! - shift)
            const tolerance = shift === 0 ? 0 : 2 ** -24 * size + 2 ** -149 + 2 ** -52 * (Math.abs(shift) + size)
            expect(Math.abs(got - row[k]!)).toBeLessThanOrEqual(tolerance)
          }
        }
      }),
    )
  })

  test('keeps more rows than decide the shift', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => [i, 1 - i])
    using matrix = Matrix.from(rows)
    expect(rowsOf(matrix)).toEqual(rows)
  })

  test.each<[unknown, typeof TypeError | typeof RangeError, string]>([
    [undefined, TypeError, 'X: expected rows (number[][])'],
    [null, TypeError, 'got null'],
    ['1,2', TypeError, 'got "1,2"'],
    [[], RangeError, 'X: expected at least one row, got 0'],
    [[[]], RangeError, 'X: expected at least one column, got 0'],
    [[1, 2], TypeError, 'X: expected an array of rows, got an array of numbers'],
    [[[1, 2], [3]], RangeError, 'X: expected 2 numbers in row 1, got 1'],
    [[[1], [2, 3]], RangeError, 'X: expected 1 numbers in row 1, got 2'],
    [[[1], null], TypeError, 'X: expected an array of numbers in row 1, got null'],
    [[[1], '2'], TypeError, 'X: expected an array of numbers in row 1, got "2"'],
    [
      [
        [1, 2],
        [3, '4'],
      ],
      TypeError,
      'X: row 1, column 1: expected a number, got "4"',
    ],
    [
      [
        [1, 2],
        [null, 4],
      ],
      TypeError,
      'X: row 1, column 0: expected a number, got null',
    ],
    [[[1, undefined]], TypeError, 'X: row 0, column 1: expected a number, got undefined'],
    [[[true]], TypeError, 'X: row 0, column 0: expected a number, got true'],
    [{ data: [1, 2], rows: 1, cols: 2 }, TypeError, 'a Float32Array or Float64Array'],
    [{ data: new Float64Array(5), rows: 2, cols: 3 }, RangeError, 'X: expected 6 numbers (2 rows x 3 cols), got 5'],
    [{ data: new Float64Array(6), rows: 2 }, RangeError, 'X: expected at least one column, got undefined'],
    [{ data: new Float64Array(0), rows: 0, cols: 3 }, RangeError, 'X: expected at least one row, got 0'],
    [{ data: new Float64Array(3), rows: 1.5, cols: 2 }, RangeError, 'X: expected at least one row, got 1.5'],
  ])('refuses %j', (X, kind, message) => {
    const attempt = () => Matrix.from(X as MatrixLike)
    expect(attempt).toThrow(kind)
    expect(attempt).toThrow(message)
  })

  // Before the shift is decided, at its end, after it.
  test.each([0, 1023, 1024, 2999])('a number that is none is named: row %i', (row) => {
    for (const [bad, code, text] of [
      [Number.NaN, 'NON_FINITE', 'is NaN'],
      [Number.POSITIVE_INFINITY, 'NON_FINITE', 'is Infinity'],
      [Number.NEGATIVE_INFINITY, 'NON_FINITE', 'is -Infinity'],
      [1e39, 'FLOAT32_OVERFLOW', 'is 1e+39, beyond float32'],
      [-3.5e38, 'FLOAT32_OVERFLOW', 'is -3.5e+38, beyond float32'],
    ] as const) {
      const data = new Float64Array(3000 * 5)
      data[row * 5 + 3] = bad
      const error = expect.objectContaining({
        name: 'DataError',
        code,
        row,
        column: 3,
        message: expect.stringContaining(`X: row ${row}, column 3 ${text}`),
      })
      expect(() => Matrix.from({ data, rows: 3000, cols: 5 })).toThrow(error)
      const rows = Array.from({ length: 3000 }, (_, i) => [...data.subarray(i * 5, i * 5 + 5)])
      expect(() => Matrix.from(rows)).toThrow(error)
    }
  })

  test('the first bad number is the one that is named', () => {
    const error = expect.objectContaining({ row: 1, column: 0, code: 'FLOAT32_OVERFLOW' })
    expect(() =>
      Matrix.from([
        [1, 2],
        [1e300, Number.NaN],
        [Number.NaN, 1],
      ]),
    ).toThrow(error)
  })

  test('firstRow is where error messages count from', () => {
    expect(() => Matrix.from([[Number.NaN]], { firstRow: 10 })).toThrow(expect.objectContaining({ row: 10 }))
    expect(() => Matrix.from([[1], [1, 2]], { firstRow: 10 })).toThrow('in row 11')
  })
})

describe('life', () => {
  test('dispose gives the memory back, once', () => {
    const matrix = Matrix.from(small)
    expect(kernelInfo().liveBytes).toBe(32)
    matrix.dispose()
    expect(kernelInfo().liveBytes).toBe(0)
    matrix.dispose()
    matrix[disposeSymbol]()
    expect(matrix.disposed).toBe(true)
  })

  test('using a disposed matrix is an error', () => {
    const matrix = Matrix.from(small)
    matrix.dispose()
    const error = expect.objectContaining({ name: 'KernelError', code: 'DISPOSED' })
    for (const use of [
      () => matrix.slabs,
      () => matrix.row(0),
      () => matrix.takeRows(Uint32Array.of(0)),
      () => matrix.sliceRows(0, 1),
      () => matrix.permuteRows(Uint32Array.of(1, 0)),
      () => matrix.keepRows(1),
      () => Matrix.from(matrix),
    ])
      expect(use).toThrow(error)
  })

  test('what is held stays until it is let go', () => {
    const matrix = Matrix.from(small)
    const { slabs } = matrix
    const [first, second] = [slabs.hold(), slabs.hold()]
    matrix.dispose()
    expect(() => matrix.slabs).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
    expect([...slabs.memory.f32(slabs.pointers[0]!, 4)]).toEqual([1, 2, 3, 0])
    first()
    first()
    expect(kernelInfo().liveBytes).toBe(32)
    second()
    expect(kernelInfo().liveBytes).toBe(0)
  })

  test('holding and letting go does not dispose', () => {
    using matrix = Matrix.from(small)
    matrix.slabs.hold()()
    expect(rowsOf(matrix)).toEqual(small)
  })
})
