import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import { lbfgs, newton, type Objective } from '../../src/optim/index.ts'
import { InverseHessian } from '../../src/optim/inverse-hessian.ts'
import {
  barrier,
  diagonalQuadratic,
  doubleWell,
  logistic,
  noisy,
  noisyGradient,
  rosenbrock,
  rotatedQuadratic,
} from './problems.ts'

const zeros = (n: number) => new Float64Array(n)

describe('lbfgs', () => {
  test('an ill-conditioned quadratic: condition 1e6, four scales', () => {
    const center = [1, -2, 3, -4, 5, -6, 7, -8]
    const curvature = [1e-3, 1e-3, 1e-1, 1e-1, 10, 10, 1e3, 1e3]
    for (const offset of [0, 1]) {
      const result = runSync(
        lbfgs(rotatedQuadratic(curvature, center, [1, 2, 3, 4, 3, 2, 1, 1], offset), zeros(8), { tol: 1e-9 }),
      )
      expect(result).toMatchObject({ converged: true, reason: 'gradient' })
      for (let i = 0; i < 8; i++) expect(result.w[i]).toBeCloseTo(center[i]!, 5)
    }
  })

  test('a small quadratic takes hardly more than one iteration for each different curvature', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 6 }),
        (curvature, center) => {
          const result = runSync(lbfgs(diagonalQuadratic(curvature, center), zeros(curvature.length), { tol: 1e-8 }))
          expect(result.reason).toBe('gradient')
          expect(result.nIter).toBeLessThanOrEqual(60)
          for (let i = 0; i < curvature.length; i++)
            expect(Math.abs(result.w[i]! - center[i]!)).toBeLessThanOrEqual(1e-6)
        },
      ),
    )
  })

  test('Rosenbrock, near and far', () => {
    for (const [start, budget] of [
      [[-1.2, 1], 60],
      [[-120, 100], 180],
    ] as const) {
      const result = runSync(lbfgs(rosenbrock, start, { tol: 1e-9 }))
      expect(result.reason).toBe('gradient')
      expect(result.evaluations).toBeLessThanOrEqual(budget)
      expect(result.w[0]).toBeCloseTo(1, 8)
      expect(result.w[1]).toBeCloseTo(1, 8)
    }
  })

  test('logistic regression agrees with newton to 1e-12, in few evaluations', () => {
    for (const [n, features, l2] of [
      [500, 20, 1e-3],
      [2000, 50, 5e-4],
      [1000, 30, 0],
    ] as const) {
      const problem = logistic(n, features, l2)
      const exact = runSync(newton(problem, zeros(features + 1), { tol: 1e-20 }))
      const result = runSync(lbfgs(problem, zeros(features + 1), { tol: 2e-14 }))
      expect(result.reason).toBe('gradient')
      expect(Math.abs(result.loss - exact.loss)).toBeLessThanOrEqual(1e-14)
      const largest = Math.max(...exact.w.map(Math.abs))
      for (let i = 0; i <= features; i++)
        expect(Math.abs(result.w[i]! - exact.w[i]!)).toBeLessThanOrEqual(1e-12 * largest)
      expect(result.evaluations).toBeLessThanOrEqual(1.3 * result.nIter)
      // A usual tolerance: what a fit costs.
      const usual = runSync(lbfgs(problem, zeros(features + 1), { tol: 1e-4 }))
      expect(usual.evaluations).toBeLessThanOrEqual(14)
      expect(usual.evaluations).toBeLessThanOrEqual(1.3 * usual.nIter)
    }
  })

  test('the gap is an estimate of the distance to the minimum', () => {
    const problem = logistic(500, 20, 1e-3)
    const best = runSync(newton(problem, zeros(21), { tol: 1e-20 })).loss
    const { loss, gap } = runSync(lbfgs(problem, zeros(21), { tol: 1e-4 }))
    expect(gap).toBeGreaterThan((loss - best) / 10)
    expect(gap).toBeLessThan((loss - best) * 10)
  })

  test('noise on the value does not keep the gradient from its goal', () => {
    for (const [n, features, l2] of [
      [500, 20, 1e-3],
      [2000, 50, 5e-4],
      [300, 10, 1e-6],
    ] as const) {
      const problem = logistic(n, features, l2)
      const result = runSync(lbfgs(noisy(problem), zeros(features + 1), { tol: 1e-10 }))
      expect(result).toMatchObject({ converged: true, reason: 'gradient' })
      expect(result.evaluations).toBeLessThanOrEqual(1.4 * result.nIter)
    }
  })

  test('noise five times as large as expected does neither', () => {
    for (const seed of [1, 2, 3, 4]) {
      const problem = noisy(logistic(300, 10, 1e-4, seed), 5e-7)
      const result = runSync(lbfgs(problem, zeros(11), { tol: 1e-9 }))
      expect(result).toMatchObject({ converged: true, reason: 'gradient' })
      expect(result.evaluations).toBeLessThanOrEqual(60)
    }
  })

  test('noise on the gradient too: ends at the floor, converged, without using up maxIter', () => {
    const problem = logistic(500, 20, 1e-3)
    const best = runSync(newton(problem, zeros(21), { tol: 1e-20 }))
    for (const amount of [1e-9, 1e-7]) {
      for (const start of [zeros(21), best.w]) {
        const result = runSync(lbfgs(noisyGradient(problem, amount), start, { tol: amount / 10 }))
        expect(result).toMatchObject({ converged: true, reason: 'noise-floor' })
        expect(result.evaluations).toBeLessThan(500)
        expect(problem.evaluate(result.w, zeros(21)) - best.loss).toBeLessThanOrEqual(1e-9 * best.loss)
      }
    }
  })

  test('slow is not converged: goes on while the loss or the gradient gains', () => {
    const quadratic = (size: number, low: number, high: number) => {
      const curvature = Array.from({ length: size }, (_, i) => 10 ** (low + ((high - low) * i) / (size - 1)))
      const center = curvature.map((_, i) => (i % 7) - 3)
      return diagonalQuadratic(curvature, center, 1)
    }
    // Hundreds of iterations, most of them below the noise of the loss, and the gradient gets there.
    expect(runSync(lbfgs(quadratic(20, 0, 4), zeros(20), { tol: 1e-9 })).reason).toBe('gradient')
    // Thousands of iterations that gain about 1e-8 each are not the noise floor.
    const hard = runSync(lbfgs(quadratic(50, -3, 3), zeros(50), { tol: 1e-9, maxIter: 10_000 }))
    expect(hard.loss - 1).toBeLessThanOrEqual(1e-6)
  })

  test('finds a minimum from where the curvature is negative', () => {
    const result = runSync(lbfgs(doubleWell, [0.1, 1], { tol: 1e-9 }))
    expect(result.reason).toBe('gradient')
    expect(result.loss).toBeCloseTo(-0.25, 12)
  })

  test('steps back from where the objective is not finite', () => {
    const result = runSync(lbfgs(barrier(5), [10, 5, 0.1, 3, 1e-3], { tol: 1e-9 }))
    expect(result.reason).toBe('gradient')
    for (const x of result.w) expect(x).toBeCloseTo(1, 8)
  })

  test('a wrong gradient is found out, not followed for ever', () => {
    const uphill: Objective = {
      size: 2,
      evaluate(w, grad) {
        grad.set([-2 * w[0]!, -2 * w[1]!])
        return 1 + w[0]! * w[0]! + w[1]! * w[1]!
      },
    }
    const result = runSync(lbfgs(uphill, [1, 1]))
    expect(result).toMatchObject({ converged: false, reason: 'line-search', nIter: 0 })
    expect([...result.w]).toEqual([1, 1])
  })

  test('an objective that stops being finite for good ends the solver where it was', () => {
    const problem = logistic(100, 5, 1e-2)
    let evaluations = 0
    const failing: Objective = {
      size: 6,
      evaluate: (w, grad) => (++evaluations > 4 ? Number.NaN : problem.evaluate(w, grad)),
    }
    const result = runSync(lbfgs(failing, zeros(6), { tol: 1e-9 }))
    expect(result).toMatchObject({ converged: false, reason: 'line-search', nIter: 3 })
    expect(result.loss).toBe(problem.evaluate(result.w, zeros(6)))
  })

  test('an objective without a lower bound ends not converged', () => {
    const slope: Objective = {
      size: 1,
      evaluate(w, grad) {
        grad[0] = 1
        return w[0]!
      },
    }
    const result = runSync(lbfgs(slope, [0], { maxIter: 50 }))
    expect(result.converged).toBe(false)
    expect(result.loss).toBeLessThan(-1e10)
  })

  test('the scale of F hardly matters: 1024 F costs a few evaluations more at most', () => {
    const problem = logistic(300, 10, 1e-3)
    const scaled: Objective = {
      size: problem.size,
      evaluate(w, grad) {
        const loss = problem.evaluate(w, grad)
        for (let i = 0; i < grad.length; i++) grad[i] = 1024 * grad[i]!
        return 1024 * loss
      },
    }
    const plain = runSync(lbfgs(problem, zeros(11), { tol: 1e-8 }))
    const large = runSync(lbfgs(scaled, zeros(11), { tol: 1024e-8 }))
    expect(large.reason).toBe('gradient')
    expect(large.evaluations).toBeLessThanOrEqual(plain.evaluations + 6)
  })
})

