import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import { lineSearch } from '../../src/optim/line-search.ts'
import type { Objective } from '../../src/optim/objective.ts'
import { Run } from '../../src/optim/run.ts'

/** Searches f, given as value and slope, along the line t >= 0. */
function search(f: (t: number) => [loss: number, slope: number], first: number, slack = 0) {
  const objective: Objective = {
    size: 1,
    evaluate(w, grad) {
      const [loss, slope] = f(w[0]!)
      grad[0] = slope
      return loss
    },
  }
  const run = new Run(objective, [0], undefined)
  runSync(run.begin())
  const step = runSync(lineSearch(run, Float64Array.of(1), run.at.grad[0]!, first, slack))
  return { step, run, evaluations: run.evaluations - 1 }
}

function expectWolfe(f: (t: number) => [number, number], step: number) {
  const [loss0, slope0] = f(0)
  const [loss, slope] = f(step)
  expect(step).toBeGreaterThan(0)
  expect(loss).toBeLessThanOrEqual(loss0 + 1e-4 * step * slope0)
  expect(Math.abs(slope)).toBeLessThanOrEqual(0.9 * Math.abs(slope0))
}

describe('lineSearch', () => {
  test('finds strong Wolfe points of quadratics from first steps 1e6 too long or 1e5 too short', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 6, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (e, scale) => {
          const minimum = 10 ** scale
          const f = (t: number): [number, number] => [(t * t) / 2 - minimum * t, t - minimum]
          const { step, run, evaluations } = search(f, minimum * 10 ** e)
          expectWolfe(f, step)
          expect(run.trial.w[0]).toBe(step)
          expect(run.trial.loss).toBe(f(step)[0])
          expect(run.gain).toBeCloseTo(-f(step)[0], 8 - Math.floor(2 * scale))
          expect(evaluations).toBeLessThanOrEqual(8)
        },
      ),
    )
  })

  test('finds strong Wolfe points of wavy functions', () => {
    const wave = fc.double({ min: 0.2, max: 8, noNaN: true })
    fc.assert(
      fc.property(
        wave,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (k, a, e) => {
          // Falls at 0, bounded below, many local minima.
          const f = (t: number): [number, number] => [
            0.05 * t * t - t + a * Math.sin(k * t),
            0.1 * t - 1 + a * k * Math.cos(k * t),
          ]
          fc.pre(f(0)[1] < -0.05)
          const { step, evaluations } = search(f, 10 ** e)
          expectWolfe(f, step)
          expect(evaluations).toBeLessThanOrEqual(20)
        },
      ),
    )
  })

  test('a good first step costs one evaluation', () => {
    expect(search((t) => [(t - 1) ** 2, 2 * (t - 1)], 1.1).evaluations).toBe(1)
  })

  test('steps back from NaN and infinity', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const f = (t: number): [number, number] => (t < 0.01 ? [-t + 60 * t * t, -1 + 120 * t] : [bad, bad])
      const { step } = search(f, 1)
      expectWolfe(f, step)
    }
    const farOff = (t: number): [number, number] => (t < 3 ? [(t - 1) ** 2, 2 * (t - 1)] : [Number.NaN, Number.NaN])
    expect(search(farOff, 1e6).evaluations).toBeLessThanOrEqual(12)
    const finiteValueOnly = (t: number): [number, number] => [(t - 1) ** 2, t > 1.5 ? Number.NaN : 2 * (t - 1)]
    expectWolfe(finiteValueOnly, search(finiteValueOnly, 4).step)
  })

  test('accepts a rise within the slack when the slope is right, and only then', () => {
    const noise = (t: number): [number, number] => [1 + (t > 0 ? 0.8e-7 : 0), 1e-9 * (t - 1)]
    expect(search(noise, 1, 1e-7)).toMatchObject({ step: 1, evaluations: 1 })
    expect(search(noise, 1, 1e-8)).toMatchObject({ step: 0, evaluations: 8 })
  })

  test('a slope of 0.85 of the first one passes with a lower value, not with noise only', () => {
    const f = (t: number): [number, number] => (t < 1 ? [-t, -1] : [-0.5, 0.85])
    expect(search(f, 1)).toMatchObject({ step: 1, evaluations: 1 })
    const rising = (t: number): [number, number] => (t < 1 ? [-t, -1] : [0.5, 0.85])
    expect(search(rising, 1, 1).step).not.toBe(1)
  })

  test('a straight fall before a steep wall does not stall the interpolation', () => {
    for (const wall of [0.5, 0.9]) {
      const f = (t: number): [number, number] => {
        const inside = Math.max(0, t - wall)
        return [1000 * inside * inside - t, 2000 * inside - 1]
      }
      const { step, evaluations } = search(f, 1)
      expectWolfe(f, step)
      expect(evaluations).toBeLessThanOrEqual(14)
    }
  })

  test('a function that only falls gives a lower point, one that only rises gives 0', () => {
    const { step, run } = search((t) => [-t, -1], 1)
    expect(step).toBeGreaterThan(1e6)
    expect(run.trial.w[0]).toBe(step)
    expect(run.gain).toBe(step)
    expect(search((t) => [t, -1], 1).step).toBe(0)
  })
})
