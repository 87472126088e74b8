import { show } from '../core/checks.ts'
import { DataError, type DataErrorCode } from '../core/errors.ts'
import { type ColumnChoice, findColumn } from './columns.ts'
import type { CsvBatch, CsvLayout } from './csv-batch.ts'
import { parseNumber } from './parse-number.ts'
import type { PlainRows } from './plain-rows.ts'

/** What becomes of a row in which a value is missing. */
export const MISSING_POLICIES = ['error', 'drop', 'mean'] as const
export type MissingPolicy = (typeof MISSING_POLICIES)[number]

/** What people write where they have no value. */
export const MISSING_VALUES: readonly string[] = [
  '',
  '?',
  'NA',
  'N/A',
  'n/a',
  '#N/A',
  '<NA>',
  'NaN',
  'nan',
  '-nan',
  'NULL',
  'null',
  'None', // prettier
]

/** Numbers from here on round to infinity in float32. */
const FLOAT32_END = 2 ** 128 - 2 ** 103

/** Texts that stand for a missing value. */
export class MissingMarks {
  readonly #texts: ReadonlySet<string>
  /** Those that are numbers, such as -999: they must be looked for among the values. */
  readonly #numbers: ReadonlySet<number> | undefined

  constructor(texts: readonly string[] = MISSING_VALUES) {
    this.#texts = new Set(texts.map((text) => text.trim()))
    const numbers = texts.map(parseNumber).filter((value) => !Number.isNaN(value))
    this.#numbers = numbers.length > 0 ? new Set(numbers) : undefined
  }

  /** Whether none of them is a number. */
  get areWords(): boolean {
    return this.#numbers === undefined
  }

  has(text: string): boolean {
    return this.#texts.has(text.trim()) || (this.#numbers?.has(parseNumber(text)) ?? false)
  }

  /** The number that a text stands for; NaN if it is none or marks a missing value. */
  numberOf(text: string): number {
    const value = parseNumber(text)
    return this.#numbers?.has(value) ? Number.NaN : value
  }
}

/** Which columns are features and what to do where they have no value. */
export interface FeatureRule {
  /** Positions of the columns. */
  readonly columns: readonly number[]
  readonly missing: MissingPolicy
  readonly marks: MissingMarks
  /** Who reads: errors advise what its options can do. */
  readonly reader: keyof typeof ADVICE
}

const ADVICE = {
  readCsv: (leaveOut: string) => ({
    missing: `Leave such rows out with { missing: 'drop' }, fill in the mean of the column with { missing: 'mean' }, or leave the column out with ${leaveOut}`,
    text: `Leave the column out with ${leaveOut} or encode its words as numbers`,
  }),
  csvBatches: (leaveOut: string) => ({
    missing: `Leave such rows out with { missing: 'drop' }, or the column with ${leaveOut}`,
    text: `Leave the column out with ${leaveOut} or encode its words as numbers`,
  }),
  numbers: () => ({
    missing: 'Pass the numbers to put in such places as fill',
    text: 'Encode its words as numbers',
  }),
} satisfies Record<string, (leaveOut: string) => { missing: string; text: string }>

/**
 * Writes the features of row i of a batch to out[at], out[at + 1] ...; under the policy `mean` NaN where a value is
 * missing. False if the row is to be left out.
 * @throws DataError MISSING_VALUE, TEXT_COLUMN, NON_FINITE, FLOAT32_OVERFLOW
 */
export function readFeatures(rule: FeatureRule, batch: CsvBatch, i: number, out: Float64Array, at: number): boolean {
  const { columns, marks } = rule
  const { areWords } = marks
  for (let k = 0; k < columns.length; k++) {
    const column = columns[k]!
    let value = areWords ? batch.quickNumber(i, column) : Number.NaN
    if (Number.isNaN(value)) value = marks.numberOf(batch.field(i, column))
    // Also if it is NaN.
    if (!(value > -FLOAT32_END && value < FLOAT32_END)) {
      if (!marks.has(batch.field(i, column))) throw notNumber(rule, batch, i, column)
      if (rule.missing === 'error') throw missingValue(batch, i, column, adviceOf(rule, batch, column).missing)
      if (rule.missing === 'drop') return false
    }
    out[at + k] = value
  }
  return true
}

