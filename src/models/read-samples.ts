import { type NumberArray, readWeights } from '../core/arrays.ts'
import { DataError } from '../core/errors.ts'
import type { Label, Labels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { checkClasses, checkWeighing, encodeLabels } from './labels.ts'
import { type ClassWeight, classWeights, SLICE_ROWS, totalWeights } from './samples.ts'

/** Labels and weights of the rows of a fit, checked. */
export interface Samples {
  readonly classes: Label[]
  /** The place of each row's label in `classes`. */
  readonly codes: Int32Array
  /** As given. */
  readonly sampleWeight: Float64Array | undefined
  /** Sample weights times class weights; undefined where all are 1. */
  readonly weights: Float64Array | undefined
}

/**
 * Checks labels and weights. Classes are those of y unless they are given.
 * @throws TypeError, RangeError; DataError ONE_CLASS, ZERO_WEIGHTS, UNKNOWN_LABEL ...
 */
export function* readSamples(
  y: Labels,
  rows: number,
  given: {
    classes?: readonly Label[] | undefined
    classWeight?: ClassWeight | undefined
    sampleWeight?: NumberArray | undefined
    /** Whether more rows may follow. */
    isPart?: boolean
  },
): Steps<Samples> {
  const { classes, codes } = yield* encodeLabels(y, rows, given.classes)
  checkClasses(classes, rows, given.isPart)
  const sampleWeight = yield* readWeights(given.sampleWeight, rows, 'rows of X')
  const ofClass = yield* classWeights(given.classWeight, classes, codes, sampleWeight)
  const weights = yield* totalWeights(codes, sampleWeight, ofClass)
  if (weights) yield* checkWeighted(classes, codes, weights, given.isPart)
  return { classes, codes, sampleWeight, weights }
}

/** Every class must weigh something (one, where more rows may follow), in the float32 that the kernel works in. */
function* checkWeighted(
  classes: readonly Label[],
  codes: Int32Array,
  weights: Float64Array,
  isPart: boolean | undefined,
): Steps<void> {
  const present = new Uint8Array(classes.length)
  for (let i = 0; i < codes.length; i++) {
    if (i % SLICE_ROWS === SLICE_ROWS - 1) yield
    const weight = Math.fround(weights[i]!)
    if (weight === Number.POSITIVE_INFINITY) {
      throw new DataError('FLOAT32_OVERFLOW', `sampleWeight[${i}]: ${weights[i]} is beyond float32`, { row: i })
    }
    if (weight > 0) present[codes[i]!] = 1
  }
  checkWeighing(classes, (code) => present[code] === 1, isPart)
}
