import { describe, expect, test } from 'vitest'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { relative, sample } from './sample.ts'

const make = (options: unknown) => () => new LogisticRegression(options as LogisticRegressionOptions)

describe('the constructor', () => {
  test('takes no options, undefined ones, and keeps only what is given', () => {
    expect(new LogisticRegression().options).toEqual({})
    expect(make({ C: undefined, l2: 0.5 })().options).toEqual({ l2: 0.5 })
  })

  test.each([
    ['penalty', /"penalty".*C, l2/],
    ['c', /"c".*"C"/],
    ['L2', /"L2".*"l2"/],
    ['max_iter', /"max_iter".*"maxIter"/],
    ['learningrate', /"learningrate".*"learningRate"/],
    ['class_weight', /"class_weight".*"classWeight"/],
    ['sed', /"sed".*"seed"/],
    ['epoch', /"epoch".*"epochs"/],
    ['batchSizes', /"batchSizes".*"batchSize"/],
    ['tresh0ld', /"tresh0ld"/],
    ['__proto__', /__proto__/],
    ['toString', /"toString"/],
  ])('refuses the unknown option %s and suggests one', (name, message) => {
    const options = JSON.parse(`{"${name}": 1}`)
    expect(make(options)).toThrow(TypeError)
    expect(make(options)).toThrow(message)
  })

  const refused: Record<string, readonly unknown[]> = {
    C: [0, -1, Number.NaN, Number.POSITIVE_INFINITY],
    l2: [-1e-9, Number.NaN, Number.POSITIVE_INFINITY],
    tol: [-1, Number.NaN, Number.POSITIVE_INFINITY],
    maxIter: [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY],
    learningRate: [0, -1, Number.NaN, Number.POSITIVE_INFINITY],
    batchSize: [0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 24 + 1],
    epochs: [0, 2.5, Number.NaN],
    seed: [-1, 0.5, Number.NaN, 2 ** 53],
    threshold: [-0.1, 1.1, Number.NaN],
    solver: ['adam', ''],
  }
  for (const [name, values] of Object.entries(refused)) {
    test.each([...values])(`refuses ${name}: %s as a RangeError that says so`, (value) => {
      expect(make({ [name]: value })).toThrow(RangeError)
      expect(make({ [name]: value })).toThrow(new RegExp(`${name}.*${value}`))
    })
    test(`refuses ${name} of the wrong kind as a TypeError`, () => {
      for (const value of [null, [], {}, true, 10n, Symbol('s')]) {
        expect(make({ [name]: value })).toThrow(TypeError)
        expect(make({ [name]: value })).toThrow(name)
      }
      if (name !== 'solver') expect(make({ [name]: '1' })).toThrow(/"1"/)
    })
  }

  test.each(['fitIntercept', 'standardize', 'warmStart'])('refuses %s that is not true or false', (name) => {
    for (const value of [null, 0, 1, 'true']) expect(make({ [name]: value })).toThrow(TypeError)
  })

  test('refuses a classWeight that is none', () => {
    for (const value of ['equal', 1, null, [1, 2], true]) expect(make({ classWeight: value })).toThrow(TypeError)
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(make({ classWeight: { no: value } })).toThrow(RangeError)
      expect(make({ classWeight: new Map([['no', value]]) })).toThrow(/"no".*finite/)
    }
    expect(make({ classWeight: { no: '1' } })).toThrow(TypeError)
  })

  test('refuses C beside l2, and options that are no object', () => {
    expect(make({ C: 1, l2: 1 })).toThrow(/C.*l2/)
    for (const options of [null, 1, 'C', [1]]) expect(make(options)).toThrow(TypeError)
  })

  test('keeps its own copy of class weights', () => {
    const weights = new Map([['no', 2]])
    const model = new LogisticRegression({ classWeight: weights })
    weights.set('no', 99)
    expect(model.options.classWeight).toEqual(new Map([['no', 2]]))
    const plain = { no: 2 }
    const other = new LogisticRegression({ classWeight: plain })
    plain.no = 99
    expect(other.options.classWeight).toEqual({ no: 2 })
  })
})

describe('the penalty', () => {
  const { X, y } = sample(200, 4)

  test.each([0.1, 1, 30])('C = %d is l2 = 1 / (C * number of rows)', (C) => {
    const byC = new LogisticRegression({ C }).fitSync(X, y)
    const byL2 = new LogisticRegression({ l2: 1 / (C * X.length) }).fitSync(X, y)
    expect(byC.coef).toEqual(byL2.coef)
    expect(byC.loss).toBe(byL2.loss)
  })

  test('with weights, C counts their sum: sample times class', () => {
    const sampleWeight = X.map((_, i) => (i % 2 === 0 ? 0.5 : 2))
    const classWeight = { yes: 3 }
    const total = y.reduce((sum, label, i) => sum + sampleWeight[i]! * (label === 'yes' ? 3 : 1), 0)
    const byC = new LogisticRegression({ C: 2, classWeight }).fitSync(X, y, { sampleWeight })
    const byL2 = new LogisticRegression({ l2: 1 / (2 * total), classWeight }).fitSync(X, y, { sampleWeight })
    expect(relative(byC.loss, byL2.loss)).toBeLessThan(1e-9)
    expect(relative(byC.coef[0]!, byL2.coef[0]!)).toBeLessThan(1e-6)
  })

  test('the default is C = 1; more penalty means smaller coefficients; l2: 0 means none', () => {
    const size = (options: LogisticRegressionOptions) =>
      Math.hypot(...new LogisticRegression(options).fitSync(X, y).coef)
    expect(size({})).toBe(size({ C: 1 }))
    expect(size({ C: 0.01 })).toBeLessThan(size({ C: 1 }))
    expect(size({ C: 1 })).toBeLessThan(size({ l2: 0 }))
    expect(size({ l2: 0 })).toBeCloseTo(size({ C: 1e9 }), 3)
    expect(size({ l2: 1e6 })).toBeLessThan(1e-5)
  })
})
