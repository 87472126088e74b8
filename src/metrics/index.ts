/** How good a classifier is: `metrics.accuracy(y, predicted, { sampleWeight, threshold, positive, labels })` and so on. */

export type { NumberArray } from '../core/arrays.ts'
export type { Label, Labels } from '../core/labels.ts'
export { accuracy, balancedAccuracy, errorRate } from './accuracy.ts'
export { type ConfusionMatrix, confusionMatrix } from './confusion-matrix.ts'
export type { Predicted } from './decisions.ts'
export type { MetricOptions, Probabilities, Scores } from './inputs.ts'
export { mcc } from './mcc.ts'
export { type AverageOptions, f1, precision, recall } from './precision-recall.ts'
export { averagePrecision, type PrecisionRecallCurve, precisionRecallCurve } from './precision-recall-curve.ts'
export { brier, logLoss } from './probability-losses.ts'
export { type RocCurve, type RocCurveOptions, rocAuc, rocCurve } from './roc.ts'
export {
  type BestThreshold,
  type BestThresholdOptions,
  bestThreshold,
  type CostMatrix,
  type ErrorCurve,
  errorAgainstThreshold,
} from './threshold.ts'
