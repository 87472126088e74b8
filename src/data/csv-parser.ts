import { ParseError } from '../core/errors.ts'
import { nameColumns } from './columns.ts'
import { type BatchLines, CsvBatch, type CsvLayout, lineBreaksIn, lineOf } from './csv-batch.ts'
import { detectDelimiter, isBlank } from './dialect.ts'
import { plainRows } from './plain-rows.ts'
import { findRowEnd } from './row-end.ts'
import { splitRows } from './split-rows.ts'

/** Characters, or lines, that are enough to tell the delimiter. */
const SAMPLE = 2 ** 16
const SAMPLE_LINES = 12
/** Characters after which a row that does not end is none. */
const LONGEST_ROW = 2 ** 24

/** What the parser may be told instead of finding out. */
export interface CsvFormat {
  readonly delimiter: string | undefined
  readonly header: boolean | undefined
  /** Names that make the first row a header if one of them is in it. */
  readonly expected: readonly string[]
}

/**
 * CSV (RFC 4180; any delimiter, any line break) from text in pieces of any length. d3-dsv splits; what it leaves to its
 * callers is here: where to cut the text, rows of the wrong length, quotes that do not match, line numbers.
 */
export class CsvParser {
  readonly #format: CsvFormat
  #delimiter: string | undefined
  #layout: CsvLayout | undefined
  /** Text that has come and does not end a row yet. */
  #rest = ''
  /** The line that it begins on. */
  #line = 1
  #rows = 0

  constructor(format: CsvFormat) {
    this.#format = format
    this.#delimiter = format.delimiter
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows
  }

  /**
   * Takes the next piece of text and gives the rows it completes, if any; the first batch may have none.
   * @throws ParseError with line and column
   */
  push(text: string, last = false): CsvBatch | undefined {
    this.#rest += text
    this.#delimiter ??= this.#detect(last)
    if (this.#delimiter === undefined) return undefined
    const complete = this.#take(this.#delimiter, last)
    const batch = complete === '' ? undefined : this.#split(complete, this.#delimiter)
    if (last && !this.#layout) {
      throw new ParseError('the data are empty', { line: 1, hint: 'Expected a header row and rows of numbers' })
    }
    return batch
  }

  /**
   * Takes complete lines in UTF-8 if their rows are plain and nothing waits before them; undefined: push their text.
   */
  pushLines(bytes: Uint8Array): CsvBatch | undefined {
    return this.#rest === '' ? this.#plain(bytes) : undefined
  }

  #plain(bytes: Uint8Array): CsvBatch | undefined {
    if (!this.#layout) return undefined
    const plain = plainRows(bytes, this.#layout.delimiter, this.#layout.columns.length)
    if (!plain) return undefined
    const batch = new CsvBatch(this.#layout, plain, this.#rows, { first: this.#line, blanks: [], multiline: false })
    this.#rows += plain.count
    this.#line += plain.count
    return batch
  }

  #detect(last: boolean): string | undefined {
    const text = this.#rest
    const lines = countLines(text)
    const enough = lines >= SAMPLE_LINES || (lines > 0 && text.length >= SAMPLE) || text.length > LONGEST_ROW
    if (!last && !enough) return undefined
    const zero = text.indexOf('\0')
    if (zero >= 0) {
      throw new ParseError(`expected text, got binary data (a zero at character ${zero})`, {
        line: 1,
        hint: 'Unpack the file or export it as CSV first; UTF-16 needs a byte order mark or { encoding }',
      })
    }
    return detectDelimiter(text, last)
  }

  /** The complete rows that have come. */
  #take(delimiter: string, last: boolean): string {
    const text = this.#rest
    const { end, open, stray } = findRowEnd(text, delimiter)
    if (stray >= 0) {
      const line = this.#lineAt(stray)
      throw new ParseError(`line ${line}: a quoted field ends, but does not end there`, {
        line,
        hint: 'Write a quote inside a quoted field twice',
      })
    }
    const cut = last ? text.length : end
    if (text.length - cut > LONGEST_ROW || (last && open >= 0)) {
      const line = this.#lineAt(Math.max(open, cut === text.length ? 0 : cut))
      throw new ParseError(
        `line ${line}: ${open >= 0 ? 'a quote opens here and never closes' : 'the row never ends'}`,
        {
          line,
        },
      )
    }
    this.#rest = text.slice(cut)
    return text.slice(0, cut)
  }

  #split(text: string, delimiter: string): CsvBatch | undefined {
    const batch = text.includes('"') ? undefined : this.#plain(encode(text.endsWith('\n') ? text : `${text}\n`))
    if (batch) return batch
    const found = splitRows(text, delimiter)
    const lines: BatchLines = { first: this.#line, blanks: [], multiline: text.includes('"') }
    const kept: string[][] = []
    for (const row of found) {
      if (isBlank(row)) lines.blanks.push(kept.length)
      else if (!this.#layout && this.#begin(row, delimiter, lines)) {
        // Blank lines and the header are behind: the rows count from here.
        lines.first += lines.blanks.length + 1 + lineBreaksIn([row])
        lines.blanks.length = 0
      } else kept.push(this.#checked(row, kept, lines))
    }
    this.#line += lines.multiline ? countLines(text) : found.length
    if (!this.#layout) return undefined
    const checked = new CsvBatch(this.#layout, kept, this.#rows, lines)
    this.#rows += kept.length
    return checked
  }

  /** Names the columns by the first row; whether that is a header. */
  #begin(row: readonly string[], delimiter: string, lines: BatchLines): boolean {
    const { header, columns } = nameColumns(row, lineOf(lines, [], 0), this.#format.header, this.#format.expected)
    this.#layout = { columns, delimiter, header }
    return header
  }

  #checked(row: string[], before: readonly string[][], lines: BatchLines): string[] {
    const expected = this.#layout!.columns.length
    const got = row.length
    if (got === expected) return row
    const line = lineOf(lines, before, before.length)
    throw new ParseError(`line ${line}: expected ${expected} ${expected === 1 ? 'field' : 'fields'}, got ${got}`, {
      line,
      column: Math.min(expected, got) + 1,
      hint:
        got > expected
          ? 'A field with the delimiter in it must stand in quotes'
          : 'Every row must have as many fields as the first',
    })
  }

  #lineAt(position: number): number {
    return this.#line + countLines(this.#rest.slice(0, position))
  }
}

let encoder: TextEncoder | undefined

function encode(text: string): Uint8Array {
  encoder ??= new TextEncoder()
  return encoder.encode(text)
}

/** Line breaks in a text. Where there are line feeds they count, else carriage returns. */
function countLines(text: string): number {
  const lineBreak = text.includes('\n') ? '\n' : '\r'
  let count = 0
  for (let i = text.indexOf(lineBreak); i >= 0; i = text.indexOf(lineBreak, i + 1)) count++
  return count
}
