import { absoluteSum, type ColumnTransform, fromOriginal, penaltyOf, toOriginal } from './columns.ts'
import { type LinearOutputs, outputOf, outputsOf } from './linear-fit.ts'

/**
 * The parameters of k classes on u = (x - mean) * scale (see columns.ts): k x D coefficients, row-major, then k
 * intercepts (or none).
 */

/** Class c's coefficients and intercept. */
function classOf(params: Float64Array, k: number, c: number, cols: number): Float64Array {
  const ofClass = new Float64Array(cols + 1)
  ofClass.set(params.subarray(c * cols, (c + 1) * cols))
  ofClass[cols] = params[k * cols + c] ?? 0
  return ofClass
}

/** l2/2 times the squares of the coefficients that it acts on, and l1 times their absolute values. */
export function softmaxPenalty(
  params: Float64Array,
  k: number,
  transform: ColumnTransform,
  { l1 = 0, l2 }: { l1?: number; l2: number },
): number {
  const cols = transform.scale.length
  let sum = 0
  for (let c = 0; c < k; c++) {
    const row = params.subarray(c * cols, (c + 1) * cols)
    sum += penaltyOf(row, transform, l2)
    if (l1 > 0) sum += l1 * absoluteSum(row, transform)
  }
  return sum
}

/** To original units; `shift` is the Matrix's. */
export function toOriginalOutputs(
  params: Float64Array,
  k: number,
  transform: ColumnTransform,
  shift: Float64Array,
): LinearOutputs {
  const rows = Array.from({ length: k }, (_, c) => toOriginal(classOf(params, k, c, shift.length), transform, shift))
  return outputsOf(rows)
}

/** The other way round, with intercepts. */
export function fromOriginalOutputs(
  outputs: LinearOutputs,
  transform: ColumnTransform,
  shift: Float64Array,
): Float64Array {
  const [k, cols] = [outputs.intercepts.length, shift.length]
  const params = new Float64Array(k * (cols + 1))
  for (let c = 0; c < k; c++) {
    const row = fromOriginal(outputOf(outputs, c), transform, shift)
    params.set(row.subarray(0, cols), c * cols)
    params[k * cols + c] = row[cols]!
  }
  return params
}

/**
 * Subtracts from each parameter its mean over the classes: the same probabilities, and the least penalty. As
 * scikit-learn's, coefficients and intercepts then sum to 0 over the classes.
 */
export function centerClasses(params: Float64Array, k: number, cols: number): Float64Array {
  const centered = centerIntercepts(params, k, cols)
  for (let j = 0; j < cols; j++) center(centered, k, j, cols)
  return centered
}

/** The intercepts only: an l1 penalty has its own choice of coefficients. */
export function centerIntercepts(params: Float64Array, k: number, cols: number): Float64Array {
  const centered = params.slice()
  if (params.length > k * cols) center(centered, k, k * cols, 1)
  return centered
}

function center(params: Float64Array, k: number, first: number, step: number): void {
  let sum = 0
  for (let c = 0; c < k; c++) sum += params[first + c * step]!
  for (let c = 0; c < k; c++) params[first + c * step]! -= sum / k
}

/** Where the sum of l1 |v - m| + l2/2 (v - m)^2 over the values is least; of several places the one next to 0. */
export function leastPenalty(values: Float64Array, l1: number, l2: number): number {
  const sorted = values.slice().sort()
  const n = sorted.length
  const sum = sorted.reduce((total, v) => total + v, 0)
  for (let below = 0; below <= n; below++) {
    // Between two neighbours, where so many values lie below.
    const lo = sorted[below - 1] ?? Number.NEGATIVE_INFINITY
    const hi = sorted[below] ?? Number.POSITIVE_INFINITY
    const pull = l1 * (2 * below - n)
    if (l2 > 0 ? l2 * (n * hi - sum) + pull >= 0 : pull >= 0) {
      return Math.min(hi, Math.max(lo, l2 > 0 ? (sum - pull / l2) / n : 0))
    }
  }
  return 0
}
