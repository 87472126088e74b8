import { expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { laid, normal, permutation } from '../reference/random.ts'
import { inArena } from './arena.ts'
import { expectClose, expectExact } from './expect-close.ts'
import { EPS, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

const SEEDS = [0, 1, 2 ** 32 - 1, 2 ** 40 + 1]

forEachVariant((kernel) => {
  const { kernels } = kernel

  /** Runs with a state made from the seed; the state it leaves must be the one that `reference` leaves. */
  function draw<T>(
    seed: number,
    reference: Random,
    run: (arena: Parameters<Parameters<typeof inArena>[1]>[0], state: ReturnType<typeof kernels.alloc>) => T,
  ): T {
    return inArena(kernel, (arena) => {
      const state = arena.inout(new Random(seed).state)
      const result = run(arena, state)
      expectExact(arena.u32(state, 4), reference.state)
      return result
    })
  }

  test.each(SIZES)('shuffle of %i draws as core/random does, and leaves the same state', (n) => {
    for (const seed of SEEDS) {
      const reference = new Random(seed)
      const expected = permutation(n, reference)
      const items = draw(seed, reference, (arena, state) => {
        const at = arena.inout(Uint32Array.from({ length: n }, (_, i) => i))
        kernels.shuffle(n, 0, at, state)
        return arena.u32(at, n)
      })
      expectExact(items, expected)
    }
  })

  test('shuffle goes on where it stopped', () => {
    const reference = new Random(5)
    const expected = permutation(1000, reference)
    const items = draw(5, reference, (arena, state) => {
      const at = arena.inout(Uint32Array.from({ length: 1000 }, (_, i) => i))
      for (const [n, rest] of [
        [1000, 999],
        [999, 998],
        [998, 17],
        [17, 1],
        [1, 0],
      ] as const)
        kernels.shuffle(n, rest, at, state)
      return arena.u32(at, 1000)
    })
    expectExact(items, expected)
  })

  test.each([0, 1, 15, 16, 17, 100, 1000, 4099])('layRows: %i rows, all of them, as the plain order does', (n) => {
    for (const block of [1, 2, 8, 32]) {
      const count = Math.ceil(n / block)
      const reference = new Random(n + block)
      const numbers = permutation(count, new Random(1))
      const streams = Array.from({ length: 16 }, (_, q) =>
        numbers.slice(Math.floor((q * count) / 16), Math.floor(((q + 1) * count) / 16)),
      )
      const expected = laid(n, block, streams, reference)
      expect([...expected].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
      const rows = draw(n + block, reference, (arena, state) => {
        const blocks = arena.input(Uint32Array.from(numbers))
        const base = arena.input(Uint32Array.from({ length: n }, (_, i) => 3 * i + 1))
        const [at, scratch] = [arena.room(n * 4), arena.room(64)]
        const rounds = Math.ceil(count / 16)
        const half = rounds >> 1
        // In two calls.
        const done = kernels.layRows(n, block, 0, half, blocks, base, at, state, scratch)
        const rest = (at + done * 4) as typeof at
        expect(done + kernels.layRows(n, block, half, rounds, blocks, base, rest, state, scratch)).toBe(n)
        return arena.u32(at, n)
      })
      expectExact(
        rows,
        expected.map((row) => 3 * row + 1),
      )
    }
  })

  test.each(SIZES)('uniform: %i numbers in [low, high), the same draws', (n) => {
    for (const [low, high] of [
      [0, 1],
      [-0.25, 0.75],
    ] as const) {
      const reference = new Random(n)
      const expected = Float32Array.from({ length: n }, () => low + (high - low) * reference.uniform())
      const values = draw(n, reference, (arena, state) => {
        const at = arena.room(n * 4)
        kernels.uniform(n, at, state, low, high)
        return arena.f32(at, n)
      })
      expectExact(values, expected)
      expect(values.every((value) => value >= low && value < high)).toBe(true)
    }
  })

  test.each(SIZES)('normal: %i numbers, equal to the polar method in float64 but for the last rounding', (n) => {
    const reference = new Random(n)
    const expected = normal(n, reference, 10, 3)
    const values = draw(n, reference, (arena, state) => {
      const at = arena.room(n * 4)
      kernels.normal(n, at, state, 10, 3)
      return arena.f32(at, n)
    })
    expectClose(values, expected, (i) => 1.001 * EPS * Math.abs(expected[i]!) + 1e-13)
  })

  test('normal has the moments of a normal distribution', () => {
    const n = 200_000
    const values = inArena(kernel, (arena) => {
      const at = arena.room(n * 4)
      kernels.normal(n, at, arena.inout(new Random(5).state), 0, 1)
      return Float64Array.from(arena.f32(at, n))
    })
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / n
    // Four standard errors: sqrt of the variance of z^power (1, 2, 15, 96) over n.
    for (const [power, expected, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const)
      expect(Math.abs(moment(power) - expected)).toBeLessThan(4 * Math.sqrt(variance / n))
  })
})
