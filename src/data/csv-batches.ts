import { checkInteger, checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import type { ColumnChoice } from './columns.ts'
import { findColumn } from './columns.ts'
import type { CsvBatch } from './csv-batch.ts'
import { CSV_ROWS_OPTIONS, type CsvRowsOptions, readCsvRows } from './csv-rows.ts'
import { type FeatureRule, featureColumns, MissingMarks, missingValue, readFeatures } from './features.ts'
import { parseNumber } from './parse-number.ts'
import type { CsvSource } from './sources.ts'

const LABELS = ['auto', 'number', 'text'] as const

/** A CSV that can be opened any number of times. */
export type ReopenableCsv = URL | Blob | Uint8Array | ArrayBuffer | string

/** Options of `csvBatches`. */
export interface CsvBatchesOptions extends CsvRowsOptions {
  /** The column of labels: its name, or its position from 0 (negative: from the end). */
  target: ColumnChoice
  /** Rows of a batch. Default: about 4 MiB of numbers, at most 65,536. */
  batchRows?: number | undefined
  /** The columns to use as features, in this order. Default: all but the target. */
  columns?: readonly ColumnChoice[] | undefined
  /** Columns to leave out. */
  drop?: readonly ColumnChoice[] | undefined
  /** What to do with a row where a value is missing: `error` (default) or `drop` it. */
  missing?: 'error' | 'drop' | undefined
  /** The texts that stand for a missing value, as in `readCsv`. */
  missingValues?: readonly string[] | undefined
  /** What labels are. Default 'auto': numbers if all of the first batch are. */
  labels?: (typeof LABELS)[number] | undefined
}

/** Some rows of a CSV as numbers, with their labels. */
export interface NumberBatch {
  readonly X: { data: Float64Array; rows: number; cols: number }
  readonly y: Float64Array | string[]
  readonly featureNames: string[]
}

const OPTIONS = [
  ...CSV_ROWS_OPTIONS,
  'target',
  'batchRows',
  'columns',
  'drop',
  'missing',
  'missingValues',
  'labels',
] as const

const BATCH_NUMBERS = 2 ** 19
const MOST_ROWS = 2 ** 16

/**
 * A CSV as a source of batches, for `fitBatches` (which opens it once for every pass) and loops over `partialFit`, in
 * little memory however long it is:
 *
 *     const source = csvBatches(file, { target: 'label' })
 *     await model.fitBatches(source)
 *     for await (const { X, y } of source()) other.partialFit(X, y, { classes })
 *
 * @throws TypeError for a source that can be read only once, and for the options. When it is read: as `readCsv`; DataError
 *   TEXT_COLUMN for a word among labels that began as numbers
 */
export function csvBatches(source: ReopenableCsv, options: CsvBatchesOptions): () => AsyncGenerator<NumberBatch, void> {
  return csvBatchesBy((opened) => opened, source, options)
}

/** The same by what makes a readable source of a reopenable one, such as a stream of a path. */
export function csvBatchesBy(
  open: (source: ReopenableCsv) => CsvSource | Promise<CsvSource>,
  source: ReopenableCsv,
  options: CsvBatchesOptions,
): () => AsyncGenerator<NumberBatch, void> {
  checkOptionNames('csvBatches', options, OPTIONS)
  const { target, batchRows, missing = 'error', labels = 'auto', drop = [], columns } = options ?? {}
  if (target === undefined) throw new TypeError('target: expected the column of labels, got undefined')
  if (batchRows !== undefined) checkInteger('batchRows', batchRows, { min: 1 })
  checkOneOf('missing', missing, ['error', 'drop'])
  checkOneOf('labels', labels, LABELS)
  for (const [name, list] of Object.entries({ columns, drop, missingValues: options.missingValues })) {
    if (list !== undefined && !Array.isArray(list)) throw new TypeError(`${name}: expected an array, got ${show(list)}`)
  }
  const reopenable = [URL, Blob, Uint8Array, ArrayBuffer].some((kind) => source instanceof kind)
  if (typeof source !== 'string' && !reopenable) {
    throw new TypeError(
      `source: expected what can be opened again for every pass (URL, path, File, Blob, bytes or text), got ${show(source)}`,
    )
  }
  // What the first pass finds out about labels holds for all.
  const kind = { isNumber: labels === 'auto' ? undefined : labels === 'number' }
  return () => batchesOf(() => open(source), options, kind)
}

async function* batchesOf(
  open: () => CsvSource | Promise<CsvSource>,
  { target, batchRows, columns, drop = [], missing = 'error', missingValues, labels: _, ...rest }: CsvBatchesOptions,
  kind: { isNumber: boolean | undefined },
): AsyncGenerator<NumberBatch, void> {
  const { expectColumns = [], ...rowOptions } = rest
  const names = [target, ...(columns ?? []), ...drop].filter((choice) => typeof choice === 'string')
  let collector: Collector | undefined
  for await (const text of readCsvRows(await open(), { ...rowOptions, expectColumns: [...expectColumns, ...names] })) {
    if (!collector) {
      const place = findColumn('target', target, text)
      const features = featureColumns(text, place, columns, drop)
      const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(BATCH_NUMBERS / features.length)))
      const rule: FeatureRule = {
        columns: features,
        missing,
        marks: new MissingMarks(missingValues),
        reader: 'csvBatches',
      }
      collector = new Collector(text, rule, place, batchRows ?? most, kind)
    }
    yield* collector.add(text)
  }
  if (collector && collector.rows > 0) yield collector.take()
}

