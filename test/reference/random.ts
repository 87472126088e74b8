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

/**
 * The order of assembly/kernels/order.ts: `streams`, the blocks of each in the order in which it takes them, side by side;
 * those with fewer blocks begin a round later.
 */
export function laid(n: number, block: number, streams: number[][], random: Random): number[] {
  const rounds = Math.max(...streams.map((blocks) => blocks.length))
  const rows: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < block; i++) {
      const turn = random.uint32() >>> 28
      for (let j = 0; j < 16; j++) {
        const reversed = Number.parseInt(j.toString(2).padStart(4, '0').split('').reverse().join(''), 2)
        const blocks = streams[reversed ^ turn]!
        const at = blocks.length - rounds + round
        const row = at < 0 ? n : blocks[at]! * block + i
        if (row < n) rows.push(row)
      }
    }
  }
  return rows
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
