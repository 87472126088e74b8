import type { Steps } from '../core/steps.ts'

/** Multiplications between two chances to pause: about 2 ms. */
const WORK = 2e6
const EPSILON = 2 ** -52

/**
 * Factors a symmetric positive definite matrix A = L L' in place. a: n x n, row-major; the lower triangle with the
 * diagonal is read and becomes L, the strict upper triangle is neither read nor written. Returns false, leaving the
 * lower triangle half done, when a pivot is not positive beyond rounding (n * 2^-52 of its diagonal element) or not
 * finite.
 *
 * Row by row (Cholesky-Banachiewicz; Golub & Van Loan, Matrix Computations, 4.2): every inner loop runs along rows. Four
 * rows go together, so that each earlier row is read once for four (measured at n = 500 and 1000: 2.5 times as fast as one row by one).
 */
export function* cholesky(a: Float64Array, n: number): Steps<boolean> {
  let work = 0
  for (let i = 0; i < n; i += 4) {
    const end = Math.min(i + 4, n)
    if (end - i === 4) solveFourRows(a, n, i)
    for (let row = i; row < end; row++) {
      if (!finishRow(a, n, row, end - i === 4 ? i : 0)) return false
    }
    work += 2 * i * i
    if (work > WORK) {
      work = 0
      yield
    }
  }
  return true
}

/** L[i..i+3][0..i-1]: the parts of four rows that depend on earlier rows only; two columns at a time. */
function solveFourRows(a: Float64Array, n: number, i: number): void {
  const [r0, r1, r2, r3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n]
  // i is a multiple of 4, so the columns come in pairs.
  for (let j = 0; j < i; j += 2) {
    const p = j * n
    const q = p + n
    let [p0, p1, p2, p3] = [a[r0 + j]!, a[r1 + j]!, a[r2 + j]!, a[r3 + j]!]
    let [q0, q1, q2, q3] = [a[r0 + j + 1]!, a[r1 + j + 1]!, a[r2 + j + 1]!, a[r3 + j + 1]!]
    for (let k = 0; k < j; k++) {
      const x = a[p + k]!
      const y = a[q + k]!
      const x0 = a[r0 + k]!
      const x1 = a[r1 + k]!
      const x2 = a[r2 + k]!
      const x3 = a[r3 + k]!
      p0 -= x0 * x
      p1 -= x1 * x
      p2 -= x2 * x
      p3 -= x3 * x
      q0 -= x0 * y
      q1 -= x1 * y
      q2 -= x2 * y
      q3 -= x3 * y
    }
    const pivotP = a[p + j]!
    const below = a[q + j]!
    const pivotQ = a[q + j + 1]!
    a[r0 + j] = p0 /= pivotP
    a[r1 + j] = p1 /= pivotP
    a[r2 + j] = p2 /= pivotP
    a[r3 + j] = p3 /= pivotP
    a[r0 + j + 1] = (q0 - p0 * below) / pivotQ
    a[r1 + j + 1] = (q1 - p1 * below) / pivotQ
    a[r2 + j + 1] = (q2 - p2 * below) / pivotQ
    a[r3 + j + 1] = (q3 - p3 * below) / pivotQ
  }
}

/** L[row][from..row], columns before `from` being done. False when the pivot is not positive. */
function finishRow(a: Float64Array, n: number, row: number, from: number): boolean {
  const r = row * n
  const diagonal = a[r + row]!
  for (let j = from; j <= row; j++) {
    const p = j * n
    let sum = a[r + j]!
    for (let k = 0; k < j; k++) sum -= a[r + k]! * a[p + k]!
    if (j < row) a[r + j] = sum / a[p + j]!
    else if (sum > n * EPSILON * Math.abs(diagonal) && sum < Number.POSITIVE_INFINITY) a[r + j] = Math.sqrt(sum)
    else return false
  }
  return true
}

/** Solves L L' x = b in place (b becomes x, n values), from what `cholesky` left in the lower triangle of a. */
export function choleskySolve(a: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const r = i * n
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= a[r + k]! * b[k]!
    b[i] = sum / a[r + i]!
  }
  // L' x = y by columns of L', which are rows of L.
  for (let i = n - 1; i >= 0; i--) {
    const r = i * n
    const x = b[i]! / a[r + i]!
    b[i] = x
    for (let k = 0; k < i; k++) b[k] = b[k]! - a[r + k]! * x
  }
}
