import { describe, expect, test } from 'vitest'
import { Matrix, type MatrixLike } from '../../src/kernel/index.ts'
import { expectSameBits } from '../assembly/expect-close.ts'
import { stored } from './stored.ts'

/** More than decide the shift, and more than are brought into kernel memory at a time. */
const ROWS = 3000

/** Whole numbers that a byte holds, so that any array can. */
function numbers(rows: number, cols: number): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, k) => (i * 7 + k * 13) % 128))
}

describe('the same numbers in any kind of row are the same matrix', () => {
  test.each([1, 5, 40])('%i columns', (cols) => {
    const plain = numbers(ROWS, cols)
    using expected = Matrix.from({ data: Float64Array.from(plain.flat()), rows: ROWS, cols })
    const kinds: Record<string, (row: number[]) => ArrayLike<number>> = {
      plain: (row) => row,
      holey: (row) => Object.assign(new Array(cols), row),
      Float64Array: (row) => Float64Array.from(row),
      Float32Array: (row) => Float32Array.from(row),
      Int8Array: (row) => Int8Array.from(row),
      'part of another': (row) => Float64Array.of(9, ...row, 9).subarray(1, cols + 1),
    }
    for (const kind of Object.values(kinds)) {
      using matrix = Matrix.from(plain.map(kind) as unknown as MatrixLike)
      expectSameBits(stored(matrix), stored(expected))
    }
    const mixed = plain.map((row, i) => Object.values(kinds)[i % 6]!(row))
    using matrix = Matrix.from(mixed as unknown as MatrixLike)
    expectSameBits(stored(matrix), stored(expected))
  })
})

describe('what is no row of numbers is said before what is not finite, wherever it is', () => {
  const wrong: [string, unknown, Error][] = [
    ['a string', ['1', 2], new TypeError('X: row 2500, column 0: expected a number, got "1"')],
    ['an empty string', [1, ''], new TypeError('X: row 2500, column 1: expected a number, got ""')],
    ['null', [null, 2], new TypeError('X: row 2500, column 0: expected a number, got null')],
    ['a hole', Object.assign(new Array(2), { 1: 2 }), new TypeError('X: row 2500, column 0: expected a number, got undefined')],
    ['true', [1, true], new TypeError('X: row 2500, column 1: expected a number, got true')],
    ['a short row', [1], new RangeError('X: expected 2 numbers in row 2500, got 1')],
    ['a short typed row', Float64Array.of(1), new RangeError('X: expected 2 numbers in row 2500, got 1')],
  ] // biome-ignore format: a table
  test.each(wrong)('%s', (_, row, error) => {
    for (const early of [3, 1100]) {
      const rows: unknown[] = numbers(ROWS, 2)
      rows[2500] = row
      expect(() => Matrix.from(rows as MatrixLike)).toThrow(error)
      rows[early] = [Number.NaN, 1]
      expect(() => Matrix.from(rows as MatrixLike)).toThrow(error)
    }
  })

  test.each([0, 1023, 1024, 2999])('NaN, infinity and what float32 does not hold in row %i', (i) => {
    const at = (value: number) => {
      const rows = numbers(ROWS, 3)
      rows[i]![2] = value
      return () => Matrix.from(rows)
    }
    expect(at(Number.NaN)).toThrow(`X: row ${i}, column 2 is NaN`)
    expect(at(Number.NEGATIVE_INFINITY)).toThrow(`X: row ${i}, column 2 is -Infinity`)
    // Among the rows that decide the shift it moves the shift instead.
    if (i > 1023) expect(at(1e39)).toThrow(`X: row ${i}, column 2 is 1e+39, beyond float32`)
  })
})
