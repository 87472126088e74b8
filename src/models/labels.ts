import { checkRows, isArray } from '../core/arrays.ts'
import { show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import { compareLabels, type Label, LabelIndex, type Labels } from '../core/labels.ts'
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
  if (given) index.close('the classes of the model')
  const codes = new Int32Array(rows)
  for (let begin = 0; begin < rows; begin += SLICE_ROWS) {
    index.encodeRows(name, y, codes, begin, Math.min(begin + SLICE_ROWS, rows))
    yield
  }
  if (given) return { classes: [...given] as L[], codes }
  const classes = [...index.labels].sort(compareLabels)
  const ranks = new Map(classes.map((label, code) => [label, code]))
  const rank = index.labels.map((label) => ranks.get(label) as number)
  for (let i = 0; i < rows; i++) codes[i] = rank[codes[i]!]!
  return { classes: classes as L[], codes }
}

/** More classes than this, and than half the rows, are numbers to regress on, or names. */
const MANY = 1000

/** At least two classes, and such as repeat, or the error that says what to do. */
export function checkClasses(classes: readonly Label[], rows = Number.POSITIVE_INFINITY): void {
  if (classes.length === 1) {
    throw new DataError('ONE_CLASS', `y: every label is ${JSON.stringify(classes[0])}`, {
      hint: 'A classifier needs examples of at least two classes',
    })
  }
  if (classes.length > MANY && classes.length > rows / 2) {
    throw new DataError('TOO_MANY_CLASSES', `y: ${classes.length} classes in ${rows} rows`, {
      hint: 'A classifier needs several examples of each class. Is it a number to predict?',
    })
  }
}

/** 1 for a class, 0 for all others. */
export function againstRest(codes: Int32Array, code: number): Int32Array {
  return codes.map((c) => (c === code ? 1 : 0))
}
