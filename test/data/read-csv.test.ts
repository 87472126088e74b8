import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { DataError, ParseError } from '../../src/core/errors.ts'
import type { Dataset, ReadCsvOptions, UnlabelledDataset } from '../../src/data/index.ts'
import { readCsv, readCsvRows } from '../../src/data/index.ts'
import { kernelInfo } from '../../src/kernel/index.ts'
import { failure, read } from './reading.ts'

const FLOWERS = 'length,width,species\n5.1,3.5,setosa\n7,3.25,versicolor\n6.5,3,setosa\n'

describe('a table', () => {
  test('with words for labels', async () => {
    const before = kernelInfo().liveBytes
    const data = await read(FLOWERS, { target: 'species' })
    expect(data).toMatchObject({ featureNames: ['length', 'width'], targetName: 'species', skippedRows: 0 })
    expect(data.rows).toEqual([
      [Math.fround(5.1), 3.5],
      [7, 3.25],
      [6.5, 3],
    ])
    expect(data.y).toEqual(['setosa', 'versicolor', 'setosa'])
    expect(data.X.featureNames).toEqual(['length', 'width'])
    expect(kernelInfo().liveBytes).toBe(before)
  })

  test('without a target has no y', async () => {
    const data = await readCsv('a,b\n1,2\n')
    expectTypeOf(data).toEqualTypeOf<UnlabelledDataset>()
    expect(data).not.toHaveProperty('y')
    data.dispose()
    expect(data.X.disposed).toBe(true)
  })

  test('with a target has one, in types too', async () => {
    const data = await readCsv('a,b\n1,2\n', { target: 0 })
    expectTypeOf(data).toEqualTypeOf<Dataset>()
    expect(data.y).toEqual(Float64Array.of(1))
    data.dispose()
  })

  test.each<[string, ReadCsvOptions, string, string[]]>([
    ['by position', { target: 0 }, 'a', ['b', 'c', 'd']],
    ['from the end', { target: -1 }, 'd', ['a', 'b', 'c']],
    ['some columns, in that order', { target: 'a', columns: ['d', 1] }, 'a', ['d', 'b']],
    ['without some columns', { target: 'a', drop: ['b', -1] }, 'a', ['c']],
  ])('%s', async (_, options, targetName, featureNames) => {
    const data = await read('a,b,c,d\n1,2,3,4\n', options)
    expect(data).toMatchObject({ targetName, featureNames })
    expect(data.rows).toEqual([featureNames.map((name) => 'abcd'.indexOf(name) + 1)])
  })

  test('of any length: rows keep their order over blocks, pieces and the rows that decide the shift', async () => {
    const count = 5000
    const text = Array.from({ length: count }, (_, i) => `${i},${1e6 + (i % 7)},${i % 3}`).join('\n')
    const { rows, y } = await read(`a,b,c\n${text}`, { target: 'c' })
    expect(rows).toEqual(Array.from({ length: count }, (_, i) => [i, 1e6 + (i % 7)]))
    expect(y).toEqual(Array.from({ length: count }, (_, i) => i % 3))
  })

  // By a search for each name, and each field counted from an end of its row, this took minutes.
  test('of fifty thousand columns with spaces about, asked for by name', async () => {
    const names = Array.from({ length: 50_000 }, (_, k) => `c${k}`)
    const text = `${names.join()}\n${`${names.map((_, k) => ` ${k}`).join()}\n`.repeat(3)}`
    const { rows, featureNames } = await read(text, { columns: names.slice(1).reverse(), target: 'c0' })
    expect([featureNames[0], featureNames.length]).toEqual(['c49999', 49_999])
    expect(rows.map((row) => [row[0], row.at(-1)])).toEqual([1, 2, 3].map(() => [49_999, 1]))
  })

  test('wider than a block', async () => {
    const wide = (row: number) => Array.from({ length: 3000 }, (_, k) => row * 3000 + k)
    const text = [0, 1, 2].map((row) => wide(row).join()).join('\n')
    expect((await read(text)).rows).toEqual([wide(0), wide(1), wide(2)])
  })

  test('in all the ways to write numbers', async () => {
    expect((await read('a;b;c\n1e3; -.5 ;"+7"\r\n0.0;5.;00\r\n')).rows).toEqual([
      [1000, -0.5, 7],
      [0, 5, 0],
    ])
  })

  test('names that are asked for make a header of numbers one', async () => {
    expect(await read('1,2,3\n4,5,6\n', { target: '3' })).toMatchObject({ featureNames: ['1', '2'], y: [6] })
  })
})

