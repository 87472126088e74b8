import { checkOneOf } from '../core/checks.ts'
import type { Labels } from '../core/labels.ts'
import { decide, type Predicted } from './decisions.ts'
import type { MetricOptions } from './inputs.ts'
import { type ClassRatio, f1Of, positiveCode, precisionOf, ratio, recallOf, tally } from './tally.ts'

export interface AverageOptions extends MetricOptions {
  /**
   * 'binary' (default): of the positive class, which has to be named where there are more than two.
   * 'macro': the plain mean over all classes that occur or are predicted.
   */
  average?: 'binary' | 'macro' | undefined
}

/**
 * Of what was predicted positive, the share that is: tp / (tp + fp); 0 where nothing was predicted positive.
 * Mirrors scikit-learn's precision_score (zero_division=0). `predicted` as at `Predicted`.
 */
export function precision(y: Labels, predicted: Predicted, options: AverageOptions = {}): number {
  return averaged('precision', precisionOf, y, predicted, options)
}

/**
 * Of what is positive, the share that was found: tp / (tp + fn); 0 where nothing is positive.
 * Mirrors scikit-learn's recall_score (zero_division=0). `predicted` as at `Predicted`.
 */
export function recall(y: Labels, predicted: Predicted, options: AverageOptions = {}): number {
  return averaged('recall', recallOf, y, predicted, options)
}

/**
 * The harmonic mean of precision and recall: 2·tp / (2·tp + fp + fn); 0 where nothing is or was predicted positive.
 * Mirrors scikit-learn's f1_score (zero_division=0). `predicted` as at `Predicted`.
 */
export function f1(y: Labels, predicted: Predicted, options: AverageOptions = {}): number {
  return averaged('f1', f1Of, y, predicted, options)
}

function averaged(where: string, of: ClassRatio, y: Labels, predicted: Predicted, options: AverageOptions): number {
  const decisions = decide(where, y, predicted, options, ['average'])
  const average = checkOneOf('average', options.average ?? 'binary', ['binary', 'macro'])
  const count = tally(decisions)
  if (average === 'binary') {
    const code = positiveCode(decisions, options.positive)
    return code < 0 ? 0 : of(count, code)
  }
  let total = 0
  let classes = 0
  for (let k = 0; k < count.actual.length; k++) {
    if (count.actual[k] === 0 && count.predicted[k] === 0) continue
    total += of(count, k)
    classes++
  }
  return ratio(total, classes)
}
