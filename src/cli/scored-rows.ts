import { type ColumnChoice, type CsvBatch, type CsvProgress, type LogisticRegression, readCsvRows } from '../node.ts'
import { CliError, naming } from './errors.ts'
import type { Input } from './files.ts'
import { findLabel } from './labels.ts'
import type { CsvFlags } from './options.ts'
import { plural } from './output.ts'

/** Some rows of a CSV and what the model reads in them. */
export interface ReadRows {
  readonly batch: CsvBatch
  /** Numbers of the rows in the batch: all of them, unless rows with missing values are dropped. */
  readonly kept: readonly number[]
  /** The rows that have no label, where a target was given. */
  readonly unlabelled: ReadonlySet<number>
  readonly X: { data: Float64Array; rows: number; cols: number }
}

interface Reading {
  readonly flags: CsvFlags
  readonly signal: AbortSignal
  readonly onProgress: (progress: CsvProgress) => void
  /** The column of labels, where there is one. */
  readonly target?: ColumnChoice
}

/**
 * A CSV as a model sees it, batch by batch, in little memory. Columns are found by the names the model was trained on,
 * whatever their order and whatever else there is; where there are no names, by position.
 */
export async function* readForModel(
  model: LogisticRegression,
  { name, source }: Input,
  { flags, signal, onProgress, target }: Reading,
): AsyncGenerator<ReadRows, void, undefined> {
  const { missing, missingValues, header, delimiter, encoding } = flags
  const expectColumns = [...(model.featureNames ?? []), ...(typeof target === 'string' ? [target] : [])]
  const batches = readCsvRows(source, { header, delimiter, encoding, expectColumns, onProgress, signal })
  // Means are those of training: what a row is taken for must not depend on its neighbours.
  const fill = fillFor(model, missing)
  let columns: readonly ColumnChoice[] | undefined
  const next = async (): Promise<ReadRows | undefined> => {
    const { done, value: batch } = await batches.next()
    if (done) return undefined
    columns ??= columnsFor(model, batch, target)
    const X = batch.numbers(columns, { fill, missingValues })
    const unlabelled = unlabelledRows(model, batch, target, missingValues)
    return missing === 'drop'
      ? withoutMissing(batch, X, unlabelled)
      : { batch, X, kept: Array.from({ length: batch.length }, (_, i) => i), unlabelled }
  }
  try {
    for (;;) {
      const read = await naming(name, signal, next)
      if (!read) return
      yield read
    }
  } finally {
    batches.return().catch(() => {})
  }
}

function fillFor(model: LogisticRegression, missing: CsvFlags['missing']): Float64Array | undefined {
  if (missing === 'mean') return model.columns.mean
  return missing === 'drop' ? new Float64Array(model.nFeatures).fill(Number.NaN) : undefined
}

function columnsFor(
  { featureNames, nFeatures }: LogisticRegression,
  batch: CsvBatch,
  target: ColumnChoice | undefined,
): readonly ColumnChoice[] {
  const targetIndex = target === undefined ? -1 : batch.indexOf(target, 'target')
  const there = new Set(batch.columns)
  const absent = featureNames?.filter((name) => !there.has(name)) ?? []
  if (featureNames && (batch.header || absent.length === 0)) {
    // Of a single one the loader says what it may have been meant to be.
    if (absent.length <= 1) return featureNames
    const few = absent.slice(0, 3).join(', ')
    throw new CliError(
      `${absent.length} of the model's ${nFeatures} columns are not there: ${few}${absent.length > 3 ? ', ...' : ''}`,
    )
  }
  const others = [...batch.columns.keys()].filter((column) => column !== targetIndex)
  if (others.length === nFeatures) return others
  const why = featureNames ? 'The data have no header row' : 'The model was trained without column names'
  throw new CliError(
    `expected ${plural(nFeatures, 'feature column')} as in training, got ${others.length}. ${why}, so columns go by position`,
  )
}

/** The rows that have no label: what stands for a missing value does not where the model has learnt it as a label. */
function unlabelledRows(
  { classes }: LogisticRegression,
  batch: CsvBatch,
  target: ColumnChoice | undefined,
  missingValues: readonly string[] | undefined,
): ReadonlySet<number> {
  if (target === undefined) return new Set()
  const column = batch.indexOf(target, 'target')
  const rows = batch.missing(column, { missingValues })
  return new Set(rows.filter((i) => findLabel(classes, batch.field(i, column).trim()) === undefined))
}

/** Without the rows in which a value is missing (it has become NaN) or the label is. */
function withoutMissing(
  batch: CsvBatch,
  { data, rows, cols }: ReadRows['X'],
  unlabelled: ReadonlySet<number>,
): ReadRows {
  const kept: number[] = []
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols)
    if (row.some(Number.isNaN) || unlabelled.has(i)) continue
    data.copyWithin(kept.length * cols, i * cols, (i + 1) * cols)
    kept.push(i)
  }
  return { batch, kept, X: { data: data.subarray(0, kept.length * cols), rows: kept.length, cols }, unlabelled }
}
