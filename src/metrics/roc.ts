import { checkBoolean } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import type { Labels } from '../core/labels.ts'
import { type Cuts, cuts } from './cuts.ts'
import { type BinaryTask, binaryTask, type MetricOptions, readTruth, type Scores } from './inputs.ts'

export interface RocCurveOptions extends MetricOptions {
  /** Leave out points in line with both their neighbours; the curve looks the same. Default: false. */
  dropIntermediate?: boolean | undefined
}

/** Entry k is for predicting positive where score >= thresholds[k]; all three are of one length. */
export interface RocCurve {
  /** False positive rate, fp / negatives, rising from 0 to 1. */
  fpr: Float64Array
  /** True positive rate, tp / positives, rising from 0 to 1. */
  tpr: Float64Array
  /** Falling: Infinity (nothing is positive), then every distinct score. */
  thresholds: Float64Array
}

/**
 * The receiver operating characteristic. Mirrors scikit-learn's roc_curve (1.3 and later: the first threshold is
 * Infinity), but for the default of `dropIntermediate`, which is false here: every distinct score has its point.
 * Throws DataError ONE_CLASS if y has positives only or negatives only.
 */
export function rocCurve(y: Labels, scores: Scores, options: RocCurveOptions = {}): RocCurve {
  const truth = readTruth('rocCurve', y, scores, options, ['dropIntermediate'])
  const drop = checkBoolean('dropIntermediate', options.dropIntermediate ?? false)
  const all = bothClasses('rocCurve', binaryTask(truth, scores, options))
  const { tp, fp, thresholds, positives, negatives } = drop ? corners(all) : all
  const curve = {
    fpr: new Float64Array(tp.length + 1),
    tpr: new Float64Array(tp.length + 1),
    thresholds: new Float64Array(tp.length + 1),
  }
  curve.thresholds[0] = Infinity
  for (let k = 0; k < tp.length; k++) {
    curve.fpr[k + 1] = (fp[k] as number) / negatives
    curve.tpr[k + 1] = (tp[k] as number) / positives
    curve.thresholds[k + 1] = thresholds[k] as number
  }
  return curve
}

/**
 * The area under the ROC curve: how likely a positive row scores above a negative one, a tie counting one half. Mirrors
 * scikit-learn's roc_auc_score for two classes (of more, name one: `positive`).
 * Throws DataError ONE_CLASS if y has positives only or negatives only.
 */
export function rocAuc(y: Labels, scores: Scores, options: MetricOptions = {}): number {
  const truth = readTruth('rocAuc', y, scores, options)
  const { tp, fp, positives, negatives } = bothClasses('rocAuc', binaryTask(truth, scores, options))
  let area = 0
  let lastTp = 0
  let lastFp = 0
  for (let k = 0; k < tp.length; k++) {
    const t = tp[k] as number
    const f = fp[k] as number
    area += ((f - lastFp) * (t + lastTp)) / 2
    lastTp = t
    lastFp = f
  }
  return area / (positives * negatives)
}

/** The cuts, if there are positives and negatives to tell apart. */
export function bothClasses(where: string, task: BinaryTask): Cuts {
  const all = cuts(task)
  if (all.positives === 0 || all.negatives === 0) {
    throw new DataError(
      'ONE_CLASS',
      `${where}: y has ${all.positives === 0 ? 'no' : 'only'} rows of the positive class`,
      {
        hint: 'It is defined where both classes occur (with a weight above 0)',
      },
    )
  }
  return all
}

/** The first, the last and every cut where the direction or the length of the step changes. */
function corners({ tp, fp, thresholds, positives, negatives }: Cuts): Cuts {
  const bends = (a: Float64Array, k: number) => a[k + 1]! - a[k]! !== a[k]! - a[k - 1]!
  const keep = new Uint32Array(tp.length)
  let n = 0
  for (let k = 0; k < tp.length; k++) {
    if (k === 0 || k === tp.length - 1 || bends(tp, k) || bends(fp, k)) keep[n++] = k
  }
  const pick = (values: Float64Array) => new Float64Array(n).map((_, i) => values[keep[i] as number] as number)
  return { tp: pick(tp), fp: pick(fp), thresholds: pick(thresholds), positives, negatives }
}
