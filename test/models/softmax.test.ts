import { describe, expect, test } from 'vitest'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { logisticOptimum } from '../reference/logistic-optimum.ts'
import { type SoftmaxProblem, softmaxObjective, softmaxOptimum } from '../reference/softmax-optimum.ts'
import { irisL1Optimum, irisOptimum, irisRaw, irisStandardised, species, speciesCodes } from './iris.ts'
import { relative, sample, sampleOfClasses, targets } from './sample.ts'

const iris = { X: irisStandardised, codes: speciesCodes, k: 3, standardize: false }

describe('the optimum of scikit-learn on iris', () => {
  test.each([
    { solver: 'newton', near: 1e-4 },
    { solver: 'lbfgs', near: 1e-3 },
    { solver: 'gd', near: 0.01 },
  ] as const)('is reached by $solver', ({ solver, near }) => {
    const model = new LogisticRegression({ solver, standardize: false, maxIter: 10_000 })
    model.fitSync(irisStandardised, species)
    const objective = 150 * softmaxObjective({ ...iris, l2: 1 / 150 }, model)
    expect(relative(objective, irisOptimum.objective)).toBeLessThan(1e-6)
    expect(relative(150 * model.loss, irisOptimum.objective)).toBeLessThan(1e-6)
    expect(model.converged).toBe(true)
    expect(model.score(irisStandardised, species)).toBe(irisOptimum.accuracy)
    irisOptimum.coef.flat().forEach((c, i) => {
      expect(Math.abs(model.coef[i]! - c)).toBeLessThan(near)
    })
    irisOptimum.intercept.forEach((b, c) => {
      expect(Math.abs(model.intercepts[c]! - b)).toBeLessThan(near)
    })
  })

  test('is that of the raw columns with standardize', () => {
    const model = new LogisticRegression().fitSync(irisRaw, species)
    expect(model.solver).toBe('newton')
    expect(relative(150 * model.loss, irisOptimum.objective)).toBeLessThan(1e-6)
  })

  test('with an l1 penalty is reached by owlqn, with the same coefficients at 0', () => {
    const model = new LogisticRegression({ l1: 1 / (0.1 * 150), standardize: false, tol: 1e-7 })
    model.fitSync(irisStandardised, species)
    const goal = irisL1Optimum.objective / (0.1 * 150)
    expect(model.solver).toBe('owlqn')
    expect(relative(model.loss, goal)).toBeLessThan(1e-5)
    const objective = softmaxObjective({ ...iris, l2: 0, l1: 1 / (0.1 * 150) }, model)
    expect(relative(objective, goal)).toBeLessThan(1e-5)
    expect([...model.coef].filter((c) => c !== 0)).toHaveLength(irisL1Optimum.nonzero)
  })
})

const { X, y } = sampleOfClasses(4, 600, 6)
const codes = y.map((label) => 'abcd'.indexOf(label))
const both = [true, false]

describe.each(both.flatMap((standardize) => both.map((fitIntercept) => ({ standardize, fitIntercept }))))(
  'four classes with %o',
  (options) => {
    test.each(['newton', 'lbfgs'] as const)('%s reaches the float64 optimum, with weights', (solver) => {
      const sampleWeight = X.map((_, i) => [1, 0.25, 0, 3][i % 4]!)
      const problem: SoftmaxProblem = {
        X,
        codes,
        k: 4,
        l2: 0.01,
        sampleWeight,
        classWeight: [1, 1, 2.5, 1],
        ...options,
      }
      const best = softmaxOptimum(problem)
      const model = new LogisticRegression({ solver, l2: 0.01, classWeight: { c: 2.5 }, ...options })
      model.fitSync(X, y, { sampleWeight })
      expect(relative(softmaxObjective(problem, model), best.objective)).toBeLessThan(1e-6)
      expect(relative(model.loss, best.objective)).toBeLessThan(1e-6)
      expect(model.converged).toBe(true)
    })

    test('sgd comes near', () => {
      const problem: SoftmaxProblem = { X, codes, k: 4, l2: 0.01, ...options }
      const model = new LogisticRegression({
        solver: 'sgd',
        l2: 0.01,
        learningRate: 0.01,
        epochs: 300,
        tol: 1e-7,
        ...options,
      })
      model.fitSync(X, y)
      const best = softmaxOptimum(problem).objective
      expect(relative(model.loss, softmaxObjective(problem, model))).toBeLessThan(1e-9)
      expect((model.loss - best) / best).toBeLessThan(0.01)
      expect(model.loss).toBeGreaterThan(best * (1 - 1e-6))
    })
  },
)

