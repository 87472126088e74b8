import type { Labels } from '../core/labels.ts'
import { decide, type Predicted } from './decisions.ts'
import type { MetricOptions } from './inputs.ts'
import { mccOf, tally } from './tally.ts'

/**
 * Matthews's correlation coefficient of actual and predicted classes, two or more: 1 all right, 0 no better than
 * chance (and where y or the predictions have one class only), -1 (two classes) all wrong. Mirrors scikit-learn's
 * matthews_corrcoef. `predicted` as at `Predicted`.
 */
export function mcc(y: Labels, predicted: Predicted, options: MetricOptions = {}): number {
  return mccOf(tally(decide('mcc', y, predicted, options)))
}
