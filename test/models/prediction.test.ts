import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import { sample } from './sample.ts'

const { X, y } = sample(300, 4)
const model = new LogisticRegression<'no' | 'yes'>().fitSync(X, y)
const proba = model.predictProba(X)
const yes = proba.of('yes')

describe('predictProba', () => {
  test('is the sigmoid of the decision function, both sides, summing to 1', () => {
    expect(proba.rows).toBe(300)
    expect(proba.cols).toBe(2)
    expect(proba.data.length).toBe(600)
    model.decisionFunction(X).forEach((z, i) => {
      const [no, positive] = proba.data.subarray(2 * i, 2 * i + 2)
      expect(positive).toBe(yes[i])
      expect(no).toBe(proba.of('no')[i])
      expect(Math.abs(positive! - 1 / (1 + Math.exp(-z)))).toBeLessThan(1e-6)
      expect(Math.abs(no! + positive! - 1)).toBeLessThan(2e-7)
    })
  })

  test('keeps what is left of a probability near 1', () => {
    // z = 40: 1 - p would be 0.
    const far = X.map((x) => x.map((v) => v * 1000))
    const z = model.decisionFunction(far)
    const both = model.predictProba(far)
    z.forEach((value, i) => {
      const expected = Math.exp(-Math.abs(value))
      const smaller = Math.min(both.data[2 * i]!, both.data[2 * i + 1]!)
      if (expected > 1e-37 && Math.abs(value) > 20) expect(smaller / expected).toBeCloseTo(1, 4)
      expect(both.data[2 * i]! + both.data[2 * i + 1]!).toBeCloseTo(1, 6)
    })
  })

  test('of knows its classes only', () => {
    expect(() => proba.of('maybe' as 'yes')).toThrow(RangeError)
    expect(() => proba.of('maybe' as 'yes')).toThrow(/"no", "yes".*"maybe"/)
  })
})

describe('decisionFunction', () => {
  test('is X coef + intercept in original units', () => {
    model.decisionFunction(X).forEach((z, i) => {
      const expected = X[i]!.reduce((sum, v, k) => sum + v * model.coef[k]!, model.intercept)
      expect(Math.abs(z - expected)).toBeLessThan(1e-5)
    })
  })

  test('of columns far from 0 keeps its digits, whatever form X has', () => {
    const shifted = X.map((x) => x.map((v) => v + 1e7))
    const far = new LogisticRegression().fitSync(shifted, y)
    const expected = model.decisionFunction(X)
    using matrix = Matrix.from(shifted)
    const table = { data: Float64Array.from(shifted.flat()), rows: 300, cols: 4 }
    for (const form of [shifted, matrix, table]) {
      far.decisionFunction(form).forEach((z, i) => {
        expect(Math.abs(z - expected[i]!)).toBeLessThan(1e-4)
      })
    }
  })
})

describe('the threshold', () => {
  const above = (threshold: number) => Array.from(yes, (p) => (p >= threshold ? 'yes' : 'no'))

  test.each([0, 0.1, 0.5, 0.75, 1])('of %d answers yes from that probability on', (threshold) => {
    const strict = new LogisticRegression<'no' | 'yes'>({ threshold }).fitSync(X, y)
    expect(strict.threshold).toBe(threshold)
    expect(strict.predict(X)).toEqual(above(threshold))
    expect(model.predict(X, { threshold })).toEqual(above(threshold))
    X.forEach((x, i) => {
      const { label, proba: own } = strict.predictOne(x)
      if (Math.abs(yes[i]! - threshold) > 1e-6) expect(label).toBe(above(threshold)[i])
      expect(own).toBeCloseTo(proba.of(label)[i]!, 6)
    })
  })

  test('may be set after fit, counts in score, is saved and cloned', () => {
    const set = new LogisticRegression<'no' | 'yes'>().fitSync(X, y)
    set.threshold = 0.8
    expect(set.predict(X)).toEqual(above(0.8))
    expect(set.predict(X, { threshold: 0.5 })).toEqual(above(0.5))
    expect(set.score(X, y)).toBe(y.filter((label, i) => label === above(0.8)[i]).length / y.length)
    expect(LogisticRegression.fromJSON(JSON.stringify(set)).predict(X)).toEqual(above(0.8))
    expect(set.clone().threshold).toBe(0.8)
    // Fitting is not about thresholds.
    expect(set.fitSync(X, y).threshold).toBe(0.8)
    expect(set.coef).toEqual(model.coef)
  })

  test('is a probability', () => {
    for (const value of [-0.1, 1.5, Number.NaN]) {
      expect(() => {
        model.clone().threshold = value
      }).toThrow(RangeError)
      expect(() => model.predict(X, { threshold: value })).toThrow(RangeError)
    }
    expect(() => model.predict(X, { treshold: 0.5 } as never)).toThrow(/"treshold".*"threshold"/)
    expect(() => model.predict(X, { threshold: '0.5' } as never)).toThrow(TypeError)
  })

  test('a tie goes to the second class', () => {
    const flat = new LogisticRegression({ l2: 1 }).fitSync([[1], [1], [1], [1]], [0, 0, 1, 1])
    expect(flat.decisionFunction([[1]])[0]).toBe(0)
    expect(flat.predict([[1], [7]])).toEqual([1, 1])
    expect(flat.predictOne([1])).toEqual({ label: 1, proba: 0.5 })
  })
})

describe('predictOne by name', () => {
  // Names that an object has anyway, or that look like something else.
  const names = ['length', 'constructor', 'toString', 'data']
  using matrix = Matrix.from(X)
  matrix.featureNames = names
  const named = new LogisticRegression().fitSync(matrix, y)
  const row = { length: X[0]![0]!, constructor: X[0]![1]!, toString: X[0]![2]!, data: X[0]![3]! } as never

  test('takes an object with every feature, in any order', () => {
    expect(named.predictOne(row)).toEqual(named.predictOne(X[0]!))
    const turned = Object.fromEntries(Object.entries(row).reverse())
    expect(named.predictOne(turned as never)).toEqual(named.predictOne(X[0]!))
  })

  test('wants every feature and no other, as finite numbers', () => {
    const { data, ...rest } = row as Record<string, number>
    expect(() => named.predictOne(rest)).toThrow(/"data"/)
    expect(() => named.predictOne({ ...(row as object), dat: data } as never)).toThrow(/"dat"/)
    expect(() => named.predictOne({ ...(row as object), data: Number.NaN } as never)).toThrow(RangeError)
    expect(() => named.predictOne({ ...(row as object), data: '5' } as never)).toThrow(TypeError)
    // What every object inherits is no value of a feature.
    expect(() => named.predictOne({ length: 1, data: 2 } as never)).toThrow(TypeError)
  })
})
