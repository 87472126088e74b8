import { unlessAborted } from '../core/abort.ts'
import { show } from '../core/checks.ts'
import { ParseError } from '../core/errors.ts'
import { macrotask } from '../core/steps.ts'

/** Bytes or text as they arrive; `totalBytes` says how many will come, where that is known. */
export interface ChunkStream extends AsyncIterable<Uint8Array | string> {
  readonly totalBytes?: number | undefined
}

/**
 * Where a CSV can come from: a URL to fetch, a file that was dropped or chosen, bytes, text, or a stream of either.
 * A string with a line break in it (or an empty one) is the CSV itself, any other string is a URL; in Node a path.
 */
export type CsvSource =
  | URL
  | Blob
  | Uint8Array
  | ArrayBuffer
  | string
  | ReadableStream<Uint8Array | string>
  | ChunkStream

/** An opened source. */
export interface OpenSource {
  /** In pieces of at most `PIECE` bytes or characters; ends, fails and is closed as generators are. */
  pieces: AsyncGenerator<Uint8Array | string, void>
  /** In bytes; characters for text. */
  totalBytes: number | undefined
}

/** What is parsed in one go: a few milliseconds of work. */
export const PIECE = 2 ** 16
/** How long to work before a page gets a break, in milliseconds. */
const SLICE_MS = 8

/** Whether a string is a place to read from and not the CSV itself. */
export function isLocation(text: string): boolean {
  return text.trim() !== '' && !/[\r\n]/.test(text)
}

/**
 * Opens any source for reading once.
 * @throws TypeError for what is no source, ParseError for a URL that gives no CSV, the signal's reason when aborted
 */
export async function openSource(source: CsvSource, signal?: AbortSignal): Promise<OpenSource> {
  signal?.throwIfAborted()
  const { chunks, totalBytes } = await chunksOf(source, signal)
  return { pieces: inPieces(chunks, signal), totalBytes }
}

interface Chunks {
  chunks: AsyncIterator<unknown>
  totalBytes: number | undefined
}

async function chunksOf(source: CsvSource, signal: AbortSignal | undefined): Promise<Chunks> {
  if (typeof source === 'string') {
    return isLocation(source) ? fetched(source, signal) : { chunks: only(source), totalBytes: source.length }
  }
  if (source instanceof URL) return fetched(source.href, signal)
  if (source instanceof ArrayBuffer) return chunksOf(new Uint8Array(source), signal)
  if (source instanceof Uint8Array) return { chunks: only(source), totalBytes: source.byteLength }
  if (source instanceof Blob) return { chunks: readerOf(source.stream()), totalBytes: source.size }
  if (typeof (source as ReadableStream | null)?.getReader === 'function') {
    return { chunks: readerOf(source as ReadableStream), totalBytes: undefined }
  }
  if (typeof (source as ChunkStream | null)?.[Symbol.asyncIterator] === 'function') {
    const stream = source as ChunkStream
    return { chunks: stream[Symbol.asyncIterator](), totalBytes: stream.totalBytes }
  }
  throw new TypeError(
    `source: expected a URL, File, Blob, bytes (Uint8Array, ArrayBuffer), string, ReadableStream or async iterable, got ${show(source)}`,
  )
}

async function fetched(url: string, signal: AbortSignal | undefined): Promise<Chunks> {
  let response: Response
  try {
    response = await fetch(url, signal ? { signal } : {})
  } catch (cause) {
    signal?.throwIfAborted()
    const { message, cause: reason } = cause as Error
    // Node says what has happened in a second error; browsers say nothing more, as of a server that does not allow it.
    const { message: why, code } = (reason ?? {}) as { message?: string; code?: string }
    const hint = 'A string is CSV text only if it has a line break; from another site the server must allow it (CORS)'
    throw new ParseError(`${url} could not be fetched: ${why || code || message}`, { cause, ...(!reason && { hint }) })
  }
  const { ok, status, statusText, headers, body } = response
  const type = headers.get('content-type') ?? ''
  if (!ok || type.startsWith('text/html')) {
    await body?.cancel()
    const got = ok ? 'an HTML page' : `HTTP status ${status} ${statusText}`.trimEnd()
    throw new ParseError(`${url}: expected a CSV, got ${got}`)
  }
  // The length of a compressed body is not the length of what comes out of it.
  const length = headers.has('content-encoding') ? Number.NaN : Number.parseInt(headers.get('content-length') ?? '', 10)
  return { chunks: body ? readerOf(body) : only(''), totalBytes: Number.isNaN(length) ? undefined : length }
}

async function* only<T>(chunk: T): AsyncGenerator<T, void> {
  yield chunk
}

/** Not every browser lets `for await` run over a ReadableStream. */
function readerOf(stream: ReadableStream<unknown>): AsyncIterator<unknown> {
  const reader = stream.getReader()
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}

async function* inPieces(chunks: AsyncIterator<unknown>, signal: AbortSignal | undefined): OpenSource['pieces'] {
  let sliceEnd = performance.now() + SLICE_MS
  let ended = false
  try {
    for (;;) {
      const { done, value } = await unlessAborted(chunks.next(), signal)
      if (done) {
        ended = true
        return
      }
      const cut = cutter(value)
      for (let begin = 0; begin < cut.length; begin += PIECE) {
        yield cut.piece(begin)
        if (performance.now() >= sliceEnd) {
          await macrotask()
          sliceEnd = performance.now() + SLICE_MS
        }
        signal?.throwIfAborted()
      }
    }
  } finally {
    // Not awaited: a source that hangs would hang its abortion too.
    if (!ended) chunks.return?.().then(undefined, () => {})
  }
}

function cutter(chunk: unknown): { length: number; piece: (begin: number) => Uint8Array | string } {
  if (typeof chunk === 'string') return { length: chunk.length, piece: (begin) => chunk.slice(begin, begin + PIECE) }
  if (chunk instanceof Uint8Array)
    return { length: chunk.length, piece: (begin) => chunk.subarray(begin, begin + PIECE) }
  throw new TypeError(`source: expected chunks of bytes (Uint8Array) or text, got ${show(chunk)}`)
}
