import { show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'

/** Numbers row by row in one array, or an array a row. */
export type RowSource = Float32Array | Float64Array | readonly ArrayLike<number>[]

/** A typed row of fewer numbers is copied here, as calling the engine's copy takes longer (measured). */
const FEW = 32

/** Copies `rows` rows of `cols` numbers from row `begin` on to `to[o]` and on; false as soon as one is something else. */
export function readRows(
  source: RowSource,
  begin: number,
  rows: number,
  cols: number,
  to: Float64Array,
  o = 0,
): boolean {
  if (!Array.isArray(source)) {
    to.set((source as Float64Array).subarray(begin * cols, (begin + rows) * cols), o)
    return true
  }
  for (let i = begin; i < begin + rows; i++, o += cols) if (!readRow(source[i], cols, to, o)) return false
  return true
}

function readRow(row: unknown, cols: number, to: Float64Array, o: number): boolean {
  if (Array.isArray(row)) return readPlain(row, cols, to, o)
  if (!ArrayBuffer.isView(row)) return false
  const values = row as Float64Array
  if (values.length !== cols) return false
  if (cols >= FEW) to.set(values, o)
  else for (let k = 0; k < cols; k++) to[o + k] = values[k]!
  return true
}

/** A null or an empty string would become 0 on its way into a typed array: only numbers are numbers. */
function readPlain(row: readonly unknown[], cols: number, to: Float64Array, o: number): boolean {
  if (row.length !== cols) return false
  for (let k = 0; k < row.length; k++) {
    const value = row[k]
    if (typeof value !== 'number') return false
    to[o + k] = value
  }
  return true
}

/** Says what is wrong with a row. @throws TypeError, RangeError unless it is `cols` numbers */
export function checkRow(row: unknown, cols: number, i: number): void {
  const plain = Array.isArray(row)
  if (!plain && !ArrayBuffer.isView(row))
    throw new TypeError(`X: expected an array of numbers in row ${i}, got ${show(row)}`)
  const values = row as ArrayLike<unknown>
  if (values.length !== cols) throw new RangeError(`X: expected ${cols} numbers in row ${i}, got ${values.length}`)
  if (!plain) return
  for (let k = 0; k < cols; k++) {
    if (typeof values[k] !== 'number')
      throw new TypeError(`X: row ${i}, column ${k}: expected a number, got ${show(values[k])}`)
  }
}

/** What is wrong with the first of `rows` rows that are not finite, or not so as float32; `first`: the first row's number. */
export function badNumber(values: Float64Array, rows: number, shift: Float64Array, first: number): DataError {
  const cols = shift.length
  for (let at = 0; at < rows * cols; at++) {
    const [value, row, column] = [values[at]!, first + Math.floor(at / cols), at % cols]
    const where = `X: row ${row}, column ${column}`
    if (!Number.isFinite(value)) {
      const hint = 'Remove or impute such values before fitting'
      return new DataError('NON_FINITE', `${where} is ${value}`, { row, column, hint })
    }
    if (!Number.isFinite(Math.fround(value - shift[column]!))) {
      const hint = 'Scale the column, e.g. by its logarithm'
      return new DataError('FLOAT32_OVERFLOW', `${where} is ${value}, beyond float32`, { row, column, hint })
    }
  }
  return new DataError('NON_FINITE', `X: row ${first} is not finite`, { row: first })
}
