import { describe, expect, test } from 'vitest'
import { checkGradient, type ValueAndGradient } from '../../src/optim/index.ts'
import { rosenbrock, rotatedQuadratic } from './problems.ts'

const quadratic = rotatedQuadratic([1, 10, 100], [1, -2, 3], [1, 1, 1])

describe('a right gradient', () => {
  test.each(['central', 'forward'] as const)('has a small error by %s differences', (method) => {
    const near = method === 'central' ? 1e-8 : 1e-5
    for (const [objective, params] of [
      [rosenbrock, [-1.2, 1]],
      [quadratic, [0.3, 0.7, -0.2]],
      [quadratic, [1, -2, 3]],
    ] as const) {
      const { maxError, worst } = checkGradient(objective, params, { method })
      expect(maxError).toBeLessThan(near)
      expect(Math.abs(worst.analytic - worst.numeric)).toBeLessThan(near * Math.max(1, Math.abs(worst.analytic)))
    }
  })

  test('central differences of a quadratic are exact, whatever the step', () => {
    for (const step of [1, 0.1, 1e-3]) {
      expect(checkGradient(quadratic, [0.3, 0.7, -0.2], { step }).maxError).toBeLessThan(1e-12 / step)
    }
  })

  test('forward differences are off by half the curvature times the step', () => {
    const square: ValueAndGradient = ([x], grad) => {
      grad[0] = 2 * x!
      return x! * x!
    }
    expect(checkGradient(square, [0], { method: 'forward', step: 0.25 })).toEqual({
      maxError: 0.25,
      worst: { index: 0, analytic: 0, numeric: 0.25 },
    })
  })
})

describe('a wrong gradient', () => {
  test.each([0, 1, 2])('is named with its coordinate: %i', (index) => {
    const wrong: ValueAndGradient = (params, grad) => {
      const value = quadratic.evaluate(params, grad)
      grad[index]! += 0.5
      return value
    }
    const { maxError, worst } = checkGradient(wrong, [1, -2, 3])
    expect(worst.index).toBe(index)
    expect(maxError).toBeCloseTo(0.5, 6)
    expect(worst.analytic - worst.numeric).toBeCloseTo(0.5, 6)
  })

  test('errors of large derivatives count relative to them', () => {
    const wrong: ValueAndGradient = ([x], grad) => {
      grad[0] = 1010
      return 1000 * x!
    }
    expect(checkGradient(wrong, [0]).maxError).toBeCloseTo(10 / 1010, 6)
  })

  test('one that is no number is', () => {
    const wrong: ValueAndGradient = ([x, y], grad) => {
      grad.set([1, Number.NaN])
      return x! + y!
    }
    const { maxError, worst } = checkGradient(wrong, [0, 0])
    expect(maxError).toBeNaN()
    expect(worst.index).toBe(1)
  })
})

test('the parameters are not changed, and typed arrays will do', () => {
  const params = Object.freeze([-1.2, 1])
  expect(checkGradient(rosenbrock, params)).toEqual(checkGradient(rosenbrock, Float64Array.from(params)))
})

test('an objective of steps is run to its end', () => {
  const steps = {
    *evaluate(params: Float64Array, grad: Float64Array) {
      yield undefined
      return rosenbrock.evaluate(params, grad)
    },
  }
  expect(checkGradient(steps, [-1.2, 1])).toEqual(checkGradient(rosenbrock, [-1.2, 1]))
})

test('what cannot be checked is refused', () => {
  expect(() => checkGradient(7 as never, [1])).toThrow(TypeError)
  expect(() => checkGradient(rosenbrock, [])).toThrow(RangeError)
  expect(() => checkGradient(rosenbrock, [1, 1], { method: 'backward' as never })).toThrow(RangeError)
  expect(() => checkGradient(rosenbrock, [1, 1], { step: 0 })).toThrow(RangeError)
  expect(() => checkGradient(rosenbrock, [1, 1], { eps: 1 } as never)).toThrow(TypeError)
})
