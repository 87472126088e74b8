import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

// V8 has no SIMD in WebAssembly on an x64 CPU without SSE 4.1, and can be told that this is one; ARM64 always has it.
test.skipIf(process.arch !== 'x64')('where there is no SIMD the scalar kernel runs, after init', () => {
  const args = ['--no-enable-sse4-1', 'scripts/run-ts.mjs', 'test/kernel/no-simd-program.ts']
  const output = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  expect(JSON.parse(output)).toEqual({
    sync: expect.stringMatching(/^KernelError: .*this engine has no WebAssembly SIMD.*Call `await init\(\)`/),
    simd: expect.stringMatching(/^KernelError: the simd kernel cannot run: this engine has no WebAssembly SIMD/),
    info: expect.objectContaining({ variant: 'scalar', reason: 'the fallback: this engine has no WebAssembly SIMD' }),
    row: [4, 5, 6],
  })
})
