/** `lanefit` as Node gets it: everything in index.ts, and what needs the file system. */

// Of Node only what costs nothing to import: node:fs and its like are 6 ms of a process's start, and are loaded on demand.
import { fileURLToPath } from 'node:url'
import * as data from './data/index.ts'
import { isLocation } from './data/sources.ts'

export * from './index.ts'

/** Bytes read from a file in one go. */
const CHUNK = 2 ** 18

/**
 * As everywhere (see data/read-csv.ts), and from files: a string without a line break is a path, unless it begins with
 * http:, https:, data: or blob:; so is a file: URL.
 * @throws also Node's own errors, such as ENOENT
 */
export const readCsv = (async (source: data.CsvSource, options?: data.ReadCsvOptions) =>
  data.readCsv(await withFiles(source), options)) as typeof data.readCsv

/** As everywhere (see data/csv-rows.ts), and from files: see `readCsv`. */
export async function* readCsvRows(
  source: data.CsvSource,
  options?: data.CsvRowsOptions,
): AsyncGenerator<data.CsvBatch, void, undefined> {
  yield* data.readCsvRows(await withFiles(source), options)
}

/** As everywhere (see data/csv-batches.ts), and from files: see `readCsv`. A pipe can be read once only. */
export const csvBatches: typeof data.csvBatches = (source, options) => data.csvBatchesBy(withFiles, source, options)

async function withFiles(source: data.CsvSource): Promise<data.CsvSource> {
  const path = pathOf(source)
  if (path === undefined) return source
  const { stat } = await import('node:fs/promises')
  const info = await stat(path)
  // Pipes and devices do not know their size.
  return Object.assign(info.isFIFO() && isNode ? pipe(path) : contents(path), {
    totalBytes: info.isFile() ? info.size : undefined,
  })
}

function pathOf(source: data.CsvSource): string | undefined {
  if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : undefined
  if (typeof source !== 'string' || !isLocation(source) || /^(?:https?|data|blob):/i.test(source)) return undefined
  return /^file:\/\//i.test(source) ? fileURLToPath(source) : source
}

/** Not bun or deno, whose sockets take no descriptors. */
const isNode = !('Bun' in globalThis || 'Deno' in globalThis)

/**
 * As `contents`, of a pipe: by the event loop. A thread of Node's pool that waits for what its writer may write one day
 * keeps a process from ending.
 */
async function* pipe(path: string): AsyncGenerator<Uint8Array> {
  const [{ Socket }, { open }] = await Promise.all([import('node:net'), import('node:fs')])
  const fd = await new Promise<number>((resolve, reject) => {
    open(path, (error, fd) => (error ? reject(error) : resolve(fd)))
  })
  yield* new Socket({ fd, readable: true, writable: false })
}

/** Opened when the first chunk is asked for, closed at the end or when the reader turns away. */
async function* contents(path: string): AsyncGenerator<Uint8Array> {
  const { createReadStream } = await import('node:fs')
  yield* createReadStream(path, { highWaterMark: CHUNK })
}
