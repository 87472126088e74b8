import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCsvRows, readCsvRows } from '../../src/data/index.ts'

test('numbers, words and truth values, quoted where they must be', () => {
  expect(
    formatCsvRows([
      ['a', 1.5, true],
      ['b,c', '"d"', 'e\nf'],
    ]),
  ).toBe('a,1.5,true\n"b,c","""d""","e\nf"\n')
  expect(formatCsvRows([['a,b', 'c;d']], ';')).toBe('a,b;"c;d"\n')
  expect(formatCsvRows([])).toBe('')
})

test('what is written is read again', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' '), minLength: 1, maxLength: 5 })
  const table = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const read: (readonly string[])[] = []
      for await (const batch of readCsvRows(formatCsvRows(rows), { delimiter: ',', header: false }))
        read.push(...batch.rows)
      expect(read).toEqual(rows)
    }),
  )
})
