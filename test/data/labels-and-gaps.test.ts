import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { failure, read } from './reading.ts'

describe('labels', () => {
  const labelsOf = async (...labels: string[]) =>
    (await read(`a,y\n${labels.map((label) => `1,${label}`).join('\n')}\n`, { target: 'y' })).y

  test.each<[string, string[], (string | number)[]]>([
    ['numbers', ['1', '0', '01', ' 1.0 '], [1, 0, 1, 1]],
    ['words as they stand', ['01', 'x', '1.0', ' x '], ['01', 'x', '1.0', 'x']],
    ['truth words stay words', ['true', 'false', 'True'], ['true', 'false', 'True']],
    ['quoted ones', ['"a,b"', '"say ""x"""'], ['a,b', 'say "x"']],
  ])('%s', async (_, labels, expected) => {
    expect(await labelsOf(...labels)).toEqual(expected)
  })

  test('any number of different numbers', async () => {
    const labels = Array.from({ length: 70_000 }, (_, i) => i / 4)
    expect(await labelsOf(...labels.map(String))).toEqual(labels)
  })

  test('not any number of different words', async () => {
    for (const last of ['x', '5']) {
      const words = Array.from({ length: 2 ** 16 }, (_, i) => (last === 'x' ? String(i) : `id${i}`))
      const error = await failure(`a,y\n${[...words, last].map((label) => `1,${label}`).join('\n')}`, { target: 'y' })
      expect(error).toBeInstanceOf(DataError)
      expect(error.code).toBe('TOO_MANY_CLASSES')
      expect(error.message).toMatch(/^target: column "y" has more than 65536 different labels/)
    }
  })
})

describe('missing values', () => {
  const HOLES = 'a,b,y\n1,10,u\n,20,v\n3,NA,u\n5,30,?\n6,40,v\n'

  test('are an error, with row, column and line', async () => {
    const error = await failure(HOLES, { target: 'y' })
    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({ code: 'MISSING_VALUE', row: 1, column: 0 })
    expect(error.message).toMatch(
      /^line 3: column "a" has no value \(""\)\. .*missing: 'drop'.*missing: 'mean'.*drop: \["a"\]/,
    )
  })

  test('or their rows are left out', async () => {
    expect(await read(HOLES, { target: 'y', missing: 'drop' })).toMatchObject({
      rows: [
        [1, 10],
        [6, 40],
      ],
      y: ['u', 'v'],
      skippedRows: 3,
    })
  })

  test('or the mean of the column stands in; labels have none', async () => {
    const error = await failure(HOLES, { target: 'y', missing: 'mean' })
    expect(error).toMatchObject({ code: 'MISSING_VALUE', row: 3, column: 2 })
    expect(error.message).toMatch(/^line 5: column "y" has no value \("\?"\)\. It is the target/)
    expect(await read(HOLES, { drop: ['y'], missing: 'mean' })).toMatchObject({
      rows: [
        [1, 10],
        [3.75, 20],
        [3, 25],
        [5, 30],
        [6, 40],
      ],
    })
  })

  test('the mean is that of the whole table, in columns far from 0 too', async () => {
    const value = (i: number) => (i % 3 === 0 ? '' : 1e6 + (i % 3) - 1.5)
    const text = Array.from({ length: 6000 }, (_, i) => `${value(i)},${i < 5999 ? '' : 4}`).join('\n')
    const { rows } = await read(`a,b\n${text}`, { missing: 'mean' })
    expect(rows.every(([a], i) => a === (i % 3 === 0 ? 1e6 : 1e6 + (i % 3) - 1.5))).toBe(true)
    expect(rows.every(([, b]) => b === 4)).toBe(true)
  })

  test('a column without any value has no mean', async () => {
    const error = await failure('a,b\n1,\n2,NA\n', { missing: 'mean' })
    expect(error).toMatchObject({ code: 'MISSING_VALUE', column: 1 })
    expect(error.message).toMatch(/^column "b" has no value in any row\. .*drop: \["b"\]/)
  })

  test('are what one says they are', async () => {
    const text = 'a,b\n1,-999\n2,3\n-999.0,none\n'
    expect(await read(text, { missing: 'drop', missingValues: ['-999', 'none'] })).toMatchObject({ rows: [[2, 3]] })
    expect(await failure('a\n1\nNA\n', { missing: 'drop', missingValues: [''] })).toMatchObject({ code: 'TEXT_COLUMN' })
  })

  test('in every row leave nothing', async () => {
    const error = await failure('a,b\n1,\n2,\n', { missing: 'drop' })
    expect(error).toMatchObject({ code: 'TOO_FEW_ROWS' })
    expect(error.message).toMatch(/2 were left out/)
  })
})
