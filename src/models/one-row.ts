import { show } from '../core/checks.ts'

/**
 * A function that gives z of a row as long as coef. One for each fit: engines take for constants what it was made of, as long
 * as there is one. Two sums of pairs of products do not wait for each other. Six products in a turn: fewer take longer, and
 * with eight the function is too long for V8 to put it into predictOne (measured). NaN if something is no number.
 */
export function scorer(coef: Float64Array, intercepts: Float64Array): (x: ArrayLike<number>) => number {
  const { length } = coef
  return (x) => {
    let z = intercepts[0]!
    let y = 0
    let k = 5
    for (; k < length; k += 6) {
      z += product(coef[k - 5]!, x[k - 5]!) + product(coef[k - 4]!, x[k - 4]!)
      y += product(coef[k - 3]!, x[k - 3]!) + product(coef[k - 2]!, x[k - 2]!)
      z += product(coef[k - 1]!, x[k - 1]!) + product(coef[k]!, x[k]!)
    }
    for (k -= 5; k < length; k++) z += product(coef[k]!, x[k]!)
    return z + y
  }
}

/**
 * Texts and null, as of an empty field of a form, would be taken for numbers. Asking costs nothing where engines know what an
 * array of numbers holds.
 */
function product(w: number, value: number): number {
  return typeof value === 'number' ? w * value : Number.NaN
}

/** z of one row for each of several outputs, in two sums of pairs, too. */
export function outputsOfRow(
  coef: Float64Array,
  intercepts: Float64Array,
  x: ArrayLike<number>,
  cols: number,
): number[] {
  const outputs = intercepts.length
  // Not a Float64Array: making one takes as long as a hundred products.
  const scores: number[] = []
  for (let c = 0, w = 0; c < outputs; c++, w += cols) {
    let z = intercepts[c]!
    let y = 0
    let k = 3
    for (; k < cols; k += 4) {
      z += product(coef[w + k - 3]!, x[k - 3]!) + product(coef[w + k - 2]!, x[k - 2]!)
      y += product(coef[w + k - 1]!, x[k - 1]!) + product(coef[w + k]!, x[k]!)
    }
    for (k -= 3; k < cols; k++) z += product(coef[w + k]!, x[k]!)
    scores.push(z + y)
  }
  for (let c = 0; c < outputs; c++) if (!Number.isFinite(scores[c])) refuse(x)
  return scores
}

/** Of a row whose score is no finite number. @throws TypeError for what is none, RangeError where all are */
export function refuse(x: ArrayLike<unknown>): never {
  const k = Array.prototype.findIndex.call(x, (value) => !Number.isFinite(value))
  if (k < 0) throw new RangeError('predictOne: the numbers are too large, their score is beyond float64')
  throw new TypeError(`predictOne: expected ${x.length} finite numbers, got ${show(x[k])} as number ${k}`)
}