describe('what a fit of several classes has', () => {
  const model = new LogisticRegression({ l2: 0.01 }).fitSync(X, y)

  test('a row of coefficients and an intercept for each class, that sum to 0', () => {
    expect(model.coef).toHaveLength(4 * 6)
    expect(model.intercepts).toHaveLength(4)
    expect(model.nFeatures).toBe(6)
    expect(Math.abs(model.intercepts.reduce((a, b) => a + b))).toBeLessThan(1e-12)
    for (let j = 0; j < 6; j++) {
      expect(Math.abs([0, 1, 2, 3].reduce((sum, c) => sum + model.coef[c * 6 + j]!, 0))).toBeLessThan(1e-12)
    }
    expect(model.coefOf('c')).toEqual(model.coef.slice(12, 18))
    expect(() => model.coefOf('e')).toThrow(/"a".*"e"/)
    expect(() => model.intercept).toThrow(RangeError)
    expect(() => model.intercept).toThrow(/intercepts/)
  })

  test('probabilities: the softmax of the decision function, rows that sum to 1', () => {
    const scores = model.decisionFunction(X)
    const { data, cols } = model.predictProba(X)
    const labels = model.predict(X)
    expect(cols).toBe(4)
    X.forEach((_, i) => {
      const z = scores.subarray(4 * i, 4 * i + 4)
      const top = Math.max(...z)
      const sum = z.reduce((total, v) => total + Math.exp(v - top), 0)
      z.forEach((v, c) => {
        expect(Math.abs(data[4 * i + c]! - Math.exp(v - top) / sum)).toBeLessThan(1e-6)
      })
      expect(Math.abs(data.subarray(4 * i, 4 * i + 4).reduce((a, b) => a + b) - 1)).toBeLessThan(1e-6)
      expect(labels[i]).toBe('abcd'[z.indexOf(top)])
    })
  })

  test('numbers as large as they may be do not overflow', () => {
    const far = X.map((x) => x.map((v) => v * 1e30))
    expect([...model.predictProba(far).data].every((p) => p >= 0 && p <= 1)).toBe(true)
    const one = model.predictOne(far[0]!)
    expect(one.proba).toBe(1)
    expect(one.label).toBe(model.predict(far)[0])
  })

  test('no threshold', () => {
    expect(() => model.predict(X, { threshold: 0.3 })).toThrow(RangeError)
    expect(() => model.predict(X, { threshold: 0.3 })).toThrow(/4/)
  })

  test('a validation loss of every iteration, also where a class is missing in it', () => {
    const part = X.flatMap((x, i) => (y[i] === 'b' ? [] : [x]))
    const labels = y.filter((label) => label !== 'b')
    const watched = new LogisticRegression({ l2: 0.01 }).fitSync(X, y, { validation: { X: part, y: labels } })
    const expected = softmaxObjective(
      { X: part, codes: labels.map((label) => 'abcd'.indexOf(label)), k: 4, l2: 0 },
      watched,
    )
    expect(relative(watched.history.at(-1)!.validationLoss!, expected)).toBeLessThan(1e-6)
    expect(watched.history).toHaveLength(watched.nIter)
    const strange = { X, y: y.map((label, i) => (i === 3 ? 'z' : label)) }
    expect(() => new LogisticRegression().fitSync(X, y, { validation: strange })).toThrow(/"z"/)
  })

  test('two classes as a softmax are the binary model with half the penalty', () => {
    // A third class of almost no weight, far away from the others in no direction.
    const { X: rows, y: labels } = sample(300, 4)
    const all = [...rows, [0, 0, 0, 0]]
    const sampleWeight = all.map((_, i) => (i < rows.length ? 1 : 1e-7))
    const three = new LogisticRegression({ l2: 0.02, tol: 1e-12 }).fitSync(all, [...labels, 'zzz'], { sampleWeight })
    const two = logisticOptimum({ X: rows, t: targets(labels), l2: 0.01 })
    two.coef.forEach((c, j) => {
      expect(three.coefOf('yes')[j]! - three.coefOf('no')[j]!).toBeCloseTo(c, 3)
    })
  })

  test('partialFit learns all classes from pieces that lack some', () => {
    const streamed = new LogisticRegression({ l2: 1e-3, learningRate: 0.05 })
    for (let piece = 0; piece < 50; piece++) {
      const missing = 'abcd'[piece % 4]
      const part = Array.from({ length: 60 }, (_, i) => (piece * 60 + i) % 600).filter((i) => y[i] !== missing)
      streamed.partialFit(part.map((i) => X[i]!), part.map((i) => y[i]!), { classes: ['a', 'b', 'c', 'd'] }) // biome-ignore format: two lists
    }
    expect(streamed.nIter).toBe(50)
    expect(streamed.score(X, y)).toBeGreaterThan(0.75)
    expect(() => streamed.partialFit(X.slice(0, 2), ['a', 'e'])).toThrow(/"e"/)
  })
})

