import { checkBoolean, checkOptionNames, show } from '../core/checks.ts'
import type { CsvBatch } from './csv-batch.ts'
import { CsvParser } from './csv-parser.ts'
import { Decoder } from './decoder.ts'
import { type CsvSource, openSource } from './sources.ts'

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
  for await (const piece of pieces) {
    bytes += piece.length
    const batch = parser.push(decoder.decode(piece))
    if (batch) yield batch
    onProgress?.({ bytes, totalBytes, rows: parser.rows })
  }
  const batch = parser.push(decoder.end(), true)
  if (batch) yield batch
  onProgress?.({ bytes, totalBytes, rows: parser.rows })
}

function checkDelimiter(delimiter: unknown): void {
  if (typeof delimiter !== 'string') throw new TypeError(`delimiter: expected a string, got ${show(delimiter)}`)
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    throw new RangeError(`delimiter: expected one character that is no quote or line break, got ${show(delimiter)}`)
}
