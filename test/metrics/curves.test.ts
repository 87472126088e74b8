import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import * as metrics from '../../src/metrics/index.ts'
import { type Rows, rows } from './rows.ts'

const { bestThreshold, errorAgainstThreshold, precisionRecallCurve, rocAuc, rocCurve } = metrics

function repeated({ y, scores, weights }: Rows): { y: number[]; scores: number[] } {
  const times = weights.flatMap((weight, i) => Array<number>(weight).fill(i))
  return { y: times.map((i) => y[i]!), scores: times.map((i) => scores[i]!) }
}

/** The definition: the share of (positive, negative) pairs in the right order, ties counting one half. */
function pairCount({ y, scores, weights }: Rows): number {
  let right = 0
  let all = 0
  for (let i = 0; i < y.length; i++) {
    for (let j = 0; j < y.length; j++) {
      if (y[i] !== 1 || y[j] !== 0) continue
      const weight = weights[i]! * weights[j]!
      all += weight
      right += scores[i]! > scores[j]! ? weight : scores[i] === scores[j] ? weight / 2 : 0
    }
  }
  return right / all
}

describe('rocAuc', () => {
  test('is the share of pairs in the right order', () => {
    fc.assert(
      fc.property(rows, (r) => {
        expect(rocAuc(r.y, r.scores, { sampleWeight: r.weights })).toBeCloseTo(pairCount(r), 12)
      }),
    )
  })

  test('does not change under a rising transform, and mirrors under a falling one', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: -5, max: 5 }), ({ y, scores, weights: sampleWeight }, shift) => {
        const auc = rocAuc(y, scores, { sampleWeight })
        expect(
          rocAuc(
            y,
            scores.map((s) => (s + shift) ** 3 * 1e3),
            { sampleWeight },
          ),
        ).toBe(auc)
        expect(
          rocAuc(
            y,
            scores.map((s) => -s),
            { sampleWeight },
          ),
        ).toBeCloseTo(1 - auc, 12)
        expect(rocAuc(y, scores, { sampleWeight, positive: 0 })).toBeCloseTo(1 - auc, 12)
      }),
    )
  })

  test('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(rows, ({ y, scores }) => {
        expect(rocAuc([...y].reverse(), [...scores].reverse())).toBe(rocAuc(y, scores))
      }),
    )
  })

  test('-0 ties with 0', () => {
    expect(rocAuc([0, 1], [0, -0])).toBe(0.5)
  })
})

test('a whole weight is a repeated row, weight 0 a missing one: every metric', () => {
  const numbers = [
    metrics.accuracy,
    metrics.errorRate,
    metrics.balancedAccuracy,
    metrics.precision,
    metrics.recall,
    metrics.f1,
    metrics.mcc,
    metrics.logLoss,
    metrics.brier,
    metrics.rocAuc,
    metrics.averagePrecision,
  ]
  const curves = [rocCurve, precisionRecallCurve, errorAgainstThreshold]
  fc.assert(
    fc.property(rows, (r) => {
      const again = repeated(r)
      const options = { sampleWeight: r.weights, threshold: 0.5 }
      for (const f of numbers) {
        expect(f(r.y, r.scores, options), f.name).toBeCloseTo(f(again.y, again.scores, { threshold: 0.5 }), 10)
      }
      for (const f of curves) expect(f(r.y, r.scores, options), f.name).toEqual(f(again.y, again.scores))
      expect(metrics.confusionMatrix(r.y, r.scores, options)).toEqual(
        metrics.confusionMatrix(again.y, again.scores, { threshold: 0.5 }),
      )
      const macro = { threshold: 0.5, average: 'macro' } as const
      expect(metrics.f1(r.y, r.scores, { ...options, ...macro })).toBeCloseTo(
        metrics.f1(again.y, again.scores, macro),
        12,
      )
      for (const metric of ['accuracy', 'balancedAccuracy', 'f1', 'mcc'] as const) {
        expect(bestThreshold(r.y, r.scores, { metric, sampleWeight: r.weights })).toEqual(
          bestThreshold(again.y, again.scores, { metric }),
        )
      }
    }),
  )
})

