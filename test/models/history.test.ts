import { describe, expect, test } from 'vitest'
import { LinearSVC, LogisticRegression, MLPClassifier, RidgeClassifier, SGDClassifier } from '../../src/models/index.ts'
import type { ScheduleOptions } from '../../src/optim/index.ts'
import { sample, sampleOfClasses } from './sample.ts'

const models = {
  LogisticRegression: () => new LogisticRegression({ classWeight: 'balanced' }),
  'LogisticRegression by gd': () => new LogisticRegression({ solver: 'gd' }),
  LinearSVC: () => new LinearSVC(),
  'LinearSVC of hinge': () => new LinearSVC({ loss: 'hinge' }),
  'LinearSVC by dual': () => new LinearSVC({ loss: 'hinge', solver: 'dual' }),
  RidgeClassifier: () => new RidgeClassifier({ classWeight: 'balanced' }),
  SGDClassifier: () => new SGDClassifier({ batchSize: 1e6, epochs: 20 }),
  'SGDClassifier by adam': () => new SGDClassifier({ batchSize: 1e6, epochs: 20, optimizer: 'adam' }),
  MLPClassifier: () => new MLPClassifier({ hiddenSizes: [5], batchSize: 1e6, epochs: 20, classWeight: 'balanced' }),
}

describe.each(Object.entries(models))('%s', (_, make) => {
  describe.each([
    ['two classes', sample(120, 3, 5), 1],
    ['three classes', sampleOfClasses(3, 120, 3), 3],
  ])('of %s', (_, { X, y: labels }, several) => {
    const y = labels as (string | number)[]
    const sampleWeight = X.map((_, i) => i % 3)
    const repeated = X.flatMap((_, i) => Array(i % 3).fill(i) as number[])
    const rowsOf = (picked: number[]) => ({ X: picked.map((i) => X[i]!), y: picked.map((i) => y[i]!) })
    const some = [...X.keys()].slice(0, 50)
    const validation = { ...rowsOf(some), sampleWeight: sampleWeight.slice(0, 50) }

    test('weight 2 is a repeated row, in training and in validation', () => {
      const weighted = make().fitSync(X, y, { sampleWeight, validation }).history.at(-1)!
      const rows = rowsOf(repeated)
      const plain = make().fitSync(rows.X, rows.y, { validation: rowsOf(repeated.filter((i) => i < 50)) }).history.at(-1)! // biome-ignore format: one line
      for (const key of ['loss', 'validationLoss', 'validationAccuracy'] as const) {
        expect(Math.abs(weighted[key]! - plain[key]!)).toBeLessThan(1e-4)
      }
    })

    test('history has the accuracy on validation data, of each iteration', () => {
      const model = make().fitSync(X, y, { validation })
      for (const { validationAccuracy } of model.history) {
        expect(validationAccuracy).toBeGreaterThanOrEqual(0)
        expect(validationAccuracy).toBeLessThanOrEqual(1)
      }
      // Where each class has a model of its own, the last one is of the last class.
      const last = model.history.at(-1)!.validationAccuracy
      const oneByOne = several > 1 && !/LogisticRegression|MLP/.test(model.constructor.name)
      if (!oneByOne || model instanceof MLPClassifier) {
        const weights = { sampleWeight: validation.sampleWeight }
        expect(last).toBeCloseTo(model.score(validation.X, validation.y, weights), 12)
        return
      }
      const { coef, intercepts } = model
      const end = intercepts.length - 1
      const right = some.filter((i) => {
        const z = X[i]!.reduce((sum, v, k) => sum + v * coef[end * 3 + k]!, intercepts[end]!)
        return z >= 0 === (y[i] === model.classes[end])
      })
      const weightOf = (picked: number[]) => picked.reduce((sum, i) => sum + sampleWeight[i]!, 0)
      expect(last).toBeCloseTo(weightOf(right) / weightOf(some), 12)
    })
  })
})

describe('the rate of each epoch is what the schedule says', () => {
  // Columns of mean 0, so that centering them is nothing.
  const x = [-2, -1.5, -0.5, 0.5, 1, 2.5]
  const t = [0, 0, 1, 0, 1, 1]
  const [epochs, base] = [12, 0.2]
  const cosine = (share: number) => (1 + Math.cos(Math.PI * share)) / 2
  test.each<[ScheduleOptions, (e: number) => number]>([
    ['constant', () => base],
    [{ type: 'step', every: 3, factor: 0.5 }, (e) => base * 0.5 ** Math.floor(e / 3)],
    [{ type: 'inverse', decay: 0.3 }, (e) => base / (1 + 0.3 * e)],
    [{ type: 'cosine', floor: 0.1 }, (e) => base * (0.1 + 0.9 * cosine(e / epochs))],
    [
      { type: 'warmUp', epochs: 4, after: { type: 'cosine' } },
      (e) => base * (e < 4 ? (e + 1) / 4 : cosine((e - 4) / (epochs - 4))),
    ],
  ])('%o', (schedule, rateOf) => {
    /** Gradient descent on the logistic loss in float64. */
    const descend = (w: number, b: number): [number, number] => {
      for (let e = 0; e < epochs; e++) {
        const residuals = x.map((v, i) => (1 / (1 + Math.exp(-w * v - b)) - t[i]!) / x.length)
        const slope = residuals.reduce((sum, r, i) => sum + r * x[i]!, 0)
        b -= rateOf(e) * residuals.reduce((sum, r) => sum + r)
        w -= rateOf(e) * slope
      }
      return [w, b]
    }
    const X = x.map((v) => [v])
    const options = { l2: 0, batchSize: 6, standardize: false, tol: 0 }
    const linear = new SGDClassifier({ ...options, epochs, schedule, learningRate: base }).fitSync(X, t)
    const [w, b] = descend(0, 0)
    expect(linear.coef[0]).toBeCloseTo(w, 5)
    expect(linear.intercept).toBeCloseTo(b, 5)
    const network = { ...options, hiddenSizes: [], optimizer: 'sgd' } as const
    const first = new MLPClassifier({ ...network, epochs: 1, learningRate: 1e-30 }).fitSync(X, t).weights[0]![0]!
    const { weights, biases } = new MLPClassifier({ ...network, epochs, schedule, learningRate: base }).fitSync(X, t)
    const [v, c] = descend(first, 0)
    expect(weights[0]![0]).toBeCloseTo(v, 5)
    expect(biases[0]![0]).toBeCloseTo(c, 5)
  })
})
