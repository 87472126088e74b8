import { show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import { compareLabels, type Label, LabelIndex, type Labels } from '../core/labels.ts'
import { decide, type Predicted } from './decisions.ts'
import type { MetricOptions } from './inputs.ts'

const maxClasses = 1000

export interface ConfusionMatrix {
  /** The class of each row and column of `matrix`. */
  labels: Label[]
  /** `matrix[i][j]`: how many rows (their weight) of class `labels[i]` were predicted as `labels[j]`. */
  matrix: number[][]
}

/**
 * How often each class was taken for which: rows are actual, columns predicted, both in the order of `labels` if given,
 * else sorted; for two classes `[[tn, fp], [fn, tp]]` with the positive class last. Mirrors scikit-learn's
 * confusion_matrix. `predicted` as at `Predicted`. Throws DataError TOO_MANY_CLASSES above 1,000 classes.
 */
export function confusionMatrix(y: Labels, predicted: Predicted, options: MetricOptions = {}): ConfusionMatrix {
  const decisions = decide('confusionMatrix', y, predicted, options)
  const labels = orderedLabels(decisions.labels, options.labels)
  const place = Int32Array.from(decisions.labels, (label) => labels.indexOf(label as Label))
  const missing = place.indexOf(-1)
  if (missing >= 0) {
    throw new DataError('UNKNOWN_LABEL', `labels: ${show(decisions.labels[missing])} is predicted, but not among them`)
  }
  const { actual, predicted: codes, weights } = decisions
  const k = labels.length
  const cells = new Float64Array(k * k)
  for (let i = 0; i < actual.length; i++) {
    const row = place[actual[i] as number] as number
    const column = place[codes[i] as number] as number
    cells[row * k + column]! += weights ? (weights[i] as number) : 1
  }
  return { labels, matrix: labels.map((_, row) => Array.from(cells.subarray(row * k, row * k + k))) }
}

function orderedLabels(found: readonly (Label | undefined)[], wanted: Labels | undefined): Label[] {
  if (found.includes(undefined)) {
    throw new RangeError(
      'confusionMatrix: scores of one class do not name the other. Name both in labels, or predict labels',
    )
  }
  let labels = (found as Label[]).slice().sort(compareLabels)
  if (wanted !== undefined) {
    const index = new LabelIndex()
    index.encodeAll('labels', wanted)
    labels = index.labels
  }
  if (labels.length > maxClasses) {
    throw new DataError('TOO_MANY_CLASSES', `y: expected at most ${maxClasses} classes, got ${labels.length}`, {
      hint: 'Is y a column of numbers rather than of classes?',
    })
  }
  return labels
}
