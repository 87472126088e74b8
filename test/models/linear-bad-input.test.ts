import { describe, expect, test } from 'vitest'
import { DataError, ModelFormatError } from '../../src/core/errors.ts'
import { kernelInfo } from '../../src/kernel/index.ts'
import { LinearSVC, LogisticRegression, RidgeClassifier, SGDClassifier } from '../../src/models/index.ts'
import { sample } from './sample.ts'

const { X, y } = sample(300, 4, 2)

describe('options that do not go together are refused by the constructor', () => {
  test.each([
    [() => new LinearSVC({ loss: 'hinge', solver: 'newton' }), RangeError, /newton.*not smooth.*dual/],
    [() => new LinearSVC({ loss: 'hinge', solver: 'lbfgs' }), RangeError, /lbfgs.*not smooth.*dual/],
    [() => new LinearSVC({ loss: 'hinge', solver: 'owlqn', l1: 1 }), RangeError, /owlqn.*not smooth/],
    [() => new LinearSVC({ solver: 'dual' }), RangeError, /dual.*hinge/],
    [() => new LinearSVC({ loss: 'hinge', l2: 0 }), RangeError, /penalty.*sgd/],
    [() => new LinearSVC({ loss: 'hinge', solver: 'dual', l1: 1 }), RangeError, /dual.*l1/],
    [() => new LinearSVC({ solver: 'sgd', penalizeIntercept: true }), RangeError, /penalizeIntercept/],
    [() => new LinearSVC({ loss: 'logistic' as never }), RangeError, /loss.*squaredHinge/],
    [() => new LinearSVC({ C: 1, l2: 1 }), TypeError, /C or l2/],
    [() => new LinearSVC({ C: 1, l1: 1 }), TypeError, /C or l1/],
    [() => new LinearSVC({ l1Ratio: 0.5, l1: 1 }), TypeError, /l1Ratio or l1/],
    [() => new LinearSVC({ threshold: 0.5 } as never), TypeError, /threshold/],
    [() => new LogisticRegression({ l1: 1, solver: 'newton' }), RangeError, /newton.*l1.*owlqn/],
    [() => new LogisticRegression({ l1: 1, solver: 'lbfgs' }), RangeError, /lbfgs.*l1.*owlqn/],
    [() => new LogisticRegression({ l1: 1, solver: 'gd' }), RangeError, /gd.*l1.*owlqn/],
    [() => new LogisticRegression({ l1: -1 }), RangeError, /l1/],
    [() => new LogisticRegression({ l1Ratio: 1.5 }), RangeError, /l1Ratio/],
    [() => new RidgeClassifier({ l1: 1 } as never), TypeError, /l1/],
    [() => new RidgeClassifier({ alpha: 1 } as never), TypeError, /alpha/],
    [() => new RidgeClassifier({ solver: 'newton' as never }), RangeError, /cholesky/],
    [() => new SGDClassifier({ loss: 'log' as never }), RangeError, /logistic/],
    [() => new SGDClassifier({ optimizer: 'rmsprop' as never }), RangeError, /adamw/],
    [() => new SGDClassifier({ momentum: 1 }), RangeError, /momentum/],
    [() => new SGDClassifier({ batchSize: 0 }), RangeError, /batchSize/],
    [() => new SGDClassifier({ schedule: { type: 'step' } as never }), TypeError, /every/],
    [() => new SGDClassifier({ maxIter: 5 } as never), TypeError, /maxIter/],
  ])('%s', (make, kind, message) => {
    expect(make).toThrow(kind)
    expect(make).toThrow(message)
  })

  test('an l1 of 0 is none', () => {
    expect(new LogisticRegression({ l1: 0, l2: 0.1, solver: 'newton' }).fitSync(X, y).coef).toEqual(
      new LogisticRegression({ l2: 0.1, solver: 'newton' }).fitSync(X, y).coef,
    )
  })
})

describe('steps that are too large', () => {
  test.each([
    ['squaredError by sgd', () => new SGDClassifier({ loss: 'squaredError', learningRate: 5 }), 'epoch', 0.1],
    ['squaredError by momentum', () => new SGDClassifier({ loss: 'squaredError', optimizer: 'momentum', learningRate: 3 }), 'epoch', 0.1], // biome-ignore format: one line
    ['squaredHinge by nesterov', () => new SGDClassifier({ loss: 'squaredHinge', optimizer: 'nesterov', learningRate: 3 }), 'epoch', 0.1], // biome-ignore format: one line
    ['logistic by adam', () => new SGDClassifier({ optimizer: 'adam', learningRate: 1e5 }), 'epoch', 0.1],
    ['hinge by sgd', () => new LinearSVC({ loss: 'hinge', solver: 'sgd', learningRate: 1e3 }), 'epoch', 0.1],
    ['ridge by gd', () => new RidgeClassifier({ solver: 'gd', learningRate: 100 }), 'iteration', 0.1],
  ] as const)('%s: the error names where, and what to try', (_, make, unit, next) => {
    const before = kernelInfo().liveBytes
    const model = make()
    expect(() => model.fitSync(X, y)).toThrow(DataError)
    expect(() => model.fitSync(X, y)).toThrow(expect.objectContaining({ code: 'DIVERGED' }))
    expect(() => model.fitSync(X, y)).toThrow(
      new RegExp(`${unit} \\d+ with learning rate .*Try a learning rate of ${next}`),
    )
    expect(() => model.coef).toThrow(/not fitted/)
    expect(kernelInfo().liveBytes).toBe(before)
  })

  test('in partialFit name the call, and leave the model as it was', () => {
    const model = new SGDClassifier({ loss: 'squaredError', learningRate: 0.01 }).partialFit(X, y)
    const { coef } = model
    const bad = X.map((x) => x.map((v) => v * 1e15))
    expect(() => model.partialFit(bad, y)).toThrow(/call 2/)
    expect(model.coef).toBe(coef)
  })
})