describe('trouble', () => {
  const fit = (options: LogisticRegressionOptions, rows = X, labels = y, sampleWeight?: number[]) =>
    new LogisticRegression(options).fitSync(rows, labels, sampleWeight ? { sampleWeight } : {})

  test('steps that are too large are named', () => {
    expect(() => fit({ solver: 'gd', learningRate: 1e4 })).toThrow(/diverged in iteration \d+ with learning rate 10000/)
    expect(() => fit({ solver: 'sgd', learningRate: 1e4 })).toThrow(/diverged in epoch \d+ with learning rate 10000/)
  })

  test('classes that planes separate, without a penalty', () => {
    const rows = species.map((_, i) => [speciesCodes[i]!, speciesCodes[i]! ** 2])
    for (const solver of ['newton', 'lbfgs'] as const) {
      expect(() => fit({ l2: 0, solver }, rows, species)).toThrow(expect.objectContaining({ code: 'SEPARABLE' }))
    }
  })

  test('a class whose rows all have weight 0', () => {
    const weights = y.map((label) => (label === 'b' ? 0 : 1))
    expect(() => fit({}, X, y, weights)).toThrow(/"b" has weight 0/)
  })

  test('more features than rows, and columns that say nothing or the same twice', () => {
    const wide = sampleOfClasses(3, 30, 50)
    expect(fit({}, wide.X, wide.y).score(wide.X, wide.y)).toBe(1)
    const odd = X.map((x) => [...x, 7, x[0]!, 0])
    for (const l2 of [0.01, 0]) {
      const model = fit({ l2 }, odd)
      expect(model.converged).toBe(true)
      expect(model.coefOf('a')[6]).toBe(0)
      expect(model.coefOf('a')[8]).toBe(0)
    }
  })

  test('what softmax cannot do is said', () => {
    expect(() => fit({ solver: 'sgd', l1: 0.1 })).toThrow(/l1.*owlqn/)
    expect(() => fit({ multiClass: 'all' as never })).toThrow(/multiClass/)
  })
})

describe('one against the rest', () => {
  test('is a binary model for each class, its probabilities divided by their sum', () => {
    const model = new LogisticRegression({ multiClass: 'ovr', l2: 0.01 }).fitSync(X, y)
    const parts = [...'abcd'].map(
      (label) =>
      new LogisticRegression({ l2: 0.01 }).fitSync(X, y.map((other) => other === label)), // biome-ignore format: one line
    )
    parts.forEach((part, c) => {
      expect(model.coefOf('abcd'[c]!)).toEqual(part.coef)
      expect(model.intercepts[c]).toBe(part.intercept)
    })
    expect(model.nIter).toBe(parts.reduce((sum, { nIter }) => sum + nIter, 0))
    const proba = model.predictProba(X)
    const each = parts.map((part) => part.predictProba(X).of(true))
    X.forEach((_, i) => {
      const sum = each.reduce((total, p) => total + p[i]!, 0)
      each.forEach((p, c) => {
        expect(proba.data[4 * i + c]).toBeCloseTo(p[i]! / sum, 6)
      })
    })
    expect(model.clone().options.multiClass).toBe('ovr')
  })

  test('is worse than softmax on iris, as it is in scikit-learn', () => {
    const ovr = new LogisticRegression({ multiClass: 'ovr' }).fitSync(irisRaw, species)
    const softmax = new LogisticRegression().fitSync(irisRaw, species)
    expect(softmax.score(irisRaw, species)).toBe(irisOptimum.accuracy)
    expect(ovr.score(irisRaw, species)).toBeGreaterThan(0.9)
    expect(ovr.score(irisRaw, species)).toBeLessThan(softmax.score(irisRaw, species))
  })

  test('balances the two sides of each model', () => {
    const options = { l2: 0.01, classWeight: 'balanced' } as const
    const model = new LogisticRegression({ multiClass: 'ovr', ...options }).fitSync(X, y)
    const alone = new LogisticRegression(options).fitSync(X, y.map((label) => label === 'b')) // biome-ignore format: one line
    expect(model.coefOf('b')).toEqual(alone.coef)
  })
})

test('a row as long as all coefficients together is no row of predictOne', () => {
  const model = new LogisticRegression().fitSync(irisStandardised, species)
  const row = Array.from({ length: model.coef.length }, () => 1)
  expect(() => model.predictOne(row)).toThrow(new RangeError('predictOne: expected 4 features as in fit, got 12'))
})
