import { checkWeights, type NumberArray, nonFinite, readNumbers } from '../core/arrays.ts'
import { checkOptionNames, show } from '../core/checks.ts'
import { type Label, LabelIndex, type Labels, positiveLabel } from '../core/labels.ts'

/** What `predictProba` returns: `data[row * cols + k]` is the probability of `classes[k]`. */
export interface Probabilities {
  readonly data: Float32Array | Float64Array
  readonly rows: number
  readonly cols: number
  readonly classes: readonly Label[]
}

/**
 * Scores of the positive class, one a row (the higher, the more positive: probabilities, margins, ranks), or a
 * `predictProba` result, of which the positive class's column is taken.
 */
export type Scores = NumberArray | Probabilities

/**
 * What every metric takes. A metric that has no use for one of them (`threshold` in `rocAuc`) ignores it, so that one
 * object can serve a whole report; an unknown name is an error.
 */
export interface MetricOptions {
  /** A weight of at least 0 a row; weight 2 counts like a repeated row, weight 0 like a missing one. Default: 1. */
  sampleWeight?: NumberArray | undefined
  /** The positive class. Default: the greater of two labels. Of more labels one has to be named, against the rest. */
  positive?: Label | undefined
  /** Rows are predicted positive when their score is at least this. Giving it says that scores came, not labels. */
  threshold?: number | undefined
  /**
   * All classes, where y may lack some. A label that is not among them is then an error. It also orders the confusion
   * matrix, which is all it does where a `predictProba` result has brought its own classes.
   */
  labels?: Labels | undefined
}

const optionNames = ['sampleWeight', 'positive', 'threshold', 'labels']

/** y as codes, and what goes with it. */
export interface Truth {
  readonly index: LabelIndex
  readonly actual: Int32Array
  readonly weights: Float64Array | undefined
}

/** Checks what every metric takes. With a predictProba result, codes are its column numbers. */
export function readTruth(
  where: string,
  y: unknown,
  scores: unknown,
  options: MetricOptions,
  extraOptions: readonly string[] = [],
): Truth {
  checkOptionNames(`metrics.${where}`, options, [...optionNames, ...extraOptions])
  const index = new LabelIndex()
  if (isProbabilities(scores)) index.encodeAll('scores.classes', scores.classes)
  else if (options.labels !== undefined) index.encodeAll('labels', options.labels)
  const actual = index.encode('y', y)
  if (isProbabilities(scores)) checkProbabilities(scores, actual.length)
  return { index, actual, weights: checkWeights(options.sampleWeight, actual.length) }
}

export function isProbabilities(value: unknown): value is Probabilities {
  return typeof value === 'object' && value !== null && 'data' in value && 'classes' in value
}

/** Shape, range and row sums (1 within the square root of the array's epsilon, as scikit-learn has it). */
function checkProbabilities({ data, rows, cols, classes }: Probabilities, nRows: number): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new TypeError(`scores.data: expected a Float32Array or Float64Array, got ${show(data)}`)
  }
  if (rows !== nRows) throw new RangeError(`scores: expected ${nRows} rows (labels in y), got ${show(rows)}`)
  if (cols !== classes.length || cols < 2) {
    throw new RangeError(
      `scores: expected a column for each of at least 2 classes (${classes.length}), got ${show(cols)}`,
    )
  }
  if (data.length !== rows * cols) {
    throw new RangeError(`scores.data: expected ${rows * cols} numbers (rows x cols), got ${data.length}`)
  }
  const slack = Math.sqrt(epsilonOf(data))
  for (let row = 0, i = 0; row < rows; row++) {
    let sum = 0
    for (let k = 0; k < cols; k++, i++) {
      const value = data[i] as number
      if (!Number.isFinite(value)) throw nonFinite(`scores.data[${i}]`, value, row)
      if (value < 0 || value > 1)
        throw new RangeError(`scores.data[${i}]: expected a probability (0 to 1), got ${value}`)
      sum += value
    }
    if (Math.abs(sum - 1) > slack) throw new RangeError(`scores: row ${row} does not sum to 1 but to ${sum}`)
  }
}

/** The machine epsilon of what is in an array: float32's for a Float32Array, else float64's. */
export function epsilonOf(values: unknown): number {
  return values instanceof Float32Array ? 2 ** -23 : Number.EPSILON
}

/** Positive or not, and how positive, row by row. */
export interface BinaryTask {
  readonly positive: Label
  /** 1 where y is the positive class, else 0. */
  readonly target: Uint8Array
  readonly score: Float64Array
  readonly weights: Float64Array | undefined
}

/** Looks at y and the scores as one class against the rest. */
export function binaryTask(
  { index, actual, weights }: Truth,
  scores: Scores,
  options: MetricOptions,
  name = 'scores',
): BinaryTask {
  const positive = positiveLabel(index, options.positive)
  const code = index.code(positive)
  const target = new Uint8Array(actual.length)
  for (let i = 0; i < target.length; i++) target[i] = actual[i] === code ? 1 : 0
  const score = isProbabilities(scores) ? column(scores, code as number) : readNumbers(name, scores, actual.length)
  return { positive, target, score, weights }
}

function column({ data, rows, cols }: Probabilities, k: number): Float64Array {
  const values = new Float64Array(rows)
  for (let row = 0; row < rows; row++) values[row] = (data[row * cols + k] as number) + 0
  return values
}

/** Throws at the first score that is not a probability; `advice` ends the message. */
export function checkUnit(name: string, score: Float64Array, advice = ''): void {
  for (let i = 0; i < score.length; i++) {
    const value = score[i] as number
    if (value < 0 || value > 1) {
      throw new RangeError(`${name}[${i}]: expected a probability (0 to 1), got ${value}${advice}`)
    }
  }
}
