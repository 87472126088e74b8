import { describe, expect, test } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import { Matrix } from '../../src/kernel/index.ts'
import {
  LinearSVC,
  LogisticRegression,
  type Optimizer,
  RidgeClassifier,
  SGDClassifier,
  type SGDClassifierOptions,
} from '../../src/models/index.ts'
import { linearLosses } from '../../src/models/linear-data.ts'
import { holdOut } from '../../src/models/mlp-samples.ts'
import { liveBytes } from '../contract/estimator.ts'
import { relative, sample, sampleOfClasses } from './sample.ts'

const { X, y } = sample(2000, 6, 3)
const optimizers: Optimizer[] = ['sgd', 'momentum', 'nesterov', 'adam', 'adamw']
const cooling = { type: 'inverse', decay: 0.1 } as const
const fit = (options: SGDClassifierOptions, rows = X, labels: readonly string[] = y) =>
  new SGDClassifier({ l2: 0.01, epochs: 60, tol: 0, schedule: cooling, ...options }).fitSync(rows, labels)

describe('comes near the optimum', () => {
  const best = {
    logistic: new LogisticRegression({ l2: 0.01 }).fitSync(X, y).loss,
    squaredError: new RidgeClassifier({ l2: 0.01 }).fitSync(X, y).loss,
    squaredHinge: new LinearSVC({ l2: 0.01 }).fitSync(X, y).loss,
    hinge: new LinearSVC({ l2: 0.01, loss: 'hinge' }).fitSync(X, y).loss,
  }

  describe.each(Object.keys(best) as (keyof typeof best)[])('of %s', (loss) => {
    test.each(optimizers)('by %s', (optimizer) => {
      const model = fit({ loss, optimizer, learningRate: optimizer === 'sgd' ? 0.05 : 0.01 })
      expect(model.loss).toBeGreaterThan(best[loss] * (1 - 1e-6))
      // AdamW's decay is not quite the penalty.
      expect(model.loss).toBeLessThan(best[loss] * (optimizer === 'adamw' ? 1.03 : 1.01))
    })

    test('row by row', () => {
      expect(fit({ loss, batchSize: 1, learningRate: 0.01 }).loss).toBeLessThan(best[loss] * 1.02)
    })
  })

  test.each(optimizers)('of squaredErrorLogistic, which is not convex, by %s', (optimizer) => {
    const model = fit({ loss: 'squaredErrorLogistic', optimizer, l2: 0.001 })
    expect(model.score(X, y)).toBeGreaterThan(new LogisticRegression().fitSync(X, y).score(X, y) - 0.03)
    expect(model.loss).toBeLessThan(0.08)
  })

  test('with elastic net, by coefficients that are exactly 0', () => {
    const penalty = { l1: 0.05, l2: 0.01 }
    const exact = new LogisticRegression(penalty).fitSync(X, y)
    for (const optimizer of ['sgd', 'momentum', 'nesterov'] as const) {
      const model = fit({ ...penalty, optimizer, learningRate: optimizer === 'sgd' ? 0.01 : 0.001 })
      expect(relative(model.loss, exact.loss)).toBeLessThan(0.01)
      expect(model.coef.some((c) => c === 0)).toBe(true)
    }
    expect(() => new SGDClassifier({ l1: 0.1, optimizer: 'adam' })).toThrow(/l1/)
  })
})

