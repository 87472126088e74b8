import { checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import { kernelReady } from '../kernel/index.ts'
import type { ColumnChoice } from './columns.ts'
import { CSV_ROWS_OPTIONS, type CsvRowsOptions, readCsvRows } from './csv-rows.ts'
import type { Dataset, UnlabelledDataset } from './dataset.ts'
import { MISSING_POLICIES, type MissingPolicy } from './features.ts'
import type { CsvSource } from './sources.ts'
import { TableBuilder } from './table-builder.ts'

/** Options of `readCsv`. */
export interface ReadCsvOptions extends CsvRowsOptions {
  /** The column of labels: its name, or its position from 0 (negative: from the end). Without it there is no y. */
  target?: ColumnChoice | undefined
  /** The columns to use as features, in this order. Default: all but the target. */
  columns?: readonly ColumnChoice[] | undefined
  /** Columns to leave out. */
  drop?: readonly ColumnChoice[] | undefined
  /**
   * What to do where a value is missing: `error` (default), `drop` the row, or fill in the `mean` of the column over the
   * whole table (so a test set split off later has been seen by it). A missing label can only be dropped.
   */
  missing?: MissingPolicy | undefined
  /** The texts that stand for a missing value. Default: nothing, ?, NA, N/A, NaN, null, None and the like. */
  missingValues?: readonly string[] | undefined
}

const OPTIONS = [...CSV_ROWS_OPTIONS, 'target', 'columns', 'drop', 'missing', 'missingValues'] as const

/**
 * Reads a CSV straight into a Matrix: numbers go to kernel memory block by block as the text comes. Feature columns must
 * be numbers; the labels may be words.
 *
 * @throws ParseError with line and column for text that is no CSV, or a source that gives none
 * @throws DataError MISSING_COLUMN, MISSING_VALUE, TEXT_COLUMN, NON_FINITE, FLOAT32_OVERFLOW, TOO_FEW_ROWS, with row and column
 * @throws TypeError, RangeError for the options; KernelError; the signal's reason when aborted
 */
export async function readCsv(source: CsvSource, options: ReadCsvOptions & { target: ColumnChoice }): Promise<Dataset>
export async function readCsv(
  source: CsvSource,
  options?: ReadCsvOptions & { target?: undefined },
): Promise<UnlabelledDataset>
export async function readCsv(source: CsvSource, options?: ReadCsvOptions): Promise<Dataset | UnlabelledDataset>
export async function readCsv(source: CsvSource, options: ReadCsvOptions = {}): Promise<Dataset | UnlabelledDataset> {
  checkOptionNames('readCsv', options, OPTIONS)
  const { target, columns, drop = [], missing = 'error', missingValues, expectColumns = [], ...rowOptions } = options
  checkOneOf('missing', missing, MISSING_POLICIES)
  for (const [name, list] of Object.entries({ columns, drop, missingValues })) {
    if (list !== undefined && !Array.isArray(list)) throw new TypeError(`${name}: expected an array, got ${show(list)}`)
  }
  const names = [target, ...(columns ?? []), ...drop].filter((choice) => typeof choice === 'string')
  const rows = readCsvRows(source, { ...rowOptions, expectColumns: [...expectColumns, ...names] })
  await kernelReady()
  let table: TableBuilder | undefined
  try {
    for await (const batch of rows) {
      table ??= new TableBuilder(batch, { target, columns, drop, missing, missingValues })
      await table.add(batch)
    }
    if (!table || table.rows === 0) throw noRows(table?.skippedRows ?? 0)
    return await table.finish()
  } catch (error) {
    table?.dispose()
    throw error
  }
}

function noRows(skipped: number): DataError {
  return skipped > 0
    ? new DataError('TOO_FEW_ROWS', `no row is left: ${skipped} were left out because a value is missing`)
    : new DataError('TOO_FEW_ROWS', 'the data have a header and no rows')
}
