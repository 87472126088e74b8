import { checkRows, isArray } from '../core/arrays.ts'
import { show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import { compareLabels, type Label, LabelIndex, type Labels, listLabels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'

export type { Label, Labels } from '../core/labels.ts'

/** Rows encoded in one go: about a millisecond's work. */
const SLICE_ROWS = 2 ** 15

/** Labels sorted and counted: `codes[i]` is the place of y[i] in `classes`. */
export interface EncodedLabels<L extends Label = Label> {
  classes: L[]
  codes: Int32Array
}

/** Labels that another thread has encoded, and checked. */
class KnownLabels {
  readonly encoded: EncodedLabels

  constructor(encoded: EncodedLabels) {
    this.encoded = encoded
  }
}

/** Encoded labels in the place of the labels themselves: `encodeLabels` gives them back. */
export function knownLabels({ classes, codes }: { classes: readonly Label[]; codes: Int32Array }): Labels {
  return new KnownLabels({ classes: [...classes], codes }) as unknown as Labels
}

/**
 * Encodes y, slice by slice. Classes are those of y, sorted (scikit-learn's order), unless they are given.
 * @throws TypeError if y is no array, holds something else than labels, or labels of several kinds
 * @throws RangeError if it has another length than X has rows
 * @throws DataError UNKNOWN_LABEL for a label outside the given classes
 */
export function* encodeLabels<L extends Label>(
  y: Labels,
  rows: number,
  given?: readonly Label[],
  name = 'y',
): Steps<EncodedLabels<L>> {
  if ((y as unknown) instanceof KnownLabels) return (y as unknown as KnownLabels).encoded as EncodedLabels<L>
  if (!isArray(y)) throw new TypeError(`${name}: expected an array of labels, got ${show(y)}`)
  checkRows(name, y.length, rows, 'rows of X')
  const index = new LabelIndex()
  if (given) index.encodeAll('classes', given)
  if (given) index.close(`the classes of the model (${listLabels(given)})`)
  const codes = new Int32Array(rows)
  for (let begin = 0; begin < rows; begin += SLICE_ROWS) {
    index.encodeRows(name, y, codes, begin, Math.min(begin + SLICE_ROWS, rows))
    yield
  }
  if (given) return { classes: [...given] as L[], codes }
  const classes = [...index.labels].sort(compareLabels)
  const ranks = new Map(classes.map((label, code) => [label, code]))
  const rank = Int32Array.from(index.labels, (label) => ranks.get(label) as number)
  if (rank.some((code, i) => code !== i)) for (let i = 0; i < rows; i++) codes[i] = rank[codes[i]!]!
  return { classes: classes as L[], codes }
}

/** More classes than this, and than half the rows, are numbers to regress on, or names. */
const MANY = 1000

const TWO = 'A classifier needs examples of at least two classes'

/** At least two classes, and such as repeat, or the error that says what to do. */
export function checkClasses(classes: readonly Label[], rows: number, isPart = false): void {
  if (classes.length === 1) {
    const hint = isPart ? 'Give partialFit all classes that will come, as its option classes' : TWO
    throw new DataError('ONE_CLASS', `y: every label is ${show(classes[0])}`, { hint })
  }
  if (classes.length > MANY && classes.length > rows / 2) {
    throw new DataError('TOO_MANY_CLASSES', `y: ${classes.length} classes in ${rows} rows`, {
      hint: 'A classifier needs several examples of each class. Is it a number to predict?',
    })
  }
}

/** Every class must weigh something; of the rows of a part, one is enough. @throws DataError ZERO_WEIGHTS, ONE_CLASS */
export function checkWeighing(classes: readonly Label[], weighs: (code: number) => boolean, isPart = false): void {
  const present = classes.filter((_, code) => weighs(code))
  if (present.length === 0) {
    throw new DataError('ZERO_WEIGHTS', 'every row has weight 0', { hint: 'Look at sampleWeight and classWeight' })
  }
  if (isPart || present.length === classes.length) return
  if (present.length === 1) {
    throw new DataError('ONE_CLASS', `y: only rows of class ${show(present[0])} have a weight above 0`, { hint: TWO })
  }
  const absent = classes.find((_, code) => !weighs(code))
  throw new DataError('ZERO_WEIGHTS', `every row of class ${show(absent)} has weight 0`, { hint: 'Leave its rows out' })
}

/** Whether two models, or a model and its data, have the same classes. */
export function sameLabels(a: readonly Label[], b: readonly Label[]): boolean {
  return a.length === b.length && a.every((label, code) => label === b[code])
}

/** 1 for a class, 0 for all others. */
export function againstRest(codes: Int32Array, code: number): Int32Array {
  return codes.map((c) => (c === code ? 1 : 0))
}