describe('l1 beside columns of noise', () => {
  const { X: telling, y } = sample(2000, 3, 3)
  const noise = sample(2000, 9, 4).X
  const X = telling.map((x, i) => [...x, ...noise[i]!])
  const l1 = 0.05

  describe.each(['logistic', 'squaredHinge'] as const)('%s', (loss) => {
    const best =
      loss === 'logistic' ? new LogisticRegression({ l1 }).fitSync(X, y) : new LinearSVC({ loss, l1 }).fitSync(X, y)
    const used = (coef: Float64Array) => Array.from(coef, (c) => c !== 0)

    test.each([1, 32])('plain steps of %s rows find the optimum and its zeros, without a schedule', (batchSize) => {
      const learningRate = batchSize === 1 ? 0.002 : 0.02
      const model = new SGDClassifier({ loss, l1, batchSize, learningRate, epochs: 100 }).fitSync(X, y)
      expect(model.loss).toBeGreaterThan(best.loss * (1 - 1e-6))
      expect(relative(model.loss, best.loss)).toBeLessThan(0.005)
      expect(used(model.coef)).toEqual(used(best.coef))
    })

    test.each(['momentum', 'nesterov'] as const)('so does %s', (optimizer) => {
      const model = fit({ loss, l1, l2: 0, optimizer, learningRate: 0.002 }, X, y)
      expect(relative(model.loss, best.loss)).toBeLessThan(0.005)
      expect(used(model.coef)).toEqual(used(best.coef))
    })
  })

  test('what coefficients owe lasts from one partialFit to the next', () => {
    const model = new SGDClassifier({ l1, learningRate: 0.02 })
    for (let call = 0; call < 60; call++) model.partialFit(X, y)
    const best = new LogisticRegression({ l1 }).fitSync(X, y)
    expect(Array.from(model.coef, (c) => c === 0)).toEqual(Array.from(best.coef, (c) => c === 0))
  })
})

test('mini-batches of softmax refuse l1 and say what to take', () => {
  const { X, y } = sampleOfClasses(3, 100, 4)
  const options = { l1: 0.1, solver: 'sgd' } as const
  expect(() => new LogisticRegression(options).fitSync(X, y)).toThrow(/l1.*owlqn or multiClass 'ovr'/)
  expect(new LogisticRegression({ ...options, multiClass: 'ovr' }).fitSync(X, y).loss).toBeGreaterThan(0)
})

test('the penalty by C and l1Ratio is that by l1 and l2', () => {
  const byC = fit({ l2: undefined, C: 0.1, l1Ratio: 0.3 } as never)
  const strength = 10 / X.length
  expect(fit({ l1: 0.3 * strength, l2: 0.7 * strength }).loss).toBeCloseTo(byC.loss, 6)
})

test('weights that are all multiplied change nothing, whatever the optimiser', () => {
  for (const optimizer of optimizers) {
    const options = { optimizer, l2: 0.01, epochs: 3 }
    const weights = X.map((_, i) => 1 + (i % 3))
    const one = new SGDClassifier(options).fitSync(X, y, { sampleWeight: weights })
    const many = new SGDClassifier(options).fitSync(X, y, { sampleWeight: weights.map((w) => 1000 * w) })
    expect(relative(many.loss, one.loss)).toBeLessThan(1e-5)
  }
})

describe('probabilities', () => {
  test.each(Object.keys(linearLosses) as (keyof typeof linearLosses)[])('%s', (loss) => {
    const model = fit({ loss, epochs: 5 })
    if (loss === 'logistic' || loss === 'squaredErrorLogistic') {
      const proba = model.predictProba(X.slice(0, 5))
      model.decisionFunction(X.slice(0, 5)).forEach((z, i) => {
        expect(proba.of('yes')[i]).toBeCloseTo(1 / (1 + Math.exp(-z)), 6)
      })
      expect(model.predictOne(X[0]!).proba).toBeGreaterThanOrEqual(0.5)
    } else {
      expect(() => model.predictProba(X)).toThrow(new RegExp(`${loss} has no probabilities`))
      expect(model.predictOne(X[0]!)).toEqual({ label: model.predict([X[0]!])[0] })
    }
  })

  test('margin models have none', () => {
    for (const model of [new LinearSVC(), new RidgeClassifier()]) expect('predictProba' in model).toBe(false)
  })
})

/** The place of each label among the sorted ones. */
function codesOf(labels: readonly string[]): Int32Array {
  const classes = [...new Set(labels)].sort()
  return Int32Array.from(labels, (label) => classes.indexOf(label))
}

