import { describe, expect, test, vi } from 'vitest'
import { runAsync, runSync } from '../../src/core/steps.ts'
import type { KernelExports } from '../../src/kernel/generated/exports.ts'
import { Memory } from '../../src/kernel/memory.ts'
import { at, type Pointer } from '../../src/kernel/pointer.ts'
import { forEachVariant, startVariant } from '../assembly/variants.ts'

const GIB = 2 ** 30
const outOfMemory = (message: RegExp) =>
  expect.objectContaining({ name: 'KernelError', code: 'OUT_OF_MEMORY', message: expect.stringMatching(message) })

forEachVariant(({ memory, variant }) => {
  test('blocks are aligned, apart, and counted', () => {
    const sizes = [1, 3, 16, 17, 1000, 70_000, 0]
    const blocks = sizes.map((bytes) => memory.alloc(bytes))
    expect(memory.liveBytes).toBe(sizes.reduce((sum, bytes) => sum + bytes, 0))
    for (const block of blocks) expect(block % 16).toBe(0)
    for (const [i, block] of blocks.entries()) memory.u8(block, sizes[i]!).fill(i + 1)
    for (const [i, block] of blocks.entries())
      expect(memory.u8(block, sizes[i]!).every((byte) => byte === i + 1)).toBe(true)
    for (const block of blocks) memory.free(block)
    expect(memory.liveBytes).toBe(0)
    expect(memory.totalBytes).toBeGreaterThan(0)
  })

  test('memory that is freed is used again', () => {
    const first = memory.alloc(100_000)
    const { totalBytes } = memory
    memory.free(first)
    for (let i = 0; i < 50; i++) memory.free(memory.alloc(100_000))
    expect(memory.totalBytes).toBe(totalBytes)
  })

  test('views look at the same bytes', () => {
    const block = memory.alloc(16)
    memory.f32(block, 4).set([1, -2, 0.5, 8])
    expect([...memory.u32(block, 2)]).toEqual([0x3f800000, 0xc0000000])
    expect([...memory.u8(at(block, 4), 4)]).toEqual([0, 0, 0, 0xc0])
    memory.f64(block, 1)[0] = 1
    expect([...memory.f32(block, 4)]).toEqual([0, 1.875, 0.5, 8])
    memory.free(block)
  })

  test('a block is freed once, and only where one is', () => {
    const block = memory.alloc(64)
    const other = memory.alloc(64)
    memory.free(block)
    const trap = expect.objectContaining({ name: 'KernelError', code: 'TRAP', variant })
    expect(() => memory.free(block)).toThrow(trap)
    expect(() => memory.free(at(other, 16))).toThrow(trap)
    expect(() => memory.free(0 as Pointer)).toThrow(trap)
    expect(memory.liveBytes).toBe(64)
    // The heap has not been upset: two new blocks are two.
    const two = [memory.alloc(64), memory.alloc(64)]
    expect(new Set([...two, other]).size).toBe(3)
    for (const one of [...two, other]) memory.free(one)
    expect(memory.liveBytes).toBe(0)
  })

  test.each([GIB - 15, GIB, 2 * GIB, 2 ** 31 + 1, 2 ** 32, 2 ** 32 + 64, 2 ** 53])(
    '%i bytes are too many for one block',
    (bytes) => {
      const before = memory.liveBytes
      expect(() => memory.alloc(bytes)).toThrow(
        outOfMemory(/^no room for [\d.]+ MiB \(one block holds at most 1 GiB\)/),
      )
      expect(memory.liveBytes).toBe(before)
      memory.free(memory.alloc(1000))
    },
  )
})

describe('a full memory', () => {
  test('says what is in use, and works on', async () => {
    const { memory, kernels } = await startVariant('simd')
    const blocks: Pointer[] = []
    // Nothing is written to most of it, so the system does not have to find 4 GiB.
    expect(() => {
      for (;;) blocks.push(memory.alloc(GIB / 2))
    }).toThrow(outOfMemory(/^no room for 512\.0 MiB: (3072|3584)\.0 MiB are in use\. Release matrices/))
    expect(memory.liveBytes).toBe((blocks.length * GIB) / 2)

    // Addresses above 2 GiB are positive, and kernels take them.
    const high = blocks.filter((block) => block > 2 ** 31)
    expect(high.length).toBeGreaterThan(1)
    expect(new Set(blocks).size).toBe(blocks.length)
    const end = at(high[0]!, GIB / 2 - 32)
    memory.f32(end, 8).set([1, 2, 3, 4, 5, 6, 7, 8])
    expect(kernels.dot(8, end, end)).toBe(204)
    kernels.axpy(8, end, at(high[1]!, 4), 0)

    memory.free(blocks.pop()!)
    blocks.push(memory.alloc(GIB / 2))
    for (const block of blocks) memory.free(block)
    expect(memory.liveBytes).toBe(0)
    memory.free(memory.alloc(GIB - 16))
  })
})

/** A memory whose heap says no a number of times before it says yes. */
function scarce(refusals: number): { memory: Memory; asked: () => number } {
  const alloc = vi.fn(() => {
    if (alloc.mock.calls.length <= refusals) throw new Error('unreachable')
    return -2147483648
  })
  const exports = { memory: { buffer: new ArrayBuffer(64) }, alloc, free() {} } as unknown as KernelExports
  return { memory: new Memory(exports, 'simd'), asked: () => alloc.mock.calls.length }
}

describe('allocPatiently', () => {
  test('waits, and tries again ten times', async () => {
    const { memory, asked } = scarce(10)
    expect(await runAsync(memory.allocPatiently(100))).toBe(2147483648)
    expect(asked()).toBe(11)
    expect(memory.liveBytes).toBe(100)
  })

  test('gives up after that', async () => {
    const { memory, asked } = scarce(Number.POSITIVE_INFINITY)
    await expect(runAsync(memory.allocPatiently(100))).rejects.toThrow(outOfMemory(/^no room for 0\.0 MiB: 0\.0 MiB/))
    expect(asked()).toBe(11)
    expect(memory.liveBytes).toBe(0)
  })

  test('run synchronously it gives up at once', () => {
    const { memory, asked } = scarce(1)
    expect(() => runSync(memory.allocPatiently(100))).toThrow(outOfMemory(/using/))
    expect(asked()).toBe(1)
  })

  test('does not wait for what can never be', async () => {
    const { memory, asked } = scarce(0)
    await expect(runAsync(memory.allocPatiently(2 * GIB))).rejects.toThrow(outOfMemory(/at most 1 GiB/))
    expect(asked()).toBe(0)
  })

  test('stops waiting when it is aborted', async () => {
    const { memory, asked } = scarce(Number.POSITIVE_INFINITY)
    const controller = new AbortController()
    const waiting = runAsync(memory.allocPatiently(100), { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(asked()).toBeLessThan(11)
  })
})

test('onEmpty is called when the last block goes', async () => {
  const { memory } = await startVariant('simd')
  const onEmpty = vi.fn()
  memory.onEmpty = onEmpty
  const [a, b] = [memory.alloc(8), memory.alloc(8)]
  memory.free(a)
  expect(onEmpty).not.toHaveBeenCalled()
  memory.free(b)
  expect(onEmpty).toHaveBeenCalledTimes(1)
})
