import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import * as metrics from '../../src/metrics/index.ts'

type AnyMetric = (y: unknown, scores: unknown, options?: object | null) => unknown

const { bestThreshold, ...plain } = metrics as unknown as Record<string, AnyMetric>
const all: [string, AnyMetric][] = [
  ...Object.entries(plain),
  ['bestThreshold', (y, s, o) => bestThreshold!(y, s, o ? { metric: 'f1', ...o } : o === null ? o : { metric: 'f1' })],
]
const deciding = ['accuracy', 'errorRate', 'balancedAccuracy', 'confusionMatrix', 'precision', 'recall', 'f1', 'mcc']
const scoring = all.filter(([name]) => !deciding.includes(name))

test('every metric is here', () => {
  expect(scoring.map(([name]) => name).sort()).toEqual([
    'averagePrecision',
    'bestThreshold',
    'brier',
    'errorAgainstThreshold',
    'logLoss',
    'precisionRecallCurve',
    'rocAuc',
    'rocCurve',
  ])
  expect(all.length).toBe(scoring.length + deciding.length)
})

describe.each(all)('%s', (name, metric) => {
  const argument = deciding.includes(name) ? 'predicted' : 'scores'
  const y = [0, 1, 1]
  const scores = [0.1, 0.6, 0.3]

  test('works on these rows, so that what follows is about the fault alone', () => {
    metric(y, scores, { sampleWeight: [1, 0, 2], threshold: 0.5, positive: 1, labels: [0, 1] })
  })

  test('does not change its arguments', () => {
    const frozen = { sampleWeight: Object.freeze([1, 2, 3]) }
    metric(Object.freeze([...y]), Object.freeze([...scores]), Object.freeze(frozen))
  })

  test('lengths that differ', () => {
    const message = `${argument}: expected 3 values (labels in y), got 2`
    expect(() => metric(y, [0.1, 0.6])).toThrow(new RangeError(message))
    expect(() => metric(y, scores, { sampleWeight: [1, 2] })).toThrow(
      new RangeError('sampleWeight: expected 3 values (labels in y), got 2'),
    )
    const proba = { data: Float32Array.of(0.5, 0.5), rows: 1, cols: 2, classes: [0, 1] }
    expect(() => metric(y, proba)).toThrow(new RangeError('scores: expected 3 rows (labels in y), got 1'))
  })

  test('nothing at all', () => {
    expect(() => metric([], [])).toThrow(new RangeError('y: expected at least one label, got none'))
    expect(() => metric(undefined, scores)).toThrow(new TypeError('y: expected an array of labels, got undefined'))
    expect(() => metric('yes', scores)).toThrow(TypeError)
    expect(() => metric(y, undefined)).toThrow(new RegExp(`^${argument}: expected an array`))
    expect(() => metric(y, { data: [1, 2, 3] })).toThrow(TypeError)
  })

  test.each([Number.NaN, Infinity, -Infinity])('a score of %s', (value) => {
    const failure = () => metric(y, [0.1, value, 0.3])
    expect(failure).toThrow(DataError)
    expect(failure).toThrow(`${argument}[1]: expected a finite number, got ${value}`)
    expect(failure).toThrow(expect.objectContaining({ code: 'NON_FINITE', row: 1 }))
    expect(() => metric(y, [0.1, value, 0.3], { threshold: 0.5 })).toThrow(DataError)
  })

  test('a score that is no number', () => {
    expect(() => metric(y, [0.1, null, 0.3])).toThrow(new TypeError(`${argument}[1]: expected a number, got null`))
    expect(() => metric(y, new BigInt64Array(3))).toThrow(TypeError)
    expect(() => metric(y, new DataView(new ArrayBuffer(3)))).toThrow(TypeError)
  })

  test('labels that are none', () => {
    expect(() => metric([0, Number.NaN, 1], scores)).toThrow(expect.objectContaining({ code: 'NON_FINITE', row: 1 }))
    expect(() => metric([0, 1, undefined], scores)).toThrow(
      new TypeError('y[2]: expected a label (number, string or boolean), got undefined'),
    )
    expect(() => metric([0, 1, '1'], scores)).toThrow(
      new TypeError('y[2]: expected a number like the other labels, got "1"'),
    )
  })

  test('weights', () => {
    expect(() => metric(y, scores, { sampleWeight: [1, -1, 1] })).toThrow(
      new RangeError('sampleWeight[1]: expected a weight >= 0, got -1'),
    )
    expect(() => metric(y, scores, { sampleWeight: [1, 1, Number.NaN] })).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', row: 2 }),
    )
    expect(() => metric(y, scores, { sampleWeight: [0, 0, 0] })).toThrow(
      expect.objectContaining({ code: 'ZERO_WEIGHTS' }),
    )
    expect(() => metric(y, scores, { sampleWeight: 1 })).toThrow(TypeError)
  })

  test('options', () => {
    expect(() => metric(y, scores, { sampleWeights: [1, 1, 1] })).toThrow(
      `metrics.${name}: unknown option "sampleWeights", did you mean "sampleWeight"?`,
    )
    expect(() => metric(y, scores, null)).toThrow(TypeError)
    expect(() => metric(y, scores, { positive: 2 })).toThrow(RangeError)
    expect(() => metric(y, scores, { labels: [0] })).toThrow(expect.objectContaining({ code: 'UNKNOWN_LABEL', row: 1 }))
    expect(() => metric(y, scores, { labels: [] })).toThrow(RangeError)
  })

  test('a predictProba result that is none', () => {
    const good = { data: Float32Array.of(0.9, 0.1, 0.4, 0.6, 0.7, 0.3), rows: 3, cols: 2, classes: [0, 1] }
    const bad = (change: object) => () => metric(y, { ...good, ...change })
    bad({})()
    expect(bad({ data: Array.from(good.data) })).toThrow(/^scores.data: expected a Float32Array/)
    expect(bad({ data: good.data.subarray(1) })).toThrow('scores.data: expected 6 numbers (rows x cols), got 5')
    expect(bad({ cols: 3 })).toThrow(RangeError)
    expect(bad({ cols: 1, classes: [1] })).toThrow(DataError)
    expect(bad({ classes: [1, 1] })).toThrow(/distinct/)
    expect(bad({ classes: undefined })).toThrow(/^scores.classes: expected an array of labels/)
    expect(bad({ classes: ['0', '1'] })).toThrow(TypeError)
    expect(bad({ data: good.data.map((p, i) => (i === 3 ? Number.NaN : p)) })).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', row: 1 }),
    )
    expect(bad({ data: Float32Array.of(0.9, 0.1, -0.1, 1.1, 0.7, 0.3) })).toThrow(
      /^scores.data\[2\]: expected a probability \(0 to 1\), got -0.1/,
    )
    expect(bad({ data: Float32Array.of(0.9, 0.1, 0.4, 0.5, 0.7, 0.3) })).toThrow(/^scores: row 1 does not sum to 1/)
  })
})

test.each(deciding)('%s: a threshold that is none', (name) => {
  expect(() => plain[name]!([0, 1], [0.1, 0.2], { threshold: Number.NaN })).toThrow(RangeError)
  expect(() => plain[name]!([0, 1], [0.1, 0.2], { threshold: '0.5' })).toThrow(
    new TypeError('threshold: expected a number, got "0.5"'),
  )
})

test.each(['logLoss', 'brier'])('%s: a probability outside [0, 1]', (name) => {
  for (const p of [-0.01, 1.0000001]) {
    expect(() => plain[name]!([0, 1], [0.5, p])).toThrow(
      new RangeError(`scores[1]: expected a probability (0 to 1), got ${p}`),
    )
  }
  expect(plain[name]!([0, 1], [0, 1])).toBeCloseTo(0, 15)
})

test('average and dropIntermediate take what they know', () => {
  expect(() => plain.f1!([0, 1], [0, 1], { average: 'micro' })).toThrow(RangeError)
  expect(() => plain.rocCurve!([0, 1], [0, 1], { dropIntermediate: 1 })).toThrow(TypeError)
  expect(() => plain.rocAuc!([0, 1], [0, 1], { average: 'macro' })).toThrow(TypeError)
})