describe('more features than rows', () => {
  const wide = sample(20, 60, 5)
  test.each([
    ['LinearSVC', () => new LinearSVC()],
    ['LinearSVC of hinge', () => new LinearSVC({ loss: 'hinge' })],
    ['LinearSVC with l1', () => new LinearSVC({ l1: 0.01 })],
    ['RidgeClassifier', () => new RidgeClassifier()],
    ['RidgeClassifier without a penalty', () => new RidgeClassifier({ l2: 0 })],
    ['SGDClassifier', () => new SGDClassifier()],
    ['LogisticRegression with l1', () => new LogisticRegression({ l1: 0.01 })],
  ])('%s separates them', (_, make) => {
    const model = make().fitSync(wide.X, wide.y)
    expect(model.score(wide.X, wide.y)).toBe(1)
    expect(model.coef.every(Number.isFinite)).toBe(true)
  })

  test.each([0, 1e-12, 1e-9, 1e-6])('least squares know that they have arrived, with l2 of %d', (l2) => {
    for (const rows of [sample(20, 30, 5), sample(20, 60, 6), sample(25, 25, 7)]) {
      for (const standardize of [true, false]) {
        const model = new RidgeClassifier({ l2, standardize }).fitSync(rows.X, rows.y)
        expect(model.converged).toBe(true)
        expect(model.nIter).toBeLessThan(30)
        // From 0.5.
        expect(model.loss).toBeLessThan(1e-13 + 1000 * l2)
      }
    }
  })
})

describe('classes that can be separated, without a penalty', () => {
  const rows = [[-3], [-2], [-1], [1], [2], [3]]
  const labels = [0, 0, 0, 1, 1, 1]

  test('logistic regression by owlqn says so', () => {
    expect(() => new LogisticRegression({ solver: 'owlqn', l2: 0 }).fitSync(rows, labels)).toThrow(
      expect.objectContaining({ code: 'SEPARABLE' }),
    )
  })

  test('margin and squares have an optimum all the same', () => {
    for (const model of [
      new LinearSVC({ l2: 0 }),
      new RidgeClassifier({ l2: 0 }),
      new LinearSVC({ l2: 0, solver: 'lbfgs' }),
    ]) {
      model.fitSync(rows, labels)
      expect(model.score(rows, labels)).toBe(1)
      expect(model.coef.every(Number.isFinite)).toBe(true)
    }
  })
})

test('columns far from 0 and of odd scales do not matter, penalised intercept or not', () => {
  const far = X.map((x) => x.map((v, k) => 1e5 * (k + 1) + v * 10 ** (k - 2)))
  for (const options of [{}, { loss: 'hinge', tol: 1e-7 }, { penalizeIntercept: true }] as const) {
    const near = new LinearSVC({ l2: 0.01, ...options }).fitSync(X, y)
    const away = new LinearSVC({ l2: 0.01, ...options }).fitSync(far, y)
    // float32 has some digits less of the columns.
    expect(Math.abs(away.loss - near.loss)).toBeLessThan(1e-4 * near.loss)
  }
})

test('options in a damaged file are refused', () => {
  const model = new LinearSVC().fitSync(X, y)
  expect(() => RidgeClassifier.fromJSON(JSON.stringify(model))).toThrow(ModelFormatError)
  const { body, ...rest } = model.toJSON() as { body: { options: object } }
  expect(() =>
    LinearSVC.fromJSON({ ...rest, body: { ...body, options: { loss: 'hinge', solver: 'newton' } } }),
  ).toThrow(ModelFormatError)
})

test.each([2, 3])('predictOne of %i classes looks at every value of a row', (classes) => {
  const { X, y } = sample(60, 19, classes)
  const model = new LogisticRegression().fitSync(X, y)
  for (let k = 0; k < 19; k++) {
    const row = X[0]!.map((value, i) => (i === k ? (String(value) as never) : value))
    expect(() => model.predictOne(row)).toThrow(new RegExp(`got "${row[k]}" as number ${k}$`))
  }
})
