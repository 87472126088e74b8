import { describe, expect, test } from 'vitest'
import { loadFactory } from '../../src/kernel/load-factory.ts'
import { VARIANTS, whyNot } from '../../src/kernel/variants.ts'
import { forEachVariant, startVariant } from '../assembly/variants.ts'

const simd = await startVariant('simd')
const names = (exports: object) =>
  Object.keys(exports)
    .filter((name) => name !== 'memory')
    .sort()

test('simd, scalar and js run here', () => {
  for (const variant of VARIANTS) if (variant !== 'relaxed') expect(whyNot(variant)).toBeUndefined()
})

forEachVariant(({ kernels, variant }) => {
  test('exports the same functions as simd', () => {
    expect(names(kernels)).toEqual(names(simd.kernels))
    for (const name of names(kernels)) expect(typeof kernels[name as 'dot']).toBe('function')
    expect(kernels.memory.buffer.byteLength).toBeGreaterThan(0)
  })

  test('needs as much scratch as simd, or what one more of its panels takes', () => {
    // Matrix products go in tiles of 4 rows or of 6, as suits the variant.
    const panel = 6 * 256 * 4 + 64
    const within = (bytes: number, other: number) =>
      expect(Math.abs(bytes - other)).toBeLessThanOrEqual(panel + other / 100)
    within(kernels.gemmScratchBytes(), simd.kernels.gemmScratchBytes())
    for (const n of [0, 4, 64, 1000, 2 ** 20 - 4]) {
      expect(kernels.linearScratchBytes(n)).toBe(simd.kernels.linearScratchBytes(n))
      within(kernels.hessianScratchBytes(n), simd.kernels.hessianScratchBytes(n))
      expect(kernels.epochScratchBytes(8, n)).toBe(simd.kernels.epochScratchBytes(8, n))
    }
    for (const batch of [1, 32, 1000, 2 ** 20]) {
      expect(kernels.epochScratchBytes(batch, 8)).toBe(simd.kernels.epochScratchBytes(batch, 8))
    }
  })

  test('a factory makes instances that share nothing', async () => {
    const factory = await loadFactory(variant)
    expect(factory.variant).toBe(variant)
    const [a, b] = [factory.create(), factory.create()]
    expect(a.memory.buffer).not.toBe(b.memory.buffer)
    const [blockA, blockB] = [a.alloc(16), b.alloc(16)]
    expect(blockA).toBe(blockB)
    new Float32Array(a.memory.buffer, blockA, 4).fill(1)
    expect(a.dot(4, blockA, blockA)).toBe(4)
    new Float32Array(b.memory.buffer, blockB, 4).fill(2)
    expect(a.dot(4, blockA, blockA)).toBe(4)
    expect(b.dot(4, blockB, blockB)).toBe(16)
  })
})

describe('the same bits', () => {
  test('scalar and js agree to the bit; simd and they on what is exact', async () => {
    const run = async (variant: 'simd' | 'scalar' | 'js') => {
      const { kernels, memory } = await startVariant(variant)
      const [x, y] = [memory.alloc(4000), memory.alloc(4000)]
      memory.f32(x, 1000).set(Float32Array.from({ length: 1000 }, (_, i) => Math.fround((i - 500) / 7)))
      kernels.sigmoid(1000, x, y)
      const sigmoids = memory.u32(y, 1000).slice()
      kernels.exp(1000, x, y)
      return { sigmoids, exps: memory.u32(y, 1000).slice(), dot: kernels.dot(1000, x, x) }
    }
    const [simdResult, scalar, js] = [await run('simd'), await run('scalar'), await run('js')]
    expect(js).toEqual(scalar)
    expect(simdResult.sigmoids).toEqual(scalar.sigmoids)
    expect(simdResult.exps).toEqual(scalar.exps)
  })
})
