import type { Labels } from '../core/labels.ts'
import {
  binaryTask,
  checkUnit,
  epsilonOf,
  isProbabilities,
  type MetricOptions,
  readTruth,
  type Scores,
} from './inputs.ts'

/**
 * Cross-entropy in nats: the weighted mean of -log(p of the class that it was). Takes probabilities of the positive
 * class, or a `predictProba` result of any number of classes. As in scikit-learn's log_loss, p is first clipped to
 * [eps, 1 - eps], where eps is 2^-23 for a Float32Array and 2^-52 for anything else, so that a certain mistake costs
 * at most 15.9 or 36.0. A probability outside [0, 1] is a RangeError, and so is a `predictProba` row whose sum is not 1.
 */
export function logLoss(y: Labels, scores: Scores, options: MetricOptions = {}): number {
  const truth = readTruth('logLoss', y, scores, options)
  if (isProbabilities(scores)) {
    const { data, cols } = scores
    const loss = clippedLoss(epsilonOf(data))
    return mean(truth.actual, truth.weights, (code, row) => loss(data[row * cols + code] as number))
  }
  const { target, score, weights } = binaryTask(truth, scores, options)
  checkUnit('scores', score)
  const loss = clippedLoss(epsilonOf(scores))
  return mean(target, weights, (positive, row) => loss(positive ? (score[row] as number) : 1 - (score[row] as number)))
}

function clippedLoss(eps: number): (p: number) => number {
  return (p) => -Math.log(Math.min(Math.max(p, eps), 1 - eps))
}

/**
 * The mean squared distance between probabilities and what happened (1 or 0). Takes probabilities of the positive
 * class, or a `predictProba` result: with two classes the positive one counts (0 best, 1 worst), with more the squares
 * of all classes are added up, as in Brier's paper (0 to 2). Mirrors scikit-learn's brier_score_loss
 * (scale_by_half='auto'). A probability outside [0, 1] is a RangeError.
 */
export function brier(y: Labels, scores: Scores, options: MetricOptions = {}): number {
  const truth = readTruth('brier', y, scores, options)
  if (isProbabilities(scores) && scores.cols > 2) {
    const { data, cols } = scores
    return mean(truth.actual, truth.weights, (code, row) => {
      let sum = 0
      for (let k = 0; k < cols; k++) {
        const error = (data[row * cols + k] as number) - (k === code ? 1 : 0)
        sum += error * error
      }
      return sum
    })
  }
  const { target, score, weights } = binaryTask(truth, scores, options)
  checkUnit('scores', score)
  return mean(target, weights, (happened, row) => {
    const error = (score[row] as number) - happened
    return error * error
  })
}

/** The weighted mean of a loss over rows. */
function mean(
  codes: Int32Array | Uint8Array,
  weights: Float64Array | undefined,
  loss: (code: number, row: number) => number,
): number {
  let sum = 0
  let total = 0
  for (let row = 0; row < codes.length; row++) {
    const weight = weights ? (weights[row] as number) : 1
    if (weight === 0) continue
    sum += weight * loss(codes[row] as number, row)
    total += weight
  }
  return sum / total
}
