import { describe, expect, test } from 'vitest'
import { LogisticRegression } from '../../src/models/index.ts'
import { logisticObjective, logisticOptimum } from '../reference/logistic-optimum.ts'
import { diagnosis, optimum, raw, standardised } from './breast-cancer.ts'
import { relative, sample, targets } from './sample.ts'

const benign = diagnosis.map((label) => label === 'benign')

/** The largest difference of two lists, relative to the largest number of the second. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const size = Math.max(...Array.from(b, Math.abs))
  return Math.max(...Array.from(b, (v, k) => Math.abs(a[k]! - v))) / size
}

describe.each([
  { solver: 'newton', near: 5e-5 },
  // It stops by the gradient, where flat directions still have some way to go.
  { solver: 'lbfgs', near: 1e-3 },
] as const)('$solver', ({ solver, near }) => {
  test('reaches the optimum of scikit-learn on the standardised breast cancer data', () => {
    const model = new LogisticRegression({ solver, standardize: false }).fitSync(standardised, benign)
    const n = benign.length
    const problem = { X: standardised, t: targets(benign, true), l2: 1 / n, standardize: false }
    // The golden objective is |w|^2 / 2 + the sum of the losses: n times ours.
    const objective = n * logisticObjective(problem, model.coef, model.intercept)
    expect(relative(objective, optimum.objective)).toBeLessThan(1e-6)
    expect(relative(n * model.loss, optimum.objective)).toBeLessThan(1e-6)
    expect(distance(model.coef, optimum.coef[0]!)).toBeLessThan(near)
    expect(Math.abs(model.intercept - optimum.intercept[0]!)).toBeLessThan(near)
    expect(model.converged).toBe(true)
    expect(model.score(standardised, benign)).toBe(optimum.accuracy)
  })

  test('on raw columns with standardize is the model of the standardised columns without', () => {
    const ours = new LogisticRegression({ solver }).fitSync(raw, benign)
    const theirs = new LogisticRegression({ solver, standardize: false }).fitSync(standardised, benign)
    expect(relative(ours.loss, theirs.loss)).toBeLessThan(1e-6)
    expect(relative(ours.loss * raw.length, optimum.objective)).toBeLessThan(1e-6)
    expect(distance(ours.decisionFunction(raw), theirs.decisionFunction(standardised))).toBeLessThan(near)
    const best = logisticOptimum({ X: raw, t: targets(benign, true), l2: 1 / raw.length })
    expect(distance(ours.coef, best.coef)).toBeLessThan(near)
  })

  test('on raw columns without standardize minds their scales', () => {
    // Deviations from 0.003 to 570; the default is 1000 iterations at most.
    const problem = { X: raw, t: targets(benign, true), l2: 1 / raw.length, standardize: false }
    const model = new LogisticRegression({ solver, standardize: false }).fitSync(raw, benign)
    const objective = logisticObjective(problem, model.coef, model.intercept)
    expect(relative(objective, logisticOptimum(problem).objective)).toBeLessThan(1e-6)
    expect(model.converged).toBe(true)
  })

  test.each([
    { mean: 1e4, std: 1 },
    { mean: 1e6, std: 1 },
    { mean: -3e9, std: 1e3 },
    // Milliseconds since 1970, over a few hours.
    { mean: 1.7e12, std: 1e7 },
  ])('columns of mean $mean and deviation $std reach the optimum, in original units', ({ mean, std }) => {
    const { X, y } = sample(2000, 5)
    const far = X.map((x) => x.map((v, k) => mean * (1 + k) + (std * v) / 2))
    for (const standardize of [true, false]) {
      // The penalty on coefficients of columns as they are depends on their unit.
      const problem = { X: far, t: targets(y), l2: standardize ? 1e-3 : 1e-3 * std * std, standardize }
      const best = logisticOptimum(problem)
      const model = new LogisticRegression({ solver, l2: problem.l2, standardize }).fitSync(far, y)
      expect(relative(logisticObjective(problem, model.coef, model.intercept), best.objective)).toBeLessThan(1e-6)
      expect(relative(model.loss, best.objective)).toBeLessThan(1e-6)
      expect(distance(model.coef, best.coef)).toBeLessThan(near)
      expect(relative(model.intercept, best.intercept)).toBeLessThan(near)
      expect(model.converged).toBe(true)
    }
  })

  test.each([
    { rows: 16, cols: 1 },
    { rows: 255, cols: 3 },
    { rows: 257, cols: 8 },
    { rows: 5000, cols: 5 },
  ])('reaches the optimum of $rows rows of $cols columns, with weights', ({ rows, cols }) => {
    const { X, y } = sample(rows, cols, rows)
    const sampleWeight = X.map((_, i) => [1, 0.25, 0, 3][i % 4]!)
    for (const standardize of [true, false]) {
      for (const fitIntercept of [true, false]) {
        const problem = {
          X,
          t: targets(y),
          l2: 0.01,
          sampleWeight,
          classWeight: [1, 2.5] as const,
          standardize,
          fitIntercept,
        }
        const options = { solver, l2: 0.01, classWeight: { yes: 2.5 }, standardize, fitIntercept }
        const model = new LogisticRegression(options).fitSync(X, y, { sampleWeight })
        const best = logisticOptimum(problem)
        expect(relative(logisticObjective(problem, model.coef, model.intercept), best.objective)).toBeLessThan(1e-6)
        expect(relative(model.loss, best.objective)).toBeLessThan(1e-6)
        expect(distance([...model.coef, model.intercept], [...best.coef, best.intercept])).toBeLessThan(near)
      }
    }
  })
})
