import { DataError } from '../core/errors.ts'
import { Random } from '../core/random.ts'
import type { Steps } from '../core/steps.ts'

/** Weights of all rows, scaled so that those of the rows named have mean 1: the kernel's, in float32. */
export function* withMeanOne(weights: Float64Array, rows: Uint32Array): Steps<Float32Array> {
  let sum = 0
  for (let i = 0; i < rows.length; i++) {
    if (i % SLICE_ROWS === SLICE_ROWS - 1) yield
    sum += weights[rows[i]!]!
  }
  const scaled = new Float32Array(weights.length)
  for (let i = 0; i < scaled.length; i++) {
    if (i % SLICE_ROWS === SLICE_ROWS - 1) yield
    scaled[i] = (weights[i]! * rows.length) / sum
  }
  return scaled
}

/** Sample weights (1 where there are none) with 0 for the rows that are set aside. */
export function* weightsWithout(
  held: Uint32Array,
  rows: number,
  weights: Float64Array | undefined,
): Steps<Float64Array> {
  const left = weights?.slice() ?? new Float64Array(rows).fill(1)
  yield
  for (let i = 0; i < held.length; i++) {
    if (i % SLICE_ROWS === SLICE_ROWS - 1) yield
    left[held[i]!] = 0
  }
  return left
}

/** Row numbers to train on and to measure on. */
export interface RowSplit {
  readonly train: Uint32Array
  readonly held: Uint32Array
}

/** Rows looked at in one go: a few milliseconds' work. */
const SLICE_ROWS = 2 ** 17

/**
 * Sets a share of the rows of every class aside, to the nearest row but never a whole class, drawn by seed in one pass
 * (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S, for each class).
 * @throws DataError TOO_FEW_ROWS if that leaves no row
 */
export function* holdOut(codes: Int32Array, nClasses: number, fraction: number, seed: number): Steps<RowSplit> {
  const left = new Uint32Array(nClasses)
  for (let row = 0; row < codes.length; row++) {
    if (row % SLICE_ROWS === SLICE_ROWS - 1) yield
    left[codes[row]!]!++
  }
  const wanted = left.map((rows) => Math.max(0, Math.min(Math.round(fraction * rows), rows - 1)))
  const count = wanted.reduce((sum, rows) => sum + rows, 0)
  if (count === 0) {
    throw new DataError('TOO_FEW_ROWS', `earlyStopping: a fraction of ${fraction} is not one row of any class`, {
      hint: 'Give a larger fraction, or validation data',
    })
  }
  const random = new Random(seed)
  const [train, held] = [new Uint32Array(codes.length - count), new Uint32Array(count)]
  let [t, h] = [0, 0]
  for (let row = 0; row < codes.length; row++) {
    if (row % SLICE_ROWS === 0) yield
    const code = codes[row]!
    if (random.below(left[code]!--) < wanted[code]!) {
      wanted[code]!--
      held[h++] = row
    } else train[t++] = row
  }
  return { train, held }
}

export function allRows(rows: number): Uint32Array {
  const all = new Uint32Array(rows)
  for (let i = 0; i < rows; i++) all[i] = i
  return all
}