describe('InverseHessian', () => {
  const vector = (size: number) =>
    fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: size, maxLength: size })

  /** The dense BFGS update H <- (I - rho s y') H (I - rho y s') + rho s s' (Nocedal & Wright, 6.17). */
  function update(H: number[][], s: number[], y: number[]): number[][] {
    const rho = 1 / s.reduce((sum, x, i) => sum + x * y[i]!, 0)
    const V = s.map((_, i) => s.map((_, j) => (i === j ? 1 : 0) - rho * s[i]! * y[j]!))
    return H.map((_, i) =>
      H.map((_, j) => {
        let sum = rho * s[i]! * s[j]!
        for (let k = 0; k < s.length; k++) for (let l = 0; l < s.length; l++) sum += V[i]![k]! * H[k]![l]! * V[j]![l]!
        return sum
      }),
    )
  }

  test('the two loops equal the dense BFGS matrix of the last pairs', () => {
    fc.assert(
      fc.property(fc.array(vector(4), { minLength: 2, maxLength: 7 }), vector(4), (points, g) => {
        const size = 4
        const memory = 3
        const inverse = new InverseHessian(size, memory)
        const at = (w: number[]) => ({
          w: Float64Array.from(w),
          grad: Float64Array.from(w, (x, i) => (i + 1) * x + 0.2 * x * x * x),
          loss: 0,
        })
        const pairs: { s: number[]; y: number[] }[] = []
        for (let k = 1; k < points.length; k++) {
          const [from, to] = [at(points[k - 1]!), at(points[k]!)]
          const s = [...to.w].map((x, i) => x - from.w[i]!)
          fc.pre(Math.max(...s.map(Math.abs)) > 0.1)
          expect(inverse.store(from, to)).toBe(true)
          pairs.push({ s, y: [...to.grad].map((x, i) => x - from.grad[i]!) })
        }
        const used = pairs.slice(-memory)
        expect(inverse.count).toBe(used.length)
        const { s, y } = used.at(-1)!
        const gamma = s.reduce((sum, x, i) => sum + x * y[i]!, 0) / y.reduce((sum, x) => sum + x * x, 0)
        let H = s.map((_, i) => s.map((_, j) => (i === j ? gamma : 0)))
        for (const pair of used) H = update(H, pair.s, pair.y)
        const out = new Float64Array(size)
        inverse.descent(Float64Array.from(g), out)
        for (let i = 0; i < size; i++) {
          const expected = -H[i]!.reduce((sum, h, j) => sum + h * g[j]!, 0)
          expect(Math.abs(out[i]! - expected)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(expected)))
        }
      }),
    )
  })

  test('refuses a pair without positive curvature and keeps the ones it has', () => {
    const point = (w: number[], grad: number[]) => ({ w: Float64Array.from(w), grad: Float64Array.from(grad), loss: 0 })
    const inverse = new InverseHessian(2, 1)
    const origin = point([0, 0], [0, 0])
    expect(inverse.store(origin, point([1, 1], [2, 4]))).toBe(true)
    const before = new Float64Array(2)
    inverse.descent(Float64Array.of(1, -1), before)
    expect(inverse.store(origin, point([1, 1], [-1, -1]))).toBe(false)
    expect(inverse.store(origin, point([1, 1], [1, -1]))).toBe(false)
    expect(inverse.store(origin, point([1, 1], [Number.NaN, 1]))).toBe(false)
    const after = new Float64Array(2)
    inverse.descent(Float64Array.of(1, -1), after)
    expect(after).toEqual(before)
  })
})
