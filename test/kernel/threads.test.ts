import { afterEach, describe, expect, test, vi } from 'vitest'
import { runAsync, runSync } from '../../src/core/steps.ts'
import { bytesOfText } from '../../src/kernel/byte-text.ts'
import { init, kernel, kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { loadFactory, loadWorkerScript } from '../../src/kernel/load-factory.ts'
import { mayWait, Pool } from '../../src/kernel/pool.ts'
import { taskNames } from '../../src/kernel/pool-tasks.ts'
import { factoryOf } from '../../src/kernel/variants.ts'
import { rowsOf } from './stored.ts'

const rows = Array.from({ length: 1500 }, (_, i) => [i, 1e6 + i / 7, 3])
const isPage = 'document' in globalThis

afterEach(async () => {
  vi.unstubAllGlobals()
  await init({ variant: 'simd', threads: 1 })
})

describe('init', () => {
  test.each([
    [0, RangeError, "init: threads (or 'auto'): expected an integer >= 1 and <= 64, got 0"],
    [1.5, RangeError, 'got 1.5'],
    [65, RangeError, 'got 65'],
    ['two', TypeError, 'init: threads (or \'auto\'): expected an integer >= 1 and <= 64, got "two"'],
  ] as const)('threads: %j', async (threads, kind, message) => {
    await expect(init({ threads: threads as number })).rejects.toThrow(kind)
    await expect(init({ threads: threads as number })).rejects.toThrow(message)
  })

  test('more threads, fewer, as many as there are processors: matrices move along', async () => {
    using matrix = Matrix.from(rows)
    const contents = rowsOf(matrix)
    for (const threads of [2, 3, 1, 'auto', 4] as const) {
      await init({ threads })
      const expected =
        threads === 'auto' ? Math.min(16, globalThis.navigator?.hardwareConcurrency ?? kernelInfo().threads) : threads
      expect(kernelInfo()).toMatchObject({ variant: 'simd', threads: expected, threadsReason: 'asked for by init' })
      expect(matrix.slabs.kernel).toBe(kernel())
      expect(rowsOf(matrix)).toEqual(contents)
      expect(kernelInfo().liveBytes).toBe(1500 * 16)
    }
  })

  test('the same number again changes nothing; another variant keeps the number', async () => {
    await init({ threads: 2 })
    const running = kernel()
    await init({ threads: 2 })
    await init({})
    await init({ variant: 'simd' })
    expect(kernel()).toBe(running)
    await init({ variant: 'scalar' })
    expect(kernelInfo()).toMatchObject({ threads: 1, threadsReason: 'one, since the scalar kernel has one thread' })
  })

  test('is refused while a matrix is in use, and everything stays as it is', async () => {
    using matrix = Matrix.from(rows)
    const letGo = matrix.slabs.hold()
    await expect(init({ threads: 2 })).rejects.toThrow('a fit or a prediction is running')
    expect(kernelInfo().threads).toBe(1)
    letGo()
  })

  test('takes a module for threads, and says when it is none', async () => {
    const [shared, plain] = [await loadFactory('simd', true), await loadFactory('simd')]
    await init({ module: shared.module as WebAssembly.Module, threads: 2 })
    expect(kernelInfo()).toMatchObject({ threads: 2, reason: 'the module given to init' })
    expect([shared.isShared, plain.isShared]).toEqual([true, false])
    const { text } = await import('../../src/kernel/generated/simd.ts')
    await expect(init({ module: bytesOfText(text), threads: 2 })).rejects.toThrow('-threads.wasm')
  })
})

describe('where threads cannot be, there is one and the reason', () => {
  test('no SharedArrayBuffer', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined)
    await init({ threads: 4 })
    expect(kernelInfo().threads).toBe(1)
    expect(kernelInfo().threadsReason).toMatch(
      /no SharedArrayBuffer.*Cross-Origin-Opener-Policy.*Cross-Origin-Embedder/,
    )
    expect(Matrix.from(rows).row(7)[0]).toBe(7)
  })

  test('a page that is not isolated', async () => {
    vi.stubGlobal('crossOriginIsolated', false)
    await init({ threads: 2 })
    expect(kernelInfo().threadsReason).toMatch(/^one, since there is no SharedArrayBuffer here/)
  })

  test('workers that are blocked', async () => {
    vi.stubGlobal(
      'Worker',
      class {
        constructor() {
          throw new DOMException('blocked by the policy', 'SecurityError')
        }
      },
    )
    await init({ threads: 2 })
    expect(kernelInfo().threads).toBe(1)
    expect(kernelInfo().threadsReason).toMatch(/^one, since a worker cannot start here: blocked by the policy/)
  })
})