describe('early stopping', () => {
  const validation = { X: X.slice(0, 500), y: y.slice(0, 500) }
  const rest = { X: X.slice(500, 560), y: y.slice(500, 560) }

  test('ends after its patience and restores the best epoch', () => {
    const options = { l2: 0, epochs: 300, learningRate: 0.3, earlyStopping: { patience: 3 } }
    const model = new SGDClassifier(options).fitSync(rest.X, rest.y, { validation })
    expect(model.nIter).toBeLessThan(300)
    expect(model.converged).toBe(true)
    const losses = model.history.map(({ validationLoss }) => validationLoss!)
    const best = Math.min(...losses)
    expect(losses.length - 1 - losses.indexOf(best)).toBe(3)
    const again = new SGDClassifier({ ...options, epochs: losses.indexOf(best) + 1 })
    again.fitSync(rest.X, rest.y, { validation })
    expect(model.coef).toEqual(again.coef)
  })

  describe.each([
    ['two classes', { X: X.slice(0, 300), y: y.slice(0, 300) as string[] }],
    ['three classes', sampleOfClasses(3, 300, 4)],
  ])('a fraction of the rows of %s', (_, rows) => {
    const options = { l2: 0, epochs: 300, learningRate: 0.3, earlyStopping: { patience: 3, fraction: 0.2 } } as const
    const train = (more: SGDClassifierOptions = {}, fitOptions = {}) =>
      new SGDClassifier({ ...options, ...more }).fitSync(rows.X, rows.y, fitOptions)

    test.each(['sgd', 'adam'] as const)('is set aside by seed, and the best epoch restored, by %s', (optimizer) => {
      const learningRate = optimizer === 'sgd' ? 0.3 : 0.05
      const model = train({ optimizer, learningRate })
      expect(model.converged).toBe(true)
      expect(train({ optimizer, learningRate }).coef).toEqual(model.coef)
      expect(train({ optimizer, learningRate, seed: 1 }).history).not.toEqual(model.history)
      const [first, ...others] = model.history.map(({ validationLoss }) => validationLoss!)
      expect(first).toBeGreaterThan(0)
      expect(Math.min(...others)).toBeLessThan(Number.POSITIVE_INFINITY)
    })

    test('is not learned from: what it says makes no difference to an epoch', () => {
      // Rows of weight 0 are those set aside, as far as the parameters go; the same draw takes the same rows.
      const once = { epochs: 1, earlyStopping: { fraction: 0.2, restoreBest: false } }
      const model = train(once)
      const before = liveBytes()
      using matrix = Matrix.from(rows.X)
      const ofMatrix = new SGDClassifier({ ...options, ...once }).fitSync(matrix, rows.y)
      expect(ofMatrix.coef).toEqual(model.coef)
      matrix.dispose()
      expect(liveBytes()).toBe(before)
      // The statistics, the loss and the steps are those of four fifths of the rows.
      const shares = runSync(holdOut(codesOf(rows.y), new Set(rows.y).size, 0.2, 0))
      const kept = [...shares.train]
      const alone = new SGDClassifier({ l2: 0, epochs: 1, learningRate: 0.3 }).fitSync(kept.map((i) => rows.X[i]!), kept.map((i) => rows.y[i]!)) // biome-ignore format: one line
      expect(relative(model.loss, alone.loss)).toBeLessThan(1e-6)
      alone.coef.forEach((c, k) => {
        expect(model.coef[k]).toBeCloseTo(c, 4)
      })
    })

    test('takes weights along', () => {
      const sampleWeight = rows.X.map((_, i) => 1 + (i % 3))
      const one = train({}, { sampleWeight })
      const many = train({}, { sampleWeight: sampleWeight.map((w) => 10 * w) })
      expect(many.nIter).toBe(one.nIter)
      expect(relative(many.loss, one.loss)).toBeLessThan(1e-4)
    })
  })

  test('a fraction that is no row is refused', () => {
    const model = new SGDClassifier({ earlyStopping: { fraction: 0.01 } })
    expect(() => model.fitSync(X.slice(0, 8), ['no', 'yes', 'no', 'yes', 'no', 'yes', 'no', 'yes'])).toThrow(
      expect.objectContaining({ code: 'TOO_FEW_ROWS' }),
    )
  })

  test('wants validation data', async () => {
    const model = new SGDClassifier({ earlyStopping: {} })
    expect(() => model.fitSync(X, y)).toThrow(/validation/)
    await expect(model.fit(X, y)).rejects.toThrow(TypeError)
    await expect(model.fit(X, y)).rejects.toThrow(/fraction/)
  })
})

