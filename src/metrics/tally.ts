import { type Label, positiveLabel } from '../core/labels.ts'
import type { Decisions } from './decisions.ts'

/** Weight by class: how much there was, how much was predicted, how much of it right. All that ratios need. */
export interface Tally {
  readonly actual: Float64Array
  readonly predicted: Float64Array
  readonly hits: Float64Array
}

export function tally({ labels, actual, predicted, weights }: Decisions): Tally {
  const count = {
    actual: new Float64Array(labels.length),
    predicted: new Float64Array(labels.length),
    hits: new Float64Array(labels.length),
  }
  for (let i = 0; i < actual.length; i++) {
    const weight = weights ? (weights[i] as number) : 1
    const a = actual[i] as number
    const p = predicted[i] as number
    count.actual[a]! += weight
    count.predicted[p]! += weight
    if (a === p) count.hits[a]! += weight
  }
  return count
}

/** The code of the positive class, or -1 where it neither occurs nor is predicted. */
export function positiveCode({ labels, index, positive }: Decisions, asked: Label | undefined): number {
  return labels.indexOf(positive ?? positiveLabel(index, asked))
}

/** 0 where there is nothing to divide by, as in scikit-learn (zero_division=0), never NaN. */
export function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}

export function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}

export function accuracyOf({ actual, hits }: Tally): number {
  return ratio(sum(hits), sum(actual))
}

/** The mean recall of the classes that occur. */
export function balancedAccuracyOf({ actual, hits }: Tally): number {
  let recalls = 0
  let classes = 0
  for (let k = 0; k < actual.length; k++) {
    if (actual[k] === 0) continue
    recalls += (hits[k] as number) / (actual[k] as number)
    classes++
  }
  return ratio(recalls, classes)
}

/** Precision, recall or F1 of class k. */
export type ClassRatio = (tally: Tally, k: number) => number

export const precisionOf: ClassRatio = ({ hits, predicted }, k) => ratio(hits[k] as number, predicted[k] as number)

export const recallOf: ClassRatio = ({ hits, actual }, k) => ratio(hits[k] as number, actual[k] as number)

/** 2·tp / (2·tp + fp + fn), the harmonic mean of precision and recall. */
export const f1Of: ClassRatio = ({ hits, predicted, actual }, k) =>
  ratio(2 * (hits[k] as number), (predicted[k] as number) + (actual[k] as number))

/**
 * The correlation of actual and predicted classes for any number of them: the R_K of J. Gorodkin, "Comparing two
 * K-category assignments by a K-category correlation coefficient", Computational Biology and Chemistry 28 (2004);
 * for two classes Matthews's coefficient. 0 where one side has one class only.
 */
export function mccOf({ actual, predicted, hits }: Tally): number {
  const total = sum(actual)
  const totalPredicted = sum(predicted) // the same weight, rounded in another order
  let chance = 0
  let spreadActual = 0
  let spreadPredicted = 0
  for (let k = 0; k < actual.length; k++) {
    const a = actual[k] as number
    const p = predicted[k] as number
    chance += a * p
    spreadActual += a * (total - a)
    spreadPredicted += p * (totalPredicted - p)
  }
  if (spreadActual === 0 || spreadPredicted === 0) return 0
  // (c / sqrt(a·b)) in a form that is exactly 1 for c = a = b and does not overflow; rounding may lead just past 1.
  const value = ((sum(hits) * total - chance) / spreadActual) * Math.sqrt(spreadActual / spreadPredicted)
  return Math.min(1, Math.max(-1, value))
}
