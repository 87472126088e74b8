import { readDecimal } from './decimal.ts'
import { POWERS } from './parse-number.ts'

const QUOTE = 34
const LINE_FEED = 10
const RETURN = 13
const MINUS = 45
const POINT = 46
const ZERO = 48

/** Digits of an integer that int32 holds. */
const INT_DIGITS = 9
/** Fields that scratch memory is kept for. */
const KEPT_FIELDS = 2 ** 17

/**
 * Complete rows of a CSV as they stand, in UTF-8, each with as many fields as there are columns, at least two, and none of
 * them quoted: nothing hides a delimiter or a line break. One pass over the bytes finds the fields and reads what numbers
 * there are, several times as fast as by way of strings.
 */
export interface PlainRows {
  /** Every line ends in a line feed or a return and a line feed. */
  readonly bytes: Uint8Array
  readonly count: number
  /** Whether a byte is a character. */
  readonly ascii: boolean
  /** count x columns: the number in each field; NaN where there is none, or only by a closer look (`parseNumber`). */
  readonly numbers: Float64Array
  /** Where each row ends in the bytes, at its line break. */
  readonly ends: Int32Array
  readonly columns: number
  readonly separator: number
}

/** Scratch memory. */
let numbersFound = new Float64Array(0)
let endsFound = new Int32Array(0)

/** The rows in lines of UTF-8, the last of which is complete, if they are plain; undefined where a closer look is needed. */
export function plainRows(bytes: Uint8Array, delimiter: string, columns: number): PlainRows | undefined {
  const separator = delimiter.charCodeAt(0)
  const { length } = bytes
  if (columns < 2 || separator > 127 || bytes[length - 1] !== LINE_FEED || bytes.includes(QUOTE)) return undefined
  if (numbersFound.length < length) {
    numbersFound = new Float64Array(length + (length >> 2))
    endsFound = new Int32Array(numbersFound.length)
  }
  const { rows, ascii } = scan(bytes, separator, columns, numbersFound, endsFound)
  const numbers = numbersFound.slice(0, rows * columns)
  const ends = endsFound.slice(0, rows)
  if (numbersFound.length > KEPT_FIELDS) {
    numbersFound = new Float64Array(0)
    endsFound = new Int32Array(0)
  }
  if (rows === 0 || !(ascii || isUtf8(bytes))) return undefined
  return { bytes, count: rows, ascii, numbers, ends, columns, separator }
}

/** Writes the number in every field and the end of every row. No rows: they are not plain. */
function scan(
  bytes: Uint8Array,
  separator: number,
  columns: number,
  numbers: Float64Array,
  ends: Int32Array,
): { rows: number; ascii: boolean } {
  const { length } = bytes
  const none = { rows: 0, ascii: true }
  let ascii = true
  let rows = 0
  let field = 0
  let rowEnd = columns
  for (let i = 0; i < length; i++) {
    // Of numbers around 0 half are negative: a branch would be foretold wrong as often.
    const isNegative = isEqual(bytes[i]!, MINUS)
    i += isNegative
    let code = bytes[i]!
    const begin = i
    let mantissa = 0
    let point = -1
    for (;;) {
      const digit = code - ZERO
      if (digit >>> 0 <= 9) mantissa = (Math.imul(mantissa, 10) + digit) | 0
      else if (code === POINT && point < 0) point = i
      else break
      code = bytes[++i]!
    }
    const size = i - begin - (point < 0 ? 0 : 1)
    let value = Number.NaN
    if (code === separator || code === LINE_FEED || code === RETURN) {
      if (size <= INT_DIGITS) value = point < 0 ? mantissa : mantissa / POWERS[i - 1 - point]!
      else value = readDecimal(bytes, begin, i, i, point)
      if (size === 0) value = Number.NaN
    } else {
      const stop = i
      for (; code !== separator && code !== LINE_FEED && code !== RETURN; code = bytes[++i]!) ascii &&= code < 128
      if (size > 0) value = readDecimal(bytes, begin, i, stop, point)
    }
    numbers[field] = value * (1 - 2 * isNegative)
    field++
    if (code === separator) continue
    ends[rows] = i
    if (code === RETURN && bytes[++i] !== LINE_FEED) return none
    if (field !== rowEnd) return none
    rowEnd += columns
    rows++
  }
  return { rows, ascii }
}

/** 1 where two integers are the same, else 0, without a branch. */
function isEqual(a: number, b: number): number {
  return 1 + (((a - b) | (b - a)) >> 31)
}

/** Where row i begins. */
export function rowBegin({ bytes, ends }: PlainRows, i: number): number {
  if (i === 0) return 0
  const end = ends[i - 1]!
  return end + (bytes[end] === RETURN ? 2 : 1)
}

/** Columns from either end of a row to which it is quicker to count than to note where all fields end. */
const NEAR = 16

/** Finds fields in plain rows. In long rows it keeps where those of the last row end, so that a row costs one pass. */
export class FieldFinder {
  readonly #plain: PlainRows
  #row = -1
  /** Where each field of that row ends. */
  #ends = new Int32Array(0)

  constructor(plain: PlainRows) {
    this.#plain = plain
  }

  /** Where the text in a column of row i begins and ends. */
  range(i: number, column: number): [begin: number, end: number] {
    if (Math.min(column, this.#plain.columns - 1 - column) < NEAR) return countedRange(this.#plain, i, column)
    if (this.#row !== i) this.#note(i)
    return [this.#ends[column - 1]! + 1, this.#ends[column]!]
  }

  #note(i: number): void {
    const { bytes, ends, columns, separator } = this.#plain
    if (this.#ends.length === 0) this.#ends = new Int32Array(columns)
    const end = ends[i]!
    let field = 0
    for (let at = rowBegin(this.#plain, i); at < end; at++) if (bytes[at] === separator) this.#ends[field++] = at
    this.#ends[field] = end
    this.#row = i
  }
}

function countedRange(plain: PlainRows, i: number, column: number): [begin: number, end: number] {
  const { bytes, ends, columns, separator } = plain
  let begin = rowBegin(plain, i)
  let end = ends[i]!
  // From the nearer end of the row.
  if (2 * column < columns) {
    for (let c = 0; c < column; c++) begin = bytes.indexOf(separator, begin) + 1
    if (column < columns - 1) end = bytes.indexOf(separator, begin)
  } else {
    for (let c = columns - 1; c > column; c--) end = bytes.lastIndexOf(separator, end - 1)
    if (column > 0) begin = bytes.lastIndexOf(separator, end - 1) + 1
  }
  return [begin, end]
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
