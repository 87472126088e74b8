/** Everything that runs anywhere: browsers, workers, Node. */

export type { DataErrorCode, KernelErrorCode } from './core/errors.ts'
export { DataError, KernelError, ModelFormatError, NotFittedError, ParseError } from './core/errors.ts'
export type {
  ChunkStream,
  ColumnChoice,
  CsvBatch,
  CsvProgress,
  CsvRowsOptions,
  CsvSource,
  Dataset,
  GaussiansOptions,
  MissingPolicy,
  Part,
  ReadCsvOptions,
  Split,
  SplitOptions,
  Splittable,
  UnlabelledDataset,
} from './data/index.ts'
export { formatCsvRows, gaussians, readCsv, readCsvRows, trainTestSplit } from './data/index.ts'
export type { DenseData, InitOptions, KernelInfo, MatrixLike, Variant } from './kernel/index.ts'
export { init, kernelInfo, Matrix } from './kernel/index.ts'
export * as metrics from './metrics/index.ts'
export type {
  ClassWeight,
  FitOptions,
  FitProgress,
  HistoryEntry,
  LogisticRegressionOptions,
  LogisticSolver,
  PartialFitOptions,
  PredictOptions,
  Row,
} from './models/index.ts'
export { LogisticRegression, Proba } from './models/index.ts'
