import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { runSync } from '../../src/core/steps.ts'
import { type Objective, type OwlqnOptions, owlqn } from '../../src/optim/index.ts'
import { diagonalQuadratic, rosenbrock, rotatedQuadratic } from './problems.ts'

const solve = (objective: Objective, start: number[], options: OwlqnOptions) =>
  runSync(owlqn(objective, start, options))

describe('a quadratic without coupling has a closed form: soft thresholding', () => {
  test.each([
    { curvature: [1, 1, 1, 1], center: [3, -3, 0.5, 0], l1: [1, 1, 1, 1], best: [2, -2, 0, 0] },
    { curvature: [4, 0.5, 100, 1e-3], center: [1, -8, 0.02, 7], l1: [1, 1, 1, 1], best: [0.75, -6, 0.01, 0] },
    { curvature: [1, 2, 3, 4], center: [1, -1, 1, -1], l1: [0, 1, 0, 100], best: [1, -0.5, 1, 0] },
  ])('$best', ({ curvature, center, l1, best }) => {
    for (const start of [
      [0, 0, 0, 0],
      [5, -5, 5, -5],
      [-1, 1, -1, 1],
    ]) {
      const { w, converged, loss, gradNorm } = solve(diagonalQuadratic(curvature, center), start, { l1, tol: 1e-10 })
      expect(converged).toBe(true)
      best.forEach((expected, k) => {
        expect(w[k]).toBeCloseTo(expected, 8)
        // Exactly 0, not nearly.
        expect(w[k] === 0).toBe(expected === 0)
      })
      const value = best.reduce(
        (sum, b, k) => sum + (curvature[k]! * (b - center[k]!) ** 2) / 2 + l1[k]! * Math.abs(b),
        0,
      )
      expect(loss).toBeCloseTo(value, 9)
      expect(gradNorm).toBeLessThanOrEqual(1e-10)
    }
  })
})

describe('a quadratic with coupling meets the conditions of an optimum', () => {
  const size = 30
  const random = new Random(4)
  const draw = () => random.uniform() - 0.5
  const curvature = Array.from({ length: size }, (_, k) => 1.4 ** (k % 15))
  const center = Array.from({ length: size }, () => 4 * draw())
  const objective = rotatedQuadratic(curvature, center, Array.from({ length: size }, draw))

  test.each([0.05, 0.5, 2])('with l1 = %d', (strength) => {
    const l1 = Array.from({ length: size }, (_, k) => (k === 7 ? 0 : strength))
    const { w, converged } = solve(objective, new Array(size).fill(0), { l1, tol: 1e-8 })
    expect(converged).toBe(true)
    const grad = new Float64Array(size)
    objective.evaluate(w, grad)
    w.forEach((v, k) => {
      if (v === 0) expect(Math.abs(grad[k]!)).toBeLessThanOrEqual(l1[k]! + 1e-6)
      else expect(Math.abs(grad[k]! + Math.sign(v) * l1[k]!)).toBeLessThanOrEqual(1e-6)
    })
    expect(w[7]).not.toBe(0)
  })

  test('a stronger penalty leaves fewer', () => {
    const zeros = [0.05, 0.5, 2, 20].map(
      (l1) =>
        solve(objective, new Array(size).fill(0), { l1: new Array(size).fill(l1) }).w.filter((v) => v === 0).length,
    )
    expect(zeros).toEqual([...zeros].sort((a, b) => a - b))
    expect(zeros[3]).toBeGreaterThan(zeros[0]!)
  })

  test('values with float32 noise are put up with', () => {
    let calls = 0
    const noisy: Objective = {
      size,
      evaluate(w, grad) {
        return objective.evaluate(w, grad) * (1 + (((calls++ * 7) % 5) - 2) * 5e-8)
      },
    }
    const l1 = new Array(size).fill(0.5)
    const clean = solve(objective, new Array(size).fill(0), { l1, tol: 1e-8 })
    const { w, converged } = solve(noisy, new Array(size).fill(0), { l1 })
    expect(converged).toBe(true)
    clean.w.forEach((v, k) => {
      expect(Math.abs(w[k]! - v)).toBeLessThan(1e-4)
    })
  })
})

test('without a penalty it is a minimiser of smooth functions', () => {
  const { w, converged } = solve(rosenbrock, [-1.2, 1], { l1: [0, 0] })
  expect(converged).toBe(true)
  expect(w[0]).toBeCloseTo(1, 4)
})

test('the value falls from iteration to iteration; it stops when told', () => {
  const losses: number[] = []
  const onIteration = ({ loss, iteration }: { loss: number; iteration: number }) => {
    losses.push(loss)
    return iteration === 4
  }
  const result = solve(rosenbrock, [-1.2, 1], { l1: [0.1, 0.1], onIteration })
  expect(result).toMatchObject({ nIter: 4, converged: false, reason: 'stopped' })
  expect(losses).toEqual([...losses].sort((a, b) => b - a))
  expect(solve(rosenbrock, [-1.2, 1], { l1: [0.1, 0.1], maxIter: 3 })).toMatchObject({ nIter: 3, reason: 'max-iter' })
})

test('a function that is not finite has diverged', () => {
  const nowhere: Objective = { size: 1, evaluate: () => Number.NaN }
  expect(solve(nowhere, [0], { l1: [1] })).toMatchObject({ converged: false, reason: 'diverged', nIter: 0 })
})

describe('curvature from 1e-3 to 1e3', () => {
  const curvature = Array.from({ length: 13 }, (_, k) => 10 ** (k / 2 - 3))
  const center = curvature.map((h, k) => (k % 3 === 0 ? 0.5 : 3) / (h * (k % 2 ? 1 : -1)))
  const v = curvature.map((_, k) => 0.3 + (k % 5) / 10)
  const l1 = curvature.map(() => 1)

  test('are no hindrance where there is a Hessian', () => {
    const objective = rotatedQuadratic(curvature, center, v)
    const { w, converged, nIter } = solve(objective, new Array(13).fill(0), { l1, tol: 1e-7 })
    expect(converged).toBe(true)
    expect(nIter).toBeLessThan(200)
    const grad = new Float64Array(13)
    objective.evaluate(w, grad)
    w.forEach((value, k) => {
      const rest = value === 0 ? Math.max(0, Math.abs(grad[k]!) - 1) : grad[k]! + Math.sign(value)
      expect(Math.abs(rest)).toBeLessThan(1e-6)
    })
  })

  test('take more iterations than that without', () => {
    const { evaluate, size } = rotatedQuadratic(curvature, center, v)
    expect(solve({ evaluate, size }, new Array(13).fill(0), { l1, tol: 1e-7, maxIter: 200 }).converged).toBe(false)
  })
})