/** A pool on a kernel of its own, whose workers run this program instead. */
async function start(program?: string, threads = 2) {
  const factory = await loadFactory('simd', true)
  const kernels = factory.create()
  const script = program ?? (await loadWorkerScript())
  const options = { threads, script, startMs: 500, patienceMs: 300 }
  const pool = await Pool.start(options, factory.module as WebAssembly.Module, kernels)
  return { pool, kernels }
}

const run = isPage ? runAsync : async (steps: Parameters<typeof runSync>[0]) => runSync(steps)

/** n numbers scaled by 2, one a task. */
function doubling(kernels: Awaited<ReturnType<typeof start>>['kernels'], n: number) {
  const at = kernels.alloc(n * 4)
  new Float32Array(kernels.memory.buffer, at, n).fill(1)
  const tasks = Array.from({ length: n }, (_, i) => [1, at + 4 * i, 2])
  return {
    job: { name: 'scale', tasks, scratchAt: -1, scratchBytes: 0 } as const,
    values: () => [...new Float32Array(kernels.memory.buffer, at, n)],
  }
}

describe('a pool', () => {
  test('does every task once, more than its ring holds too, again and again', async () => {
    const { pool, kernels } = await start(undefined, 4)
    const { job, values } = doubling(kernels, 3000)
    for (let round = 1; round <= 5; round++) {
      await run(pool.run(job))
      expect(values()).toEqual(new Array(3000).fill(2 ** round))
    }
    pool.end('done with')
  })

  test('jobs follow each other: none of the next begins before all of one are done', async () => {
    const { pool, kernels } = await start(undefined, 3)
    const n = 40_000
    const [a, b] = [kernels.alloc(n * 4), kernels.alloc(n * 4)]
    const at = (pointer: number) => new Float32Array(kernels.memory.buffer, pointer, n)
    at(a).fill(0)
    at(b).fill(1)
    // a += b by one task and b += a by forty, again and again: Fibonacci's numbers.
    const job = (x: number, y: number, step: number) => ({
      name: 'axpy' as const,
      tasks: Array.from({ length: n / step }, (_, i) => [step, x + 4 * i * step, y + 4 * i * step, 1]),
      scratchAt: -1,
      scratchBytes: 0,
    })
    for (let round = 0; round < 50; round++) {
      at(a).fill(0)
      at(b).fill(1)
      await run(pool.run(...Array.from({ length: 10 }, () => [job(b, a, n), job(a, b, n / 40)]).flat()))
      expect([at(a), at(b)].map((values) => [...new Set(values)])).toEqual([[6765], [10946]])
    }
    pool.end('done with')
  })

  test('whoever takes a task, it has its own scratch', async () => {
    const { pool, kernels } = await start(undefined, 3)
    const at = kernels.alloc(3 * 16)
    new Float32Array(kernels.memory.buffer, at, 12).fill(1)
    const tasks = Array.from({ length: 90 }, () => [4, at, 2])
    await run(pool.run({ name: 'scale', tasks, scratchAt: 1, scratchBytes: 16 }))
    const scratch = new Float32Array(kernels.memory.buffer, at, 12)
    const times = [0, 4, 8].map((i) => Math.log2(scratch[i]!))
    expect(times.reduce((sum, n) => sum + n, 0)).toBe(90)
    for (let i = 0; i < 12; i++) expect(scratch[i]).toBe(scratch[i - (i % 4)])
    pool.end('done with')
  })

  test('attached to another memory it works there, and memory may grow', async () => {
    const { pool, kernels: first } = await start()
    await run(pool.run(doubling(first, 10).job))
    const factory = await loadFactory('simd', true)
    for (let round = 0; round < 10; round++) {
      const kernels = factory.create()
      pool.attach(factory.module as WebAssembly.Module, kernels)
      for (const n of [100, 1e6, 2e6]) {
        const at = kernels.alloc(n * 4)
        new Float32Array(kernels.memory.buffer, at, n).fill(3)
        const tasks = Array.from({ length: 100 }, (_, i) => [n / 100, at + (i * n) / 25, 2])
        await run(pool.run({ name: 'scale', tasks, scratchAt: -1, scratchBytes: 0 }))
        expect(new Float32Array(kernels.memory.buffer, at, n).every((value) => value === 6)).toBe(true)
      }
    }
    pool.end('done with')
  })

  test('only the owner allocates: no task can name the heap', async () => {
    const { pool, kernels } = await start()
    expect(taskNames(kernels)).toHaveLength(Object.keys(kernels).length - 3)
    expect(taskNames(kernels)).not.toContain('alloc')
    expect(taskNames(kernels)).not.toContain('free')
    // A second instance that allocated would hand out the owner's first block: it has a heap of its own, just begun.
    const [before, other] = [kernels.alloc(64), factoryOf('simd', (await loadFactory('simd', true)).module!).create()]
    expect(other.alloc(64)).toBeLessThanOrEqual(before)
    const script = await loadWorkerScript()
    expect(script).not.toMatch(/\balloc\b|\bfree\b/)
    pool.end('done with')
  })

  test('runs synchronously only where this thread may wait', async () => {
    const { pool } = await start()
    expect(pool.ownerWorks).toBe(mayWait())
    expect(mayWait()).toBe(!isPage)
    expect(runSync(pool.canRun())).toBe(!isPage)
    expect(await runAsync(pool.canRun())).toBe(true)
    pool.end('done with')
  })
})

