import { expect, test } from 'vitest'
import { readCsv, trainTestSplit } from '../../src/data/index.ts'
import { kernelInfo } from '../../src/kernel/index.ts'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { breastCancerCsv } from './breast-cancer.ts'

test('breast cancer from the raw CSV with default options, 70/15/15: test accuracy of at least 0.95', async () => {
  const before = kernelInfo().liveBytes
  const source = new TextEncoder().encode(breastCancerCsv)
  {
    using data = await readCsv(source, { target: 'diagnosis' })
    let sum = 0
    const seeds = [0, 1, 2, 3, 4, 5, 6, 7]
    for (const seed of seeds) {
      using parts = trainTestSplit(data, { test: 0.15, validation: 0.15, stratify: true, seed })
      const { train, validation, test: held } = parts
      expect([train.y.length, validation.y.length, held.y.length]).toEqual([397, 86, 86])
      const model = await new LogisticRegression().fit(train.X, train.y, { validation })
      expect(model.converged).toBe(true)
      expect(model.classes).toEqual(['benign', 'malignant'])
      expect(model.featureNames![0]).toBe('mean_radius')
      // 86 rows: one split or another is less lucky.
      expect(model.score(held.X, held.y)).toBeGreaterThanOrEqual(seed === 0 ? 0.95 : 0.93)
      sum += model.score(held.X, held.y)
    }
    expect(sum / seeds.length).toBeGreaterThan(0.97)
  }
  expect(kernelInfo().liveBytes).toBe(before)
})

test.each<LogisticRegressionOptions>([
  { solver: 'lbfgs' },
  { solver: 'sgd' },
  { solver: 'gd' },
  { classWeight: 'balanced' },
  { standardize: false },
])('the same with %o', async (options) => {
  using data = await readCsv(new TextEncoder().encode(breastCancerCsv), { target: 'diagnosis' })
  using parts = trainTestSplit(data, { test: 0.15, validation: 0.15, stratify: true, seed: 1 })
  const model = await new LogisticRegression(options).fit(parts.train.X, parts.train.y)
  expect(model.score(parts.test.X, parts.test.y)).toBeGreaterThanOrEqual(0.95)
})
