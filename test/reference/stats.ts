import { cell, type Numbers, type Table } from './table.ts'

/** Per column: sum of s x */
export function columnSums(X: Table, s: Numbers): Float64Array {
  return perColumn(X, (i, k) => s[i]! * cell(X, i, k))
}

/** Per column: sum of s (x - center)^2 */
export function columnSquares(X: Table, center: Numbers, s: Numbers): Float64Array {
  return perColumn(X, (i, k) => s[i]! * (cell(X, i, k) - center[k]!) ** 2)
}

function perColumn(X: Table, term: (i: number, k: number) => number): Float64Array {
  const sums = new Float64Array(X.cols)
  for (let i = 0; i < X.rows; i++) for (let k = 0; k < X.cols; k++) sums[k]! += term(i, k)
  return sums
}
