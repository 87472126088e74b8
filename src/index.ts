/** Everything that runs anywhere: browsers, workers, Node. */

import {
  accuracy,
  averagePrecision,
  balancedAccuracy,
  bestThreshold,
  brier,
  confusionMatrix,
  errorAgainstThreshold,
  errorRate,
  f1,
  logLoss,
  mcc,
  precision,
  precisionRecallCurve,
  recall,
  rocAuc,
  rocCurve,
} from './metrics/index.ts'

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
  MoonsOptions,
  Part,
  ReadCsvOptions,
  Split,
  SplitOptions,
  Splittable,
  UnlabelledDataset,
} from './data/index.ts'
export { formatCsvRows, gaussians, moons, readCsv, readCsvRows, trainTestSplit } from './data/index.ts'
export type { DenseData, InitOptions, KernelInfo, MatrixLike, Variant } from './kernel/index.ts'
export { init, kernelInfo, Matrix } from './kernel/index.ts'
export type {
  AverageOptions,
  BestThreshold,
  BestThresholdOptions,
  ConfusionMatrix,
  CostMatrix,
  ErrorCurve,
  Label,
  Labels,
  MetricOptions,
  NumberArray,
  PrecisionRecallCurve,
  Predicted,
  Probabilities,
  RocCurve,
  RocCurveOptions,
  Scores,
} from './metrics/index.ts'
export type {
  ClassWeight,
  FitOptions,
  FitProgress,
  FitSyncOptions,
  HistoryEntry,
  LinearLossName,
  LinearPoint,
  LinearSVCOptions,
  LinearSVCSolver,
  LogisticRegressionOptions,
  LogisticSolver,
  LossGradient,
  LossOptions,
  MLPClassifierOptions,
  NetworkActivation,
  NetworkGradient,
  NetworkLossOptions,
  NetworkParameters,
  Optimizer,
  PartialFitOptions,
  PredictOptions,
  RidgeClassifierOptions,
  RidgeSolver,
  Row,
  SGDClassifierOptions,
  SoftmaxPoint,
  WeightInit,
} from './models/index.ts'
export {
  LinearSVC,
  LogisticRegression,
  lossGradient,
  MLPClassifier,
  networkLossGradient,
  Proba,
  RidgeClassifier,
  SGDClassifier,
} from './models/index.ts'
export type {
  CheckGradientOptions,
  EarlyStoppingOptions,
  GradientCheck,
  ScheduleOptions,
  ValueAndGradient,
} from './optim/index.ts'
export { checkGradient } from './optim/index.ts'

/** How good predictions are. A plain object, not a namespace export: bundlers drop it where it is not used. */
export const metrics = {
  accuracy,
  averagePrecision,
  balancedAccuracy,
  bestThreshold,
  brier,
  confusionMatrix,
  errorAgainstThreshold,
  errorRate,
  f1,
  logLoss,
  mcc,
  precision,
  precisionRecallCurve,
  recall,
  rocAuc,
  rocCurve,
}