/**
 * The same of plain rows: writes the features of all of them where each is a number that a float32 holds; false if one is
 * not.
 */
export function readPlainFeatures(
  { columns, marks }: FeatureRule,
  { numbers, count, columns: width }: PlainRows,
  out: Float64Array,
): boolean {
  if (!marks.areWords) return false
  const places = Int32Array.from(columns)
  const cols = places.length
  // 0 as long as all are finite in float32.
  let bad = 0
  for (let i = 0; i < count; i++) {
    const begin = i * width
    const at = i * cols
    for (let k = 0; k < cols; k++) {
      const value = numbers[begin + places[k]!]!
      bad += Math.fround(value) * 0
      out[at + k] = value
    }
  }
  return bad === 0
}

function adviceOf({ reader }: FeatureRule, { columns }: CsvBatch, column: number): { missing: string; text: string } {
  return ADVICE[reader](`{ drop: [${show(columns[column])}] }`)
}

/** The error for a value that is missing where none may be. */
export function missingValue(batch: CsvBatch, i: number, column: number, hint: string): DataError {
  return new DataError('MISSING_VALUE', `${placeOf(batch, i, column)} no value (${quoted(batch, i, column)})`, {
    ...position(batch, i, column),
    hint,
  })
}

const INFINITE = /^[+-]?(?:inf(?:inity)?|nan)$/i
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** The error for a text that is no number a float32 can hold, and no mark of a missing value. */
function notNumber(rule: FeatureRule, batch: CsvBatch, i: number, column: number): DataError {
  const has = `${placeOf(batch, i, column)} ${quoted(batch, i, column)}`
  const field = batch.field(i, column).trim()
  const error = (code: DataErrorCode, problem: string, hint: string) =>
    new DataError(code, `${has}, ${problem}`, { ...position(batch, i, column), hint })
  if (INFINITE.test(field))
    return error('NON_FINITE', 'which is not finite', 'To treat it as missing, name it in missingValues')
  if (DECIMAL.test(field)) return error('FLOAT32_OVERFLOW', 'beyond float32', 'Scale the column, e.g. by its logarithm')
  const hint = /^[+-]?\d+,\d+$/.test(field)
    ? 'Write numbers with a decimal point'
    : `${adviceOf(rule, batch, column).text}; if this one stands for a missing value, name it in missingValues`
  return error('TEXT_COLUMN', 'which is no number', hint)
}

function placeOf(batch: CsvBatch, i: number, column: number): string {
  return `line ${batch.line(i)}: column ${show(batch.columns[column])} has`
}

function quoted(batch: CsvBatch, i: number, column: number): string {
  return show(batch.field(i, column))
}

function position(batch: CsvBatch, i: number, column: number): { row: number; column: number } {
  return { row: batch.firstRow + i, column }
}

/** Positions of the features. @throws DataError MISSING_COLUMN; RangeError where nothing is left or a choice contradicts another */
export function featureColumns(
  layout: CsvLayout,
  target: number,
  columns: readonly ColumnChoice[] | undefined,
  drop: readonly ColumnChoice[],
): number[] {
  const dropped = new Set(drop.map((choice) => findColumn('drop', choice, layout)))
  const chosen = columns?.map((choice) => findColumn('columns', choice, layout))
  const seen = new Set<number>()
  const nameOf = (column: number) => show(layout.columns[column])
  if (target >= 0 && (dropped.has(target) || chosen?.includes(target)))
    throw new RangeError(`${dropped.has(target) ? 'drop' : 'columns'}: ${nameOf(target)} is the target`)
  const twice = chosen?.find((column) => seen.size === seen.add(column).size)
  if (twice !== undefined) throw new RangeError(`columns: ${nameOf(twice)} is there twice`)
  const features = (chosen ?? layout.columns.map((_, i) => i)).filter((i) => i !== target && !dropped.has(i))
  if (features.length === 0) throw new RangeError(`columns: no feature is left of ${layout.columns.join(', ')}`)
  return features
}
