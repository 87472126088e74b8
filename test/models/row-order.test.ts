import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { runSync } from '../../src/core/steps.ts'
import { kernel, Workspace } from '../../src/kernel/index.ts'
import { RowOrder } from '../../src/models/row-order.ts'

/** The orders of so many epochs. */
function orders(rows: number, stride: number, epochs: number, train?: Uint32Array, seed = 3): Uint32Array[] {
  const k = kernel()
  const work = new Workspace(k.memory)
  try {
    const random = work.bytes(16)
    k.memory.u32(random, 4).set(new Random(seed).state)
    const order = new RowOrder(k, { rows, stride }, random, work, train)
    return Array.from({ length: epochs }, () => {
      runSync(order.draw())
      return k.memory.u32(order.index, train?.length ?? rows).slice()
    })
  } finally {
    work.dispose()
  }
}

const sorted = (rows: Uint32Array) => Uint32Array.from(rows).sort()

describe.each([
  ['small', 1000, 32],
  ['large', 50_000, 32],
  ['of long rows', 3000, 1024],
  ['in several calls', 300_000, 4],
] as const)('%s', (_, rows, stride) => {
  test('every epoch takes every row once, each in an order of its own, by seed alone', () => {
    const all = Uint32Array.from({ length: rows }, (_, i) => i)
    const [first, second] = orders(rows, stride, 2)
    expect(sorted(first!)).toEqual(all)
    expect(sorted(second!)).toEqual(all)
    expect(second).not.toEqual(first)
    expect(orders(rows, stride, 2)).toEqual([first, second])
    expect(orders(rows, stride, 1, undefined, 4)[0]).not.toEqual(first)
  })

  test('of some rows it takes those', () => {
    const train = Uint32Array.from({ length: rows - 7 }, (_, i) => i + (i > 20 ? 7 : 0))
    for (const order of orders(rows, stride, 2, train)) expect(sorted(order)).toEqual(train)
  })

  test('every 32 rows are from all over the matrix', () => {
    const [order] = orders(rows, stride, 1)
    // The mean of 32 uniform numbers from [0, 1) is within 6 standard errors of 1/2.
    for (let i = 0; i + 32 <= rows; i += 32) {
      const mean = order!.subarray(i, i + 32).reduce((sum, row) => sum + row, 0) / 32 / rows
      expect(Math.abs(mean - 0.5)).toBeLessThan(6 / Math.sqrt(12 * 32))
    }
  })
})
