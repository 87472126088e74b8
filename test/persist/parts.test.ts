import { describe, expect, test } from 'vitest'
import { ModelFormatError } from '../../src/core/errors.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import {
  readBoolean,
  readLabels,
  readNumber,
  readNumbers,
  readString,
  readStrings,
  seal,
} from '../../src/persist/index.ts'
import { sample, sampleOfClasses } from '../models/sample.ts'

/** Nothing of these kinds is what any reader asks for. */
const foreign = [undefined, null, {}, () => 1, Symbol('s'), 10n, new Date(0)]

describe('readers', () => {
  test('readNumbers: finite numbers, as many as asked for', () => {
    expect(readNumbers('coef', [1, -2.5e300, 0])).toEqual(Float64Array.of(1, -2.5e300, 0))
    expect(readNumbers('coef', [], 0)).toEqual(new Float64Array(0))
    expect(() => readNumbers('coef', [1, 2], 3)).toThrow(/coef.*3.*2/)
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, '1', true, [1], ...foreign]) {
      expect(() => readNumbers('coef', [1, bad, 2])).toThrow(ModelFormatError)
      expect(() => readNumbers('coef', [1, bad, 2])).toThrow(/coef\[1\]/)
    }
    for (const bad of ['123', 7, { length: 2, 0: 1, 1: 2 }, new Float64Array(2), ...foreign]) {
      expect(() => readNumbers('coef', bad)).toThrow(ModelFormatError)
    }
    // A hole is no number.
    expect(() => readNumbers('coef', new Array(3))).toThrow(ModelFormatError)
  })

  test('readNumber, readBoolean, readString: the kind and nothing like it', () => {
    expect([readNumber('n', -0.5), readBoolean('b', false), readString('s', '')]).toEqual([-0.5, false, ''])
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY, '1', true, [], ...foreign]) {
      expect(() => readNumber('n', bad)).toThrow(ModelFormatError)
    }
    for (const bad of [0, 1, 'true', [], ...foreign]) expect(() => readBoolean('b', bad)).toThrow(ModelFormatError)
    for (const bad of [0, true, ['a'], ...foreign]) expect(() => readString('s', bad)).toThrow(ModelFormatError)
  })

  test('readStrings and readLabels: lists of one kind, copied', () => {
    const names = ['a', 'b']
    expect(readStrings('names', names, 2)).toEqual(names)
    expect(readStrings('names', names, 2)).not.toBe(names)
    for (const bad of [['a'], ['a', 'b', 'c'], ['a', 1], 'ab', 7, ...foreign]) {
      expect(() => readStrings('names', bad, 2)).toThrow(ModelFormatError)
      if (!Array.isArray(bad)) expect(() => readLabels('classes', bad, 2)).toThrow(ModelFormatError)
    }
    for (const labels of [
      ['a', 'b'],
      [0, 1],
      [false, true],
    ])
      expect(readLabels('classes', labels, 2)).toEqual(labels)
    for (const bad of [['a', 'a'], [0, '0'], [0, null], [[], []], [0], [0, 1, 2], [{}, {}]]) {
      expect(() => readLabels('classes', bad, 2)).toThrow(/classes.*2/)
    }
  })
})

describe('a saved logistic regression with a right checksum', () => {
  const { X, y } = sample(100, 3)
  const text = JSON.stringify(new LogisticRegression().fitSync(X, y))

  /** Every way a part can be wrong: its path, and what is put there. */
  const wrong: [string, unknown[]][] = [
    ['options', [null, 7, 'C', [], [1]]],
    ['options.C', [0, -1, '1', null, {}]],
    ['options.threshold', [2, -1, null, 'x']],
    ['options.solver', ['adam', 7, null]],
    ['options.classWeight', ['equal', 7, [1], [[1]], [[0, -1]], [['a', 'b']], { no: '1' }, { no: -1 }, null]],
    ['options.standardize', [1, null, 'true']],
    ['fit', [null, 7, [], {}, 'x']],
    ['fit.classes', [null, [], ['no'], ['no', 'no'], ['no', 1], ['a', 'b', 'c'], 'no', [null, null]]],
    ['fit.coef', [null, [], [1], [1, 2, null], [1, 2, '3'], 'abc', {}, [[1], [2], [3]]]],
    ['fit.intercept', [null, '1', [], true]],
    ['fit.columns', [null, 7, [], {}, { mean: [1, 2, 3] }]],
    ['fit.columns.mean', [null, [1], [1, 2, null]]],
    ['fit.columns.std', [null, [1], [1, 2, 'x']]],
    ['fit.featureNames', [null, [], ['a'], ['a', 'b', 3], 'abc']],
    ['fit.solver', [null, 7]],
    ['fit.nIter', [null, '3', true]],
    ['fit.converged', [null, 1, 'true']],
    ['fit.loss', [null, '0.5']],
  ]

  test.each(wrong)('refuses a wrong %s', (path, values) => {
    for (const value of values) {
      const { body } = JSON.parse(text)
      const keys = path.split('.')
      const last = keys.pop() as string
      keys.reduce((object, key) => object[key], body)[last] = value
      const json = seal('LogisticRegression', body)
      expect(() => LogisticRegression.fromJSON(json)).toThrow(ModelFormatError)
      expect(() => LogisticRegression.fromJSON(JSON.stringify(json))).toThrow(ModelFormatError)
    }
  })

  test.each([
    'options',
    'fit',
    'fit.classes',
    'fit.coef',
    'fit.intercept',
    'fit.columns',
    'fit.columns.mean',
    'fit.columns.std',
    'fit.nIter',
    'fit.converged',
    'fit.loss',
  ])('refuses to do without %s', (path) => {
    const { body } = JSON.parse(text)
    const keys = path.split('.')
    const last = keys.pop() as string
    delete keys.reduce((object, key) => object[key], body)[last]
    expect(() => LogisticRegression.fromJSON(seal('LogisticRegression', body))).toThrow(ModelFormatError)
  })

  test('loads', () => {
    const { body } = JSON.parse(text)
    body.fit.featureNames = ['a', 'b', 'c']
    body.options.classWeight = [['no', 2]]
    const model = LogisticRegression.fromJSON(seal('LogisticRegression', body))
    expect(model.featureNames).toEqual(['a', 'b', 'c'])
    expect(model.options.classWeight).toEqual(new Map([['no', 2]]))
  })
})

describe('a saved logistic regression of three classes with a right checksum', () => {
  const { X, y } = sampleOfClasses(3, 100, 4)
  const model = new LogisticRegression().fitSync(X, y)
  const text = JSON.stringify(model)

  test.each([
    [
      'classes',
      [
        ['a', 'b'],
        ['a', 'b', 'b'],
        ['a', 'b', 'c', 'd'],
        ['a', 'b', 3],
      ],
    ],
    ['coef', [[], [...model.coef, 1], [...model.coef].slice(0, 9), [...model.coef, ...model.coef]]],
    ['intercept', [0.5, null, [], [1, 2], [1, 2, 3, 4], [1, 2, null]]],
  ])('refuses wrong %s', (name, values) => {
    for (const value of values) {
      const { body } = JSON.parse(text)
      body.fit[name] = value
      expect(() => LogisticRegression.fromJSON(seal('LogisticRegression', body))).toThrow(ModelFormatError)
    }
  })

  test('loads', () => {
    const loaded = LogisticRegression.fromJSON(text)
    expect(loaded.intercepts).toEqual(model.intercepts)
    expect(loaded.coef).toEqual(model.coef)
  })
})
