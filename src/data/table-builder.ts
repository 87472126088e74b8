import { type Matrix, MatrixBuilder } from '../kernel/index.ts'
import { type ColumnChoice, findColumn } from './columns.ts'
import type { CsvBatch, CsvLayout } from './csv-batch.ts'
import { type Dataset, disposable, type UnlabelledDataset } from './dataset.ts'
import {
  type FeatureRule,
  featureColumns,
  MissingMarks,
  type MissingPolicy,
  missingValue,
  readFeatures,
} from './features.ts'
import { LabelColumn } from './label-column.ts'
import { MeanImputer } from './mean-imputer.ts'

/** Rows of numbers that wait in JavaScript, at most; fewer where rows are long. */
const BLOCK_ROWS = 1024
const BLOCK_NUMBERS = 2 ** 17

/** Which columns are what, as the user said it. */
export interface TableChoices {
  target: ColumnChoice | undefined
  columns: readonly ColumnChoice[] | undefined
  drop: readonly ColumnChoice[]
  missing: MissingPolicy
  missingValues: readonly string[] | undefined
}

/** Batches of text rows to a data set. */
export class TableBuilder {
  readonly #layout: CsvLayout
  /** Position of the target, -1 if there is none. */
  readonly #target: number
  readonly #rule: FeatureRule
  readonly #builder: MatrixBuilder
  readonly #labels: LabelColumn
  readonly #imputer: MeanImputer | undefined
  readonly #block: Float64Array
  #blockRows = 0
  #skipped = 0

  constructor(layout: CsvLayout, { target, columns, drop, missing, missingValues }: TableChoices) {
    this.#layout = layout
    this.#target = target === undefined ? -1 : findColumn('target', target, layout)
    const features = featureColumns(layout, this.#target, columns, drop)
    this.#rule = { columns: features, missing, marks: new MissingMarks(missingValues), reader: 'readCsv' }
    this.#labels = new LabelColumn(layout.columns[this.#target] ?? '')
    this.#imputer = missing === 'mean' ? new MeanImputer(features.length) : undefined
    const rows = Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_NUMBERS / features.length)))
    this.#builder = new MatrixBuilder(features.length)
    this.#block = new Float64Array(rows * features.length)
  }

  /** Rows taken so far. */
  get rows(): number {
    return this.#builder.rows + this.#blockRows
  }

  /** Rows left out so far. */
  get skippedRows(): number {
    return this.#skipped
  }

  /** @throws DataError for a value that cannot be used */
  async add(batch: CsvBatch): Promise<void> {
    const cols = this.#rule.columns.length
    for (let i = 0; i < batch.length; i++) {
      const taken = this.#hasLabel(batch, i) && readFeatures(this.#rule, batch, i, this.#block, this.#blockRows * cols)
      if (!taken) {
        this.#skipped++
        continue
      }
      if (this.#target >= 0) this.#labels.add(batch.field(i, this.#target))
      this.#blockRows++
      if (this.#blockRows * cols === this.#block.length) await this.#flush()
    }
  }

  /** What has come, as a data set. The builder is spent. */
  async finish(): Promise<Dataset | UnlabelledDataset> {
    await this.#flush()
    const featureNames = this.#rule.columns.map((column) => this.#layout.columns[column]!)
    const y = this.#labels.finish()
    this.#imputer?.checkColumns(featureNames)
    const X: Matrix = this.#builder.finish()
    this.#imputer?.fill(X)
    X.featureNames = featureNames
    const data = disposable({ X, featureNames, skippedRows: this.#skipped })
    return this.#target < 0 ? data : { ...data, y, targetName: this.#layout.columns[this.#target]! }
  }

  /** Gives everything back after a failure. */
  dispose(): void {
    this.#builder.dispose()
  }

  #hasLabel(batch: CsvBatch, i: number): boolean {
    if (this.#target < 0 || !this.#rule.marks.has(batch.field(i, this.#target))) return true
    if (this.#rule.missing === 'drop') return false
    throw missingValue(
      batch,
      i,
      this.#target,
      `It is the target: leave such rows out with { missing: 'drop' }, or name in missingValues what does stand for a missing value`,
    )
  }

  async #flush(): Promise<void> {
    const rows = this.#blockRows
    const cols = this.#rule.columns.length
    this.#imputer?.take(this.#block, rows, this.#builder.rows)
    await this.#builder.reserve(rows)
    this.#builder.append(this.#block.subarray(0, rows * cols), rows)
    this.#blockRows = 0
  }
}
