import { describe, expect, test } from 'vitest'
import * as metrics from '../../src/metrics/index.ts'
import golden from '../golden/metrics.json' with { type: 'json' }
import sklearn from './scikit-learn.json' with { type: 'json' }

const { y, score, weight, threshold, expected } = golden

/** Equal to 1e-12, through arrays and objects; JSON has no Infinity, so null stands for it. */
function expectClose(got: unknown, want: unknown, path = 'value'): void {
  if (want === null) expect(got, path).toBe(Infinity)
  else if (typeof want === 'number') {
    expect(Math.abs((got as number) - want), `${path}: ${got} against ${want}`).toBeLessThanOrEqual(1e-12)
  } else if (Array.isArray(want)) {
    const items = got as ArrayLike<unknown>
    expect(items.length, path).toBe(want.length)
    for (const [i, item] of want.entries()) expectClose(items[i], item, `${path}[${i}]`)
  } else {
    const fields = want as Record<string, unknown>
    expect(Object.keys(got as object).sort(), path).toEqual(Object.keys(fields).sort())
    for (const key of Object.keys(fields)) {
      expectClose((got as Record<string, unknown>)[key], fields[key], `${path}.${key}`)
    }
  }
}

describe('the golden values', () => {
  const values: Record<keyof typeof expected, unknown> = {
    accuracy: metrics.accuracy(y, score, { threshold }),
    precision: metrics.precision(y, score, { threshold }),
    recall: metrics.recall(y, score, { threshold }),
    f1: metrics.f1(y, score, { threshold }),
    mcc: metrics.mcc(y, score, { threshold }),
    logLoss: metrics.logLoss(y, score),
    brier: metrics.brier(y, score),
    rocAuc: metrics.rocAuc(y, score),
    averagePrecision: metrics.averagePrecision(y, score),
    confusion: metrics.confusionMatrix(y, score, { threshold }).matrix,
    weightedLogLoss: metrics.logLoss(y, score, { sampleWeight: weight }),
    weightedRocAuc: metrics.rocAuc(y, score, { sampleWeight: weight }),
    weightedAccuracy: metrics.accuracy(y, score, { sampleWeight: weight, threshold }),
  }
  test.each(Object.keys(expected) as (keyof typeof expected)[])('%s', (name) => {
    expectClose(values[name], expected[name])
  })

  test('the same from predicted labels, probabilities, typed arrays and labels of other kinds', () => {
    const words = y.map((label) => (label === 1 ? 'sick' : 'sane')) // sorted, 'sick' comes last
    const flags = Array.from(y, (label) => label === 1)
    const data = Float64Array.from(score.flatMap((p) => [1 - p, p]))
    const proba = { data, rows: y.length, cols: 2, classes: ['sane', 'sick'] }
    const decided = score.map((p) => (p >= threshold ? 'sick' : 'sane'))
    for (const f of [metrics.accuracy, metrics.precision, metrics.recall, metrics.f1, metrics.mcc]) {
      const want = f(y, score)
      expect(f(words, decided)).toBe(want)
      expect(f(words, proba)).toBe(want)
      expect(f(words, score)).toBe(want)
      expect(f(flags, score, { threshold })).toBe(want)
      expect(f(Int8Array.from(y), Float64Array.from(score))).toBe(want)
    }
    for (const f of [metrics.logLoss, metrics.rocAuc, metrics.averagePrecision, metrics.brier]) {
      expectClose(f(words, proba), f(y, score))
      expect(f(flags, Float64Array.from(score))).toBe(f(y, score))
    }
  })
})

const weightings = ['plain', 'weighted'] as const

describe.each(weightings)('scikit-learn, two classes, %s', (weighting) => {
  const { y, score, weight, threshold, expected } = sklearn.binary
  const sampleWeight = weighting === 'plain' ? undefined : weight
  const options = { sampleWeight, threshold }
  const { rocCurveDropped, confusionMatrix, ...values } = expected[weighting]

  const functions: Record<keyof typeof values, (y: number[], s: number[], o: metrics.MetricOptions) => unknown> =
    metrics
  test.each(Object.keys(values) as (keyof typeof values)[])('%s', (name) => {
    expectClose(functions[name](y, score, options), values[name])
  })

  test('confusionMatrix', () => {
    expectClose(metrics.confusionMatrix(y, score, options), { labels: [0, 1], matrix: confusionMatrix })
  })

  test('rocCurve with dropIntermediate', () => {
    expectClose(metrics.rocCurve(y, score, { sampleWeight, dropIntermediate: true }), rocCurveDropped)
  })
})

describe.each(weightings)('scikit-learn, three classes, %s', (weighting) => {
  const { classes, y, predicted, weight } = sklearn.multiclass
  const want = sklearn.multiclass.expected[weighting]
  const sampleWeight = weighting === 'plain' ? undefined : weight
  const data = Float64Array.from(sklearn.multiclass.proba)
  const proba = { data, rows: y.length, cols: 3, classes }

  test.each(['labels', 'probabilities'])('decisions from %s', (source) => {
    const given = source === 'labels' ? predicted : proba
    const macro = { sampleWeight, average: 'macro' } as const
    const birch = { sampleWeight, positive: 'birch' }
    expectClose(metrics.accuracy(y, given, { sampleWeight }), want.accuracy)
    expectClose(metrics.errorRate(y, given, { sampleWeight }), 1 - want.accuracy)
    expectClose(metrics.balancedAccuracy(y, given, { sampleWeight }), want.balancedAccuracy)
    expectClose(metrics.mcc(y, given, { sampleWeight }), want.mcc)
    expectClose(metrics.precision(y, given, macro), want.macroPrecision)
    expectClose(metrics.recall(y, given, macro), want.macroRecall)
    expectClose(metrics.f1(y, given, macro), want.macroF1)
    expectClose(metrics.precision(y, given, birch), want.birchPrecision)
    expectClose(metrics.recall(y, given, birch), want.birchRecall)
    expectClose(metrics.f1(y, given, birch), want.birchF1)
    const confusion = metrics.confusionMatrix(y, given, { sampleWeight })
    expect(confusion.labels).toEqual(classes)
    expectClose(confusion.matrix, want.confusionMatrix)
  })

  test('probabilities', () => {
    expectClose(metrics.logLoss(y, proba, { sampleWeight }), want.logLoss)
    expectClose(metrics.brier(y, proba, { sampleWeight }), want.brier)
    expectClose(metrics.rocAuc(y, proba, { sampleWeight, positive: 'birch' }), want.birchAuc)
  })
})

test('logLoss clips at the epsilon of the array that the probabilities came in', () => {
  const p = [0, 1, 0.25, 0.75]
  const y = [1, 0, 0, 1]
  // scikit-learn: 8.115033149719238 in float32 arithmetic, 18.16566773078447 in float64.
  expect(metrics.logLoss(y, new Float32Array(p))).toBeCloseTo(8.115033149719238, 5)
  expectClose(metrics.logLoss(y, p), 18.16566773078447)
  const data = new Float32Array([1, 0, 0, 1, 0.75, 0.25, 0.25, 0.75])
  expect(metrics.logLoss(y, { data, rows: 4, cols: 2, classes: [0, 1] })).toBe(metrics.logLoss(y, new Float32Array(p)))
})
