import { describe, expectTypeOf, test } from 'vitest'
import {
  checkGradient,
  type GradientCheck,
  LinearSVC,
  type LossGradient,
  lossGradient,
  type Proba,
  RidgeClassifier,
  SGDClassifier,
} from '../../src/index.ts'

// Checked by the compiler (npm run types). The functions are never called.
const X: number[][] = []

describe('linear models', () => {
  test('of margins have no probabilities', () => {
    expectTypeOf<LinearSVC>().not.toHaveProperty('predictProba')
    expectTypeOf<RidgeClassifier>().not.toHaveProperty('predictProba')
    const use = (svc: LinearSVC<'a' | 'b'>, ridge: RidgeClassifier<number>, sgd: SGDClassifier<boolean>) => {
      expectTypeOf(svc.predictOne([1])).toEqualTypeOf<{ label: 'a' | 'b' }>()
      expectTypeOf(svc.fit(X, ['a', 'b'])).resolves.toEqualTypeOf<LinearSVC<'a' | 'b'>>()
      expectTypeOf(svc.clone()).toEqualTypeOf<LinearSVC<'a' | 'b'>>()
      expectTypeOf(ridge.predict(X)).toEqualTypeOf<number[]>()
      expectTypeOf(sgd.predictProba(X)).toEqualTypeOf<Proba<boolean>>()
      expectTypeOf(sgd.predictOne([1])).toEqualTypeOf<{ label: boolean; proba?: number }>()
      // @ts-expect-error another label
      svc.fitSync(X, ['c'])
      // @ts-expect-error no probabilities, no threshold
      svc.predict(X, { threshold: 0.4 })
      // @ts-expect-error margin models do not learn from streams
      ridge.partialFit(X, [1])
    }
    expectTypeOf(use).toBeFunction()
  })

  test('take their own options', () => {
    const use = () => {
      new LinearSVC({ loss: 'hinge', solver: 'dual', penalizeIntercept: true })
      new SGDClassifier({ loss: 'squaredErrorLogistic', optimizer: 'nesterov', schedule: { type: 'cosine' } })
      // @ts-expect-error no such loss
      new LinearSVC({ loss: 'logistic' })
      // @ts-expect-error sgd does not penalise the intercept
      new SGDClassifier({ penalizeIntercept: true })
      // @ts-expect-error closed form has no l1
      new RidgeClassifier({ l1: 1 })
    }
    expectTypeOf(use).toBeFunction()
  })

  test('their losses and gradients', () => {
    const use = () => {
      expectTypeOf(lossGradient('hinge', X, [0, 1], { coef: [1], intercept: 0 })).toEqualTypeOf<LossGradient>()
      const softmax = lossGradient('softmax', X, [[0, 1]], { coef: [1, 2], intercept: [0, 0] })
      expectTypeOf(softmax.intercept).toEqualTypeOf<Float64Array>()
      expectTypeOf(checkGradient((p, grad) => grad.length + p.length, [1])).toEqualTypeOf<GradientCheck>()
      // @ts-expect-error an intercept a class
      lossGradient('softmax', X, [0], { coef: [1], intercept: 0 })
      // @ts-expect-error one-hot is for softmax
      lossGradient('logistic', X, [[0, 1]], { coef: [1], intercept: 0 })
    }
    expectTypeOf(use).toBeFunction()
  })
})