describe('partialFit', () => {
  test.each(optimizers)('in pieces learns what fit does, by %s', (optimizer) => {
    const model = new SGDClassifier({ optimizer, l2: 0.001 })
    for (let pass = 0; pass < 3; pass++) {
      for (let i = 0; i < X.length; i += 100) {
        model.partialFit(X.slice(i, i + 100), y.slice(i, i + 100), { classes: ['no', 'yes'] })
      }
    }
    expect(model.nIter).toBe(60)
    expect(model.score(X, y)).toBeGreaterThan(fit({ optimizer }).score(X, y) - 0.03)
  })

  test("keeps the optimiser's memory from call to call", () => {
    // One pass in two calls over the same rows is not two first passes.
    const options = { optimizer: 'momentum', learningRate: 1e-3, l2: 0, momentum: 0.99 } as const
    const model = new SGDClassifier(options).partialFit(X, y)
    const forgetful = SGDClassifier.fromJSON(JSON.stringify(model))
    model.partialFit(X.slice(0, 32), y.slice(0, 32))
    forgetful.partialFit(X.slice(0, 32), y.slice(0, 32))
    expect(model.coef).not.toEqual(forgetful.coef)
  })

  test('of three classes', () => {
    const three = sampleOfClasses(3, 600, 4)
    const model = new SGDClassifier({ optimizer: 'adam' })
    for (let i = 0; i < 600; i += 50) {
      model.partialFit(three.X.slice(i, i + 50), three.y.slice(i, i + 50), { classes: [...new Set(three.y)].sort() })
    }
    expect(model.score(three.X, three.y)).toBeGreaterThan(0.7)
  })
})

describe('more than two classes', () => {
  const three = sampleOfClasses(3, 500, 4)
  const classes = [...new Set(three.y)].sort()

  test.each([
    ['LinearSVC', new LinearSVC()],
    ['LinearSVC of hinge', new LinearSVC({ loss: 'hinge', l2: 0.01 })],
    ['RidgeClassifier', new RidgeClassifier()],
    ['SGDClassifier', new SGDClassifier({ l2: 0.001 })],
  ])('%s: one model each, against the rest', (_, model) => {
    model.fitSync(three.X, three.y)
    expect(model.classes).toEqual(classes)
    expect(model.coef).toHaveLength(12)
    const scores = model.decisionFunction(three.X)
    model.predict(three.X).forEach((label, i) => {
      expect(classes.indexOf(label as string)).toBe(
        [0, 1, 2].reduce((a, b) => (scores[3 * i + b]! > scores[3 * i + a]! ? b : a)),
      )
    })
    for (const label of classes) {
      const alone = model.clone()
      alone.fitSync(three.X, three.y.map((other) => other === label)) // biome-ignore format: one line
      expect(model.coefOf(label)).toEqual(alone.coef)
    }
  })

  test('probabilities sum to 1', () => {
    const model = new SGDClassifier({ l2: 0.001 }).fitSync(three.X, three.y)
    const { data, rows } = model.predictProba(three.X)
    for (let i = 0; i < rows; i++) expect(data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!).toBeCloseTo(1, 6)
    three.X.slice(0, 20).forEach((row, i) => {
      const { label, proba } = model.predictOne(row)
      expect(proba).toBeCloseTo(data[3 * i + classes.indexOf(label as string)]!, 6)
    })
  })
})
