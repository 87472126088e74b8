import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { init, kernelInfo } from '../../src/kernel/index.ts'
import { VARIANTS, whyNot } from '../../src/kernel/variants.ts'
import {
  LinearSVC,
  type LinearSVCOptions,
  LogisticRegression,
  RidgeClassifier,
  SGDClassifier,
  type SGDClassifierOptions,
} from '../../src/models/index.ts'
import golden from '../golden/optimum-breast-cancer.json' with { type: 'json' }
import { penalised } from '../reference/linear-objective.ts'
import { diagnosis, standardised } from './breast-cancer.ts'
import { irisOptimum, irisStandardised, speciesCodes } from './iris.ts'
import { relative, sample, sampleOfClasses } from './sample.ts'

const benign = diagnosis.map((label) => label === 'benign')
const signs = benign.map((label) => (label ? 1 : -1))
const n = benign.length
const two = sample(500, 6, 3)
const three = sampleOfClasses(3, 500, 6, 4)

/** Fits that end somewhere else if a kernel sums wrongly, and where the simd kernel ends. */
const courses = {
  'LinearSVC of hinge by dual coordinate descent': () =>
    new LinearSVC({ loss: 'hinge', solver: 'dual', l2: 0.05, tol: 1e-7 }),
  'LinearSVC of hinge by interior point': () => new LinearSVC({ loss: 'hinge', solver: 'interiorPoint', l2: 0.05 }),
  'LinearSVC with l1': () => new LinearSVC({ l1: 0.02 }),
  'RidgeClassifier by gradient descent': () => new RidgeClassifier({ solver: 'gd', tol: 1e-6 }),
  'LogisticRegression, one against the rest': () => new LogisticRegression({ multiClass: 'ovr', l2: 0.01 }),
  ...Object.fromEntries(
    (
      [
        { loss: 'hinge', optimizer: 'momentum' },
        { loss: 'squaredErrorLogistic', optimizer: 'adam' },
        { loss: 'squaredHinge', optimizer: 'sgd', batchSize: 7, learningRate: 0.01 },
      ] satisfies SGDClassifierOptions[]
    ).map((options) => [
      `SGDClassifier of ${options.loss} by ${options.optimizer}`,
      () => new SGDClassifier({ l2: 0.01, epochs: 5, learningRate: 0.003, ...options }),
    ]),
  ),
}
const bySimd = new Map(
  Object.entries(courses).map(([name, make]) => [
    name,
    { two: make().fitSync(two.X, two.y), three: make().fitSync(three.X, three.y) },
  ]),
)

afterAll(() => init({ variant: 'simd' }))

describe.each(VARIANTS.filter((variant) => whyNot(variant) === undefined))('with the %s kernel', (variant) => {
  beforeAll(() => init({ variant }))

  test.each<LinearSVCOptions>([{ solver: 'newton' }, { solver: 'lbfgs' }])(
    'LinearSVC reaches the optimum of liblinear with %o',
    (options) => {
      expect(kernelInfo().variant).toBe(variant)
      const best = golden.linear_svc_squared_hinge_C1
      const model = new LinearSVC({ ...options, penalizeIntercept: true, standardize: false })
      model.fitSync(standardised, benign)
      const value = penalised('squaredHinge', standardised, signs, model.coef, model.intercept, { l2: 1 / n })
      expect(relative(n * value + model.intercept ** 2 / 2, best.objective)).toBeLessThan(1e-6)
      expect(relative(n * model.loss, best.objective)).toBeLessThan(1e-6)
      expect(model.score(standardised, benign)).toBe(best.accuracy)
    },
  )

  test.each(['cholesky', 'lbfgs'] as const)('RidgeClassifier solves the normal equations by %s', (solver) => {
    const model = new RidgeClassifier({ solver, standardize: false, tol: 1e-8 }).fitSync(standardised, benign)
    const residuals = standardised.map(
      (x, i) => model.intercept + x.reduce((sum, v, k) => sum + v * model.coef[k]!, 0) - signs[i]!,
    )
    model.coef.forEach((c, k) => {
      const slope = standardised.reduce((sum, x, i) => sum + x[k]! * residuals[i]!, 0) + c
      expect(Math.abs(slope) / n).toBeLessThan(1e-5)
    })
  })

  test('softmax reaches the optimum of scikit-learn', () => {
    const model = new LogisticRegression({ standardize: false }).fitSync(irisStandardised, speciesCodes)
    expect(relative(150 * model.loss, irisOptimum.objective)).toBeLessThan(1e-6)
  })

  test.each(Object.entries(courses))('%s ends where it does by simd, for two classes and three', (name, make) => {
    for (const [classes, data] of [
      ['two', two],
      ['three', three],
    ] as const) {
      const expected = bySimd.get(name)![classes]
      const model = make().fitSync(data.X, data.y)
      expect(relative(model.loss, expected.loss)).toBeLessThan(1e-5)
      const scores = expected.decisionFunction(data.X)
      const off = model.decisionFunction(data.X).map((z, i) => Math.abs(z - scores[i]!))
      expect(Math.max(...off)).toBeLessThan(2e-3)
      expect(model.classes).toEqual(expected.classes)
    }
  })
})
