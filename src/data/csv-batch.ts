import { type ColumnChoice, findColumn } from './columns.ts'
import { type FeatureRule, MissingMarks, readFeatures, readPlainFeatures } from './features.ts'
import { FieldFinder, type PlainRows, rowBegin } from './plain-rows.ts'
import { splitRows } from './split-rows.ts'

/** What all batches of a CSV have in common. */
export interface CsvLayout {
  /** Names of the columns, from the header; without one `x0`, `x1` ... */
  readonly columns: readonly string[]
  readonly delimiter: string
  /** Whether the first row was a header. */
  readonly header: boolean
}

/** Some rows of a CSV, as text. */
export class CsvBatch implements CsvLayout {
  readonly columns: readonly string[]
  readonly delimiter: string
  readonly header: boolean
  /** How many rows there are. */
  readonly length: number
  /** The number of the first of them among all rows, from 0. */
  readonly firstRow: number
  readonly #lines: BatchLines
  readonly #plain: PlainRows | undefined
  #finder: FieldFinder | undefined
  #rows: readonly (readonly string[])[] | undefined
  /** All lines, where a byte is a character. */
  #ascii: string | undefined

  /** Not for users: `readCsvRows` makes them. */
  constructor(
    { columns, delimiter, header }: CsvLayout,
    rows: readonly (readonly string[])[] | PlainRows,
    firstRow: number,
    lines: BatchLines,
  ) {
    this.columns = columns
    this.delimiter = delimiter
    this.header = header
    this.firstRow = firstRow
    this.#lines = lines
    if ('bytes' in rows) this.#plain = rows
    else this.#rows = rows
    this.length = 'bytes' in rows ? rows.count : rows.length
  }

  /** Each with as many fields as there are columns. */
  get rows(): readonly (readonly string[])[] {
    this.#rows ??= splitRows(decode(this.#plain!.bytes), this.delimiter)
    return this.#rows
  }

  /** The text of row i in a column. */
  field(i: number, column: number): string {
    const plain = this.#plain
    if (this.#rows || !plain) return this.rows[i]![column]!
    this.#finder ??= new FieldFinder(plain)
    const [begin, end] = this.#finder.range(i, column)
    if (!plain.ascii) return decode(plain.bytes.subarray(begin, end))
    this.#ascii ??= decode(plain.bytes)
    return this.#ascii.slice(begin, end)
  }

  /**
   * Row i in UTF-8 as it stood in the source, without its line break (a view, not a copy); undefined if there are quotes
   * about.
   */
  bytes(i: number): Uint8Array | undefined {
    const plain = this.#plain
    return plain?.bytes.subarray(rowBegin(plain, i), plain.ends[i])
  }

  /** The line of the source, from 1, that row i of this batch begins on. For messages: it counts from the first row. */
  line(i: number): number {
    return lineOf(this.#lines, this.#rows ?? [], i)
  }

  /** The position of a column. @throws DataError MISSING_COLUMN, RangeError; `option` is what the message calls it */
  indexOf(column: ColumnChoice, option = 'column'): number {
    return findColumn(option, column, this)
  }

  /**
   * The numbers in these columns (default: all), as any model takes them: rows x columns, in the order asked for.
   * `fill` has a number for each column to put where a value is missing, such as the means that training saw; without it
   * a missing value is an error. `missingValues` as in `readCsv`.
   * @throws RangeError for a wrong length; DataError MISSING_COLUMN, MISSING_VALUE, NON_FINITE, TEXT_COLUMN
   */
  numbers(
    columns: readonly ColumnChoice[] = this.columns,
    {
      fill,
      missingValues,
    }: { fill?: ArrayLike<number> | undefined; missingValues?: readonly string[] | undefined } = {},
  ): { data: Float64Array; rows: number; cols: number } {
    const rule: FeatureRule = {
      columns: columns.map((column) => this.indexOf(column, 'columns')),
      missing: fill ? 'mean' : 'error',
      marks: new MissingMarks(missingValues),
      reader: 'numbers',
    }
    const [rows, cols] = [this.length, columns.length]
    if (fill && fill.length !== cols)
      throw new RangeError(`fill: expected ${cols} numbers (columns), got ${fill.length}`)
    const data = new Float64Array(rows * cols)
    if (this.#plain && readPlainFeatures(rule, this.#plain, data)) return { data, rows, cols }
    for (let i = 0; i < rows; i++) readFeatures(rule, this, i, data, i * cols)
    if (fill) for (let k = 0; k < data.length; k++) if (Number.isNaN(data[k])) data[k] = fill[k % cols]!
    return { data, rows, cols }
  }

  /** The rows of this batch, from 0, in which a column has no value. `missingValues` as in `readCsv`. */
  missing(column: ColumnChoice, { missingValues }: { missingValues?: readonly string[] | undefined } = {}): number[] {
    const place = this.indexOf(column)
    const marks = new MissingMarks(missingValues)
    const rows: number[] = []
    for (let i = 0; i < this.length; i++) if (marks.has(this.field(i, place))) rows.push(i)
    return rows
  }

  /** The number in a field, where reading it needed no closer look; else NaN. */
  quickNumber(i: number, column: number): number {
    return this.#plain ? this.#plain.numbers[i * this.columns.length + column]! : Number.NaN
  }
}

let decoder: TextDecoder | undefined

function decode(bytes: Uint8Array): string {
  decoder ??= new TextDecoder('utf-8', { ignoreBOM: true })
  return decoder.decode(bytes)
}

/** Where the rows of a batch stand in the source. */
export interface BatchLines {
  /** Line of the first row, were there no blank lines before it. */
  first: number
  /** For each blank line: how many rows of the batch come before it. */
  readonly blanks: number[]
  /** Whether a field may have a line break in it. */
  readonly multiline: boolean
}

/** The line that row i begins on. */
export function lineOf(
  { first, blanks, multiline }: BatchLines,
  rows: readonly (readonly string[])[],
  i: number,
): number {
  const blankBefore = blanks.filter((before) => before <= i).length
  return first + i + blankBefore + (multiline ? lineBreaksIn(rows.slice(0, i)) : 0)
}

/** Line breaks inside the fields of these rows. */
export function lineBreaksIn(rows: readonly (readonly string[])[]): number {
  let count = 0
  for (const row of rows) for (const field of row) count += field.match(/\r\n|\r|\n/g)?.length ?? 0
  return count
}
