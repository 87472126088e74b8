import { afterEach, describe, expect, test, vi } from 'vitest'
import { ParseError } from '../../src/core/errors.ts'
import { type CsvRowsOptions, type CsvSource, readCsvRows } from '../../src/data/index.ts'

const TEXT = 'größe,b\n1,2\n3,"4"\n'
const BYTES = new TextEncoder().encode(TEXT)
const ROWS = [
  ['1', '2'],
  ['3', '4'],
]

afterEach(() => {
  vi.unstubAllGlobals()
})

async function read(source: CsvSource, options?: CsvRowsOptions) {
  const rows: (readonly string[])[] = []
  let columns: readonly string[] = []
  for await (const batch of readCsvRows(source, options)) {
    columns = batch.columns
    rows.push(...batch.rows)
  }
  return { columns, rows }
}

async function* chunks<T>(...items: T[]): AsyncGenerator<T> {
  yield* items
}

function streamOf<T>(items: T[], underlying: UnderlyingDefaultSource<T> = {}): ReadableStream<T> {
  return new ReadableStream<T>({
    pull(controller) {
      const item = items.shift()
      if (item === undefined) controller.close()
      else controller.enqueue(item)
    },
    ...underlying,
  })
}

function answer(body: string | null, init?: ResponseInit) {
  vi.stubGlobal('fetch', async () => new Response(body, init))
}

const everyByte = () => [...BYTES].map((byte) => Uint8Array.of(byte))

/** One maker for each kind of source. */
const sources: [name: string, make: () => CsvSource][] = [
  ['text', () => TEXT],
  ['bytes', () => BYTES],
  ['an ArrayBuffer', () => BYTES.slice().buffer],
  ['a Blob', () => new Blob([BYTES])],
  ['a File', () => new File([BYTES], 'a.csv')],
  ['a stream of bytes', () => streamOf(everyByte())],
  ['a stream of text', () => streamOf([...TEXT])],
  ['an async iterable of bytes', () => chunks(...everyByte())],
  ['an async iterable of text and bytes', () => chunks<string | Uint8Array>('größe,b\n1,', BYTES.subarray(12))],
  ['a URL object', () => new URL(URL.createObjectURL(new Blob([BYTES], { type: 'text/csv' })))],
]

