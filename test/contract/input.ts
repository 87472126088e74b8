import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { Matrix } from '../../src/kernel/index.ts'
import type { Description } from './estimator.ts'

/** Wrong input is refused at the door: TypeError for the kind, RangeError for the value, DataError for what is in it. */
export function testInput({ make, makeData }: Description): void {
  const { X, y } = makeData(60)
  const cols = X[0]!.length
  const data = Float64Array.from(X.flat())
  const fitted = make()
  fitted.fitSync(X, y)

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['text', 'X'],
    ['an object', {}],
    ['a list of numbers', [1, 2, 3]],
    ['a list of nothing', [null, null]],
    ['integers in a table', { data: Int32Array.from(data), rows: 60, cols }],
    ['a plain array in a table', { data: [...data], rows: 60, cols }],
  ])('X: %s is a TypeError', async (_, bad) => {
    expect(() => make().fitSync(bad as never, y)).toThrow(TypeError)
    await expect(make().fit(bad as never, y)).rejects.toThrow(TypeError)
    expect(() => fitted.predict(bad as never)).toThrow(TypeError)
    expect(() => fitted.decisionFunction(bad as never)).toThrow(TypeError)
  })

  test.each([
    ['no rows', []],
    ['no columns', X.map(() => [])],
    ['a table shorter than it says', { data: data.slice(1), rows: 60, cols }],
    ['a table with half a row', { data, rows: 60.5, cols }],
    ['a table of no rows', { data: new Float64Array(0), rows: 0, cols }],
    ['ragged rows', X.map((x, i) => (i === 41 ? x.slice(1) : x))],
  ])('X: %s is a RangeError', async (_, bad) => {
    expect(() => make().fitSync(bad as never, y)).toThrow(RangeError)
    await expect(make().fit(bad as never, y)).rejects.toThrow(RangeError)
    expect(() => fitted.predict(bad as never)).toThrow(RangeError)
  })

  test('a ragged row is named', () => {
    const ragged = X.map((x, i) => (i === 41 ? x.slice(1) : x))
    expect(() => make().fitSync(ragged, y)).toThrow(new RegExp(`${cols}.*row 41.*${cols - 1}`))
    expect(() => fitted.predict(ragged)).toThrow(new RegExp(`${cols}.*row 41.*${cols - 1}`))
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e39])(
    'X: %f is a DataError that names row and column',
    (value) => {
      const place = { row: 41, column: cols - 1 }
      const bad = X.map((x, i) => (i === 41 ? x.map((v, k) => (k === cols - 1 ? value : v)) : x))
      const table = { data: Float64Array.from(bad.flat()), rows: 60, cols }
      const code = value === 1e39 ? 'FLOAT32_OVERFLOW' : 'NON_FINITE'
      for (const form of [bad, table]) {
        for (const call of [() => make().fitSync(form, y), () => fitted.predict(form)]) {
          expect(call).toThrow(DataError)
          expect(call).toThrow(expect.objectContaining({ code, ...place }))
        }
      }
    },
  )

  test('X: missing values in rows are not taken for 0', () => {
    for (const value of [null, undefined, '5', true]) {
      const bad = X.map((x, i) => (i === 41 ? x.map((v, k) => (k === 1 ? value : v)) : x)) as number[][]
      expect(() => make().fitSync(bad, y)).toThrow(/row 41, column 1/)
      expect(() => fitted.predict(bad)).toThrow(/row 41, column 1/)
    }
  })

  test('predict wants the columns of fit, in number and by name', () => {
    const wide = X.map((x) => [...x, 1])
    for (const method of ['predict', 'decisionFunction', 'predictProba'] as const) {
      expect(() => fitted[method]?.(wide) ?? fitted.predict(wide)).toThrow(RangeError)
      expect(() => fitted[method]?.(wide) ?? fitted.predict(wide)).toThrow(new RegExp(`${cols}.*${cols + 1}`))
    }
    expect(() => fitted.score(wide, y)).toThrow(RangeError)
    expect(() => fitted.predictOne(wide[0])).toThrow(new RegExp(`${cols}.*${cols + 1}`))

    using named = Matrix.from(X)
    named.featureNames = X[0]!.map((_, k) => `c${k}`)
    const model = make()
    model.fitSync(named, y)
    using swapped = Matrix.from(X)
    swapped.featureNames = X[0]!.map((_, k) => `c${k < 2 ? 1 - k : k}`)
    expect(() => model.predict(swapped)).toThrow(/column 0.*"c0".*"c1"/)
    expect(model.predict(named)).toEqual(model.predict(X))
  })

  test('predictOne wants finite numbers', () => {
    const row = X[0]!
    // Fields of a form that nobody turned into numbers are texts, empty ones too.
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, 'five', '5', '', null, true]) {
      expect(() => fitted.predictOne([...row.slice(1), value])).toThrow(TypeError)
      expect(() => fitted.predictOne([value, ...row.slice(1)])).toThrow(TypeError)
    }
    for (const bad of [undefined, null, 7, {}]) expect(() => fitted.predictOne(bad)).toThrow(TypeError)
    expect(() => fitted.predictOne([])).toThrow(RangeError)
  })

  describe('beside X', () => {
    const weights = X.map(() => 1)
    test.each([
      ['fewer labels', y.slice(1), {}, RangeError, /y: .*60.*59/],
      ['more labels', [...y, 'no'], {}, RangeError, /y: .*60.*61/],
      ['no labels', [], {}, RangeError, /y: .*60.*0/],
      ['fewer weights', y, { sampleWeight: weights.slice(1) }, RangeError, /sampleWeight: .*60.*59/],
      [
        'a negative weight',
        y,
        { sampleWeight: weights.map((w, i) => (i === 3 ? -1 : w)) },
        RangeError,
        /sampleWeight\[3\]/,
      ],
      [
        'a weight of NaN',
        y,
        { sampleWeight: weights.map((w, i) => (i === 3 ? Number.NaN : w)) },
        DataError,
        /sampleWeight\[3\]/,
      ],
      [
        'a weight beyond float32',
        y,
        { sampleWeight: weights.map((w, i) => (i === 3 ? 1e39 : w)) },
        DataError,
        /sampleWeight\[3\]/,
      ],
      ['weights of words', y, { sampleWeight: ['1'] }, RangeError, /sampleWeight/],
      ['weights that are all 0', y, { sampleWeight: weights.map(() => 0) }, DataError, /0/],
      ['weights that float32 makes 0', y, { sampleWeight: weights.map(() => 1e-60) }, DataError, /0/],
      ['an unknown option', y, { sampleWeights: weights }, TypeError, /sampleWeights.*sampleWeight/],
      ['options that are none', y, 7, TypeError, /7/],
      ['a signal that is none', y, { signal: {} }, TypeError, /signal/],
      ['a callback that is none', y, { onProgress: 'log' }, TypeError, /onProgress/],
      ['no time', y, { budgetMs: 0 }, RangeError, /budgetMs/],
      ['endless time', y, { budgetMs: Number.POSITIVE_INFINITY }, RangeError, /budgetMs/],
      ['validation data without labels', y, { validation: { X } }, TypeError, /validation/],
      ['validation data without X', y, { validation: { y } }, TypeError, /validation/],
      ['validation data of other length', y, { validation: { X, y: y.slice(1) } }, RangeError, /validation.*60.*59/],
      ['validation labels of another kind', y, { validation: { X, y: X.map(() => 1) } }, TypeError, /validation/],
      ['unknown validation labels', y, { validation: { X, y: X.map(() => 'maybe') } }, DataError, /"maybe"/],
      ['fewer validation columns', y, { validation: { X: X.map((x) => x.slice(1)), y } }, RangeError, /validation.X/],
      ['more validation columns', y, { validation: { X: X.map((x) => [...x, 1]), y } }, RangeError, /validation.X/],
      ['an unknown validation option', y, { validation: { X, y, weights } }, TypeError, /weights/],
    ])('%s', async (_, labels, options, kind, message) => {
      expect(() => make().fitSync(X, labels, options as never)).toThrow(kind)
      expect(() => make().fitSync(X, labels, options as never)).toThrow(message)
      await expect(make().fit(X, labels, options as never)).rejects.toThrow(message)
    })

    test('score checks its labels and weights', () => {
      expect(() => fitted.score(X, y.slice(1))).toThrow(RangeError)
      expect(() =>
        fitted.score(
          X,
          y.map((label, i) => (i === 5 ? 'maybe' : label)),
        ),
      ).toThrow(expect.objectContaining({ code: 'UNKNOWN_LABEL' }))
      expect(() => fitted.score(X, y, { sampleWeight: [1] })).toThrow(RangeError)
      expect(() => fitted.score(X, y, { weight: [1] } as never)).toThrow(TypeError)
    })
  })
}