describe('rocCurve', () => {
  test('every point is what the threshold gives', () => {
    fc.assert(
      fc.property(rows, ({ y, scores }) => {
        const { fpr, tpr, thresholds } = rocCurve(y, scores)
        expect([fpr[0], tpr[0], thresholds[0]]).toEqual([0, 0, Infinity])
        expect([fpr.at(-1), tpr.at(-1), thresholds.length]).toEqual([1, 1, new Set(scores).size + 1])
        thresholds.forEach((threshold, k) => {
          expect(metrics.recall(y, scores, { threshold })).toBe(tpr[k])
          expect(
            1 -
              metrics.recall(
                y,
                scores.map((s) => -s),
                { threshold: -threshold, positive: 1 },
              ),
          ).toBeLessThanOrEqual(1)
          const falsePositives = y.filter((label, i) => label === 0 && scores[i]! >= threshold).length
          expect(falsePositives / y.filter((label) => label === 0).length).toBe(fpr[k])
        })
      }),
    )
  })

  test('dropIntermediate leaves out what lies on a straight line', () => {
    const y = [0, 0, 0, 1, 1, 1]
    const scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    const { fpr, tpr, thresholds } = rocCurve(y, scores, { dropIntermediate: true })
    expect([fpr, tpr, thresholds].map((values) => Array.from(values))).toEqual([
      [0, 0, 0, 1],
      [0, 1 / 3, 1, 1],
      [Infinity, 0.6, 0.4, 0.1],
    ])
    expect(rocCurve(y, scores).fpr.length).toBe(7)
  })

  test('dropIntermediate leaves the area as it is', () => {
    fc.assert(
      fc.property(rows, ({ y, scores }) => {
        const { fpr, tpr } = rocCurve(y, scores, { dropIntermediate: true })
        let area = 0
        for (let k = 1; k < fpr.length; k++) area += ((fpr[k]! - fpr[k - 1]!) * (tpr[k]! + tpr[k - 1]!)) / 2
        expect(area).toBeCloseTo(rocAuc(y, scores), 12)
      }),
    )
  })
})

test('precisionRecallCurve: every point is what the threshold gives', () => {
  fc.assert(
    fc.property(rows, ({ y, scores }) => {
      const curve = precisionRecallCurve(y, scores)
      expect(curve.thresholds.length).toBe(new Set(scores).size)
      curve.thresholds.forEach((threshold, k) => {
        expect(metrics.precision(y, scores, { threshold })).toBe(curve.precision[k])
        expect(metrics.recall(y, scores, { threshold })).toBe(curve.recall[k])
      })
      expect([curve.precision.at(-1), curve.recall.at(-1)]).toEqual([1, 0])
    }),
  )
})

test('errorAgainstThreshold: every point is the error rate at the threshold', () => {
  fc.assert(
    fc.property(rows, ({ y, scores }) => {
      const { thresholds, error } = errorAgainstThreshold(y, scores)
      expect(Array.from(thresholds)).toEqual([...[...new Set(scores)].sort((a, b) => a - b), Infinity])
      thresholds.forEach((threshold, k) => {
        expect(metrics.errorRate(y, scores, { threshold })).toBe(error[k])
      })
    }),
  )
})

test('averagePrecision of a perfect order is 1, of no order the share of positives', () => {
  expect(metrics.averagePrecision([0, 1, 0, 1], [0.1, 0.8, 0.3, 0.7])).toBe(1)
  expect(metrics.averagePrecision([0, 1, 0, 0], [0.5, 0.5, 0.5, 0.5])).toBe(0.25)
  expect(metrics.averagePrecision([1, 1], [0.2, 0.5])).toBe(1)
})

test.each([
  ['rocCurve', rocCurve],
  ['rocAuc', rocAuc],
  ['bestThreshold', (y: number[], s: number[], o = {}) => bestThreshold(y, s, { ...o, metric: 'f1' })],
] as const)('%s needs both classes, by weight', (name, f) => {
  expect(() => f([0, 0], [0.1, 0.2])).toThrow(DataError)
  expect(() => f([0, 0], [0.1, 0.2])).toThrow(`${name}: y has no rows of the positive class`)
  expect(() => f([1, 1], [0.1, 0.2])).toThrow(`${name}: y has only rows of the positive class`)
  expect(() => f([0, 1], [0.1, 0.2], { sampleWeight: [1, 0] })).toThrow(`${name}: y has no rows of the positive class`)
})

test.each([
  ['precisionRecallCurve', precisionRecallCurve],
  ['averagePrecision', metrics.averagePrecision],
] as const)('%s needs positives', (name, f) => {
  expect(() => f([0, 0], [0.1, 0.2])).toThrow(`${name}: y has no rows of the positive class`)
})

test('errorAgainstThreshold does with one class', () => {
  expect(Array.from(errorAgainstThreshold([0, 0], [0.1, 0.2]).error)).toEqual([1, 0.5, 0])
})
