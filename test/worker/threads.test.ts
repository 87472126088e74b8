/** Fits in workers that have threads of their own, because the page has some. */
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { init } from '../../src/kernel/index.ts'
import { LogisticRegression, MLPClassifier } from '../../src/models/index.ts'
import type { ToWorker } from '../../src/worker/protocol.ts'
import { Session } from '../../src/worker/session.ts'
import { bytesOf } from '../contract/estimator.ts'
import { flat32, sample } from '../models/sample.ts'

const { X, y } = sample(30_000, 16)
const dense = flat32(X)
const posted = vi.spyOn(Session.prototype, 'post')

beforeEach(() => init({ variant: 'simd', threads: 2 }))
afterEach(() => posted.mockClear())
afterAll(() => init({ threads: 1 }))

/** How many threads each fit was given. */
const threads = () =>
  posted.mock.calls.flatMap(([message]: [ToWorker, ...unknown[]]) =>
    message.type === 'begin' ? [message.kernel.threads] : [],
  )

test.each([
  ['logistic', () => new LogisticRegression({ solver: 'lbfgs', maxIter: 6 })],
  ['a network', () => new MLPClassifier({ hiddenSizes: [50], epochs: 2, batchSize: 600 })],
])('%s: as many threads as the page has, and the same bytes', async (_, make) => {
  const here = await make().fit(dense, y)
  const there = await make().fit(dense, y, { worker: true })
  expect(threads()).toEqual([2])
  expect(bytesOf(there)).toEqual(bytesOf(here))
  await init({ threads: 1 })
  expect(bytesOf(await make().fit(dense, y, { worker: true }))).toEqual(bytesOf(here))
  expect(threads()).toEqual([2, 1])
  await init({ threads: 3 })
  expect(bytesOf(await make().fit(dense, y, { worker: true }))).toEqual(bytesOf(here))
  expect(threads()).toEqual([2, 1, 3])
})

test('a small table is one thread’s', async () => {
  await new LogisticRegression().fit(X.slice(0, 500), y.slice(0, 500), { worker: true })
  expect(threads()).toEqual([1])
})

test('fits side by side share the threads', async () => {
  await init({ threads: 4 })
  const make = () => new LogisticRegression({ solver: 'lbfgs', maxIter: 6 })
  const models = await Promise.all([1, 2].map(() => make().fit(dense, y, { worker: true })))
  expect(threads()).toEqual([2, 2])
  const here = await make().fit(dense, y)
  for (const model of models) expect(bytesOf(model)).toEqual(bytesOf(here))
})
