import { show } from '../core/checks.ts'

/**
 * A function that gives z of a row as long as coef. One for each fit: engines take for constants what it was made of, as long
 * as there is one. Two sums of pairs of products do not wait for each other; eight products in a turn take 0.9 of the time of
 * four (measured). Texts and null, as of an empty field of a form, would be taken for numbers; that none is there costs 0.05 of
 * the time (measured), because engines know what an array of numbers holds. NaN if one is.
 */
export function scorer(coef: Float64Array, intercepts: Float64Array): (x: ArrayLike<number>) => number {
  const { length } = coef
  return (x) => {
    let z = intercepts[0]!
    let y = 0
    let k = 7
    for (; k < length; k += 8) {
      const a = x[k - 7]!
      const b = x[k - 6]!
      const c = x[k - 5]!
      const d = x[k - 4]!
      const e = x[k - 3]!
      const f = x[k - 2]!
      const g = x[k - 1]!
      const h = x[k]!
      if (typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number' || typeof d !== 'number')
        return Number.NaN
      if (typeof e !== 'number' || typeof f !== 'number' || typeof g !== 'number' || typeof h !== 'number')
        return Number.NaN
      z += coef[k - 7]! * a + coef[k - 6]! * b
      y += coef[k - 5]! * c + coef[k - 4]! * d
      z += coef[k - 3]! * e + coef[k - 2]! * f
      y += coef[k - 1]! * g + coef[k]! * h
    }
    for (k -= 7; k < length; k++) {
      const a = x[k]!
      if (typeof a !== 'number') return Number.NaN
      z += coef[k]! * a
    }
    return z + y
  }
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
      z += coef[w + k - 3]! * x[k - 3]! + coef[w + k - 2]! * x[k - 2]!
      y += coef[w + k - 1]! * x[k - 1]! + coef[w + k]! * x[k]!
    }
    for (k -= 3; k < cols; k++) z += coef[w + k]! * x[k]!
    scores.push(z + y)
  }
  for (let c = 0; c < outputs; c++) if (!Number.isFinite(scores[c])) refuse(x)
  if (!areNumbers(x)) refuse(x)
  return scores
}

function areNumbers(x: ArrayLike<unknown>): boolean {
  for (let k = 0; k < x.length; k++) if (typeof x[k] !== 'number') return false
  return true
}

/** Of a row whose score is no finite number. @throws TypeError for what is none, RangeError where all are */
export function refuse(x: ArrayLike<unknown>): never {
  const k = Array.prototype.findIndex.call(x, (value) => !Number.isFinite(value))
  if (k < 0) throw new RangeError('predictOne: the numbers are too large, their score is beyond float64')
  throw new TypeError(`predictOne: expected ${x.length} finite numbers, got ${show(x[k])} as number ${k}`)
}
