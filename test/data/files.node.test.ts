import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CsvSource, csvBatches, LogisticRegression, readCsv, readCsvRows } from '../../src/node.ts'

const IRIS = fileURLToPath(new URL('../../examples/data/iris.csv', import.meta.url))
const CANCER = fileURLToPath(new URL('../../examples/data/breast-cancer.csv', import.meta.url))

let folder = ''
let server: Server
let site = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanefit-'))
  server = createServer((request, response) => {
    if (request.url === '/a.csv') response.end('a,b\n1,2\n')
    else if (request.url === '/zipped.csv')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(`a,b\n${'1,2\n'.repeat(1000)}`))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

async function shape(source: CsvSource) {
  using data = await readCsv(source)
  return [data.X.rows, data.X.cols]
}

describe('a file', () => {
  test('by its path: the irises', async () => {
    using data = await readCsv(IRIS, { target: 'species' })
    expect([data.X.rows, data.X.cols]).toEqual([150, 4])
    expect(data.featureNames).toEqual(['sepal_length', 'sepal_width', 'petal_length', 'petal_width'])
    expect([...new Set<unknown>(data.y)]).toEqual(['setosa', 'versicolor', 'virginica'])
    expect([...data.X.row(149)].map((value) => value.toFixed(1))).toEqual(['5.9', '3.0', '5.1', '1.8'])
  })

  test('by its URL, with progress in bytes: the tumours', async () => {
    const onProgress = vi.fn()
    using data = await readCsv(pathToFileURL(CANCER), { target: -1, onProgress })
    expect([data.X.rows, data.X.cols, data.targetName]).toEqual([569, 30, 'diagnosis'])
    const { bytes, totalBytes, rows } = onProgress.mock.lastCall![0]
    expect([bytes, rows]).toEqual([totalBytes, 569])
  })

  test('by its path, again for every pass of fitBatches', async () => {
    for (const source of [CANCER, pathToFileURL(CANCER), pathToFileURL(CANCER).href]) {
      const batches = csvBatches(source, { target: 'diagnosis', batchRows: 100 })
      const model = await new LogisticRegression().fitBatches(batches)
      using data = await readCsv(CANCER, { target: 'diagnosis' })
      const whole = await new LogisticRegression().fit(data.X, data.y as string[])
      expect(model.featureNames).toEqual(data.featureNames)
      expect(Math.abs(model.loss - whole.loss)).toBeLessThan(1e-7)
    }
  })

  test('by its URL as a string, and row by row', async () => {
    expect(await shape(pathToFileURL(IRIS).href).catch((error) => error.code)).toBe('TEXT_COLUMN')
    let rows = 0
    for await (const batch of readCsvRows(IRIS)) rows += batch.rows.length
    expect(rows).toBe(150)
  })

  test('that is longer than what is read at once', async () => {
    const path = join(folder, 'long.csv')
    await writeFile(path, `a,b\n${'1.25,2.5\n'.repeat(200_000)}`)
    expect(await shape(path)).toEqual([200_000, 2])
  })

  test.each<[name: string, path: () => string | Promise<string>, message: RegExp]>([
    ['that is not there', () => join(folder, 'none.csv'), /ENOENT.*none\.csv/],
    ['that is a folder', () => folder, /EISDIR/],
    [
      'that is empty',
      async () => {
        const path = join(folder, 'empty.csv')
        await writeFile(path, '')
        return path
      },
      /^the data are empty/,
    ],
  ])('%s is an error', async (_, path, message) => {
    await expect(readCsv(await path())).rejects.toThrow(message)
  })
})

describe('what is no file in Node either', () => {
  test('text with a line break', async () => {
    expect(await shape('a,b\n1,2\n')).toEqual([1, 2])
  })

  test('a stream of Node', async () => {
    expect(await shape(Readable.from([Buffer.from('a,b\n1,'), Buffer.from('2\n')]))).toEqual([1, 2])
  })

  test('an http URL, as a string or object, compressed or not', async () => {
    expect(await shape(`${site}/a.csv`)).toEqual([1, 2])
    expect(await shape(new URL(`${site}/a.csv`))).toEqual([1, 2])
    expect(await shape(`${site}/zipped.csv`)).toEqual([1000, 2])
    await expect(readCsv(`${site}/b.csv`)).rejects.toThrow(/b\.csv: expected a CSV, got HTTP status 404 Not Found/)
  })

  test('a data: URL', async () => {
    expect(await shape('data:text/csv,a,b%0A1,2')).toEqual([1, 2])
  })
})
