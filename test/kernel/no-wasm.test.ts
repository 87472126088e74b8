import { afterAll, expect, test, vi } from 'vitest'
import { init, kernel, kernelInfo, kernelReady, Matrix } from '../../src/kernel/index.ts'
import { rowsOf } from './stored.ts'

// An engine without WebAssembly: what matters here looks for the global when it needs it.
vi.stubGlobal('WebAssembly', undefined)
afterAll(() => {
  vi.unstubAllGlobals()
})

test('a call that cannot wait says what to do', () => {
  const unavailable = expect.objectContaining({ name: 'KernelError', code: 'UNAVAILABLE', variant: 'simd' })
  expect(() => kernel()).toThrow(unavailable)
  expect(() => Matrix.from([[1]])).toThrow(
    'the simd kernel cannot run: there is no WebAssembly here. Call `await init()`',
  )
  expect(kernelInfo().variant).toBeUndefined()
})

test('what is asked for and cannot run is an error', async () => {
  await expect(init({ variant: 'scalar' })).rejects.toThrow(
    'the scalar kernel cannot run: there is no WebAssembly here',
  )
})

test('what waits falls back to JavaScript, and says so', async () => {
  await Promise.all([init(), kernelReady(), init()])
  expect(kernelInfo()).toMatchObject({
    variant: 'js',
    reason: 'the fallback: there is no WebAssembly here; this variant is slower than hand-written JavaScript',
  })
  using matrix = Matrix.from([
    [1, 2],
    [3, 4],
  ])
  using swapped = matrix.takeRows(Uint32Array.of(1, 0))
  expect(rowsOf(swapped)).toEqual([
    [3, 4],
    [1, 2],
  ])
})
