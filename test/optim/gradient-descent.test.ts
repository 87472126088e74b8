import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import { gradientDescent, type IterationInfo } from '../../src/optim/index.ts'
import { barrier, diagonalQuadratic, logistic } from './problems.ts'

describe('gradientDescent', () => {
  test('on a quadratic, iterate k is center + (1 - rate * curvature)^k (start - center)', () => {
    const coordinate = fc.record({
      curvature: fc.double({ min: 0.01, max: 1.9, noNaN: true }),
      center: fc.double({ min: -10, max: 10, noNaN: true }),
      start: fc.double({ min: -10, max: 10, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(coordinate, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (cs, learningRate) => {
          const problem = diagonalQuadratic(
            cs.map((c) => c.curvature),
            cs.map((c) => c.center),
          )
          runSync(
            gradientDescent(
              problem,
              cs.map((c) => c.start),
              {
                learningRate,
                maxIter: 20,
                tol: 0,
                onIteration({ iteration, w }) {
                  cs.forEach(({ curvature, center, start }, i) => {
                    const expected = center + (1 - learningRate * curvature) ** iteration * (start - center)
                    expect(Math.abs(w[i]! - expected)).toBeLessThanOrEqual(1e-12 * 40)
                  })
                },
              },
            ),
          )
        },
      ),
    )
  })

  test('takes one evaluation an iteration and stops at the gradient', () => {
    const result = runSync(gradientDescent(logistic(200, 4, 0.1), new Float64Array(5), { learningRate: 2, tol: 1e-8 }))
    expect(result).toMatchObject({ converged: true, reason: 'gradient', evaluations: result.nIter + 1 })
    expect(result.gradNorm).toBeLessThanOrEqual(1e-8)
  })

  test('a rate too large by a little climbs: diverged, long before anything overflows', () => {
    const result = runSync(gradientDescent(diagonalQuadratic([1, 2], [0, 0]), [1, 1], { learningRate: 1.05 }))
    expect(result).toMatchObject({ converged: false, reason: 'diverged' })
    expect(result.nIter).toBeLessThan(60)
    expect(Number.isFinite(result.loss)).toBe(true)
  })

  test('a step to where the loss is not finite is divergence, and the last finite point is returned', () => {
    const path: number[] = []
    const onIteration = ({ w }: IterationInfo) => void path.push(w[0]!)
    const result = runSync(gradientDescent(barrier(1), [0.5], { learningRate: 100, onIteration }))
    expect(path[0]).toBe(100.5)
    expect(result).toMatchObject({ converged: false, reason: 'diverged', nIter: path.length })
    expect(result.w[0]).toBe(path.at(-1))
    expect(Number.isFinite(result.loss)).toBe(true)
    const immediately = runSync(gradientDescent(barrier(1), [2], { learningRate: 100 }))
    expect(immediately).toMatchObject({ reason: 'diverged', nIter: 0 })
    expect([...immediately.w]).toEqual([2])
  })

  test('oscillation that does not climb is not called divergence', () => {
    const result = runSync(gradientDescent(diagonalQuadratic([1], [0], 1), [1], { learningRate: 2, maxIter: 40 }))
    expect(result).toMatchObject({ converged: false, reason: 'max-iter', nIter: 40 })
  })
})
