import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseNumber } from '../../src/data/parse-number.ts'
import { plainRows, scanNumbers } from '../../src/data/plain-rows.ts'
import { splitRows } from '../../src/data/split-rows.ts'

describe('plainRows', () => {
  test.each([
    ['1,2\n3,4\n', 2],
    ['1,2\n3,4', 2],
    ['1,2\r\n3,4\r\n', 2],
    ['ä,2\n,\n', 2],
  ])('%j is plain', (text, count) => expect(plainRows(text, ',', 2)?.count).toBe(count))

  test.each(['1,2\n3\n', '1,2\n3,4,5\n', '1,2\n\n3,4\n', '"1",2\n', '1,2\r3,4\r', '1,2\n3', '\n'])(
    '%j is not',
    (text) => expect(plainRows(text, ',', 2)).toBeUndefined(),
  )

  test('a single column is not: a blank line would be a row', () => {
    expect(plainRows('1\n\n2\n', ',', 1)).toBeUndefined()
  })
})

const field = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((v) => v.toFixed(4)),
  fc.integer().map(String),
  fc.constantFrom('0', '-0', '.5', '5.', '00.10', '9007199254740993', '123456789012345', '-1.5'),
)
const odd = fc.constantFrom('', '.', '-', '1e5', ' 1', 'NA', '1.2.3', '--1', '+1', 'é', '12345678901234567')

test('the same numbers as row by row, or none', () => {
  const rows = fc.array(fc.tuple(field, fc.oneof(field, odd), fc.oneof({ weight: 9, arbitrary: field }, odd)), {
    minLength: 1,
  })
  fc.assert(
    fc.property(rows, (table) => {
      const text = table.map((row) => `${row.join(';')}\n`).join('')
      const plain = plainRows(text, ';', 3)!
      const data = scanNumbers(plain, ';', Int32Array.of(1, -1, 0), 2)
      const expected = splitRows(text, ';').flatMap(([a, , c]) => [parseNumber(c!), parseNumber(a!)])
      if (data) expect([...data]).toEqual(expected)
      else
        expect(table.some(([, , c]) => !/^-?(\d+\.?\d*|\.\d+)$/.test(c) || c.replace('-', '').length > 16)).toBe(true)
    }),
  )
})
