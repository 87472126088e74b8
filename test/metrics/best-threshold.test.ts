import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as metrics from '../../src/metrics/index.ts'
import { rows } from './rows.ts'

const { bestThreshold } = metrics

describe('bestThreshold', () => {
  const named = {
    accuracy: metrics.accuracy,
    balancedAccuracy: metrics.balancedAccuracy,
    f1: metrics.f1,
    mcc: metrics.mcc,
  }

  test.each(Object.keys(named) as (keyof typeof named)[])(
    '%s: its value is reached there and nowhere beaten',
    (metric) => {
      fc.assert(
        fc.property(rows, ({ y, scores, weights: sampleWeight }) => {
          const { threshold, value } = bestThreshold(y, scores, { metric, sampleWeight })
          expect(named[metric](y, scores, { threshold, sampleWeight })).toBeCloseTo(value, 12)
          for (const other of [...scores, Infinity]) {
            expect(named[metric](y, scores, { threshold: other, sampleWeight })).toBeLessThanOrEqual(value + 1e-12)
          }
        }),
      )
    },
  )

  test('cost: the least mean cost over all thresholds', () => {
    const cost = fc.tuple(fc.tuple(fc.nat(9), fc.nat(9)), fc.tuple(fc.nat(9), fc.nat(9)))
    fc.assert(
      fc.property(rows, cost, ({ y, scores, weights: sampleWeight }, cost) => {
        const meanCost = (threshold: number) => {
          const { matrix } = metrics.confusionMatrix(y, scores, { threshold, sampleWeight })
          let sum = 0
          for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) sum += matrix[i]![j]! * cost[i]![j]!
          return sum / sampleWeight.reduce((a, b) => a + b)
        }
        const { threshold, value } = bestThreshold(y, scores, { metric: 'cost', cost, sampleWeight })
        expect(meanCost(threshold)).toBeCloseTo(value, 12)
        for (const other of [...scores, Infinity]) expect(meanCost(other)).toBeGreaterThanOrEqual(value - 1e-12)
      }),
    )
  })

  test('lies half-way between the scores that it separates', () => {
    expect(bestThreshold([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9], { metric: 'f1' })).toEqual({ threshold: 0.4, value: 1 })
    expect(bestThreshold(['b', 'a'], [-3, 1], { metric: 'mcc', positive: 'a' })).toEqual({ threshold: -1, value: 1 })
  })

  test('separates neighbouring floating-point numbers and huge ones', () => {
    for (const [low, high] of [
      [1, 1 + Number.EPSILON],
      [0, 5e-324],
      [-1.7e308, 1.7e308],
    ] as const) {
      const { threshold, value } = bestThreshold([0, 1], [low, high], { metric: 'accuracy' })
      expect(value).toBe(1)
      expect([threshold > low, threshold <= high]).toEqual([true, true])
    }
  })

  test('calls all or none positive where that is best, and takes the lowest of equals', () => {
    const y = [1, 0, 0, 0]
    const scores = [0.1, 0.2, 0.3, 0.4]
    expect(bestThreshold(y, scores, { metric: 'accuracy' })).toEqual({ threshold: Infinity, value: 0.75 })
    const missing = {
      metric: 'cost',
      cost: [
        [0, 1],
        [9, 0],
      ],
    } as const
    expect(bestThreshold(y, scores, missing)).toEqual({ threshold: 0.1, value: 0.75 })
    expect(bestThreshold([0, 1, 0], [0, 0.5, 0.75], { metric: 'accuracy' }).threshold).toBe(0.25)
    expect(bestThreshold([0, 1, 0, 1], [0, 0.25, 0.5, 0.75], { metric: 'accuracy' }).threshold).toBe(0.125)
    expect(
      bestThreshold(y, scores, {
        metric: 'cost',
        cost: [
          [0, 0],
          [0, 0],
        ],
      }).value,
    ).toBe(0)
  })

  test('what it does not understand is an error', () => {
    const best = (options: unknown) => () => bestThreshold([0, 1], [0.1, 0.2], options as metrics.BestThresholdOptions)
    expect(best(undefined)).toThrow(/^metric: expected one of accuracy/)
    expect(best({ metric: 'auc' })).toThrow(RangeError)
    expect(best({ metric: 'cost' })).toThrow(new TypeError('cost: expected [[tn, fp], [fn, tp]], got undefined'))
    expect(best({ metric: 'cost', cost: [[0, 1]] })).toThrow(RangeError)
    expect(best({ metric: 'cost', cost: [0, 1] })).toThrow(TypeError)
    expect(best({ metric: 'cost', cost: [[0, 1], [2]] })).toThrow(RangeError)
    expect(
      best({
        metric: 'cost',
        cost: [
          [0, 1],
          [Number.NaN, 0],
        ],
      }),
    ).toThrow(/^cost\[1\]\[0\]: expected a finite number/)
    expect(
      best({
        metric: 'f1',
        cost: [
          [0, 1],
          [1, 0],
        ],
      }),
    ).toThrow(/^cost: only for metric "cost"/)
  })
})
