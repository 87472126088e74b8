import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { LinearSVC } from '../../src/models/index.ts'

describe('the optimum of the hinge loss', () => {
  // Fewer rows on the margin than parameters, and weights of all sizes: those rows weigh 1e10 times what the penalty does.
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('interiorPoint finds where few rows decide, data %d', (seed) => {
    const random = new Random(seed)
    const X = Array.from({ length: 6 }, () => Array.from({ length: 8 }, () => 2 * random.uniform() - 1))
    const y = X.map((_, i) => i % 3 === 0)
    const sampleWeight = X.map((_, i) => 10 ** (i - 3))
    const fit = (solver: 'interiorPoint' | 'dual', tol?: number) =>
      new LinearSVC({ loss: 'hinge', solver, l2: 0.007, fitIntercept: false, ...(tol === undefined ? {} : { tol }) }) //
        .fitSync(X, y, { sampleWeight })
    const [interior, dual] = [fit('interiorPoint'), fit('dual', 1e-9)]
    expect(interior.converged).toBe(true)
    expect(dual.converged).toBe(true)
    expect(interior.loss / dual.loss - 1).toBeLessThan(2e-8)
  })

  test('interiorPoint arrives where one class is rare and all rows of the other are on the margin', () => {
    const X = Array.from({ length: 120 }, (_, i) => [i % 2])
    const model = new LinearSVC({ loss: 'hinge' }).fitSync(
      X,
      X.map((_, i) => i % 40 === 0),
    ) //
    expect(model.converged).toBe(true)
    expect(model.nIter).toBeLessThan(30)
    expect(model.loss).toBeCloseTo((2 * 3) / 120, 8)
  })

  test('interiorPoint with tol 0 goes as far as float64 does', () => {
    const X = Array.from({ length: 60 }, (_, i) => [Math.sin(i), (i % 7) / 7])
    const y = X.map(([a], i) => a! + (i % 5) / 9 > 0.3)
    const [none, usual] = [0, 1e-8].map((tol) => new LinearSVC({ loss: 'hinge', tol }).fitSync(X, y))
    expect(none!.loss).toBeLessThanOrEqual(usual!.loss)
    expect(usual!.loss - none!.loss).toBeLessThan(1e-8)
  })

  test('dual does not take rows that are all short of the margin by the same for settled', () => {
    const X = [
      [0.2, 0.02],
      [0.23, 0.005],
    ]
    const y = [true, false]
    const options = { loss: 'hinge', l2: 1e-5, standardize: false } as const
    const dual = new LinearSVC({ ...options, solver: 'dual' }).fitSync(X, y)
    const interior = new LinearSVC({ ...options, solver: 'interiorPoint' }).fitSync(X, y)
    expect(dual.converged).toBe(true)
    expect(dual.loss - interior.loss).toBeLessThan(2e-4)
  })
})
