export type { Batch, BatchSource } from './batches.ts'
export type { FitBatchesOptions, FitOptions, FitProgress, FitSyncOptions, HistoryEntry } from './fit-options.ts'
export type { Row } from './linear-classifier.ts'
export type { LinearLossName } from './linear-data.ts'
export type { Optimizer } from './linear-epochs.ts'
export type { PartialFitOptions } from './linear-partial.ts'
export { LinearSVC, type LinearSVCOptions, type LinearSVCSolver } from './linear-svc.ts'
export type { LogisticRegressionOptions, LogisticSolver } from './logistic-options.ts'
export { LogisticRegression, type PredictOptions } from './logistic-regression.ts'
export {
  type LinearPoint,
  type LossGradient,
  type LossOptions,
  lossGradient,
  type SoftmaxPoint,
} from './loss-gradient.ts'
export { MLPClassifier } from './mlp-classifier.ts'
export {
  type NetworkGradient,
  type NetworkLossOptions,
  type NetworkParameters,
  networkLossGradient,
} from './mlp-loss-gradient.ts'
export type { Activation as NetworkActivation, MLPClassifierOptions, WeightInit } from './mlp-options.ts'
export type { OutOptions } from './out-array.ts'
export { Proba } from './proba.ts'
export { RidgeClassifier, type RidgeClassifierOptions, type RidgeSolver } from './ridge-classifier.ts'
export type { ClassWeight } from './samples.ts'
export { SGDClassifier, type SGDClassifierOptions } from './sgd-classifier.ts'
