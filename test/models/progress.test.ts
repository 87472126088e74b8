import { describe, expect, test } from 'vitest'
import { gaussians, trainTestSplit } from '../../src/data/index.ts'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { type FitProgress, LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { sample } from './sample.ts'

const { X, y } = sample(400, 4)
const validation = sample(200, 4, 2)
const everySolver: LogisticRegressionOptions[] = [
  { solver: 'newton' },
  { solver: 'lbfgs' },
  { solver: 'gd' },
  { solver: 'sgd', epochs: 20, tol: 0 },
]

/** Mean logistic loss without penalty, in float64. */
function meanLoss(model: { coef: Float64Array; intercept: number }, { X, y }: ReturnType<typeof sample>): number {
  const losses = X.map((x, i) => {
    const z = x.reduce((sum, v, k) => sum + v * model.coef[k]!, model.intercept)
    return Math.max(z, 0) - (y[i] === 'yes' ? z : 0) + Math.log1p(Math.exp(-Math.abs(z)))
  })
  return losses.reduce((a, b) => a + b) / X.length
}

describe.each(everySolver)('with %o', (options) => {
  test('history has the loss of every iteration, falling', () => {
    const { history, nIter, loss } = new LogisticRegression(options).fitSync(X, y)
    expect(history.map(({ iteration }) => iteration)).toEqual(Array.from({ length: nIter }, (_, i) => i + 1))
    expect(history[0]!.loss).toBeLessThan(options.solver === 'sgd' ? 1 : Math.LN2)
    if (options.solver !== 'sgd') {
      history.slice(1).forEach((entry, i) => {
        // But for the noise of float32.
        expect(entry.loss).toBeLessThanOrEqual(history[i]!.loss * (1 + 2e-7))
      })
      expect(history.at(-1)!.loss / loss).toBeCloseTo(1, 6)
    }
    for (const entry of history) expect(Object.keys(entry)).toEqual(['iteration', 'loss'])
  })

  test('history has the loss on validation data, which do not change the fit', () => {
    const model = new LogisticRegression(options).fitSync(X, y, { validation })
    expect(model.coef).toEqual(new LogisticRegression(options).fitSync(X, y).coef)
    expect(model.history.every(({ validationLoss }) => Number.isFinite(validationLoss))).toBe(true)
    expect(model.history.at(-1)!.validationLoss! / meanLoss(model, validation)).toBeCloseTo(1, 9)
    const same = new LogisticRegression(options).fitSync(X, y, { validation: { X, y } })
    expect(same.history.at(-1)!.validationLoss! / meanLoss(model, { X, y })).toBeCloseTo(1, 9)
  })

  test('onProgress is told of each iteration, in time, and matches the history', async () => {
    for (const run of ['fit', 'fitSync'] as const) {
      const calls: FitProgress[] = []
      const model = new LogisticRegression(options)
      await model[run](X, y, { validation, onProgress: (progress) => calls.push(progress) })
      expect(calls.map(({ maxIter: _, elapsedMs: __, ...entry }) => entry)).toEqual(model.history)
      for (const [i, { maxIter, elapsedMs }] of calls.entries()) {
        expect(maxIter).toBe({ newton: 100, lbfgs: 1000, gd: 1000, sgd: 20 }[model.solver])
        expect(elapsedMs).toBeGreaterThanOrEqual(calls[i - 1]?.elapsedMs ?? 0)
      }
    }
  })

  test('budgetMs ends it after the iteration that spent it, not converged', async () => {
    const tight = { ...options, tol: 0 }
    for (const run of ['fit', 'fitSync'] as const) {
      const model = new LogisticRegression(tight)
      await model[run](X, y, { budgetMs: 1e-6 })
      expect(model.nIter).toBe(1)
      expect(model.converged).toBe(false)
      await model[run](X, y, { budgetMs: 60_000 })
      expect(model.nIter).toBeGreaterThan(1)
    }
  })
})

test('validation data may be a dataset or a part of a split, as they are', () => {
  using data = gaussians({ rows: 400, seed: 1 })
  using parts = trainTestSplit(data, { test: 0.25, validation: 0.25, seed: 2 })
  const { train, test: held } = parts
  const model = new LogisticRegression().fitSync(train.X, train.y, { validation: parts.validation })
  expect(model.history.at(-1)!.validationLoss).toBeLessThan(0.1)
  expect(model.score(held.X, held.y)).toBeGreaterThan(0.98)
  model.fitSync(train.X, train.y, { validation: data })
})

describe('aborting', () => {
  // Large enough that one iteration has many breaks.
  const big = sample(2000, 8)
  const rows = Array.from({ length: 100 }, () => big.X).flat()
  const labels = Array.from({ length: 100 }, () => big.y).flat()

  test('takes effect within an iteration, and leaves nothing', async () => {
    const before = kernelInfo().liveBytes
    const reason = new Error('changed my mind')
    for (const options of everySolver) {
      const controller = new AbortController()
      const model = new LogisticRegression(options)
      const begin = performance.now()
      // In the first iteration: a whole fit may be over before a timer comes.
      let iterations = 0
      const onProgress = () => {
        iterations++
        controller.abort(reason)
      }
      await expect(model.fit(rows, labels, { signal: controller.signal, onProgress })).rejects.toBe(reason)
      expect(iterations).toBe(1)
      expect(performance.now() - begin).toBeLessThan(2000)
      expect(() => model.coef).toThrow()
      expect(kernelInfo().liveBytes).toBe(before)
    }
  })

  test('with a timeout rejects with its TimeoutError', async () => {
    const fit = new LogisticRegression({ solver: 'gd', tol: 0, maxIter: 1e6 }).fit(rows, labels, {
      signal: AbortSignal.timeout(20),
    })
    await expect(fit).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }))
  })

  test('after the end does nothing', async () => {
    const controller = new AbortController()
    const model = await new LogisticRegression().fit(X, y, { signal: controller.signal })
    const coef = [...model.coef]
    controller.abort()
    await Promise.resolve()
    expect([...model.coef]).toEqual(coef)
  })
})

test('a fit lets others run: a timer fires many times while it trains', async () => {
  const big = sample(2000, 8)
  using matrix = Matrix.from(Array.from({ length: 50 }, () => big.X).flat())
  const labels = Array.from({ length: 50 }, () => big.y).flat()
  let running = true
  let ticks = 0
  const tick = () => {
    if (!running) return
    ticks++
    setTimeout(tick)
  }
  tick()
  await new LogisticRegression({ solver: 'gd', tol: 0, maxIter: 1000 }).fit(matrix, labels, { budgetMs: 200 })
  running = false
  expect(ticks).toBeGreaterThan(5)
})
