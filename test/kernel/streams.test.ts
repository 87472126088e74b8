import { expect, test } from 'vitest'
import { streamsOf } from '../../src/kernel/index.ts'

test('X is read in four places only where no cache holds it, and one holds a few blocks', () => {
  expect(streamsOf(100_000, 100)).toBe(4)
  expect(streamsOf(1_000_000, 32)).toBe(4)
  expect(streamsOf(60_000, 100)).toBe(4)
  expect(streamsOf(1000, 784)).toBe(1)
  expect(streamsOf(20_000, 4096)).toBe(4)
  expect(streamsOf(20_000, 4100)).toBe(1)
})
