import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { kernelInfo } from '../../src/kernel/index.ts'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { sample, sampleOfClasses } from './sample.ts'

const { X, y } = sample(300, 3)

/** The error of a fit, sync and async: the same, and nothing is left behind. */
async function errorOf(
  options: LogisticRegressionOptions,
  rows: number[][],
  labels: (string | number)[],
  sampleWeight?: number[],
): Promise<DataError> {
  const before = kernelInfo().liveBytes
  const errors: unknown[] = []
  const fitOptions = sampleWeight ? { sampleWeight } : {}
  const model = new LogisticRegression(options)
  try {
    model.fitSync(rows, labels, fitOptions)
  } catch (error) {
    errors.push(error)
  }
  await model.fit(rows, labels, fitOptions).catch((error: unknown) => errors.push(error))
  expect(errors).toHaveLength(2)
  const [error, other] = errors as [DataError, DataError]
  expect(error).toBeInstanceOf(DataError)
  expect(other.message).toBe(error.message)
  expect(() => model.coef).toThrow()
  expect(kernelInfo().liveBytes).toBe(before)
  expect(error.message).toContain(error.hint ?? '')
  return error
}

describe('classes', () => {
  test('one is ONE_CLASS and named', async () => {
    const error = await errorOf({}, X, X.map(() => 'yes')) // biome-ignore format: one line
    expect(error.code).toBe('ONE_CLASS')
    expect(error.message).toMatch(/"yes"/)
  })

  test('as many as rows are refused at once: a target that is no class', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => [i])
    const begin = performance.now()
    const labels = rows.map((_, i) => i * 1.5)
    expect(() => new LogisticRegression().fitSync(rows, labels)).toThrow(/100000/)
    expect(performance.now() - begin).toBeLessThan(2000)
  })
})

describe('classes that a plane separates', () => {
  const rows = [[1, 5], [2, 3], [3, 4], [4, 4], [5, 2], [6, 6]] // biome-ignore format: a table
  const labels = [0, 0, 0, 1, 1, 1]

  test.each(['newton', 'lbfgs', 'auto'] as const)('without a penalty are SEPARABLE for %s', async (solver) => {
    const error = await errorOf({ solver, l2: 0 }, rows, labels)
    expect(error.code).toBe('SEPARABLE')
    expect(error.hint).toMatch(/l2/)
    expect((await errorOf({ solver, l2: 0, standardize: false }, rows, labels)).code).toBe('SEPARABLE')
  })

  test('with a penalty are no problem, nor where descent stops early', () => {
    for (const options of [{ l2: 1e-6 }, { C: 100 }, { l2: 0, solver: 'gd' }, { l2: 0, solver: 'sgd' }] as const) {
      const model = new LogisticRegression(options).fitSync(rows, labels)
      expect(model.score(rows, labels)).toBe(1)
      expect(Number.isFinite(model.loss)).toBe(true)
    }
  })

  test('but for rows of weight 0 are SEPARABLE', async () => {
    const error = await errorOf({ l2: 0 }, [...rows, [9, 9]], [...labels, 0], [1, 1, 1, 1, 1, 1, 0])
    expect(error.code).toBe('SEPARABLE')
  })

  test('but for one row are not, nor are rows of both classes at one place', () => {
    expect(new LogisticRegression({ l2: 0 }).fitSync([...rows, [5, 4]], [...labels, 0]).converged).toBe(true)
    const tied = [[1], [2], [2], [3]]
    expect(() => new LogisticRegression({ l2: 0 }).fitSync(tied, [0, 0, 1, 1])).not.toThrow()
  })
})

describe('steps that are too large', () => {
  test.each<[string, RegExp, LogisticRegressionOptions]>([
    ['gd', /iteration \d+/, { solver: 'gd' }],
    ['gd without penalty', /iteration \d+/, { solver: 'gd', l2: 0 }],
    ['sgd', /epoch \d+/, { solver: 'sgd' }],
    ['sgd without penalty', /epoch \d+/, { solver: 'sgd', l2: 0 }],
    ['sgd without standardize', /epoch \d+/, { solver: 'sgd', standardize: false }],
    ['sgd of single rows', /epoch \d+/, { solver: 'sgd', batchSize: 1, fitIntercept: false }],
  ])('are DIVERGED for %s, with the turn and the rate named', async (_, turn, options) => {
    for (const learningRate of [1e3, 1e6, 1e12, 1e30]) {
      const error = await errorOf({ ...options, learningRate }, X, y)
      expect(error.code).toBe('DIVERGED')
      expect(error.message).toMatch(turn)
      expect(error.message).toContain(String(learningRate))
      expect(error.hint).toMatch(/learning rate/)
    }
  })

  test('on columns as they are: what standardize would have spared', async () => {
    const wide = X.map((x) => x.map((v) => v * 1e4))
    expect((await errorOf({ solver: 'sgd', standardize: false }, wide, y)).code).toBe('DIVERGED')
    expect(new LogisticRegression({ solver: 'sgd' }).fitSync(wide, y).score(wide, y)).toBeGreaterThan(0.75)
  })

  test('labels at random are no divergence', () => {
    const random = y.map((_, i) => ((i * 7919) % 13) % 2)
    for (const solver of ['gd', 'sgd'] as const) {
      expect(new LogisticRegression({ solver }).fitSync(X, random).loss).toBeLessThan(1)
    }
  })
})

describe('numbers that float32 cannot hold', () => {
  test.each([1e20, 1e30, 1e-20, 1e-30, 1e-44])('columns around %d are refused, not ignored', async (unit) => {
    const rows = X.map((x) => [x[0]!, x[1]! * unit, x[2]!])
    for (const solver of ['newton', 'lbfgs', 'gd', 'sgd'] as const) {
      const error = await errorOf({ solver }, rows, y)
      expect(error.code).toBe('FLOAT32_OVERFLOW')
      expect(error.column).toBe(1)
      expect(error.hint).toMatch(/[Ss]cale/)
    }
  })

  test.each([1e-15, 1e-9, 1e9, 1e15])('columns around %d are fine', (unit) => {
    const rows = X.map((x) => [x[0]!, x[1]! * unit, x[2]!])
    const expected = new LogisticRegression().fitSync(X, y)
    const model = new LogisticRegression().fitSync(rows, y)
    expect(model.loss / expected.loss).toBeCloseTo(1, 6)
    expect((model.coef[1]! * unit) / expected.coef[1]!).toBeCloseTo(1, 4)
  })
})

test.each([2, 3])('a fit by batches of %d classes that ends not finite is refused', async (classes) => {
  const batch = sampleOfClasses(classes, 300, 4)
  const before = kernelInfo().liveBytes
  let passes = 0
  await new LogisticRegression().fitBatches(() => {
    passes++
    return [batch]
  })
  // In the last pass, which takes the loss, weights are beyond float32.
  let left = passes
  const late = () => [--left === 0 ? { ...batch, sampleWeight: batch.y.map(() => 1e39) } : batch]
  const refused = { code: 'FLOAT32_OVERFLOW', hint: expect.stringMatching(/[Ss]cale/) }
  await expect(new LogisticRegression().fitBatches(late)).rejects.toMatchObject(refused)
  expect(left).toBe(0)
  expect(kernelInfo().liveBytes).toBe(before)
})
