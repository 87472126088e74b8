import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseNumber } from '../../src/data/parse-number.ts'

describe('parseNumber', () => {
  test('is Number, to the last bit, for every way to write a number', () => {
    const digits = fc.stringMatching(/^[+-]?\d{0,18}\.?\d{0,18}(?:[eE][+-]?\d{1,3})?$/)
    fc.assert(
      fc.property(fc.oneof(digits, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), (text) => {
        const expected = text === '' || !Number.isFinite(Number(text)) ? Number.NaN : Number(text)
        expect(parseNumber(text)).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['0', 0],
    ['-0', -0],
    ['+7', 7],
    ['.5', 0.5],
    ['5.', 5],
    [' 1.25 ', 1.25],
    ['\t3', 3],
    ['999999999999999', 999999999999999],
    ['9007199254740993', 9007199254740992],
    ['0.1234567890123456789', 0.12345678901234568],
    ['1e-7', 1e-7],
    ['5e-324', 5e-324],
  ])('%j is %d', (text, value) => {
    expect(parseNumber(text)).toBe(value)
  })

  test.each([
    '',
    ' ',
    '-',
    '+',
    '.',
    '-.',
    '1.2.3',
    '1,5',
    '1 2',
    '--1',
    '0x10',
    '0B1',
    '0o7',
    '1e',
    'e5',
    '1_000',
    '1n',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e999',
    'yes',
    '½',
  ])('%j is no number', (text) => {
    expect(parseNumber(text)).toBeNaN()
  })
})
