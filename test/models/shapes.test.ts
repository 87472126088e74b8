import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { logisticObjective, logisticOptimum } from '../reference/logistic-optimum.ts'
import { relative, sample, targets } from './sample.ts'

describe('a constant column', () => {
  const { X, y } = sample(299, 3)
  const constants = [0, 1, 0.1, 1 / 3, -7.7e-5, 123.456, 1e6 + 0.1, -1e-30, 1e30]

  test.each(constants)('of %d gets coefficient 0, and everything else is as without it', (value) => {
    const withIt = X.map((x) => [x[0]!, value, x[1]!, x[2]!])
    for (const solver of ['newton', 'sampledNewton', 'lbfgs', 'gd', 'sgd'] as const) {
      const model = new LogisticRegression({ solver, epochs: 3 }).fitSync(withIt, y)
      const without = new LogisticRegression({ solver, epochs: 3 }).fitSync(X, y)
      expect(model.coef[1]).toBe(0)
      // Steps of SGD round to float32, and it ends beside the optimum, where that shows.
      expect(relative(model.loss, without.loss)).toBeLessThan(solver === 'sgd' ? 1e-7 : 1e-9)
      ;[0, 2, 3].forEach((k, i) => {
        expect(Math.abs(model.coef[k]! - without.coef[i]!)).toBeLessThan(1e-5)
      })
      expect(Math.abs(model.intercept - without.intercept)).toBeLessThan(1e-5)
    }
  })

  test('is one whatever the weights of the rows, and in a part of a Matrix', () => {
    const sampleWeight = X.map((_, i) => 0.1 + (i % 7) / 3)
    for (const value of constants.slice(0, 7)) {
      const withIt = X.map((x) => [...x, value])
      expect(new LogisticRegression().fitSync(withIt, y, { sampleWeight }).coef[3]).toBe(0)
      // The column varies in the whole, so it is not shifted there.
      using whole = Matrix.from([...withIt, ...X.map((x, i) => [...x, value - 10 - i])])
      using part = whole.sliceRows(0, X.length)
      expect(new LogisticRegression().fitSync(part, y, { sampleWeight }).coef[3]).toBe(0)
    }
  })

  test('that varies by rounding only is one, too', () => {
    const noisy = X.map((x, i) => [...x, i % 3 === 0 ? 0.3 : 0.1 + 0.2])
    expect(new LogisticRegression().fitSync(noisy, y).coef[3]).toBe(0)
  })

  test('among rows that count is one, whatever the others hold', () => {
    const rows = X.map((x, i) => [...x, i % 5 === 0 ? i : 4])
    const sampleWeight = X.map((_, i) => (i % 5 === 0 ? 0 : 1))
    expect(new LogisticRegression().fitSync(rows, y, { sampleWeight }).coef[3]).toBe(0)
  })

  test('alone leaves the share of the classes', () => {
    const model = new LogisticRegression().fitSync([[3], [3], [3], [3]], [0, 1, 1, 1])
    expect([...model.coef]).toEqual([0])
    expect(model.intercept).toBeCloseTo(Math.log(3), 5)
  })

  test('without standardize and intercept it may serve as one', () => {
    const rows = X.map((x) => [...x, 1])
    const options = { standardize: false, fitIntercept: false, l2: 0.01 }
    const best = logisticOptimum({ X: rows, t: targets(y), ...options })
    const model = new LogisticRegression(options).fitSync(rows, y)
    expect(model.intercept).toBe(0)
    expect(Math.abs(model.coef[3]! - best.coef[3]!)).toBeLessThan(1e-5)
    expect(Math.abs(best.coef[3]!)).toBeGreaterThan(0.01)
  })
})

describe('fitIntercept: false', () => {
  const { X: near, y } = sample(300, 3)
  const X = near.map((x) => x.map((v, k) => v + k))

  test('without standardize has intercept 0', () => {
    for (const solver of ['newton', 'sampledNewton', 'lbfgs', 'gd', 'sgd'] as const) {
      const options = { solver, fitIntercept: false, standardize: false, l2: 0.01, maxIter: 10_000 }
      expect(new LogisticRegression(options).fitSync(X, y).intercept).toBe(0)
    }
  })

  test('with standardize is StandardScaler and no intercept: the score of the mean row is 0', () => {
    for (const solver of ['newton', 'sampledNewton', 'lbfgs', 'gd', 'sgd'] as const) {
      const model = new LogisticRegression({ solver, fitIntercept: false, l2: 0.01 }).fitSync(X, y)
      expect(Math.abs(model.decisionFunction([[...model.columns.mean]])[0]!)).toBeLessThan(1e-6)
      expect(model.intercept).not.toBe(0)
    }
  })

  test('of columns far from 0 reaches its optimum', () => {
    const far = X.map((x) => x.map((v) => v + 1e4))
    for (const standardize of [true, false]) {
      const problem = { X: far, t: targets(y), l2: 1e-3, standardize, fitIntercept: false }
      const model = new LogisticRegression({ l2: 1e-3, standardize, fitIntercept: false }).fitSync(far, y)
      const objective = logisticObjective(problem, model.coef, model.intercept)
      expect(relative(objective, logisticOptimum(problem).objective)).toBeLessThan(1e-6)
    }
  })
})

