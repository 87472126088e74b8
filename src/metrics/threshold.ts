import { isArray } from '../core/arrays.ts'
import { checkNumber, checkOneOf, show } from '../core/checks.ts'
import type { Labels } from '../core/labels.ts'
import { cuts } from './cuts.ts'
import { binaryTask, type MetricOptions, readTruth, type Scores } from './inputs.ts'
import { bothClasses } from './roc.ts'
import { accuracyOf, balancedAccuracyOf, f1Of, mccOf, type Tally } from './tally.ts'

export interface ErrorCurve {
  /** Every distinct score, rising, then Infinity (nothing is positive). */
  thresholds: Float64Array
  /** The error rate (0-1 loss) when positive is predicted for score >= threshold. */
  error: Float64Array
}

/** The error rate at every threshold that makes a difference. */
export function errorAgainstThreshold(y: Labels, scores: Scores, options: MetricOptions = {}): ErrorCurve {
  const truth = readTruth('errorAgainstThreshold', y, scores, options)
  const { tp, fp, thresholds, positives, negatives } = cuts(binaryTask(truth, scores, options))
  const n = tp.length
  const total = positives + negatives
  const curve = { thresholds: new Float64Array(n + 1), error: new Float64Array(n + 1) }
  for (let k = 0; k < n; k++) {
    curve.thresholds[n - 1 - k] = thresholds[k] as number
    curve.error[n - 1 - k] = (positives - (tp[k] as number) + (fp[k] as number)) / total
  }
  curve.thresholds[n] = Infinity
  curve.error[n] = positives / total
  return curve
}

const metricsToMaximise = {
  accuracy: accuracyOf,
  balancedAccuracy: balancedAccuracyOf,
  f1: (tally: Tally) => f1Of(tally, 1),
  mcc: mccOf,
}

/** What each outcome of a row costs: `[[true negative, false positive], [false negative, true positive]]`. */
export type CostMatrix = readonly [readonly [tn: number, fp: number], readonly [fn: number, tp: number]]

export interface BestThresholdOptions extends MetricOptions {
  /** What to make as high as possible; 'cost' (it needs `cost`) is made as low as possible. */
  metric: 'accuracy' | 'balancedAccuracy' | 'f1' | 'mcc' | 'cost'
  /** Needed with `metric: 'cost'`, and only there. A gain is a negative cost. */
  cost?: CostMatrix | undefined
}

export interface BestThreshold {
  /** Predict positive where score >= threshold. */
  threshold: number
  /** The metric at this threshold; for 'cost' the mean cost of a row (by weight). */
  value: number
}

/**
 * The threshold that is best for a metric or a cost matrix on these rows: half-way between two neighbouring scores, so
 * that no row sits on it; the least score where all rows are best called positive, Infinity where none is. Of equally
 * good ones the lowest. Choose it on validation data, not on the test set.
 * Throws DataError ONE_CLASS if y has positives only or negatives only.
 */
export function bestThreshold(y: Labels, scores: Scores, options: BestThresholdOptions): BestThreshold {
  const truth = readTruth('bestThreshold', y, scores, options ?? {}, ['metric', 'cost'])
  const metric = checkOneOf('metric', options?.metric, ['accuracy', 'balancedAccuracy', 'f1', 'mcc', 'cost'])
  const cost = checkCost(metric, options.cost)
  const { tp, fp, thresholds, positives, negatives } = bothClasses('bestThreshold', binaryTask(truth, scores, options))

  // The two-class tally as it would be for each number k of leading thresholds taken as positive.
  const tally = {
    actual: Float64Array.of(negatives, positives),
    predicted: new Float64Array(2),
    hits: new Float64Array(2),
  }
  const value = metric === 'cost' ? () => -meanCost(tally, cost as CostMatrix) : () => metricsToMaximise[metric](tally)
  let best = -Infinity
  let bestK = 0
  for (let k = 0; k <= tp.length; k++) {
    const t = k === 0 ? 0 : (tp[k - 1] as number)
    const f = k === 0 ? 0 : (fp[k - 1] as number)
    tally.hits[1] = t
    tally.hits[0] = negatives - f
    tally.predicted[1] = t + f
    tally.predicted[0] = positives - t + (negatives - f)
    const now = value()
    if (now < best) continue
    best = now
    bestK = k
  }
  return { threshold: between(thresholds, bestK), value: metric === 'cost' ? 0 - best : best }
}

/** A threshold that the first k of the falling scores reach and the next one does not. */
function between(falling: Float64Array, k: number): number {
  if (k === 0) return Infinity
  const reached = falling[k - 1] as number
  if (k === falling.length) return reached
  const missed = falling[k] as number
  const middle = missed + (reached - missed) / 2
  // Neighbours among the floating-point numbers have no middle, and the difference of huge ones may be infinite.
  return middle > missed && middle < reached ? middle : reached
}

function meanCost({ actual, hits }: Tally, [[tn, fp], [fn, tp]]: CostMatrix): number {
  const [negatives, positives] = actual as unknown as [number, number]
  const [right0, right1] = hits as unknown as [number, number]
  return (right0 * tn + (negatives - right0) * fp + (positives - right1) * fn + right1 * tp) / (negatives + positives)
}

function checkCost(metric: string, cost: unknown): CostMatrix | undefined {
  if (metric !== 'cost') {
    if (cost !== undefined) throw new TypeError(`cost: only for metric "cost", got metric ${show(metric)}`)
    return undefined
  }
  const shape = 'cost: expected [[tn, fp], [fn, tp]]'
  if (!isArray(cost)) throw new TypeError(`${shape}, got ${show(cost)}`)
  if (cost.length !== 2) throw new RangeError(`${shape}, got ${cost.length} rows`)
  for (let i = 0; i < 2; i++) {
    const row = cost[i]
    if (!isArray(row)) throw new TypeError(`${shape}, got ${show(row)} in row ${i}`)
    if (row.length !== 2) throw new RangeError(`${shape}, got ${row.length} numbers in row ${i}`)
    for (let j = 0; j < 2; j++) checkNumber(`cost[${i}][${j}]`, row[j])
  }
  return cost as unknown as CostMatrix
}
