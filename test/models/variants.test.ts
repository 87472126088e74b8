import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { init, kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { VARIANTS, whyNot } from '../../src/kernel/variants.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import { logisticObjective, logisticOptimum } from '../reference/logistic-optimum.ts'
import { diagnosis, optimum, raw, standardised } from './breast-cancer.ts'
import { relative, sample, targets } from './sample.ts'

const benign = diagnosis.map((label) => label === 'benign')
const { X, y } = sample(600, 5)
const bySimd = new LogisticRegression({ solver: 'sgd', epochs: 5 }).fitSync(X, y)

afterAll(() => init({ variant: 'simd' }))

describe.each(VARIANTS.filter((variant) => whyNot(variant) === undefined))('with the %s kernel', (variant) => {
  beforeAll(() => init({ variant }))

  test.each(['newton', 'lbfgs'] as const)('%s reaches the optimum of scikit-learn', async (solver) => {
    expect(kernelInfo().variant).toBe(variant)
    const model = await new LogisticRegression({ solver, standardize: false }).fit(standardised, benign)
    const problem = { X: standardised, t: targets(benign, true), l2: 1 / 569, standardize: false }
    const objective = 569 * logisticObjective(problem, model.coef, model.intercept)
    expect(relative(objective, optimum.objective)).toBeLessThan(1e-6)
    expect(relative(569 * model.loss, optimum.objective)).toBeLessThan(1e-6)
    expect(model.converged).toBe(true)
    expect(model.score(standardised, benign)).toBe(optimum.accuracy)
    const ofRaw = await new LogisticRegression({ solver }).fit(raw, benign)
    expect(relative(569 * ofRaw.loss, optimum.objective)).toBeLessThan(1e-6)
  })

  test('columns far from 0 reach their optimum', () => {
    const far = X.map((x) => x.map((v) => v + 1e6))
    const model = new LogisticRegression({ l2: 1e-3 }).fitSync(far, y)
    const problem = { X: far, t: targets(y), l2: 1e-3 }
    const objective = logisticObjective(problem, model.coef, model.intercept)
    expect(relative(objective, logisticOptimum(problem).objective)).toBeLessThan(1e-6)
  })

  test('sgd takes the same course, and predictions agree', () => {
    const model = new LogisticRegression({ solver: 'sgd', epochs: 5 }).fitSync(X, y)
    model.coef.forEach((c, k) => {
      expect(Math.abs(c - bySimd.coef[k]!)).toBeLessThan(1e-4)
    })
    using matrix = Matrix.from(X)
    expect(bySimd.predictProba(matrix).data).toEqual(bySimd.predictProba(X).data)
    const labels = bySimd.predict(X)
    X.forEach((x, i) => {
      expect(bySimd.predictOne(x).label).toBe(labels[i])
    })
  })
})
