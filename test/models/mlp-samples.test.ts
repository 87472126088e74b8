import { expect, test } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import { holdOut } from '../../src/models/mlp-samples.ts'

const codes = Int32Array.from({ length: 1000 }, (_, i) => (i % 100 === 0 ? 2 : i % 3 === 0 ? 1 : 0))
const count = (rows: Uint32Array, code: number) => rows.filter((row) => codes[row] === code).length

test('rows are set aside from every class by its share, each row is on one side', () => {
  for (const fraction of [0.1, 0.25, 0.5]) {
    const { train, held } = runSync(holdOut(codes, 3, fraction, 7))
    expect([...train, ...held].sort((a, b) => a - b)).toEqual(Array.from(codes, (_, i) => i))
    const all = Uint32Array.from(codes, (_, i) => i)
    for (const code of [0, 1, 2]) expect(count(held, code)).toBe(Math.round(fraction * count(all, code)))
  }
})

test('by seed, from anywhere', () => {
  const held = (seed: number) => runSync(holdOut(codes, 3, 0.2, seed)).held
  expect(held(1)).toEqual(held(1))
  expect(held(1)).not.toEqual(held(2))
  const times = new Float64Array(1000)
  for (let seed = 0; seed < 200; seed++) for (const row of held(seed)) times[row]!++
  // 200 draws at 1 in 5: 40, give or take five deviations.
  expect(Math.min(...times)).toBeGreaterThan(10)
  expect(Math.max(...times)).toBeLessThan(70)
})

test('never a whole class, and never nothing', () => {
  const { train, held } = runSync(holdOut(Int32Array.of(0, 0, 0, 1), 2, 0.9, 0))
  expect(held).toHaveLength(2)
  expect([...train]).toContain(3)
  expect(() => runSync(holdOut(Int32Array.of(0, 1), 2, 0.5, 0))).toThrow(
    expect.objectContaining({ code: 'TOO_FEW_ROWS' }),
  )
})
