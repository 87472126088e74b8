import type { Random } from '../../src/core/random.ts'

/** 0 ... n - 1 in random order (Fisher-Yates, from the end). */
export function permutation(n: number, random: Random): number[] {
  const items = Array.from({ length: n }, (_, i) => i)
  for (let i = n; i > 1; i--) {
    const j = random.below(i)
    const item = items[i - 1]!
    items[i - 1] = items[j]!
    items[j] = item
  }
  return items
}

/** n draws from the normal distribution by the polar method, two at a time. */
export function normal(n: number, random: Random, mean: number, std: number): number[] {
  const draws: number[] = []
  while (draws.length < n) {
    const u = random.uint32() / 2 ** 31 - 1
    const v = random.uint32() / 2 ** 31 - 1
    const s = u * u + v * v
    if (s >= 1 || s === 0) continue
    const factor = std * Math.sqrt((-2 * Math.log(s)) / s)
    draws.push(mean + u * factor, mean + v * factor)
  }
  return draws.slice(0, n)
}
