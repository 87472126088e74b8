import { describe, expect, test } from 'vitest'
import { LogisticRegression } from '../../src/models/index.ts'
import { leastPenalty, toOriginalOutputs } from '../../src/models/softmax-columns.ts'
import { irisRaw as X, species as y } from './iris.ts'

describe('softmax with an l1 penalty on iris', () => {
  const classes = [...new Set(y)].sort()
  // Weak penalties decide along what is flat otherwise: one number added to a column's coefficients of all classes.
  test.each([1, 10, 100, 1000, 1e4].flatMap((C) => [1, 0.5].map((l1Ratio) => ({ C, l1Ratio }))))(
    '$C, share $l1Ratio meets the conditions of an optimum',
    ({ C, l1Ratio }) => {
      const model = new LogisticRegression({ C, l1Ratio, standardize: false }).fitSync(X, y)
      expect(model.converged).toBe(true)
      expect(model.nIter).toBeLessThan(150)
      const [k, cols] = [classes.length, X[0]!.length]
      const strength = 1 / (C * X.length)
      const grad = new Float64Array(k * cols)
      for (const [i, x] of X.entries()) {
        const z = classes.map((_, c) =>
          x.reduce((sum, v, j) => sum + v * model.coef[c * cols + j]!, model.intercepts[c]!),
        )
        const top = Math.max(...z)
        const total = z.reduce((sum, v) => sum + Math.exp(v - top), 0)
        for (let c = 0; c < k; c++) {
          const r = Math.exp(z[c]! - top) / total - (y[i] === classes[c] ? 1 : 0)
          for (let j = 0; j < cols; j++) grad[c * cols + j]! += (r * x[j]!) / X.length
        }
      }
      for (const [i, w] of model.coef.entries()) {
        const g = grad[i]! + strength * (1 - l1Ratio) * w
        const rest = w === 0 ? Math.max(0, Math.abs(g) - strength * l1Ratio) : g + Math.sign(w) * strength * l1Ratio
        expect(Math.abs(rest)).toBeLessThan(1e-5)
      }
    },
  )
})

test.each([
  { values: [1, 2, 7], l1: 1, l2: 0, best: 2 },
  { values: [5, 1, 2, 7], l1: 1, l2: 0, best: 2 },
  { values: [-5, -1, 2, 7], l1: 1, l2: 0, best: 0 },
  { values: [1, 2, 6], l1: 0, l2: 2, best: 3 },
  { values: [1, 2, 6], l1: 1, l2: 0.1, best: 2 },
  { values: [1, 2, 6], l1: 1, l2: 3, best: 26 / 9 },
  { values: [3, 3, 3], l1: 1, l2: 1, best: 3 },
  { values: [0, 0], l1: 0, l2: 0, best: 0 },
])('the place of least penalty among $values is $best', ({ values, l1, l2, best }) => {
  expect(leastPenalty(Float64Array.from(values), l1, l2)).toBeCloseTo(best, 12)
})

test('parameters of classes have as many columns as they like', () => {
  const cols = 300_000
  const ones = new Float64Array(cols).fill(1)
  const zeros = new Float64Array(cols)
  const transform = { mean: zeros, scale: ones, penalty: ones, interceptPenalty: 0, meanSquare: 1 } as const
  const params = new Float64Array(2 * cols + 2).fill(3)
  expect(toOriginalOutputs(params, 2, transform, zeros).coef).toHaveLength(2 * cols)
})
