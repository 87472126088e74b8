/** What a fit in a worker does beside what every estimator's contract asks of it. */
import { beforeEach, describe, expect, test } from 'vitest'
import { DataError, KernelError } from '../../src/core/errors.ts'
import { init, kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression, MLPClassifier, SGDClassifier } from '../../src/models/index.ts'
import { workerCounts } from '../../src/worker/pool.ts'
import { bytesOf } from '../contract/estimator.ts'
import { sample } from '../models/sample.ts'

const { X, y } = sample(500, 6)
const endless = { solver: 'gd', tol: 0, maxIter: 1e9 } as const

const rejection = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )

/** Workers of other tests may still be at work or idle. */
beforeEach(async () => {
  await expect.poll(() => workerCounts().working).toBe(0)
})

describe('the end of a fit', () => {
  test('its worker waits for the next fit', async () => {
    await new LogisticRegression().fit(X, y, { worker: true })
    const { idle } = workerCounts()
    expect(idle).toBeGreaterThan(0)
    for (let i = 0; i < 5; i++) await new LogisticRegression().fit(X, y, { worker: true })
    expect(workerCounts()).toEqual({ working: 0, idle })
  })

  test('a worker whose memory has grown large does not', async () => {
    await new LogisticRegression().fit(X, y, { worker: true })
    const { idle } = workerCounts()
    const rows = 300_000
    const data = Float32Array.from({ length: rows * 64 }, (_, i) => (i * 7919) % 101)
    const labels = Uint8Array.from({ length: rows }, (_, i) => (data[i * 64]! > 50 ? 1 : 0))
    const model = new SGDClassifier({ epochs: 1 })
    await model.fit({ data, rows, cols: 64 }, labels, { worker: true })
    expect(workerCounts()).toEqual({ working: 0, idle: idle - 1 })
  })

  test('a Matrix may be disposed as soon as fit is called, and its memory comes back', async () => {
    const before = kernelInfo().liveBytes
    const matrix = Matrix.from(X)
    const done = new LogisticRegression().fit(matrix, y, { worker: true })
    matrix.dispose()
    const model = await done
    expect(kernelInfo().liveBytes).toBe(before)
    expect(bytesOf(model)).toEqual(bytesOf(new LogisticRegression().fitSync(X, y)))
  })

  test('the same worker trains on, from warm start to warm start', async () => {
    const options = { solver: 'gd', maxIter: 5, warmStart: true } as const
    const [here, there] = [new LogisticRegression(options), new LogisticRegression(options)]
    for (let i = 0; i < 3; i++) {
      here.fitSync(X, y)
      await there.fit(X, y, { worker: true })
      expect(bytesOf(there)).toEqual(bytesOf(here))
    }
  })

  test('partialFit goes on with the optimiser that the worker had', async () => {
    const options = { hiddenSizes: [5], epochs: 3 }
    const [here, there] = [new MLPClassifier(options), new MLPClassifier(options)]
    here.fitSync(X, y).partialFit(X, y)
    ;(await there.fit(X, y, { worker: true })).partialFit(X, y)
    expect(bytesOf(there)).toEqual(bytesOf(here))
  })
})

describe('stopping', () => {
  test('an abort rejects with its reason while the worker is in the middle of something', async () => {
    const controller = new AbortController()
    const model = new LogisticRegression(endless)
    const fit = model.fit(X, y, {
      worker: true,
      signal: controller.signal,
      onProgress: ({ iteration }) => iteration === 10 && controller.abort(new Error('enough')),
    })
    expect(await rejection(fit)).toBe(controller.signal.reason)
    expect(() => model.coef).toThrow('not fitted')
    expect(workerCounts().working).toBe(0)
  })

  test('an abort while data are copied over', async () => {
    const controller = new AbortController()
    const rows = 200_000
    const table = { data: new Float64Array(rows * 20), rows, cols: 20 }
    const fit = new LogisticRegression().fit(table, Array(rows).fill('a').fill('b', 9), {
      worker: true,
      signal: controller.signal,
    })
    setTimeout(() => controller.abort(), 5)
    expect(await rejection(fit)).toMatchObject({ name: 'AbortError' })
    expect(workerCounts().working).toBe(0)
  })

  test('an abort while it waits for a core; the others go on', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const fits = Array.from({ length: 40 }, () => new LogisticRegression().fit(X, y, { worker: true, signal }))
    const outcomes = Promise.allSettled(fits)
    setTimeout(() => controller.abort(), 30)
    const other = new LogisticRegression().fit(X, y, { worker: true })
    for (const outcome of await outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBe(signal.reason)
    }
    expect((await other).converged).toBe(true)
    expect(workerCounts().working).toBe(0)
  })

  test('a signal that has been aborted before', async () => {
    const fit = new LogisticRegression().fit(X, y, { worker: true, signal: AbortSignal.abort('never') })
    expect(await rejection(fit)).toBe('never')
  })

  test('what onProgress throws ends the fit, as it does without a worker', async () => {
    const error = new Error('no more')
    const onProgress = () => {
      throw error
    }
    expect(await rejection(new LogisticRegression(endless).fit(X, y, { worker: true, onProgress }))).toBe(error)
    expect(await rejection(new LogisticRegression(endless).fit(X, y, { onProgress }))).toBe(error)
    expect(workerCounts().working).toBe(0)
  })

  test('a budget ends it with what there is', async () => {
    const model = await new LogisticRegression(endless).fit(X, y, { worker: true, budgetMs: 100 })
    expect(model.converged).toBe(false)
    expect(model.nIter).toBeGreaterThan(0)
  })
})

