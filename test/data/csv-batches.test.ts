import { describe, expect, test } from 'vitest'
import { type CsvBatchesOptions, csvBatches, type NumberBatch, type ReopenableCsv } from '../../src/data/index.ts'
import { LogisticRegression, SGDClassifier } from '../../src/models/index.ts'
import { sample } from '../models/sample.ts'
import { read } from './reading.ts'

const { X, y } = sample(500, 4, 2)
const text = `a,b,c,d,label\n${X.map((x, i) => [...x, y[i]].join(',')).join('\n')}\n`
const small = 'a,b,y\n1,2,0\n3,4,1\n5,6,0\n'

async function all(source: ReopenableCsv, options: CsvBatchesOptions): Promise<NumberBatch[]> {
  const batches: NumberBatch[] = []
  for await (const batch of csvBatches(source, options)()) batches.push(batch)
  return batches
}

test.each([
  [1, [1, 1, 1]],
  [2, [2, 1]],
  [3, [3]],
  [undefined, [3]],
])('batches of %o rows', async (batchRows, sizes) => {
  const batches = await all(small, { target: 'y', batchRows })
  expect(batches.map(({ X }) => X.rows)).toEqual(sizes)
  expect(batches.flatMap(({ X }) => [...X.data])).toEqual([1, 2, 3, 4, 5, 6])
  expect(batches.flatMap(({ y }) => [...y])).toEqual([0, 1, 0])
  expect(batches[0]!.featureNames).toEqual(['a', 'b'])
})

test('any number of passes over text, bytes and files, with the rows of readCsv', async () => {
  const whole = await read(text, { target: 'label' })
  for (const source of [
    text,
    new TextEncoder().encode(text),
    new Blob([text]),
    new TextEncoder().encode(text).buffer,
  ]) {
    const open = csvBatches(source, { target: 'label', batchRows: 128 })
    for (let pass = 0; pass < 2; pass++) {
      const rows: number[][] = []
      const labels: unknown[] = []
      for await (const { X, y } of open()) {
        for (let i = 0; i < X.rows; i++) rows.push([...X.data.subarray(i * X.cols, (i + 1) * X.cols)])
        labels.push(...y)
      }
      expect(rows).toEqual(whole.rows)
      expect(labels).toEqual(whole.y)
    }
  }
})

test('is a source for fitBatches, and for a loop over partialFit', async () => {
  const source = csvBatches(text, { target: 'label', batchRows: 90 })
  const model = await new LogisticRegression().fitBatches(source)
  const whole = new LogisticRegression<string>().fitSync(X, y as string[])
  expect(model.featureNames).toEqual(['a', 'b', 'c', 'd'])
  expect(Math.abs(model.loss - whole.loss)).toBeLessThan(1e-7)
  const stream = new SGDClassifier({ optimizer: 'adam' })
  for (let pass = 0; pass < 4; pass++) {
    for await (const { X, y } of source()) stream.partialFit(X, y, { classes: ['no', 'yes'] })
  }
  expect(stream.score(X, y)).toBeGreaterThan(whole.score(X, y) - 0.03)
})

test('columns, drop and missing values as in readCsv', async () => {
  const gaps = 'a,b,c,y\n1,?,3,u\n4,5,6,v\n7,8,9,?\n1,2,3,u\n'
  const [batch] = await all(gaps, { target: 'y', columns: ['c', 'b'], missing: 'drop' })
  expect([...batch!.X.data]).toEqual([6, 5, 3, 2])
  expect(batch!.y).toEqual(['v', 'u'])
  const [dropped] = await all(gaps, { target: -1, drop: ['b'], missing: 'drop' })
  expect(dropped!.featureNames).toEqual(['a', 'c'])
  await expect(all(gaps, { target: 'y' })).rejects.toMatchObject({ code: 'MISSING_VALUE', row: 0, column: 1 })
  // What csvBatches cannot do is not advised.
  await expect(all(gaps, { target: 'y' })).rejects.toThrow(/^(?!.*mean).*missing: 'drop'.*drop: \["b"\]/)
  await expect(all('a,y\n1,?\n', { target: 'y' })).rejects.toThrow(/target/)
})

describe('labels', () => {
  const late = `a,y\n${'1,0\n2,1\n'.repeat(3)}3,word\n`

  test('that began as numbers stay numbers: a word is named', async () => {
    await expect(all(late, { target: 'y', batchRows: 2 })).rejects.toMatchObject({ code: 'TEXT_COLUMN', row: 6 })
    await expect(all(late, { target: 'y', batchRows: 2 })).rejects.toThrow(/line 8.*"word".*labels: 'text'/)
    await expect(all(late, { target: 'y', labels: 'number' })).rejects.toThrow(/"word"/)
  })

  test('are texts where they are said to be', async () => {
    const batches = await all(late, { target: 'y', batchRows: 2, labels: 'text' })
    expect(batches.flatMap(({ y }) => [...y])).toEqual(['0', '1', '0', '1', '0', '1', 'word'])
  })

  test('of the first pass decide for the next', async () => {
    const source = csvBatches('a,y\n1,u\n2,v\n', { target: 'y', batchRows: 1 })
    for (let pass = 0; pass < 2; pass++) {
      const labels: unknown[] = []
      for await (const { y } of source()) labels.push(...y)
      expect(labels).toEqual(['u', 'v'])
    }
  })
})

test('what cannot be opened again is refused', () => {
  for (const source of [new Blob(['a']).stream(), (async function* () {})(), undefined, 7]) {
    expect(() => csvBatches(source as never, { target: 'y' })).toThrow(TypeError)
    expect(() => csvBatches(source as never, { target: 'y' })).toThrow(/again/)
  }
})

test.each<[object | undefined, typeof TypeError | typeof RangeError, RegExp]>([
  [undefined, TypeError, /target/],
  [{}, TypeError, /target/],
  [{ target: 'y', batchRows: 0 }, RangeError, /batchRows/],
  [{ target: 'y', missing: 'mean' }, RangeError, /missing/],
  [{ target: 'y', labels: 'words' }, RangeError, /labels/],
  [{ target: 'y', drop: 'a' }, TypeError, /drop/],
  [{ target: 'y', rows: 5 }, TypeError, /rows/],
])('options %o are refused', (options, kind, message) => {
  expect(() => csvBatches(small, options as never)).toThrow(kind)
  expect(() => csvBatches(small, options as never)).toThrow(message)
})

test('columns that are not there are named when it is read', async () => {
  await expect(all(small, { target: 'z' })).rejects.toMatchObject({ code: 'MISSING_COLUMN' })
  await expect(all(small, { target: 'y', columns: ['q'] })).rejects.toMatchObject({ code: 'MISSING_COLUMN' })
})