/** Answers as a worker does and then takes a task and does nothing. */
const THIEF = `self.onmessage = ({ data }) => {
  const control = new Int32Array(data.tasks, 0, 8)
  self.postMessage({ kind: 'attached', attached: data.attached })
  while (Atomics.load(control, 1) === Atomics.load(control, 2)) Atomics.wait(control, 0, Atomics.load(control, 0), 1)
  Atomics.add(control, 2, 1)
  AT_WORK
}`

describe('trouble', () => {
  test.each([
    ['a script that fails', 'throw new Error("no luck")', /a worker cannot start here: .*no luck/],
    ['a worker that never answers', 'self.onmessage = () => {}', /a worker did not answer within 0.5 s/],
    ['a worker that ends', 'self.onmessage = () => { throw new Error("gone") }', /gone/],
    [
      'a kernel that cannot be made',
      'self.onmessage = () => self.postMessage({ kind: "failed", message: "bad" })',
      /bad/,
    ],
  ])('%s: the pool does not start', async (_, program, message) => {
    await expect(start(program)).rejects.toThrow(message)
  })

  test.each([
    ['falls silent', '', /a worker has done nothing for 0.3 s/],
    ['dies', 'throw new Error("killed")', isPage ? /killed/ : /a worker has done nothing/],
    [
      'traps',
      'Atomics.store(control, 6, 1); Atomics.add(control, 3, 1); Atomics.notify(control, 3); self.postMessage({ kind: "done" })',
      /failed in a worker/,
    ],
  ])('a worker that %s at work is an error; then there is one thread', async (_, atWork, message) => {
    const { pool, kernels } = await start(THIEF.replace('AT_WORK', atWork))
    const ended = vi.fn()
    pool.onEnd = ended
    const { job } = doubling(kernels, isPage ? 1 : 2000)
    // On this thread's way through 2000 tasks the thief gets one; a page leaves it the only one.
    const slow = { ...job, tasks: job.tasks.map((args) => [...args]) }
    const attempt = async () => {
      for (let i = 0; i < 200 && !ended.mock.calls.length; i++) {
        await run(pool.run(slow, slow))
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    await expect(attempt()).rejects.toMatchObject({ name: 'KernelError', message: expect.stringMatching(message) })
    expect(ended).toHaveBeenCalledOnce()
    const { job: after, values } = doubling(kernels, 50)
    await run(pool.run(after))
    expect(values()).toEqual(new Array(50).fill(2))
  })

  test('a worker lost between jobs: one thread, and kernelInfo says so', async () => {
    await init({ threads: 2 })
    using matrix = Matrix.from(rows)
    const { pool } = kernel() as { pool: Pool }
    expect(kernelInfo().threads).toBe(2)
    pool.onEnd('a test')
    expect(kernelInfo()).toMatchObject({ threads: 1, threadsReason: 'one, since a test' })
    expect(kernel().pool).toBeUndefined()
    expect(matrix.row(3)[0]).toBe(3)
    pool.end('a test')
  })
})