/** Text rows to batches of numbers. */
class Collector {
  readonly #names: string[]
  readonly #target: number
  readonly #rule: FeatureRule
  readonly #batchRows: number
  readonly #kind: { isNumber: boolean | undefined }
  #data: Float64Array
  #labels: string[] = []

  constructor(
    layout: CsvBatch,
    rule: FeatureRule,
    target: number,
    batchRows: number,
    kind: { isNumber: boolean | undefined },
  ) {
    this.#names = rule.columns.map((column) => layout.columns[column]!)
    this.#rule = rule
    this.#target = target
    this.#batchRows = batchRows
    this.#kind = kind
    this.#data = new Float64Array(batchRows * rule.columns.length)
  }

  get rows(): number {
    return this.#labels.length
  }

  /** Takes the rows of a batch of text; gives what is full. */
  *add(text: CsvBatch): Generator<NumberBatch> {
    const { marks, missing, columns } = this.#rule
    for (let i = 0; i < text.length; i++) {
      const label = text.field(i, this.#target).trim()
      if (marks.has(label)) {
        if (missing === 'drop') continue
        throw missingValue(text, i, this.#target, "It is the target: leave such rows out with { missing: 'drop' }")
      }
      if (!readFeatures(this.#rule, text, i, this.#data, this.rows * columns.length)) continue
      if (this.#kind.isNumber && Number.isNaN(parseNumber(label))) throw this.#word(text, i, label)
      this.#labels.push(label)
      if (this.rows === this.#batchRows) yield this.take()
    }
  }

  /** What has come. The numbers are the receiver's. */
  take(): NumberBatch {
    const [rows, cols] = [this.rows, this.#names.length]
    const data = rows === this.#batchRows ? this.#data : this.#data.slice(0, rows * cols)
    const labels = this.#labels
    const numbers = Float64Array.from(labels, parseNumber)
    this.#kind.isNumber ??= !numbers.some(Number.isNaN)
    this.#data = new Float64Array(this.#batchRows * cols)
    this.#labels = []
    return { X: { data, rows, cols }, y: this.#kind.isNumber ? numbers : labels, featureNames: this.#names }
  }

  #word(text: CsvBatch, i: number, label: string): DataError {
    const name = show(text.columns[this.#target])
    return new DataError(
      'TEXT_COLUMN',
      `line ${text.line(i)}: column ${name} has the label ${show(label)}, and had only numbers before`,
      { row: text.firstRow + i, column: this.#target, hint: "Pass { labels: 'text' } for labels that are words" },
    )
  }
}
