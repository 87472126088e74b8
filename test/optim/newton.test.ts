import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import { newton, type Objective } from '../../src/optim/index.ts'
import {
  barrier,
  doubleWell,
  logistic,
  noisy,
  noisyGradient,
  rosenbrock,
  rotatedQuadratic,
  type Smooth,
} from './problems.ts'

const zeros = (n: number) => new Float64Array(n)

/** The same, counting Hessians. */
function counting(objective: Smooth): Smooth & { hessians: number } {
  return {
    ...objective,
    hessians: 0,
    hessian(w, out) {
      this.hessians++
      objective.hessian(w, out)
    },
  }
}

describe('newton', () => {
  test('a quadratic takes one step, one Hessian and two evaluations, whatever its condition', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 8, maxLength: 8 }),
        (exponents, center) => {
          const curvature = exponents.map((e) => 10 ** e)
          const v = exponents.map((_, i) => 1 + i)
          const problem = counting(rotatedQuadratic(curvature, center, v, 1))
          const result = runSync(newton(problem, zeros(exponents.length), { tol: 1e-9 }))
          expect(result).toMatchObject({ converged: true })
          expect(result.nIter).toBeLessThanOrEqual(1)
          expect(problem.hessians).toBeLessThanOrEqual(1)
          expect(result.loss).toBeLessThanOrEqual(1 + 1e-9)
        },
      ),
    )
  })

  test('a minimum of exactly 0 is reached without chasing its last digits', () => {
    const curvature = Array.from({ length: 20 }, (_, i) => 10 ** ((4 * i) / 19))
    const center = curvature.map((_, i) => (i % 7) - 3)
    const v = curvature.map((_, i) => 1 + i)
    const result = runSync(newton(rotatedQuadratic(curvature, center, v), zeros(20)))
    expect(result).toMatchObject({ converged: true, reason: 'decrement' })
    expect(result.nIter).toBeLessThanOrEqual(2)
  })

  test('a minimum near 0 under noise of float32 is arrived at; one that is only slow to reach is not', () => {
    // Residuals in float32, more parameters than rows: the gap wanders some 1e-15 above the minimum.
    const rows = Array.from({ length: 8 }, (_, i) =>
      Array.from({ length: 12 }, (_, k) => Math.sin((1 + i * 12 + k) ** 2)),
    )
    const l2 = 1e-9
    const squares: Smooth = {
      size: 12,
      evaluate(w, grad) {
        grad.set(w.map((v) => l2 * v))
        let sum = (l2 / 2) * w.reduce((s, v) => s + v * v, 0)
        rows.forEach((x, i) => {
          const z = x.reduce((s, v, k) => Math.fround(s + Math.fround(v * w[k]!)), 0)
          const residual = Math.fround(z - (i % 2 ? 1 : -1))
          sum += residual ** 2 / 16
          x.forEach((v, k) => {
            grad[k]! += (residual * v) / 8
          })
        })
        return sum
      },
      hessian(_, out) {
        for (let k = 0; k < 144; k++) {
          const [a, b] = [Math.floor(k / 12), k % 12]
          out[k] = rows.reduce((s, x) => s + Math.fround(x[a]! * x[b]!) / 8, a === b ? l2 : 0)
        }
      },
    }
    const arrived = runSync(newton(squares, zeros(12)))
    expect(arrived).toMatchObject({ converged: true })
    expect(arrived.nIter).toBeLessThan(15)
    expect(arrived.loss).toBeLessThan(1e-6)
    // Each step of x^4 leaves a fifth of the gap: far below the start it still goes on.
    const quartic: Smooth = {
      size: 1,
      evaluate(w, grad) {
        grad[0] = 4 * w[0]! ** 3
        return w[0]! ** 4
      },
      hessian: (w, out) => out.set([12 * w[0]! ** 2]),
    }
    const slow = runSync(newton(quartic, [1], { tol: 1e-12 }))
    expect(slow.reason).toBe('decrement')
    expect(slow.loss).toBeLessThan(1e-24)
  })

  test('Rosenbrock', () => {
    const result = runSync(newton(rosenbrock, [-1.2, 1]))
    expect(result).toMatchObject({ converged: true, reason: 'decrement' })
    expect(result.evaluations).toBeLessThanOrEqual(35)
    expect(result.w[0]).toBeCloseTo(1, 10)
    expect(result.w[1]).toBeCloseTo(1, 10)
  })

  test('logistic regression: quadratic convergence, one evaluation and at most one Hessian an iteration', () => {
    const problem = counting(logistic(500, 20, 1e-3))
    const result = runSync(newton(problem, zeros(21), { tol: 1e-10 }))
    expect(result).toMatchObject({ converged: true, reason: 'decrement' })
    expect(result.nIter).toBeLessThanOrEqual(8)
    expect(result.evaluations).toBe(result.nIter + 1)
    expect(problem.hessians).toBe(result.nIter)
    expect(result.gap).toBeLessThanOrEqual(1e-10 * result.loss)
    expect(result.gradNorm).toBeLessThanOrEqual(1e-8)
  })

  test('the gap it stops at is the gap there is', () => {
    const problem = logistic(500, 20, 1e-3)
    const best = runSync(newton(problem, zeros(21), { tol: 1e-20 })).loss
    for (const tol of [1e-2, 1e-4, 1e-6]) {
      const { loss } = runSync(newton(problem, zeros(21), { tol }))
      expect(loss - best).toBeLessThanOrEqual(2 * tol * loss)
    }
  })

  test('leaves a start where the Hessian is indefinite, singular or zero', () => {
    for (const start of [
      [0.1, 1],
      [-0.3, 0],
      [Math.sqrt(1 / 3), 0.5],
      [1e-8, 3],
    ]) {
      const result = runSync(newton(doubleWell, start, { tol: 1e-12 }))
      expect(result).toMatchObject({ converged: true, reason: 'decrement' })
      expect(result.loss).toBeCloseTo(-0.25, 10)
      expect(Math.abs(result.w[0]!)).toBeCloseTo(1, 5)
    }
    // Beside the saddle the ridge makes the decrement tiny: that must not pass for an optimum.
    const { evaluate, hessian } = doubleWell
    const raised: Objective = { size: 2, hessian, evaluate: (w, grad) => 1 + evaluate(w, grad) }
    expect(runSync(newton(raised, [1e-8, 0])).loss).toBeCloseTo(0.75, 8)
    const quartic: Objective = {
      size: 2,
      evaluate(w, grad) {
        grad.set([w[0]! ** 3 - 1, w[1]! ** 3 + 1])
        return w[0]! ** 4 / 4 + w[1]! ** 4 / 4 - w[0]! + w[1]!
      },
      hessian: (w, out) => out.set([3 * w[0]! ** 2, 0, 0, 3 * w[1]! ** 2]),
    }
    const result = runSync(newton(quartic, [0, 0], { tol: 1e-12 }))
    expect(result.reason).toBe('decrement')
    expect(result.w[0]).toBeCloseTo(1, 5)
    expect(result.w[1]).toBeCloseTo(-1, 5)
  })

  test('two equal columns without a penalty (a singular Hessian everywhere) still converge', () => {
    const single = logistic(200, 1, 0)
    const twice: Smooth = {
      size: 3,
      evaluate(w, grad) {
        const g = zeros(2)
        const loss = single.evaluate(Float64Array.of(w[0]! + w[1]!, w[2]!), g)
        grad.set([g[0]!, g[0]!, g[1]!])
        return loss
      },
      hessian(w, out) {
        const [a, b, , c] = (() => {
          const h = zeros(4)
          single.hessian(Float64Array.of(w[0]! + w[1]!, w[2]!), h)
          return h
        })()
        out.set([a!, a!, b!, a!, a!, b!, b!, b!, c!])
      },
    }
    const expected = runSync(newton(single, [0, 0], { tol: 1e-14 }))
    const result = runSync(newton(twice, [0, 0, 0], { tol: 1e-12 }))
    expect(result).toMatchObject({ converged: true, reason: 'decrement' })
    expect(result.loss).toBeCloseTo(expected.loss, 12)
    expect(result.w[0]! + result.w[1]!).toBeCloseTo(expected.w[0]!, 5)
  })

  test('damps a step into the region where the objective is not finite', () => {
    const result = runSync(newton(barrier(5), [10, 5, 0.1, 3, 1e-3]))
    expect(result.reason).toBe('decrement')
    for (const x of result.w) expect(x).toBeCloseTo(1, 4)
  })

  test('noise on the value does not hurt, and the floor of a noisy gradient is convergence', () => {
    const problem = logistic(500, 20, 1e-3)
    const best = runSync(newton(problem, zeros(21), { tol: 1e-20 })).loss
    const value = runSync(newton(noisy(problem), zeros(21), { tol: 1e-15 }))
    expect(value).toMatchObject({ converged: true, reason: 'decrement' })
    expect(value.gradNorm).toBeLessThanOrEqual(1e-6)
    const both = runSync(newton(noisyGradient(problem, 1e-8), zeros(21), { tol: 1e-20 }))
    expect(both).toMatchObject({ converged: true, reason: 'noise-floor' })
    expect(both.nIter).toBeLessThan(30)
    expect(problem.evaluate(both.w, zeros(21)) - best).toBeLessThanOrEqual(1e-9 * best)
  })

  test('a Hessian that is not finite falls back to the gradient', () => {
    const problem = {
      ...logistic(200, 3, 1),
      hessian: (_w: Float64Array, out: Float64Array) => void out.fill(Number.NaN),
    }
    const result = runSync(newton(problem, zeros(4), { maxIter: 30 }))
    expect(result.reason).toBe('max-iter')
    expect(result.gap).toBeUndefined()
    expect(result.gradNorm).toBeLessThan(1e-3)
  })

  test('needs a Hessian', () => {
    const { size, evaluate } = rosenbrock
    expect(() => runSync(newton({ size, evaluate }, [0, 0]))).toThrow(
      new TypeError('newton: expected an objective with a hessian'),
    )
  })
})
