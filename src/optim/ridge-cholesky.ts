import type { Steps } from '../core/steps.ts'
import { cholesky } from './cholesky.ts'

/** The first ridge tried, as a share of each row's absolute sum, and its growth: 0, 1e-8, 3e-7, 1e-5, 3e-4, 1e-2, 0.3, 11. */
const FIRST = 1e-8
const GROWTH = 32
const LAST = 11

/**
 * Factors A + ridge * D = L L' with the smallest of a few ridges for which that is positive definite; D is diagonal,
 * D_i = sum_j |A_ij|. By Gershgorin's theorem a ridge above 1 always is, so an indefinite matrix (a start far from the
 * optimum, a non-convex function) costs at most eight attempts, most of which fail early. Nocedal & Wright, Numerical
 * Optimization, algorithm 3.3, with a ridge that follows the scale of each parameter.
 *
 * a: n x n, row-major, symmetric, both triangles given; becomes L below, A above. diagonal, sums: n values of scratch.
 * Returns the ridge, or NaN when there is none (A is zero or not finite).
 */
export function* ridgeCholesky(a: Float64Array, n: number, diagonal: Float64Array, sums: Float64Array): Steps<number> {
  for (let i = 0; i < n; i++) diagonal[i] = a[i * n + i]!
  if (yield* cholesky(a, n)) return 0
  const largest = rowSums(a, n, diagonal, sums)
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) return Number.NaN
  for (let ridge = FIRST; ridge <= LAST; ridge *= GROWTH) {
    for (let i = 0; i < n; i++) {
      // An all-zero row must get something too.
      a[i * n + i] = diagonal[i]! + ridge * Math.max(sums[i]!, 1e-8 * largest)
      for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]!
    }
    if (yield* cholesky(a, n)) return ridge
  }
  return Number.NaN
}

/** sums_i = sum_j |A_ij| from the upper triangle and the diagonal; returns the largest. */
function rowSums(a: Float64Array, n: number, diagonal: Float64Array, sums: Float64Array): number {
  for (let i = 0; i < n; i++) sums[i] = Math.abs(diagonal[i]!)
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const size = Math.abs(a[i * n + j]!)
      sums[i] = sums[i]! + size
      sums[j] = sums[j]! + size
    }
  }
  let largest = 0
  for (let i = 0; i < n; i++) largest = Math.max(largest, sums[i]!)
  return largest
}
