import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { type ClassWeight, LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { logisticOptimum } from '../reference/logistic-optimum.ts'
import { relative, sample, targets } from './sample.ts'

const { X, y } = sample(240, 4, 8)
const fit = (options: LogisticRegressionOptions, sampleWeight?: number[]) =>
  new LogisticRegression({ l2: 0.01, ...options }).fitSync(X, y, sampleWeight ? { sampleWeight } : {})

describe('classWeight', () => {
  test.each<[string, ClassWeight]>([
    ['an object', { no: 0.5, yes: 3 }],
    ['a Map', new Map([['no', 0.5], ['yes', 3]])], // biome-ignore format: pairs
  ])('by label as %s is the sample weight of each row', (_, classWeight) => {
    const byClass = fit({ classWeight })
    const best = logisticOptimum({ X, t: targets(y), l2: 0.01, classWeight: [0.5, 3] })
    expect(relative(byClass.loss, best.objective)).toBeLessThan(1e-6)
    byClass.coef.forEach((c, k) => {
      expect(Math.abs(c - best.coef[k]!)).toBeLessThan(1e-5)
    })
  })

  test('a class that is not named has weight 1', () => {
    expect(fit({ classWeight: { yes: 3 } }).coef).toEqual(fit({ classWeight: { yes: 3, no: 1 } }).coef)
    expect(fit({ classWeight: {} }).coef).toEqual(fit({}).coef)
  })

  test("'balanced' makes both classes weigh half of the total", () => {
    const yes = targets(y).reduce((a, b) => a + b)
    const n = y.length
    // With C, the penalty depends on the sum of the weights: it is that of the rows.
    const byHand = new LogisticRegression({ classWeight: { yes: n / (2 * yes), no: n / (2 * (n - yes)) } })
    expect(new LogisticRegression({ classWeight: 'balanced' }).fitSync(X, y).coef).toEqual(byHand.fitSync(X, y).coef)
  })

  test("'balanced' counts sample weights", () => {
    const sampleWeight = X.map((_, i) => 1 + (i % 3))
    const of = (label: string) => sampleWeight.reduce((sum, w, i) => sum + (y[i] === label ? w : 0), 0)
    const total = of('yes') + of('no')
    const byHand = fit({ classWeight: { yes: total / (2 * of('yes')), no: total / (2 * of('no')) } }, sampleWeight)
    expect(fit({ classWeight: 'balanced' }, sampleWeight).coef).toEqual(byHand.coef)
  })

  test('keys of an object name numbers and booleans by their text; a Map by their value', () => {
    const numbers = targets(y)
    const flags = numbers.map((t) => t === 1)
    const expected = fit({ classWeight: { yes: 3 } }).coef
    const options = { l2: 0.01 }
    expect(new LogisticRegression({ ...options, classWeight: { 1: 3 } }).fitSync(X, numbers).coef).toEqual(expected)
    expect(new LogisticRegression({ ...options, classWeight: { true: 3 } }).fitSync(X, flags).coef).toEqual(expected)
    const byNumber = new Map([[1, 3]])
    expect(new LogisticRegression({ ...options, classWeight: byNumber }).fitSync(X, numbers).coef).toEqual(expected)
    const byText = new Map([['1', 3]])
    expect(() => new LogisticRegression({ ...options, classWeight: byText }).fitSync(X, numbers)).toThrow(RangeError)
  })

  test('a label that y has not is a RangeError', () => {
    expect(() => fit({ classWeight: { maybe: 2 } })).toThrow(RangeError)
    expect(() => fit({ classWeight: { maybe: 2 } })).toThrow(/"maybe".*"no", "yes"/)
  })

  test('does not move mean and deviation of the columns', () => {
    expect(fit({ classWeight: { yes: 30 } }).columns).toEqual(fit({}).columns)
  })

  test('is saved with the model', () => {
    for (const classWeight of ['balanced', { yes: 3 }, new Map([['yes', 3]])] as ClassWeight[]) {
      const loaded = LogisticRegression.fromJSON(JSON.stringify(fit({ classWeight })))
      expect(loaded.options.classWeight).toEqual(classWeight)
    }
  })
})

describe('sampleWeight', () => {
  test('as typed array is the same as plain', () => {
    const weights = X.map((_, i) => 1 + (i % 3))
    const typed = new LogisticRegression({ l2: 0.01 }).fitSync(X, y, { sampleWeight: Uint8Array.from(weights) })
    expect(typed.coef).toEqual(fit({}, weights).coef)
  })

  test('counts in mean and deviation of the columns', () => {
    const first = X.map((_, i) => (i < 100 ? 1 : 0))
    const { mean, std } = fit({}, first).columns
    const alone = new LogisticRegression().fitSync(X.slice(0, 100), y.slice(0, 100)).columns
    mean.forEach((m, k) => {
      expect(Math.abs(m - alone.mean[k]!)).toBeLessThan(1e-9)
      expect(relative(std[k]!, alone.std[k]!)).toBeLessThan(1e-9)
    })
  })

  test.each([1e-6, 7, 1e6])('scaled by %d changes nothing where the penalty is l2', (factor) => {
    const weights = X.map((_, i) => 1 + (i % 3))
    const scaled = fit({}, weights.map((w) => w * factor)) // biome-ignore format: one line
    expect(relative(scaled.loss, fit({}, weights).loss)).toBeLessThan(1e-6)
    const sgd = (some: number[]) => fit({ solver: 'sgd', epochs: 3 }, some).loss
    expect(relative(sgd(weights.map((w) => w * factor)), sgd(weights))).toBeLessThan(1e-5)
  })

  test('that leaves one class, or none, is a DataError', () => {
    const onlyYes = y.map((label) => (label === 'yes' ? 1 : 0))
    expect(() => fit({}, onlyYes)).toThrow(expect.objectContaining({ code: 'ONE_CLASS' }))
    expect(() => fit({ classWeight: { no: 0 } })).toThrow(expect.objectContaining({ code: 'ONE_CLASS' }))
    expect(() => fit({ classWeight: { no: 0, yes: 0 } })).toThrow(expect.objectContaining({ code: 'ZERO_WEIGHTS' }))
    expect(() => fit({ classWeight: { yes: 0 } }, onlyYes)).toThrow(DataError)
    expect(() => fit({}, X.map(() => 0))).toThrow(expect.objectContaining({ code: 'ZERO_WEIGHTS' })) // biome-ignore format: one line
  })

  test('in validation data weighs the validation loss', () => {
    const validation = { X: X.slice(0, 2), y: y.slice(0, 2) }
    const lossOf = (sampleWeight: number[]) =>
      new LogisticRegression().fitSync(X, y, { validation: { ...validation, sampleWeight } }).history.at(-1)!
        .validationLoss!
    const [first, second] = [lossOf([1, 0]), lossOf([0, 1])]
    expect(lossOf([1, 3])).toBeCloseTo((first + 3 * second) / 4, 9)
  })
})