describe('bad data', () => {
  /** Rows enough for memory to be in use when the bad one comes. */
  const long = '1,2,0\n'.repeat(3000)

  test.each<[string, string, ReadCsvOptions, Partial<DataError>, RegExp]>([
    [
      'words',
      'a,b,y\n1,2,0\n1,red,0\n',
      {},
      { code: 'TEXT_COLUMN', row: 1, column: 1 },
      /^line 3: column "b" has "red", which is no number\. Leave the column out with \{ drop: \["b"\] \} or encode/,
    ],
    [
      'words behind many rows',
      `a,b,y\n${long}1,red,0\n`,
      {},
      { code: 'TEXT_COLUMN', row: 3000 },
      /^line 3002: column "b"/,
    ],
    ['a decimal comma', 'a;b;y\n1,5;2;0\n', {}, { code: 'TEXT_COLUMN', column: 0 }, /"1,5".*decimal point/],
    ['hexadecimal', 'a,b,y\n1,0x1F,0\n', {}, { code: 'TEXT_COLUMN' }, /"0x1F"/],
    [
      'infinity',
      `a,b,y\n${long}1,-inf,0\n`,
      {},
      { code: 'NON_FINITE', row: 3000, column: 1 },
      /^line 3002: column "b" has "-inf", which is not finite/,
    ],
    [
      'NaN that is no missing value',
      'a,b,y\nNaN,1,0\n',
      { missingValues: [''] },
      { code: 'NON_FINITE', row: 0 },
      /"NaN", which is not finite/,
    ],
    [
      'too large for float32',
      'a,b,y\n1,1e39,0\n',
      {},
      { code: 'FLOAT32_OVERFLOW', column: 1 },
      /"1e39", beyond float32\. Scale/,
    ],
    ['too large for float64', 'a,b,y\n1,1e999,0\n', {}, { code: 'FLOAT32_OVERFLOW' }, /"1e999"/],
    [
      'an unknown target',
      'a,b,y\n1,2,0\n',
      { target: 'Y.' },
      { code: 'MISSING_COLUMN' },
      /^target: there is no column "Y\." among a, b, y\. Did you mean "y"\?/,
    ],
    [
      'an unknown feature',
      'mean_radius,b,y\n1,2,0\n',
      { columns: ['mean radios'] },
      { code: 'MISSING_COLUMN' },
      /^columns: .*Did you mean "mean_radius"\?/,
    ],
    [
      'an unknown column to drop',
      'a,b,y\n1,2,0\n',
      { drop: ['quite else'] },
      { code: 'MISSING_COLUMN' },
      /^drop: there is no column "quite else" among a, b, y$/,
    ],
    ['a name where there is no header', '1,2,0\n', {}, { code: 'MISSING_COLUMN' }, /no header row/],
    ['a header only', 'a,b,y\n', {}, { code: 'TOO_FEW_ROWS' }, /a header and no rows/],
  ])('%s', async (_, text, options, expected, message) => {
    const error = await failure(text, { target: 'y', ...options })
    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject(expected)
    expect(error.message).toMatch(message)
  })

  test.each<[string, string, RegExp]>([
    ['nothing', '', /^the data are empty/],
    ['a ragged row', `a,b,y\n${long}1,2\n`, /^line 3002: expected 3 fields, got 2/],
    ['an open quote', `a,b,y\n${long}1,"2,3\n4,5,6\n`, /^line 3002: a quote opens here/],
  ])('%s is no CSV', async (_, text, message) => {
    const error = await failure(text, { target: 'y' })
    expect(error).toBeInstanceOf(ParseError)
    expect(error.message).toMatch(message)
  })

  test('many names are not all listed', async () => {
    const text = Array.from({ length: 500 }, (_, i) => `f${i}`).join()
    const { message } = await failure(`${text}\n`, { target: 'diagnosis' })
    expect(message).toMatch(/f19 and 480 more$/)
  })
})

