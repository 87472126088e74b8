import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainRows } from '../../src/data/plain-rows.ts'

/** The number that is read in a field without a closer look; NaN if none is. */
function quick(text: string): number {
  return plainRows(new TextEncoder().encode(`${text},\n`), ',', 2)!.numbers[0]!
}

describe('numbers read from bytes', () => {
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })
  const digits = fc.stringMatching(/^-?\d{0,20}\.?\d{0,20}(?:[eE][+-]?\d{1,3})?$/)

  test('are what Number gives, to the last bit, or not read', () => {
    fc.assert(
      fc.property(fc.oneof(digits, doubles.map(String)), (text) => {
        const value = quick(text)
        if (!Number.isNaN(value)) expect(value).toBe(Number(text))
      }),
      { numRuns: 5000 },
    )
  })

  test('are read where a table has 17 digits, as other programs write them', () => {
    const ordinary = fc.double({ noNaN: true, min: 1e-5, max: 1e9 })
    fc.assert(
      fc.property(ordinary, (value) => {
        expect(quick(String(value))).toBe(value)
        expect(quick(`-${value}`)).toBe(-value)
      }),
      { numRuns: 5000 },
    )
  })

  test('are rounded to even, or left alone, half-way between two float64', () => {
    for (let i = 0; i < 2000; i++) {
      const half = 2n ** 53n + 2n * BigInt(i) + 1n
      for (const text of [`${half}`, `${half - 1n}`, `${half + 1n}`, `${half}.0`, `${half}e0`]) {
        const value = quick(text)
        if (!Number.isNaN(value)) expect(value).toBe(Number(text))
      }
      expect(quick(`${half + 1n}`)).toBe(Number(half + 1n))
    }
  })

  test.each([
    ['0', 0],
    ['-0', -0],
    ['-0.0', -0],
    ['000000000000000000000.5', 0.5],
    ['123456789.', 123456789],
    ['1234567890.', 1234567890],
    ['123456789012345678', 123456789012345680],
    ['0.00012345678901234567', 0.00012345678901234567],
    ['1e-05', 1e-5],
    ['-1.5E+3', -1500],
    ['1e22', 1e22],
    ['999999999e-22', 999999999e-22],
  ])('%s', (text, value) => expect(quick(text)).toBe(value))

  test.each([
    '',
    '-',
    '.',
    '-.',
    '+1',
    ' 1',
    '1 ',
    '1e',
    '1e+',
    'e1',
    '.e1',
    '1e23',
    '1e1000',
    '1.2.3',
    '0x1',
    '1_0',
    'NaN',
  ])('%j takes a closer look', (text) => expect(quick(text)).toBeNaN())
})
