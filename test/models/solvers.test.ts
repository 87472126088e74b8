import { describe, expect, test } from 'vitest'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { logisticOptimum } from '../reference/logistic-optimum.ts'
import { diagnosis, raw } from './breast-cancer.ts'
import { relative, sample, targets } from './sample.ts'

const { X, y } = sample(500, 5)
const problem = { X, t: targets(y), l2: 0.01 }
const best = logisticOptimum(problem)
const fit = (options: LogisticRegressionOptions) => new LogisticRegression({ l2: 0.01, ...options }).fitSync(X, y)
/** How far above the optimum, relative to it. */
const gap = (model: { loss: number }) => (model.loss - best.objective) / best.objective

describe('the solver', () => {
  test('auto is newton up to 64 features and lbfgs above, on few rows', () => {
    expect(fit({}).solver).toBe('newton')
    expect(fit({ solver: 'auto' }).solver).toBe('newton')
    const solverOf = (cols: number) => {
      const wide = sample(40, cols)
      return new LogisticRegression().fitSync(wide.X, wide.y).solver
    }
    expect(solverOf(64)).toBe('newton')
    expect(solverOf(65)).toBe('lbfgs')
    expect(fit({ solver: 'sgd' }).solver).toBe('sgd')
  })

  test('gd descends to the neighbourhood of the optimum with its own step size', () => {
    const model = fit({ solver: 'gd' })
    expect(gap(model)).toBeLessThan(1e-6)
    expect(model.converged).toBe(true)
    const cancer = new LogisticRegression({ solver: 'gd' }).fitSync(raw, diagnosis)
    expect(cancer.score(raw, diagnosis)).toBeGreaterThan(0.97)
    const losses = cancer.history.map(({ loss }) => loss)
    losses.slice(1).forEach((loss, i) => {
      expect(loss).toBeLessThanOrEqual(losses[i]! * (1 + 1e-6))
    })
  })

  test('gd takes a step size of one’s own; half of it takes about twice as long', () => {
    const [whole, half] = [0.4, 0.2].map((learningRate) => fit({ solver: 'gd', learningRate, maxIter: 5000 }).nIter)
    expect(half! / whole!).toBeGreaterThan(1.7)
    expect(half! / whole!).toBeLessThan(2.3)
  })

  test('sgd reaches the neighbourhood, closer with a smaller step and more epochs', () => {
    const model = fit({ solver: 'sgd' })
    expect(gap(model)).toBeLessThan(0.02)
    expect(model.score(X, y)).toBeGreaterThan(fit({}).score(X, y) - 0.02)
    const closer = fit({ solver: 'sgd', learningRate: 0.01, epochs: 1000, tol: 1e-6 })
    expect(gap(closer)).toBeLessThan(3e-3)
    const cancer = new LogisticRegression({ solver: 'sgd' }).fitSync(raw, diagnosis)
    expect(cancer.score(raw, diagnosis)).toBeGreaterThan(0.97)
  })

  test.each([
    { standardize: false, fitIntercept: true },
    { standardize: true, fitIntercept: false },
    { standardize: false, fitIntercept: false },
  ])('sgd minimises the same objective with %o', (options) => {
    const goal = logisticOptimum({ ...problem, ...options })
    const model = fit({ solver: 'sgd', learningRate: 0.01, epochs: 1000, tol: 1e-6, ...options })
    expect(relative(model.loss, goal.objective)).toBeLessThan(3e-3)
    expect(model.loss).toBeGreaterThan(goal.objective * (1 - 1e-6))
  })
})

