import { checkBoolean, checkOptionNames, show } from '../core/checks.ts'
import type { CsvBatch } from './csv-batch.ts'
import { CsvParser } from './csv-parser.ts'
import { Decoder, joined } from './decoder.ts'
import { type CsvSource, openSource } from './sources.ts'

const LINE_FEED = 10

/** How far reading has come. */
export interface CsvProgress {
  /** Bytes read; characters where the source is text. */
  bytes: number
  /** How many there are, where that is known. */
  totalBytes: number | undefined
  rows: number
}

/** Options of `readCsvRows`. */
export interface CsvRowsOptions {
  /** Whether the first row names the columns. Default: it does if it has a name of `expectColumns`, or no number. */
  header?: boolean | undefined
  /** Default: found out among `,` `;` tab `|`. */
  delimiter?: string | undefined
  /** Names that settle that the first row is a header if one of them is in it. */
  expectColumns?: readonly string[] | undefined
  /** Of bytes without a byte order mark; any label TextDecoder knows. Default utf-8. */
  encoding?: string | undefined
  /** Called after each piece of at most 64 KiB. */
  onProgress?: ((progress: CsvProgress) => void) | undefined
  signal?: AbortSignal | undefined
}

export const CSV_ROWS_OPTIONS = ['header', 'delimiter', 'expectColumns', 'encoding', 'onProgress', 'signal'] as const

/**
 * The rows of a CSV as text, batch by batch, in little memory however long it is. Blank lines are skipped. The first
 * batch comes as soon as the columns are known and may have no rows.
 *
 *     for await (const batch of readCsvRows(file)) model.predict(batch.numbers(model.featureNames))
 *
 * @throws ParseError with line and column; TypeError, RangeError for the options; the signal's reason when aborted
 */
export async function* readCsvRows(
  source: CsvSource,
  options: CsvRowsOptions = {},
): AsyncGenerator<CsvBatch, void, undefined> {
  checkOptionNames('readCsvRows', options, CSV_ROWS_OPTIONS)
  const { header, delimiter, expectColumns = [], encoding, onProgress, signal } = options
  if (header !== undefined) checkBoolean('header', header)
  if (delimiter !== undefined) checkDelimiter(delimiter)
  const parser = new CsvParser({ delimiter, header, expected: expectColumns })
  const decoder = new Decoder(encoding)
  const { pieces, totalBytes } = await openSource(source, signal)
  let bytes = 0
  // Bytes behind the last line feed.
  let rest: Uint8Array = new Uint8Array(0)
  for await (const piece of pieces) {
    bytes += piece.length
    let batch: CsvBatch | undefined
    if (typeof piece === 'string') {
      batch = parser.push(decoder.decode(rest) + decoder.decode(piece))
      rest = rest.subarray(0, 0)
    } else {
      const all = joined(rest, piece)
      // Where there is none, or no line feed is one byte, the parser finds out what to make of it.
      const end = decoder.isUtf8 ? all.lastIndexOf(LINE_FEED) + 1 : 0
      const lines = end > 0 ? all.subarray(0, end) : all
      rest = all.subarray(end > 0 ? end : all.length)
      batch = parser.pushLines(lines)
      if (batch) decoder.skip(lines.length)
      else batch = parser.push(decoder.decode(lines))
    }
    if (batch) yield batch
    onProgress?.({ bytes, totalBytes, rows: parser.rows })
  }
  const batch = parser.push(decoder.decode(rest) + decoder.end(), true)
  if (batch) yield batch
  onProgress?.({ bytes, totalBytes, rows: parser.rows })
}

function checkDelimiter(delimiter: unknown): void {
  if (typeof delimiter !== 'string') throw new TypeError(`delimiter: expected a string, got ${show(delimiter)}`)
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    throw new RangeError(`delimiter: expected one character that is no quote or line break, got ${show(delimiter)}`)
}
