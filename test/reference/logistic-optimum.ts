import { logisticValue } from './logistic.ts'
import { sigmoid } from './pointwise.ts'

/** The problem that LogisticRegression documents, on rows as they came. */
export interface LogisticProblem {
  readonly X: readonly ArrayLike<number>[]
  /** 0 or 1. */
  readonly t: ArrayLike<number>
  readonly l2: number
  /** Weights of the rows that decide mean and deviation of the columns. */
  readonly sampleWeight?: ArrayLike<number>
  /** What these weights are multiplied by in the loss. */
  readonly classWeight?: readonly [number, number]
  readonly standardize?: boolean
  readonly fitIntercept?: boolean
}

export interface LogisticOptimum {
  readonly coef: Float64Array
  readonly intercept: number
  readonly objective: number
}

/** Weighted mean and population deviation of the columns, two passes, float64. */
export function columnStatistics(X: readonly ArrayLike<number>[], weights?: ArrayLike<number>) {
  const cols = X[0]!.length
  const s = X.map((_, i) => weights?.[i] ?? 1)
  const total = s.reduce((a, b) => a + b, 0)
  const mean = new Float64Array(cols)
  const variance = new Float64Array(cols)
  for (let k = 0; k < cols; k++) {
    X.forEach((x, i) => {
      mean[k]! += (s[i]! * x[k]!) / total
    })
    X.forEach((x, i) => {
      variance[k]! += (s[i]! * (x[k]! - mean[k]!) ** 2) / total
    })
  }
  return { mean, std: variance.map(Math.sqrt) }
}

/** F at coefficients in original units: what every fit is judged by. */
export function logisticObjective(problem: LogisticProblem, coef: ArrayLike<number>, intercept: number): number {
  const { X, t, l2, standardize = true } = problem
  const { std } = columnStatistics(X, problem.sampleWeight)
  const s = rowWeights(problem)
  const total = s.reduce((a, b) => a + b, 0)
  let loss = 0
  X.forEach((x, i) => {
    let z = intercept
    for (let k = 0; k < x.length; k++) z += coef[k]! * x[k]!
    loss += (s[i]! * logisticValue(z, t[i]!)) / total
  })
  for (let k = 0; k < coef.length; k++) loss += (l2 / 2) * (coef[k]! * (standardize ? std[k]! : 1)) ** 2
  return loss
}

/** The optimum by Newton's method in float64 on centred (and standardised) columns, damped, until nothing moves. */
export function logisticOptimum(problem: LogisticProblem): LogisticOptimum {
  const { X, t, l2, standardize = true, fitIntercept = true } = problem
  const { mean, std } = columnStatistics(X, problem.sampleWeight)
  const cols = mean.length
  const center = standardize || fitIntercept ? mean : mean.map(() => 0)
  const scale = standardize ? std.map((d) => (d > 0 ? 1 / d : 0)) : std.map(() => 1)
  const U = X.map((x) =>
    Float64Array.from({ length: cols + 1 }, (_, k) => (k < cols ? (x[k]! - center[k]!) * scale[k]! : 1)),
  )
  const s = rowWeights(problem)
  const total = s.reduce((a, b) => a + b, 0)
  const size = cols + (fitIntercept ? 1 : 0)

  const loss = (a: Float64Array) => {
    let sum = 0
    U.forEach((u, i) => {
      sum += (s[i]! * logisticValue(dot(u, a), t[i]!)) / total
    })
    return sum + (l2 / 2) * a.subarray(0, cols).reduce((sq, v) => sq + v * v, 0)
  }
  let a: Float64Array = new Float64Array(size)
  let best = loss(a)
  for (let iteration = 0; iteration < 100; iteration++) {
    const gradient = a.map((v, k) => (k < cols ? l2 * v : 0))
    const hessian = Array.from({ length: size }, (_, j) => {
      const row = new Float64Array(size)
      row[j] = j < cols ? l2 + (scale[j] === 0 ? 1 : 0) : 0
      return row
    })
    U.forEach((u, i) => {
      const p = sigmoid(dot(u, a))
      for (let j = 0; j < size; j++) {
        gradient[j]! += (s[i]! * (p - t[i]!) * u[j]!) / total
        const q = (s[i]! * p * (1 - p) * u[j]!) / total
        for (let k = 0; k < size; k++) hessian[j]![k]! += q * u[k]!
      }
    })
    const step = solve(hessian, gradient)
    let factor = 1
    let next = a
    let value = Number.POSITIVE_INFINITY
    for (; factor > 1e-9 && !(value <= best); factor /= 2) {
      next = a.map((v, k) => v - factor * step[k]!)
      value = loss(next)
    }
    if (!(value < best)) break
    a = next
    best = value
  }
  const coef = scale.map((v, k) => v * a[k]!)
  const intercept = (fitIntercept ? a[cols]! : 0) - coef.reduce((sum, c, k) => sum + c * center[k]!, 0)
  return { coef, intercept, objective: best }
}

function rowWeights({ X, t, sampleWeight, classWeight = [1, 1] }: LogisticProblem): number[] {
  return X.map((_, i) => (sampleWeight?.[i] ?? 1) * classWeight[t[i] === 1 ? 1 : 0])
}

function dot(u: Float64Array, a: Float64Array): number {
  return a.reduce((sum, v, k) => sum + v * u[k]!, 0)
}

/** Gaussian elimination with row exchanges. */
function solve(A: Float64Array[], b: Float64Array): Float64Array {
  const n = b.length
  const rows = A.map((row, i) => Float64Array.of(...row, b[i]!))
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i
    ;[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!]
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!
    }
  }
  const x = new Float64Array(n)
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!
    for (let j = i + 1; j < n; j++) sum -= rows[i]![j]! * x[j]!
    x[i] = sum / rows[i]![i]!
  }
  return x
}
