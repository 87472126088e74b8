import { describe, expect, test } from 'vitest'
import { KernelError } from '../../src/core/errors.ts'
import { type SpawnedWorker, spawn } from '../../src/core/spawn.ts'

const nextMessage = (worker: SpawnedWorker) =>
  new Promise<unknown>((resolve, reject) => {
    worker.onMessage = resolve
    worker.onError = reject
  })

const rejection = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )

describe('spawn', () => {
  test('what is posted arrives and is answered; buffers are transferred both ways', async () => {
    const worker = await spawn(`
      self.onmessage = ({ data }) => {
        const bytes = new Uint8Array(data.buffer)
        bytes.reverse()
        self.postMessage({ buffer: data.buffer, again: data.word }, [data.buffer])
      }`)
    const { buffer } = Uint8Array.of(1, 2, 3)
    const answer = nextMessage(worker)
    worker.postMessage({ buffer, word: 'hello' }, [buffer])
    expect(buffer.byteLength).toBe(0)
    const { again, buffer: back } = (await answer) as { again: string; buffer: ArrayBuffer }
    expect(again).toBe('hello')
    expect([...new Uint8Array(back)]).toEqual([3, 2, 1])
    worker.terminate()
  })

  test('what it posts at once is not lost', async () => {
    const worker = await spawn(`Promise.resolve().then(() => self.postMessage('first'))`)
    expect(await nextMessage(worker)).toBe('first')
    worker.terminate()
  })

  test('a script that fails at once: it cannot start, and the error says why', async () => {
    const error = await rejection(spawn(`throw new RangeError('no luck')`))
    expect(error).toBeInstanceOf(KernelError)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('no luck'), hint: undefined })
  })

  test('an error later goes to onError', async () => {
    const worker = await spawn(`self.onmessage = ({ data }) => { throw new Error(data) }`)
    const error = rejection(nextMessage(worker))
    worker.postMessage('no luck')
    expect(await error).toBeInstanceOf(KernelError)
    expect(await error).toMatchObject({ code: 'TRAP', message: expect.stringContaining('no luck') })
    worker.terminate()
  })

  test('after terminate there is silence', async () => {
    const worker = await spawn(`self.onmessage = () => { self.postMessage(1); throw new Error('late') }`)
    const heard: unknown[] = []
    worker.onMessage = worker.onError = (value: unknown) => heard.push(value)
    worker.postMessage(0)
    worker.terminate()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard).toEqual([])
  })

  test('a file that is not there', async () => {
    const error = await rejection(spawn(new URL('nowhere/worker.js', import.meta.url)))
    expect(error).toBeInstanceOf(KernelError)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', hint: expect.stringContaining('nowhere/worker.js') })
  })
})
