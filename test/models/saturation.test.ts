import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/kernel/index.ts'
import { LinearSVC, LogisticRegression, MLPClassifier, RidgeClassifier, SGDClassifier } from '../../src/models/index.ts'

const X = [[0, 1], [1, 0], [2, 1], [3, 0], [4, 2], [5, 1]] // biome-ignore format: a table
const two = ['a', 'b', 'a', 'b', 'a', 'b']
const three = ['a', 'b', 'c', 'a', 'b', 'c']
/** As large as float32 goes: their sums overflow it. */
const far = [[3e38, 3e38], [-3e38, 3e38], [3e38, -3e38], [-3e38, -3e38], [1e38, 1e38], [1, 1]] // biome-ignore format: a table

describe.each([
  ['LogisticRegression', () => new LogisticRegression({ C: 100 })],
  ['LogisticRegression, one against the rest', () => new LogisticRegression({ C: 100, multiClass: 'ovr' })],
  ['SGDClassifier', () => new SGDClassifier({ epochs: 20 })],
  ['MLPClassifier without a hidden layer', () => new MLPClassifier({ hiddenSizes: [], epochs: 50 })],
  ['MLPClassifier', () => new MLPClassifier({ hiddenSizes: [4], epochs: 50 })],
  ['LinearSVC', () => new LinearSVC()],
  ['RidgeClassifier', () => new RidgeClassifier()],
])('scores beyond float32: %s', (_, make) => {
  test.each([
    ['two classes', two],
    ['three classes', three],
  ])('of %s stay finite, and labels are those of predictOne', (_, labels) => {
    const model = make().fitSync(X, labels)
    using matrix = Matrix.from(far)
    for (const rows of [far, matrix]) {
      expect(model.decisionFunction(rows).every(Number.isFinite)).toBe(true)
      expect(model.predict(rows)).toEqual(far.map((row) => model.predictOne(row).label))
      if (!('predictProba' in model)) continue
      const { data, cols } = model.predictProba(rows)
      far.forEach((row, i) => {
        const shares = data.subarray(i * cols, (i + 1) * cols)
        expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
        expect(Math.max(...shares)).toBeCloseTo(model.predictOne(row).proba!, 5)
      })
    }
  })
})
