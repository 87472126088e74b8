import { describe, expect, test } from 'vitest'
import { LogisticRegression } from '../../src/models/index.ts'
import { logisticOptimum } from '../reference/logistic-optimum.ts'
import { softmaxOptimum } from '../reference/softmax-optimum.ts'
import { illConditioned, relative, targets } from './sample.ts'

// The scales are those of the columns: not standardised, they are the problem's too.
describe.each([
  { k: 2, standardize: true },
  { k: 2, standardize: false },
  { k: 4, standardize: true },
  { k: 4, standardize: false },
])('correlated columns of scales 1 to 1000, $k classes, standardize $standardize', ({ k, standardize }) => {
  const { X, y } = illConditioned(k, 1000, 8)
  const l2 = 1e-3
  const best =
    k === 2
      ? logisticOptimum({ X, t: targets(y, 'b'), l2, standardize }).objective
      : softmaxOptimum({ X, codes: y.map((label) => 'abcd'.indexOf(label)), k, l2, standardize }).objective

  test('auto is newton, and newton is within 1e-6 of the optimum after at most 10 steps', () => {
    const model = new LogisticRegression({ l2, standardize }).fitSync(X, y)
    expect(model.solver).toBe('newton')
    expect(model.converged).toBe(true)
    expect(model.history.findIndex(({ loss }) => relative(loss, best) < 1e-6)).toBeGreaterThanOrEqual(0)
    expect(model.history.findIndex(({ loss }) => relative(loss, best) < 1e-6)).toBeLessThan(10)
    expect(relative(model.loss, best)).toBeLessThan(1e-6)
  })

  test('lbfgs gets there too', () => {
    const model = new LogisticRegression({ l2, standardize, solver: 'lbfgs' }).fitSync(X, y)
    expect(model.converged).toBe(true)
    expect(relative(model.loss, best)).toBeLessThan(1e-6)
  })
})

test('auto is newton up to 160 parameters of several classes', () => {
  const solverOf = (k: number, cols: number) => {
    const { X, y } = illConditioned(k, 60, cols)
    return new LogisticRegression().fitSync(X, y).solver
  }
  expect(solverOf(4, 39)).toBe('newton')
  expect(solverOf(4, 40)).toBe('lbfgs')
})
