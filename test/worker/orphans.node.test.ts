/** The end of a fit in a worker is the end of the worker's own workers. Linux only, as the browser of these tests is. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { init } from '../../src/kernel/index.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import { flat32, sample } from '../models/sample.ts'

const threads = () => readdirSync('/proc/self/task').length

test('an abort leaves no thread behind', async () => {
  const { X, y } = sample(30_000, 16)
  const dense = flat32(X)
  await init({ threads: 3 })
  const before = threads()
  for (let round = 0; round < 3; round++) {
    const controller = new AbortController()
    let most = 0
    const fit = new LogisticRegression({ solver: 'gd', tol: 0, maxIter: 1e9 }).fit(dense, y, {
      worker: true,
      signal: controller.signal,
      onProgress: ({ iteration }) => {
        most = Math.max(most, threads())
        if (iteration > 100) controller.abort(new Error('enough'))
      },
    })
    await expect(fit).rejects.toThrow('enough')
    // The worker, and two of its own.
    expect(most).toBeGreaterThanOrEqual(before + 3)
    await expect.poll(threads, { timeout: 10_000 }).toBeLessThanOrEqual(before)
  }
  await init({ threads: 1 })
})
