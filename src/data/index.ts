export type { ColumnChoice } from './columns.ts'
export { CsvBatch, type CsvLayout } from './csv-batch.ts'
export {
  type CsvBatchesOptions,
  csvBatches,
  csvBatchesBy,
  type NumberBatch,
  type ReopenableCsv,
} from './csv-batches.ts'
export { type CsvProgress, type CsvRowsOptions, readCsvRows } from './csv-rows.ts'
export type { Dataset, UnlabelledDataset } from './dataset.ts'
export type { MissingPolicy } from './features.ts'
export { formatCsvRows } from './format-csv.ts'
export { type GaussiansOptions, gaussians } from './gaussians.ts'
export { type MoonsOptions, moons } from './moons.ts'
export { type ReadCsvOptions, readCsv } from './read-csv.ts'
export type { ChunkStream, CsvSource } from './sources.ts'
export { type Part, type Split, type SplitOptions, type Splittable, trainTestSplit } from './split.ts'
