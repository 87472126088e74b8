import { expect, test } from 'vitest'
import { moons } from '../../src/data/index.ts'
import { kernelInfo } from '../../src/kernel/index.ts'

test('without noise every point is on its half circle', () => {
  using data = moons({ rows: 501, noise: 0 })
  expect(data).toMatchObject({ featureNames: ['x0', 'x1'], targetName: 'y', skippedRows: 0 })
  expect(data.y.filter((label) => label === 1)).toHaveLength(250)
  const seen = [0, 0]
  for (let i = 0; i < 501; i++) {
    const [a, b] = data.X.row(i) as unknown as [number, number]
    const below = data.y[i] === 1
    const [x, y] = below ? [1 - a, 0.5 - b] : [a, b]
    expect(Math.hypot(x, y)).toBeCloseTo(1, 6)
    expect(y).toBeGreaterThanOrEqual(0)
    seen[x > 0 ? 1 : 0]!++
  }
  expect(Math.min(...seen)).toBeGreaterThan(200)
})

test('noise has the deviation asked for', () => {
  using data = moons({ rows: 4000, noise: 0.05, seed: 3 })
  let square = 0
  for (let i = 0; i < 4000; i++) {
    const [a, b] = data.X.row(i) as unknown as [number, number]
    const [x, y] = data.y[i] === 1 ? [1 - a, 0.5 - b] : [a, b]
    square += (Math.hypot(x, y) - 1) ** 2
  }
  expect(Math.sqrt(square / 4000)).toBeGreaterThan(0.045)
  expect(Math.sqrt(square / 4000)).toBeLessThan(0.055)
})

test('the same for a seed, in any engine', async () => {
  const bytes = (seed: number) => {
    using data = moons({ rows: 300, seed })
    return Float64Array.from([...Array.from({ length: 300 }, (_, i) => [...data.X.row(i)]).flat(), ...data.y])
  }
  expect(bytes(1)).toEqual(bytes(1))
  expect(bytes(1)).not.toEqual(bytes(2))
  const digest = await crypto.subtle.digest('SHA-256', bytes(1))
  expect(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(
    '892357a06419fb9c46a81cd72878f45a7412e4fc181389a1781f910916814fe9',
  )
})

test('bad options are refused, and nothing stays behind', () => {
  const before = kernelInfo().liveBytes
  expect(() => moons({ rows: 0 })).toThrow(RangeError)
  expect(() => moons({ noise: -1 })).toThrow(RangeError)
  expect(() => moons({ noise: '1' as never })).toThrow(TypeError)
  expect(() => moons({ row: 7 } as never)).toThrow(TypeError)
  {
    using data = moons()
    expect(data.X.rows).toBe(1000)
  }
  expect(kernelInfo().liveBytes).toBe(before)
})
