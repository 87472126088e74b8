import { describe, expect, test } from 'vitest'
import { runSync, type Steps } from '../../src/core/steps.ts'
import { cholesky, choleskySolve, newton, type SampledObjective, sampledNewton } from '../../src/optim/index.ts'
import { diagonalQuadratic, logistic, noisy, rotatedQuadratic, type Smooth } from './problems.ts'

/** The same, counting. */
function counting(objective: Smooth) {
  return {
    ...objective,
    evaluations: 0,
    hessians: 0,
    evaluate(w: Float64Array, grad: Float64Array) {
      this.evaluations++
      return objective.evaluate(w, grad)
    },
    hessian(w: Float64Array, out: Float64Array) {
      this.hessians++
      objective.hessian(w, out)
    },
  }
}

function* nothing(): Steps<void> {}

const sampleOf = (objective: Smooth, more: Partial<SampledObjective> = {}): SampledObjective => ({
  ...objective,
  share: 0.01,
  isSound: true,
  draw: nothing,
  ...more,
})

const zeros = (size: number) => new Float64Array(size)
const distance = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((v, k) => v - b[k]!))

describe('sampledNewton', () => {
  const whole = logistic(2000, 10, 1e-3)
  const best = runSync(newton(whole, zeros(11), { tol: 1e-16 }))

  test('other rows of the same kind: no Hessian of the whole, and an evaluation an iteration', () => {
    const objective = counting(whole)
    // The first of the same rows, with labels of their own.
    const result = runSync(sampledNewton(objective, sampleOf(logistic(800, 10, 1e-3)), zeros(11)))
    expect(result).toMatchObject({ converged: true, reason: 'decrement' })
    expect(objective.hessians).toBe(0)
    expect(result.evaluations).toBeLessThanOrEqual(result.nIter + 2)
    expect(result.nIter).toBeLessThan(15)
    expect(distance(result.w, best.w)).toBeLessThan(1e-5)
    expect(result.gap! / result.loss).toBeLessThan(1e-12)
  })

  test('all rows are their own sample', () => {
    const result = runSync(sampledNewton(whole, sampleOf(whole, { share: 1 }), zeros(11)))
    expect(result.converged).toBe(true)
    expect(result.nIter).toBeLessThan(8)
    expect(distance(result.w, best.w)).toBeLessThan(1e-5)
  })

  test.each([
    ['of another problem', logistic(200, 10, 1e-3, 77)],
    ['that is separable, so that newton does not arrive', logistic(8, 10, 0)],
    ['whose curvature is ten thousand times too large', diagonalQuadratic(Array(11).fill(1e3), Array(11).fill(0), 1)],
    ['whose curvature is ten thousand times too small', diagonalQuadratic(Array(11).fill(1e-5), Array(11).fill(0), 1)],
    ['that is flat', diagonalQuadratic(Array(11).fill(0), Array(11).fill(0), 1)],
    ['far away', diagonalQuadratic(Array(11).fill(1), Array(11).fill(1e3), 1)],
  ])('a sample %s costs a Hessian or some of the whole', (_, sample) => {
    const objective = counting(whole)
    const result = runSync(sampledNewton(objective, sampleOf(sample), zeros(11)))
    expect(result.converged).toBe(true)
    expect(distance(result.w, best.w)).toBeLessThan(1e-5)
    expect(objective.hessians).toBeGreaterThan(0)
    expect(objective.hessians).toBeLessThan(12)
  })

  test('a sample that is not sound is not believed: the Hessian of the whole is what ends it', () => {
    const objective = counting(whole)
    const result = runSync(sampledNewton(objective, sampleOf(logistic(200, 10, 1e-3), { isSound: false }), zeros(11)))
    expect(result.converged).toBe(true)
    expect(objective.hessians).toBe(1)
    expect(distance(result.w, best.w)).toBeLessThan(1e-5)
  })

  describe('where the Hessians of the sample would cost much', () => {
    const size = 30
    const center = Array.from({ length: size }, (_, i) => (i % 7) - 3)
    const v = center.map((_, i) => 1 + i)
    const curvatures = (exponent: number) => center.map((_, i) => 10 ** ((-exponent * i) / size))

    test.each([
      { name: 'lbfgs is tried first: enough for an easy problem', exponent: 0.5, hessians: 0 },
      { name: 'a hard one goes on with them', exponent: 5, hessians: 1 },
      { name: 'a metric makes it easy', exponent: 5, hasMetric: true, hessians: 0 },
      { name: 'but is not asked for by a sample that is not sound', exponent: 5, hasMetric: true, isSound: false },
    ])('$name', ({ exponent, hasMetric = false, isSound = true, hessians = 1 }) => {
      const problem = rotatedQuadratic(curvatures(exponent), center, v, 1)
      const near = curvatures(exponent).map((c, i) => c * (1 + 0.3 * Math.sin(i)))
      const smooth = counting(rotatedQuadratic(near, center, v, 1))
      const inverse = new Float64Array(size * size)
      smooth.hessian(zeros(size), inverse)
      runSync(cholesky(inverse, size))
      smooth.hessians = 0
      // Too large by a factor, as metrics may be.
      function* metric(): Steps<(x: Float64Array) => void> {
        yield
        return (x) => {
          choleskySolve(inverse, size, x)
          for (let i = 0; i < size; i++) x[i]! *= 50
        }
      }
      const sample = Object.assign(smooth, { share: 1, isSound, draw: nothing, ...(hasMetric && { metric }) })
      const result = runSync(sampledNewton(problem, sample, zeros(size)))
      expect(result.converged).toBe(true)
      expect(result.loss - 1).toBeLessThan(1e-10)
      expect(smooth.hessians).toBe(hessians)
      expect(result.nIter).toBeLessThan(hasMetric && isSound ? 20 : 60)
    })
  })

  test('a start that is better than the sample’s optimum is taken', () => {
    const seen: number[] = []
    const onIteration = ({ loss }: { loss: number }) => void seen.push(loss)
    const result = runSync(sampledNewton(whole, sampleOf(logistic(200, 10, 1e-3)), best.w, { onIteration }))
    expect(result.nIter).toBe(0)
    expect(result.loss).toBe(best.loss)
    expect(seen).toEqual([])
  })

  test('stops when it is told to, by iterations or by the callback', () => {
    const sample = sampleOf(logistic(200, 10, 1e-3))
    expect(runSync(sampledNewton(whole, sample, zeros(11), { maxIter: 2 }))).toMatchObject({
      nIter: 2,
      converged: false,
      reason: 'max-iter',
    })
    const onIteration = ({ iteration }: { iteration: number }) => iteration === 3
    expect(runSync(sampledNewton(whole, sample, zeros(11), { onIteration }))).toMatchObject({
      nIter: 3,
      converged: false,
      reason: 'stopped',
    })
  })

  test('ends at the floor of noise in the loss', () => {
    const result = runSync(sampledNewton(noisy(whole, 1e-7), sampleOf(logistic(200, 10, 1e-3)), zeros(11), { tol: 0 }))
    expect(result.converged).toBe(true)
    expect(distance(result.w, best.w)).toBeLessThan(1e-5)
  })

  test('a start where nothing is finite has diverged', () => {
    const nan = { ...whole, evaluate: () => Number.NaN }
    expect(runSync(sampledNewton(nan, sampleOf(nan), zeros(11))).reason).toBe('diverged')
  })
})
