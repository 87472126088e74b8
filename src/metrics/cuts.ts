import { fallingOrder } from './falling-order.ts'
import type { BinaryTask } from './inputs.ts'

/**
 * What each possible threshold gives: entry k is for predicting positive where score >= thresholds[k], the k-th highest
 * distinct score. Rows of weight 0 are left out, their scores too.
 */
export interface Cuts {
  readonly thresholds: Float64Array
  /** Weight of the true positives at each threshold; its last entry is all positives. */
  readonly tp: Float64Array
  /** Weight of the false positives at each threshold; its last entry is all negatives. */
  readonly fp: Float64Array
  readonly positives: number
  readonly negatives: number
}

export function cuts({ target, score, weights }: BinaryTask): Cuts {
  const order = fallingOrder(score)
  const thresholds = new Float64Array(order.length)
  const tp = new Float64Array(order.length)
  const fp = new Float64Array(order.length)
  let positives = 0
  let negatives = 0
  let last = -1
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number
    const weight = weights ? (weights[row] as number) : 1
    if (weight === 0) continue
    if (last < 0 || score[row] !== thresholds[last]) thresholds[++last] = score[row] as number
    if (target[row] === 1) positives += weight
    else negatives += weight
    tp[last] = positives
    fp[last] = negatives
  }
  const length = last + 1
  return {
    thresholds: thresholds.subarray(0, length),
    tp: tp.subarray(0, length),
    fp: fp.subarray(0, length),
    positives,
    negatives,
  }
}
