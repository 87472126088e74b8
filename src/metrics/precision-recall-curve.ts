import { DataError } from '../core/errors.ts'
import type { Labels } from '../core/labels.ts'
import { type Cuts, cuts } from './cuts.ts'
import { binaryTask, type MetricOptions, readTruth, type Scores } from './inputs.ts'

export interface PrecisionRecallCurve {
  /** Precision at each threshold, then 1. */
  precision: Float64Array
  /** Recall at each threshold, falling from 1, then 0. */
  recall: Float64Array
  /** Every distinct score, rising; one shorter than the other two. */
  thresholds: Float64Array
}

/**
 * Precision against recall, where positive is predicted for score >= threshold. Mirrors scikit-learn's
 * precision_recall_curve (drop_intermediate=False), its last point without a threshold (precision 1, recall 0) too.
 * Throws DataError ONE_CLASS if y has no positives.
 */
export function precisionRecallCurve(y: Labels, scores: Scores, options: MetricOptions = {}): PrecisionRecallCurve {
  const { tp, fp, thresholds, positives } = somePositives('precisionRecallCurve', y, scores, options)
  const n = tp.length
  const curve = { precision: new Float64Array(n + 1), recall: new Float64Array(n + 1), thresholds: new Float64Array(n) }
  for (let k = 0; k < n; k++) {
    const t = tp[k] as number
    curve.precision[n - 1 - k] = t / (t + (fp[k] as number))
    curve.recall[n - 1 - k] = t / positives
    curve.thresholds[n - 1 - k] = thresholds[k] as number
  }
  curve.precision[n] = 1
  return curve
}

/**
 * The area under the precision-recall curve as steps, Σ (recall_k - recall_{k-1})·precision_k over falling thresholds,
 * without interpolation. Mirrors scikit-learn's average_precision_score. Throws DataError ONE_CLASS if y has no
 * positives.
 */
export function averagePrecision(y: Labels, scores: Scores, options: MetricOptions = {}): number {
  const { tp, fp, positives } = somePositives('averagePrecision', y, scores, options)
  let area = 0
  let last = 0
  for (let k = 0; k < tp.length; k++) {
    const t = tp[k] as number
    area += ((t - last) * t) / (t + (fp[k] as number))
    last = t
  }
  return area / positives
}

function somePositives(where: string, y: Labels, scores: Scores, options: MetricOptions): Cuts {
  const all = cuts(binaryTask(readTruth(where, y, scores, options), scores, options))
  if (all.positives === 0) {
    throw new DataError('ONE_CLASS', `${where}: y has no rows of the positive class`, {
      hint: 'Recall is defined where it occurs (with a weight above 0)',
    })
  }
  return all
}