describe('errors', () => {
  test('from within the training come over with class, code and hint', async () => {
    const model = new LogisticRegression({ solver: 'gd', learningRate: 1e9 })
    const here = await rejection(model.fit(X, y))
    const there = await rejection(model.fit(X, y, { worker: true }))
    expect(there).toBeInstanceOf(DataError)
    expect(there).toEqual(here)
    expect(there).toMatchObject({ code: 'DIVERGED', hint: (here as DataError).hint, name: 'DataError' })
    // The worker is good for the next.
    expect((await new LogisticRegression().fit(X, y, { worker: true })).converged).toBe(true)
  })

  test('of weights and of validation data, too', async () => {
    const model = new LogisticRegression()
    const sampleWeight = y.map((_, i) => (i === 7 ? -1 : 1))
    const wrong: object[] = [
      { sampleWeight },
      { sampleWeight: y.map(() => 0) },
      { sampleWeight: [1] },
      { sampleWeight: y },
      { validation: { X: X.map((x) => x.slice(1)), y } },
      { validation: { X, y: y.map(() => 'other') } },
      { validation: { X, y, sampleWeight } },
    ]
    for (const options of wrong) {
      const here = await rejection(model.fit(X, y, options))
      const there = await rejection(model.fit(X, y, { ...options, worker: true }))
      expect(there).toEqual(here)
      expect((there as Error).constructor).toBe((here as Error).constructor)
    }
  })

  test('a disposed Matrix', async () => {
    const matrix = Matrix.from(X)
    matrix.dispose()
    const error = await rejection(new LogisticRegression().fit(matrix, y, { worker: true }))
    expect(error).toBeInstanceOf(KernelError)
    expect(error).toMatchObject({ code: 'DISPOSED' })
  })

  test('an address that is none, or where there is nothing', async () => {
    const fit = (worker: unknown) => rejection(new LogisticRegression().fit(X, y, { worker: worker as string }))
    expect(await fit(1)).toBeInstanceOf(TypeError)
    expect(await fit('http://')).toBeInstanceOf(RangeError)
    const nowhere = new URL('nowhere/worker.js', import.meta.url)
    expect(await fit(nowhere)).toMatchObject({ name: 'KernelError', code: 'UNAVAILABLE' })
    expect(workerCounts().working).toBe(0)
  })
})

test("a relaxed kernel's fit runs on a relaxed kernel there", async () => {
  const model = () => new LogisticRegression({ solver: 'lbfgs' })
  const simd = bytesOf(model().fitSync(X, y))
  for (const variant of ['scalar', 'js', 'relaxed'] as const) {
    try {
      await init({ variant })
    } catch (error) {
      // Node 20 has no relaxed SIMD.
      expect(error).toMatchObject({ code: 'UNAVAILABLE', variant: 'relaxed' })
      continue
    }
    const here = bytesOf(model().fitSync(X, y))
    expect(bytesOf(await model().fit(X, y, { worker: true }))).toEqual(here)
    // Fused or not is the processor's business; in other lanes sums come out otherwise.
    if (variant === 'scalar') expect(here).not.toEqual(simd)
  }
  await init({ variant: 'simd' })
  expect(bytesOf(await model().fit(X, y, { worker: true }))).toEqual(simd)
})
