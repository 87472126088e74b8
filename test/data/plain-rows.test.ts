import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseNumber } from '../../src/data/parse-number.ts'
import { FieldFinder, type PlainRows, plainRows, rowBegin } from '../../src/data/plain-rows.ts'
import { splitRows } from '../../src/data/split-rows.ts'

const utf8 = new TextEncoder()
const plainOf = (text: string, delimiter = ',', columns = 2) => plainRows(utf8.encode(text), delimiter, columns)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The fields as text. */
function fieldsOf(plain: PlainRows): string[][] {
  const fields = new FieldFinder(plain)
  return Array.from({ length: plain.count }, (_, i) =>
    Array.from({ length: plain.columns }, (_, c) => textOf(plain.bytes.subarray(...fields.range(i, c)))),
  )
}

describe('plainRows', () => {
  test.each([
    ['1,2\n3,4\n', 2, true],
    ['1,2\r\n3,4\r\n', 2, true],
    ['1,2\r\n3,4\n', 2, true],
    ['ä,2\n,\n', 2, false],
    ['1,ä\r\n', 1, false],
  ])('%j is plain', (text, count, ascii) => expect(plainOf(text)).toMatchObject({ count, ascii }))

  test.each([
    '1,2\n3\n',
    '1,2\n3,4,5\n',
    '1,2,3\n4\n',
    '1,2\n\n3,4\n',
    '"1",2\n',
    '1,2\r3,4\r',
    '1,2\r3,4\n',
    '1,2\n3,4',
    '\n',
    '',
  ])('%j is not', (text) => expect(plainOf(text)).toBeUndefined())

  test('bytes that are no UTF-8 are not', () => {
    expect(plainRows(Uint8Array.of(0xe4, 44, 49, 10), ',', 2)).toBeUndefined()
  })

  test('a single column is not: a blank line would be a row', () => {
    expect(plainOf('1\n\n2\n', ',', 1)).toBeUndefined()
  })

  test('a long text is, and leaves no trace in the next', () => {
    const long = plainOf('1,2\n'.repeat(100_000))!
    const short = plainOf('3,4\n')!
    expect([long.count, long.numbers.at(-1), short.count]).toEqual([100_000, 2, 1])
    expect([...short.numbers]).toEqual([3, 4])
  })
})

const field = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((v) => v.toFixed(4)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc.constantFrom(
    '0',
    '-0',
    '.5',
    '5.',
    '-.5',
    '00.10',
    '9007199254740993',
    '123456789012345',
    '1e5',
    '-2E-07',
    '1e+22',
  ),
)
const odd = fc.constantFrom(
  '',
  '.',
  '-',
  '1e',
  'e5',
  ' 1',
  'NA',
  '1.2.3',
  '--1',
  '+1',
  'é',
  '12345678901234567',
  '1e400',
)

test('finds the fields, and the numbers that parseNumber reads in them, or leaves them to it', () => {
  const rows = fc.array(fc.tuple(field, fc.oneof(field, odd), field), { minLength: 1 })
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), (table, lineBreak) => {
      const text = table.map((row) => row.join(';') + lineBreak).join('')
      const plain = plainOf(text, ';', 3)!
      const expected = splitRows(text, ';')
      expect(fieldsOf(plain)).toEqual(expected)
      expect(table.map((_, i) => rowBegin(plain, i))).toEqual(
        table.map(
          (_, i) =>
            utf8.encode(
              table
                .slice(0, i)
                .map((row) => row.join(';') + lineBreak)
                .join(''),
            ).length,
        ),
      )
      for (const [i, number] of plain.numbers.entries()) {
        const exact = parseNumber(expected.flat()[i]!)
        if (!Number.isNaN(number)) expect(number).toBe(exact)
      }
    }),
  )
})

test.each([33, 34, 100])('finds the fields of rows of %i, in any order', (columns) => {
  const table = Array.from({ length: 5 }, (_, i) => Array.from({ length: columns }, (_, c) => 'é'.repeat((i + c) % 3)))
  const plain = plainOf(table.map((row) => `${row.join(';')}\r\n`).join(''), ';', columns)!
  expect(fieldsOf(plain)).toEqual(table)
  const fields = new FieldFinder(plain)
  const text = (i: number, c: number) => textOf(plain.bytes.subarray(...fields.range(i, c)))
  for (let c = columns - 1; c >= 0; c--) for (const i of [4, 1, 3]) expect(text(i, c)).toBe(table[i]![c])
})