describe('bad options', () => {
  test.each<[unknown, ErrorConstructor, RegExp]>([
    [{ targt: 'y' }, TypeError, /^readCsv: unknown option "targt", did you mean "target"\?/],
    [{ target: 3 }, RangeError, /^target: expected an integer >= -3 and <= 2, got 3/],
    [{ target: true }, TypeError, /^target: expected the name or number of a column, got true/],
    [{ columns: 'a' }, TypeError, /^columns: expected an array, got "a"/],
    [{ missing: 'median' }, RangeError, /^missing: expected one of error, drop, mean, got "median"/],
    [{ target: 'y', drop: ['y'] }, RangeError, /^drop: "y" is the target/],
    [{ target: 'y', columns: ['a', 2] }, RangeError, /^columns: "y" is the target/],
    [{ columns: ['a', 0] }, RangeError, /^columns: "a" is there twice/],
    [{ target: 'y', drop: ['a', 'b'] }, RangeError, /^columns: no feature is left of a, b, y/],
    [{ header: 'yes' }, TypeError, /^header: expected true or false/],
  ])('%o', async (options, kind, message) => {
    const error = await failure('a,b,y\n1,2,3\n', options as ReadCsvOptions)
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toMatch(message)
  })
})

test('an abortion on the way leaves nothing behind', async () => {
  const controller = new AbortController()
  const onProgress = vi.fn(({ rows }: { rows: number }) => {
    if (rows > 20_000) controller.abort()
  })
  const error = await failure(`a,b\n${'1,2\n'.repeat(100_000)}`, { signal: controller.signal, onProgress })
  expect(error.name).toBe('AbortError')
  expect(onProgress.mock.lastCall![0].rows).toBeLessThan(100_000)
})

describe('batches of rows', () => {
  test('give the numbers of some columns', async () => {
    for await (const batch of readCsvRows('id,a,b\nx,1,2\ny,3,4\n')) {
      expect(batch.numbers(['b', 'a'])).toEqual({ data: Float64Array.of(2, 1, 4, 3), rows: 2, cols: 2 })
      expect(() => batch.numbers()).toThrow(/^line 2: column "id" has "x"/)
      expect(() => batch.numbers(['c'])).toThrow(/^columns: there is no column "c"/)
      expect([batch.indexOf('b'), batch.indexOf(-2)]).toEqual([2, 1])
      expect(() => batch.indexOf('c', 'target')).toThrow(/^target: there is no column "c"/)
    }
  })

  test('fill in what is missing, if they are told with what', async () => {
    for await (const batch of readCsvRows('a,b\n1,\nNA,4\n-9,5\n')) {
      expect(() => batch.numbers()).toThrow(/^line 2: column "b" has no value/)
      expect([...batch.numbers(['b', 'a'], { fill: [7, 8] }).data]).toEqual([7, 1, 4, 8, 5, -9])
      expect([...batch.numbers(['a'], { fill: [8], missingValues: ['NA', '-9'] }).data]).toEqual([1, 8, 8])
      expect(() => batch.numbers(['a', 'b'], { fill: [8] })).toThrow('fill: expected 2 numbers (columns), got 1')
    }
  })
})

test('the Matrix knows the names of its columns', async () => {
  using data = await readCsv('b,y,a\n1,p,2\n3,q,5\n', { target: 'y', columns: ['a', 'b'] })
  expect(data.X.featureNames).toEqual(['a', 'b'])
})
