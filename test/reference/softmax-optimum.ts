import { runSync } from '../../src/core/steps.ts'
import { newton } from '../../src/optim/index.ts'
import { columnStatistics } from './logistic-optimum.ts'

/** The problem that LogisticRegression documents for k classes, on rows as they came. */
export interface SoftmaxProblem {
  readonly X: readonly ArrayLike<number>[]
  /** Class numbers 0 .. k - 1. */
  readonly codes: ArrayLike<number>
  readonly k: number
  readonly l2: number
  readonly l1?: number
  readonly sampleWeight?: ArrayLike<number>
  readonly classWeight?: readonly number[]
  readonly standardize?: boolean
  readonly fitIntercept?: boolean
}

export interface Outputs {
  /** k x D. */
  readonly coef: ArrayLike<number>
  readonly intercepts: ArrayLike<number>
}

function softmax(z: Float64Array): { proba: Float64Array; logSum: number } {
  const top = Math.max(...z)
  const e = z.map((v) => Math.exp(v - top))
  const sum = e.reduce((a, b) => a + b)
  return { proba: e.map((v) => v / sum), logSum: top + Math.log(sum) }
}

function weightsOf({ X, codes, sampleWeight, classWeight }: SoftmaxProblem): number[] {
  return X.map((_, i) => (sampleWeight?.[i] ?? 1) * (classWeight?.[codes[i]!] ?? 1))
}

/** F at coefficients in original units: what every fit is judged by. */
export function softmaxObjective(problem: SoftmaxProblem, { coef, intercepts }: Outputs): number {
  const { X, codes, k, l2, l1 = 0, standardize = true } = problem
  const { std } = columnStatistics(X, problem.sampleWeight)
  const s = weightsOf(problem)
  const total = s.reduce((a, b) => a + b)
  let value = 0
  X.forEach((x, i) => {
    const z = Float64Array.from({ length: k }, (_, c) => {
      let sum = intercepts[c]!
      for (let j = 0; j < x.length; j++) sum += coef[c * x.length + j]! * x[j]!
      return sum
    })
    value += (s[i]! * (softmax(z).logSum - z[codes[i]!]!)) / total
  })
  const cols = std.length
  for (let i = 0; i < k * cols; i++) {
    const penalized = coef[i]! * (standardize ? std[i % cols]! : 1)
    value += (l2 / 2) * penalized * penalized + l1 * Math.abs(penalized)
  }
  return value
}

/** The optimum by Newton's method, everything in float64 on standardised columns; without l1. */
export function softmaxOptimum(problem: SoftmaxProblem): {
  coef: Float64Array
  intercepts: Float64Array
  objective: number
} {
  const { X, codes, k, l2, standardize = true, fitIntercept = true } = problem
  const { mean, std } = columnStatistics(X, problem.sampleWeight)
  const cols = mean.length
  const center = standardize || fitIntercept ? mean : mean.map(() => 0)
  const scale = std.map((d) => (d > 0 ? 1 / d : 0))
  const U = X.map((x) =>
    Float64Array.from({ length: cols + 1 }, (_, j) =>
      j < cols ? (x[j]! - center[j]!) * scale[j]! : fitIntercept ? 1 : 0,
    ),
  )
  const s = weightsOf(problem)
  const total = s.reduce((a, b) => a + b)
  const width = cols + 1
  const penalty = Float64Array.from({ length: width }, (_, j) =>
    j === cols ? 0 : l2 * (standardize ? 1 : scale[j]! ** 2),
  )
  const probas = (w: Float64Array) =>
    U.map((u) => {
      const z = Float64Array.from({ length: k }, (_, c) => u.reduce((sum, v, j) => sum + v * w[c * width + j]!, 0))
      return { z, ...softmax(z) }
    })
  const objective = {
    size: k * width,
    evaluate(w: Float64Array, grad: Float64Array): number {
      let value = 0
      grad.fill(0)
      probas(w).forEach(({ z, proba, logSum }, i) => {
        value += (s[i]! * (logSum - z[codes[i]!]!)) / total
        for (let c = 0; c < k; c++) {
          const r = (s[i]! * (proba[c]! - (codes[i] === c ? 1 : 0))) / total
          for (let j = 0; j < width; j++) grad[c * width + j]! += r * U[i]![j]!
        }
      })
      for (let i = 0; i < w.length; i++) {
        value += (penalty[i % width]! / 2) * w[i]! ** 2
        grad[i]! += penalty[i % width]! * w[i]!
      }
      return value
    },
    hessian(w: Float64Array, out: Float64Array): void {
      const size = k * width
      out.fill(0)
      probas(w).forEach(({ proba }, i) => {
        for (let c = 0; c < k; c++) {
          for (let d = 0; d < k; d++) {
            const q = (s[i]! * proba[c]! * ((c === d ? 1 : 0) - proba[d]!)) / total
            for (let j = 0; j < width; j++) {
              for (let m = 0; m < width; m++) out[(c * width + j) * size + d * width + m]! += q * U[i]![j]! * U[i]![m]!
            }
          }
        }
      })
      // A little where nothing decides: along what all classes share, and for columns with a single value.
      for (let i = 0; i < size; i++) out[i * (size + 1)]! += penalty[i % width]! + 1e-12
    },
  }
  const { w } = runSync(newton(objective, new Float64Array(objective.size), { tol: 1e-15 }))
  const coef = new Float64Array(k * cols)
  const intercepts = new Float64Array(k)
  for (let c = 0; c < k; c++) {
    intercepts[c] = fitIntercept ? w[c * width + cols]! : 0
    for (let j = 0; j < cols; j++) {
      coef[c * cols + j] = w[c * width + j]! * scale[j]!
      intercepts[c]! -= coef[c * cols + j]! * center[j]!
    }
  }
  return { coef, intercepts, objective: softmaxObjective(problem, { coef, intercepts }) }
}
