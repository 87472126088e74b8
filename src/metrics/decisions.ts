import { checkRows, isArray } from '../core/arrays.ts'
import { show } from '../core/checks.ts'
import { type Label, type LabelIndex, type Labels, listLabels } from '../core/labels.ts'
import {
  binaryTask,
  checkUnit,
  isProbabilities,
  type MetricOptions,
  type Probabilities,
  readTruth,
  type Scores,
  type Truth,
} from './inputs.ts'

/**
 * What a metric of decisions (accuracy, precision, confusion matrix ...) compares y with: predicted labels, scores of
 * the positive class, or a `predictProba` result. Which of them an array is, is decided so:
 *
 * 1. With `threshold`, it is scores: positive where score >= threshold.
 * 2. Strings and booleans are labels, of the kind that y has.
 * 3. Numbers beside a y of strings or booleans are scores.
 * 4. Numbers beside a y of numbers are labels when y (or `labels`) has every one of them, or when y has more than two
 *    labels and they are whole numbers. A y of 0s alone or of 1s alone is taken to know both.
 * 5. Other numbers are scores if they are all between 0 and 1 and not all at the ends.
 * 6. What is left could be either and is a RangeError, which `threshold` or `labels` resolves.
 *
 * Scores without `threshold` have to be probabilities (0 to 1) and are cut at 0.5; for the margins of
 * `decisionFunction` say `threshold: 0`. A `predictProba` result of two classes is cut at 0.5 or at `threshold`; of
 * more classes the most probable one is taken (of equals the first), or with `threshold` and `positive` that class
 * is set against the rest.
 */
export type Predicted = Labels | Probabilities

export interface Decisions {
  /** Codes point into this. `undefined` is the rest, where one class is set against it. */
  readonly labels: readonly (Label | undefined)[]
  readonly actual: Int32Array
  readonly predicted: Int32Array
  readonly weights: Float64Array | undefined
  /** Settled where scores were cut; with labels it is looked for only when a metric needs it. */
  readonly positive: Label | undefined
  readonly index: LabelIndex
}

/** Brings y and whatever was predicted to codes. Throws what is wrong with the arguments. */
export function decide(
  where: string,
  y: Labels,
  predicted: Predicted,
  options: MetricOptions,
  extraOptions?: readonly string[],
): Decisions {
  const truth = readTruth(where, y, predicted, options, extraOptions)
  const { index, actual, weights } = truth
  const threshold = checkThreshold(options.threshold)
  let codes: Int32Array | undefined
  if (isProbabilities(predicted)) {
    if (predicted.cols > 2 && threshold === undefined) codes = mostProbable(predicted)
  } else {
    if (!isArray(predicted)) {
      throw new TypeError(`predicted: expected an array or a predictProba result, got ${show(predicted)}`)
    }
    checkRows('predicted', predicted.length, actual.length)
    if (threshold === undefined && areLabels(predicted, index)) codes = index.encode('predicted', predicted)
  }
  if (codes) return { labels: index.labels, actual, predicted: codes, weights, positive: undefined, index }
  return cut(truth, predicted as Scores, threshold, options)
}

function checkThreshold(threshold: unknown): number | undefined {
  if (threshold === undefined) return undefined
  if (typeof threshold !== 'number') throw new TypeError(`threshold: expected a number, got ${show(threshold)}`)
  if (Number.isNaN(threshold)) throw new RangeError('threshold: expected a number, got NaN')
  return threshold
}

/** Rules 2 to 6 of `Predicted`. */
function areLabels(predicted: ArrayLike<unknown>, index: LabelIndex): boolean {
  if (typeof predicted[0] !== 'number') return true
  if (index.kind !== 'number') return false
  const values = predicted as ArrayLike<number>
  const unknown = find(values, (value) => index.code(value) === undefined)
  if (unknown === -1) return true
  if (index.labels.length > 2 && !index.closed && all(values, Number.isInteger)) return true
  if (all(values, (value) => value >= 0 && value <= 1)) {
    if (!all(values, Number.isInteger)) return false
    if (index.labels.length === 1 && !index.closed && (index.labels[0] === 0 || index.labels[0] === 1)) return true
  } else if (!all(values, Number.isFinite)) return false
  throw new RangeError(
    `predicted: cannot tell labels from scores: ${values[unknown]} (row ${unknown}) is not a label of y ` +
      `(${listLabels(index.labels)}), and the numbers are no probabilities strictly between 0 and 1. ` +
      'For scores say threshold (0 for margins); for labels list all of them in labels',
  )
}

function find(values: ArrayLike<number>, test: (value: number) => boolean): number {
  for (let i = 0; i < values.length; i++) if (test(values[i] as number)) return i
  return -1
}

function all(values: ArrayLike<number>, test: (value: number) => boolean): boolean {
  return find(values, (value) => !test(value)) === -1
}

function mostProbable({ data, rows, cols }: Probabilities): Int32Array {
  const codes = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    let best = 0
    const start = row * cols
    for (let k = 1; k < cols; k++) if ((data[start + k] as number) > (data[start + best] as number)) best = k
    codes[row] = best
  }
  return codes
}

/** Scores into positive and negative, or into positive and the rest. */
function cut(truth: Truth, scores: Scores, threshold: number | undefined, options: MetricOptions): Decisions {
  const { index, weights } = truth
  const { positive, target, score } = binaryTask(truth, scores, options, 'predicted')
  if (threshold === undefined) checkUnit('predicted', score, '; other scores need threshold (0 for margins)')
  if (index.code(positive) === undefined) index.encode('positive', [positive])
  if (index.labels.length === 1 && typeof positive === 'boolean' && !index.closed) index.encode('y', [!positive])
  const limit = threshold ?? 0.5
  const predicted = new Int32Array(score.length)
  for (let i = 0; i < predicted.length; i++) predicted[i] = (score[i] as number) >= limit ? 1 : 0
  const negative = index.labels.length === 2 ? index.labels.find((label) => label !== positive) : undefined
  return { labels: [negative, positive], actual: Int32Array.from(target), predicted, weights, positive, index }
}
