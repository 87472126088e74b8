import { describe, expect, test } from 'vitest'
import { magnitudes } from '../reference/table.ts'
import * as reference from '../reference/vector.ts'
import { inArena } from './arena.ts'
import { expectClose, expectExact } from './expect-close.ts'
import { EPS, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

/** Four-byte alignment is all that vectors ask for. */
const SKIPS = [0, 4, 8, 12]

forEachVariant((kernel) => {
  const { kernels } = kernel

  describe.each(SIZES)('n = %i', (n) => {
    const samples = new Samples(n)
    const x = samples.whole(n)
    const y = samples.whole(n)

    test('dot is exact on whole numbers, at any alignment', () => {
      for (const skip of SKIPS) {
        const sum = inArena(kernel, (arena) => kernels.dot(n, arena.input(x, skip), arena.input(y, 12 - skip)))
        expect(sum).toBe(reference.dot(x, y))
      }
    })

    test('dot rounds as float32 does, over at most 256 terms', () => {
      const [a, b] = [samples.uniform(n), samples.uniform(n)]
      const sum = inArena(kernel, (arena) => kernels.dot(n, arena.input(a), arena.input(b)))
      // The longest chain of additions: 64 in one accumulator of the scalar build, then the four of them.
      const bound = 68 * EPS * reference.dot(magnitudes(a), magnitudes(b))
      expectClose([sum], [reference.dot(a, b)], () => bound)
    })

    test('axpy and scale change their vector and nothing else', () => {
      for (const skip of SKIPS) {
        const result = inArena(kernel, (arena) => {
          const target = arena.inout(y, skip)
          kernels.axpy(n, arena.input(x, 12 - skip), target, 3)
          const sum = arena.f32(target, n)
          kernels.scale(n, target, -0.5)
          return { sum, scaled: arena.f32(target, n) }
        })
        expectExact(result.sum, reference.axpy(x, y, 3))
        expectExact(result.scaled, reference.scale(reference.axpy(x, y, 3), -0.5))
      }
    })

    test('axpy rounds the product and the sum, scale the product', () => {
      const [a, b] = [samples.uniform(n), samples.uniform(n)]
      const factor = Math.fround(0.3)
      const [sum, product] = inArena(kernel, (arena) => {
        const [target, scaled] = [arena.inout(b), arena.inout(a)]
        kernels.axpy(n, arena.input(a), target, factor)
        kernels.scale(n, scaled, factor)
        return [arena.f32(target, n), arena.f32(scaled, n)]
      })
      const exact = reference.axpy(a, b, factor)
      expectClose(sum, exact, (i) => EPS * (Math.abs(factor * a[i]!) + Math.abs(exact[i]!) * (1 + EPS)))
      expectExact(product, reference.scale(a, factor).map(Math.fround))
    })
  })
})
