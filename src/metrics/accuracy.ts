import type { Labels } from '../core/labels.ts'
import { decide, type Predicted } from './decisions.ts'
import type { MetricOptions } from './inputs.ts'
import { accuracyOf, balancedAccuracyOf, sum, tally } from './tally.ts'

/**
 * The share of rows (of their weight) predicted right, 0 to 1. Mirrors scikit-learn's accuracy_score.
 * `predicted` holds labels, scores or probabilities; the rule that tells them apart is at `Predicted`.
 */
export function accuracy(y: Labels, predicted: Predicted, options: MetricOptions = {}): number {
  return accuracyOf(tally(decide('accuracy', y, predicted, options)))
}

/**
 * The share of rows (of their weight) predicted wrong, the mean 0-1 loss. Mirrors scikit-learn's zero_one_loss.
 * `predicted` as at `Predicted`.
 */
export function errorRate(y: Labels, predicted: Predicted, options: MetricOptions = {}): number {
  const count = tally(decide('errorRate', y, predicted, options))
  const total = sum(count.actual)
  return (total - sum(count.hits)) / total
}

/**
 * The mean of the recalls of the classes that occur in y, 0 to 1: accuracy with every class weighing the same.
 * Mirrors scikit-learn's balanced_accuracy_score. `predicted` as at `Predicted`.
 */
export function balancedAccuracy(y: Labels, predicted: Predicted, options: MetricOptions = {}): number {
  return balancedAccuracyOf(tally(decide('balancedAccuracy', y, predicted, options)))
}