describe.each(sources)('%s', (_, make) => {
  test('gives its rows', async () => {
    expect(await read(make())).toEqual({ columns: ['größe', 'b'], rows: ROWS })
  })

  test('reports progress', async () => {
    const onProgress = vi.fn()
    await read(make(), { onProgress })
    const { bytes, totalBytes, rows } = onProgress.mock.lastCall![0]
    expect(rows).toBe(2)
    expect([TEXT.length, BYTES.length]).toContain(bytes)
    expect([undefined, bytes]).toContain(totalBytes)
  })

  test('stops at a signal that is aborted already, and at one that is aborted on the way', async () => {
    const reason = new Error('enough')
    await expect(read(make(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const onProgress = () => controller.abort(reason)
    await expect(read(make(), { signal: controller.signal, onProgress })).rejects.toBe(reason)
  })
})

describe('a string without a line break', () => {
  test('is a URL', async () => {
    const fetch = vi.fn(async () => new Response(TEXT))
    vi.stubGlobal('fetch', fetch)
    expect((await read('data/a.csv')).rows).toEqual(ROWS)
    expect(fetch).toHaveBeenCalledWith('data/a.csv', expect.anything())
  })

  test('knows its length, unless that is of something compressed', async () => {
    const onProgress = vi.fn()
    const length = String(BYTES.length)
    answer(TEXT, { headers: { 'content-length': length } })
    await read('a.csv', { onProgress })
    expect(onProgress.mock.lastCall![0].totalBytes).toBe(BYTES.length)
    answer(TEXT, { headers: { 'content-length': '9', 'content-encoding': 'gzip' } })
    await read('a.csv', { onProgress })
    expect(onProgress.mock.lastCall![0].totalBytes).toBeUndefined()
  })

  test('that is not found is an error with the status', async () => {
    answer('no', { status: 404, statusText: 'Not Found' })
    await expect(read('a.csv')).rejects.toThrow(new ParseError('a.csv: expected a CSV, got HTTP status 404 Not Found'))
  })

  test('that answers with a page is an error', async () => {
    answer('<p>\n', { headers: { 'content-type': 'text/html; charset=utf-8' } })
    await expect(read('a.csv')).rejects.toThrow(/a\.csv: expected a CSV, got an HTML page/)
  })

  test('that cannot be reached is an error that says what a string may be', async () => {
    const cause = new TypeError('Failed to fetch')
    vi.stubGlobal('fetch', () => Promise.reject(cause))
    const error = await read('a,b').catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ParseError)
    expect(error.message).toMatch(/^a,b could not be fetched: Failed to fetch\. .*line break/)
    expect(error.cause).toBe(cause)
  })
})

test('what Node says of a fetch that failed is in the error', async () => {
  const cause = new TypeError('fetch failed', { cause: Object.assign(new Error(''), { code: 'ECONNREFUSED' }) })
  vi.stubGlobal('fetch', () => Promise.reject(cause))
  await expect(read('http://a/b.csv')).rejects.toThrow(
    new ParseError('http://a/b.csv could not be fetched: ECONNREFUSED'),
  )
})

describe('encodings', () => {
  const utf16 = (text: string, littleEndian: boolean) => {
    const view = new DataView(new ArrayBuffer(2 * text.length + 2))
    for (const [i, char] of ['\ufeff', ...text].entries()) view.setUint16(2 * i, char.charCodeAt(0), littleEndian)
    return new Uint8Array(view.buffer)
  }

  test.each<[string, Uint8Array]>([
    ['UTF-8 with a byte order mark', new TextEncoder().encode(`\ufeff${TEXT}`)],
    ['UTF-16, little end first', utf16(TEXT, true)],
    ['UTF-16, big end first', utf16(TEXT, false)],
  ])('%s', async (_, bytes) => {
    const expected = { columns: ['größe', 'b'], rows: ROWS }
    expect(await read(bytes)).toEqual(expected)
    expect(await read(chunks(...[...bytes].map((byte) => Uint8Array.of(byte))))).toEqual(expected)
  })

  test('a byte order mark in text is no part of it', async () => {
    expect((await read(`\ufeff${TEXT}`)).columns).toEqual(['größe', 'b'])
  })

  test('another one by its name; without it, an error that says so', async () => {
    const latin1 = Uint8Array.from(TEXT, (char) => char.charCodeAt(0))
    expect((await read(latin1, { encoding: 'windows-1252' })).columns).toEqual(['größe', 'b'])
    await expect(read(latin1)).rejects.toThrow(/^after byte 0: not utf-8 text\. Pass the encoding/)
    await expect(read(latin1, { encoding: 'klingon' })).rejects.toThrow(RangeError)
  })

  test.each<[string, number[]]>([
    ['packed by gzip', [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b]],
    ['a zip archive', [0x50, 0x4b, 3, 4, 20, 0, 6, 0, 8, 0, 0xff]],
  ])('data that are %s are no matter of encoding', async (what, bytes) => {
    await expect(read(Uint8Array.from(bytes))).rejects.toThrow(new RegExp(`^the data are ${what}.*Unpack`))
  })

  test('a table may begin with the letters of an archive', async () => {
    expect((await read(new TextEncoder().encode('PK,b\n1,2\n'))).columns).toEqual(['PK', 'b'])
  })

  test('bytes that end in the middle of a character', async () => {
    await expect(read(new TextEncoder().encode('a\nä').subarray(0, 3))).rejects.toThrow(ParseError)
  })
})

describe('a source is closed', () => {
  const reason = new Error('enough')

  test('when the reader turns away', async () => {
    const cancel = vi.fn()
    for await (const _ of readCsvRows(streamOf(['a,b\n1,2\n', ...Array(20).fill('1,2\n')], { cancel }), {
      delimiter: ',',
    }))
      break
    expect(cancel).toHaveBeenCalledOnce()
  })

  test('when what it gives is bad', async () => {
    const cancel = vi.fn()
    const stream = streamOf(['a,b\n1\n', ...Array(20).fill('1,2\n')], { cancel })
    await expect(read(stream, { delimiter: ',' })).rejects.toThrow(/^line 2/)
    expect(cancel).toHaveBeenCalledOnce()
  })

  test('when it is aborted while nothing comes', async () => {
    const cancel = vi.fn()
    const controller = new AbortController()
    const silent = new ReadableStream<string>({ pull: () => new Promise(() => {}), cancel })
    const reading = read(silent, { signal: controller.signal })
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    expect(cancel).toHaveBeenCalledOnce()
  })

  test('also an iterable that hangs', async () => {
    const controller = new AbortController()
    const silent: AsyncIterable<string> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }
    const reading = read(silent, { signal: controller.signal })
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })
})

describe('what fails comes through', () => {
  test('an error of the stream', async () => {
    const broken = new Error('connection lost')
    const stream = new ReadableStream<string>({
      pull: (controller) => controller.error(broken),
    })
    await expect(read(stream)).rejects.toBe(broken)
  })

  test.each<[unknown, RegExp]>([
    [undefined, /^source: expected a URL, File, .* got undefined/],
    [null, /got null/],
    [5, /got 5/],
    [{}, /got an instance of Object/],
    [[1, 2], /got Array of length 2/],
    [new Float32Array(2), /got Float32Array of length 2/],
    [chunks(1, 2), /^source: expected chunks of bytes \(Uint8Array\) or text, got 1/],
  ])('%s is no source', async (source, message) => {
    const error = await read(source as CsvSource).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(message)
  })

  test.each<[CsvRowsOptions, ErrorConstructor, RegExp]>([
    [{ delimeter: ';' } as CsvRowsOptions, TypeError, /unknown option "delimeter", did you mean "delimiter"/],
    [{ delimiter: ';;' }, RangeError, /^delimiter: expected one character/],
    [{ delimiter: '"' }, RangeError, /^delimiter: /],
    [{ delimiter: 5 as never }, TypeError, /^delimiter: expected a string, got 5/],
    [{ header: 1 as never }, TypeError, /^header: expected true or false, got 1/],
  ])('options %o', async (options, kind, message) => {
    const error = await read(TEXT, options).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toMatch(message)
  })
})

test('a long text is given out in batches, and a page gets its breaks', async () => {
  let breaks = 0
  let reading = true
  const tick = () => {
    breaks++
    if (reading) setTimeout(tick)
  }
  setTimeout(tick)
  let batches = 0
  let rows = 0
  for await (const batch of readCsvRows(`a,b\n${'1.5,2.5\n'.repeat(500_000)}`)) {
    batches++
    rows += batch.rows.length
  }
  reading = false
  expect(rows).toBe(500_000)
  expect(batches).toBeGreaterThan(50)
  expect(breaks).toBeGreaterThan(2)
})
