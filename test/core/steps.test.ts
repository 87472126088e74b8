import { describe, expect, test } from 'vitest'
import { CannotWait, macrotask, runAsync, runSync, type Steps } from '../../src/core/steps.ts'

/** Steps that note what happens to them. */
function* noted(log: string[], breaks: number): Steps<string> {
  try {
    for (let i = 0; i < breaks; i++) {
      log.push(`step ${i}`)
      yield
    }
    return 'done'
  } catch (error) {
    log.push(`caught ${(error as Error).message}`)
    throw error
  } finally {
    log.push('finally')
  }
}

/** Steps that wait for a promise and return what came of it. */
function* waiting(promise: Promise<unknown>): Steps<unknown> {
  return yield promise
}

/** Keeps the thread busy. */
function work(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('runSync', () => {
  test('runs to the end', () => {
    const log: string[] = []
    expect(runSync(noted(log, 2))).toBe('done')
    expect(log).toEqual(['step 0', 'step 1', 'finally'])
  })

  test('refuses to wait, inside the steps, so that they can clean up', () => {
    const log: string[] = []
    function* steps(): Steps<void> {
      try {
        yield Promise.resolve()
      } finally {
        log.push('finally')
      }
    }
    expect(() => runSync(steps())).toThrow(CannotWait)
    expect(log).toEqual(['finally'])
  })

  test('steps that can do without go on', () => {
    function* steps(): Steps<string> {
      try {
        yield Promise.resolve()
      } catch {}
      yield
      return 'without'
    }
    expect(runSync(steps())).toBe('without')
  })

  test('passes errors on', () => {
    function* steps(): Steps<void> {
      yield
      throw new Error('inside')
    }
    expect(() => runSync(steps())).toThrow('inside')
  })
})

describe('runAsync', () => {
  test('runs to the end', async () => {
    const log: string[] = []
    expect(await runAsync(noted(log, 3))).toBe('done')
    expect(log).toEqual(['step 0', 'step 1', 'step 2', 'finally'])
  })

  test('gives back what a promise resolves to, or throws its reason into the steps', async () => {
    expect(await runAsync(waiting(Promise.resolve(42)))).toBe(42)
    const reason = new Error('no')
    await expect(runAsync(waiting(Promise.reject(reason)))).rejects.toBe(reason)
    function* patient(): Steps<string> {
      try {
        yield Promise.reject(reason)
      } catch {
        return 'coped'
      }
      return 'nothing happened'
    }
    expect(await runAsync(patient())).toBe('coped')
  })

  test('a signal that is already aborted stops before the first step', async () => {
    const log: string[] = []
    const reason = new Error('before')
    await expect(runAsync(noted(log, 3), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(log).toEqual([])
  })

  test('aborting throws the reason into the steps at the next break, and their finally runs', async () => {
    const log: string[] = []
    const controller = new AbortController()
    const reason = new Error('enough')
    const running = runAsync(noted(log, 1e6), { signal: controller.signal, sliceMs: 0 })
    await macrotask()
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
    expect(log.slice(-2)).toEqual(['caught enough', 'finally'])
    expect(log.length).toBeLessThan(1000)
  })

  test('aborting while a promise is awaited wins over its answer', async () => {
    const controller = new AbortController()
    const running = runAsync(waiting(macrotask().then(() => controller.abort(new Error('meanwhile')))), controller)
    await expect(running).rejects.toThrow('meanwhile')
  })

  test('breaks after a slice, so that others get their turn', async () => {
    let turns = 0
    let running = true
    const others = (async () => {
      while (running) {
        await macrotask()
        turns++
      }
    })()
    function* steps(): Steps<void> {
      for (let i = 0; i < 20; i++) {
        work(2)
        yield
      }
    }
    await runAsync(steps(), { sliceMs: 4 })
    running = false
    await others
    // 40 ms of work in slices of 4 ms that end at the next 2 ms step: about ten breaks, each with a turn for others.
    expect(turns).toBeGreaterThanOrEqual(4)
  })

  test('does not break while the slice lasts', async () => {
    let turned = false
    const other = macrotask().then(() => {
      turned = true
    })
    function* steps(): Steps<boolean> {
      for (let i = 0; i < 100; i++) yield
      return turned
    }
    expect(await runAsync(steps(), { sliceMs: 1000 })).toBe(false)
    await other
  })
})

test('macrotask comes after promises and in order', async () => {
  const order: string[] = []
  const tasks = [1, 2, 3].map((i) => macrotask().then(() => order.push(`task ${i}`)))
  const micro = Promise.resolve().then(() => order.push('promise'))
  await Promise.all([...tasks, micro])
  expect(order).toEqual(['promise', 'task 1', 'task 2', 'task 3'])
})
