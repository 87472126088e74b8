import { afterAll, expect, test, vi } from 'vitest'
import { init, kernel, kernelInfo, Matrix } from '../../src/kernel/index.ts'

// A page whose content security policy lacks 'wasm-unsafe-eval': everything is there and valid, compiling throws.
class Module {
  constructor() {
    throw new EvalError('code generation disallowed.')
  }
}
vi.stubGlobal('WebAssembly', { ...WebAssembly, validate: () => true, Module })
afterAll(() => {
  vi.unstubAllGlobals()
})

const reason = "compiling WebAssembly is blocked here (script-src needs 'wasm-unsafe-eval'): code generation disallowed"

test('a call that cannot wait names the directive', () => {
  expect(() => kernel()).toThrow(
    expect.objectContaining({
      code: 'UNAVAILABLE',
      cause: expect.any(EvalError),
      message: expect.stringContaining(reason),
    }),
  )
})

test('what waits falls back to JavaScript, and says why once', async () => {
  await init()
  expect(kernelInfo()).toMatchObject({
    variant: 'js',
    reason: `the fallback: ${reason}; this variant is slower than hand-written JavaScript`,
  })
  using matrix = Matrix.from([[1, 2]])
  expect([...matrix.row(0)]).toEqual([1, 2])
})