describe('shapes', () => {
  const everySolver = ['newton', 'sampledNewton', 'lbfgs', 'gd', 'sgd'] as const

  test.each([
    { rows: 2, cols: 1 },
    { rows: 2, cols: 7 },
    { rows: 3, cols: 2 },
    { rows: 10, cols: 40 },
    { rows: 17, cols: 16 },
    { rows: 1025, cols: 1 },
    { rows: 4097, cols: 2 },
  ])('$rows rows of $cols columns', ({ rows, cols }) => {
    const { X, y } = sample(rows, cols, rows + cols)
    const best = logisticOptimum({ X, t: targets(y), l2: 0.1 })
    for (const solver of everySolver) {
      const options: LogisticRegressionOptions = {
        solver,
        l2: 0.1,
        maxIter: 10_000,
        epochs: 2000,
        tol: 1e-8,
        learningRate: 0.02,
      }
      if (solver !== 'sgd') delete options.learningRate
      const model = new LogisticRegression(options).fitSync(X, y)
      expect(model.coef.length).toBe(cols)
      expect(model.predict(X)).toHaveLength(rows)
      expect(relative(model.loss, best.objective)).toBeLessThan(solver === 'sgd' ? 0.02 : 1e-6)
    }
  })

  test('300 columns, by lbfgs', () => {
    const { X, y } = sample(500, 300)
    const problem = { X, t: targets(y), l2: 0.05 }
    const model = new LogisticRegression({ l2: 0.05 }).fitSync(X, y)
    expect(model.solver).toBe('lbfgs')
    expect(model.converged).toBe(true)
    const newton = new LogisticRegression({ l2: 0.05, solver: 'newton' }).fitSync(X, y)
    expect(relative(model.loss, newton.loss)).toBeLessThan(1e-6)
    expect(relative(logisticObjective(problem, model.coef, model.intercept), model.loss)).toBeLessThan(1e-9)
  })

  test('200,000 columns of a few rows, by sgd and lbfgs', () => {
    const cols = 200_000
    const data = Float32Array.from({ length: 6 * cols }, (_, i) => ((i * 7919) % 256) / 64 - 2)
    for (const solver of ['sgd', 'lbfgs'] as const) {
      const options = { solver, epochs: 2, learningRate: 1e-6, l2: 1 }
      const model = new LogisticRegression(options).fitSync({ data, rows: 6, cols }, [0, 1, 0, 1, 0, 1])
      expect(model.coef.length).toBe(cols)
      expect(model.score({ data, rows: 6, cols }, [0, 1, 0, 1, 0, 1])).toBe(1)
    }
  })

  test('two identical columns share the weight', () => {
    const { X, y } = sample(300, 2)
    const twins = X.map((x) => [x[0]!, x[1]!, x[0]!])
    const problem = { X: twins, t: targets(y), l2: 0.01 }
    for (const solver of ['newton', 'sampledNewton', 'lbfgs'] as const) {
      const model = new LogisticRegression({ solver, l2: 0.01 }).fitSync(twins, y)
      expect(relative(model.loss, logisticOptimum(problem).objective)).toBeLessThan(1e-6)
      expect(Math.abs(model.coef[0]! - model.coef[2]!)).toBeLessThan(1e-5)
      // Without a penalty the Hessian is singular: there are many optima, one is found.
      const free = new LogisticRegression({ solver, l2: 0 }).fitSync(twins, y)
      const single = logisticOptimum({ X, t: targets(y), l2: 0 })
      expect(relative(free.loss, single.objective)).toBeLessThan(1e-6)
      expect(free.coef[0]! + free.coef[2]!).toBeCloseTo(single.coef[0]!, 3)
    }
  })

  test('rows that are all the same leave the share of the classes', () => {
    const model = new LogisticRegression().fitSync(Array.from({ length: 10 }, () => [1, 2]), [...'aaaaaaaabb']) // biome-ignore format: one line
    expect([...model.coef]).toEqual([0, 0])
    expect(model.predictProba([[5, 5]]).of('b')[0]).toBeCloseTo(0.2, 5)
  })
})