describe('batches', () => {
  // The larger the batch, the fewer the steps. 499 leaves a batch of a single row, which pulls as hard as all others.
  test.each([1, 3, 16, 17, 32, 250, 499, 500, 501, 100_000])('of %d rows', (batchSize) => {
    const many = batchSize > 100
    const learningRate = batchSize === 1 ? 0.005 : many ? 0.1 : 0.03
    const model = fit({ solver: 'sgd', batchSize, learningRate, epochs: many ? 500 : 100, tol: 1e-7 })
    expect(gap(model)).toBeLessThan(batchSize === 499 ? 0.2 : 0.02)
    expect(gap(model)).toBeGreaterThan(-1e-6)
  })

  test('larger than the data are the whole data: the seed does not matter but for rounding', () => {
    const run = (batchSize: number, seed: number) => fit({ solver: 'sgd', batchSize, epochs: 10, tol: 0, seed })
    expect(run(1000, 1).coef).toEqual(run(500, 1).coef)
    run(500, 1).coef.forEach((c, k) => {
      expect(Math.abs(c - run(500, 2).coef[k]!)).toBeLessThan(1e-5)
    })
  })

  test('seeds up to 2^53 count, high bits too', () => {
    const bits = (seed: number) => fit({ solver: 'sgd', epochs: 1, seed }).coef.join()
    expect(new Set([0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1].map(bits)).size).toBe(5)
  })
})

describe('stopping', () => {
  test('maxIter 1 is one iteration, not converged', () => {
    for (const solver of ['newton', 'sampledNewton', 'lbfgs', 'gd'] as const) {
      const model = fit({ solver, maxIter: 1 })
      expect(model.nIter).toBe(1)
      expect(model.converged).toBe(false)
      expect(model.history).toHaveLength(1)
      expect(model.loss).toBeLessThan(Math.LN2)
    }
  })

  test('maxIter bounds the iterations and keeps the best so far', () => {
    const [three, ten] = [3, 10].map((maxIter) => fit({ solver: 'gd', maxIter }))
    expect([three!.nIter, ten!.nIter]).toEqual([3, 10])
    expect(ten!.loss).toBeLessThan(three!.loss)
  })

  test('a smaller tol takes more iterations and comes closer', () => {
    for (const solver of ['newton', 'sampledNewton', 'lbfgs', 'gd'] as const) {
      const [loose, tight] = [1e-2, solver === 'newton' || solver === 'sampledNewton' ? 1e-12 : 1e-7].map((tol) =>
        fit({ solver, tol }),
      )
      expect(loose!.nIter).toBeLessThan(tight!.nIter)
      expect(gap(tight!)).toBeLessThan(Math.max(1e-9, gap(loose!)))
      expect(tight!.converged).toBe(true)
    }
  })

  test('tol 0 ends at the floor of float32 noise, converged', () => {
    for (const solver of ['newton', 'sampledNewton', 'lbfgs'] as const) {
      const model = fit({ solver, tol: 0 })
      expect(model.converged).toBe(true)
      expect(Math.abs(gap(model))).toBeLessThan(1e-6)
    }
  })

  test('sgd stops when epochs bring no progress, or at the last epoch', () => {
    const patient = fit({ solver: 'sgd', tol: 1e-3, epochs: 500 })
    expect(patient.converged).toBe(true)
    expect(patient.nIter).toBeLessThan(100)
    const hurried = fit({ solver: 'sgd', epochs: 3 })
    expect(hurried.converged).toBe(false)
    expect(hurried.nIter).toBe(3)
    expect(hurried.history.map(({ iteration }) => iteration)).toEqual([1, 2, 3])
  })
})

test('loss is the objective at the fitted parameters, in float64', () => {
  for (const solver of ['newton', 'sampledNewton', 'lbfgs', 'gd', 'sgd'] as const) {
    const model = fit({ solver })
    let expected = 0
    X.forEach((x, i) => {
      const z = x.reduce((sum, v, k) => sum + v * model.coef[k]!, model.intercept)
      expected += (Math.max(z, 0) - problem.t[i]! * z + Math.log1p(Math.exp(-Math.abs(z)))) / X.length
    })
    model.coef.forEach((c, k) => {
      expected += (0.01 / 2) * (c * model.columns.std[k]!) ** 2
    })
    expect(relative(model.loss, expected)).toBeLessThan(1e-12)
  }
})
