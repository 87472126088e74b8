import { describe, expect, test } from 'vitest'
import {
  checkSchedule,
  constantSchedule,
  cosineSchedule,
  inverseSchedule,
  type ScheduleOptions,
  scheduleOf,
  stepSchedule,
  warmUpSchedule,
} from '../../src/optim/index.ts'

const rates = (options: ScheduleOptions, epochs: number, base = 1) =>
  Array.from({ length: epochs }, (_, e) => scheduleOf(options, epochs)(e, base))

test('constant, step, inverse', () => {
  expect(constantSchedule(7, 0.3)).toBe(0.3)
  expect([0, 1, 2, 3, 4].map((e) => stepSchedule(2, 0.5)(e, 8))).toEqual([8, 8, 4, 4, 2])
  expect([0, 1, 2].map((e) => inverseSchedule(1)(e, 6))).toEqual([6, 3, 2])
  expect(stepSchedule(1, 0.5)(10 ** 9, 1)).toBe(0)
})

test('cosine falls from the base to the floor and stays there', () => {
  const cosine = cosineSchedule(10, 0.1)
  expect(cosine(0, 2)).toBe(2)
  expect(cosine(5, 2)).toBeCloseTo(1.1, 14)
  expect(cosine(10, 2)).toBeCloseTo(0.2, 14)
  expect(cosine(99, 2)).toBe(cosine(10, 2))
  for (let e = 0; e <= 10; e++) expect(cosine(e, 1)).toBeCloseTo(0.1 + 0.45 * (1 + Math.cos((Math.PI * e) / 10)), 14)
})

test('warm-up climbs to the base, then another schedule begins', () => {
  expect([0, 1, 2, 3, 4, 5].map((e) => warmUpSchedule(4)(e, 1))).toEqual([0.25, 0.5, 0.75, 1, 1, 1])
  expect([3, 4, 5, 6].map((e) => warmUpSchedule(4, inverseSchedule(1))(e, 1))).toEqual([1, 1, 1 / 2, 1 / 3])
})

test('the same as plain data', () => {
  expect(rates('constant', 3, 5)).toEqual([5, 5, 5])
  expect(rates({ type: 'step', every: 1, factor: 0.5 }, 3)).toEqual([1, 0.5, 0.25])
  expect(rates({ type: 'inverse', decay: 1 }, 2)).toEqual([1, 0.5])
  expect(rates({ type: 'cosine' }, 2)).toEqual([1, 0.5])
  expect(rates({ type: 'cosine', epochs: 1, floor: 0.5 }, 2)).toEqual([1, 0.5])
  // The cosine gets what the warm-up leaves.
  expect(rates({ type: 'warmUp', epochs: 2, after: { type: 'cosine' } }, 4)).toEqual([0.5, 1, 1, 0.5])
})

describe('bad schedules', () => {
  const deep = (n: number): unknown => (n === 0 ? 'constant' : { type: 'warmUp', epochs: 1, after: deep(n - 1) })
  test.each<[unknown, typeof TypeError | typeof RangeError]>([
    ['linear', RangeError],
    [undefined, TypeError],
    [null, TypeError],
    [() => 1, TypeError],
    [{}, TypeError],
    [{ type: 'exponential' }, RangeError],
    [{ type: 'step', every: 0, factor: 0.5 }, RangeError],
    [{ type: 'step', every: 2, factor: 0 }, RangeError],
    [{ type: 'step', every: 2 }, TypeError],
    [{ type: 'inverse', decay: -1 }, RangeError],
    [{ type: 'inverse', decay: 1, every: 2 }, TypeError],
    [{ type: 'cosine', floor: 2 }, RangeError],
    [{ type: 'warmUp' }, TypeError],
    [{ type: 'warmUp', epochs: 1, after: { type: 'cosine', epochs: 0 } }, RangeError],
    [deep(20), RangeError],
  ])('%o', (options, kind) => {
    expect(() => checkSchedule('schedule', options)).toThrow(kind)
    expect(() => checkSchedule('schedule', options)).toThrow(/^schedule/)
  })

  test('a good one is copied', () => {
    const options = { type: 'warmUp', epochs: 1, after: { type: 'cosine', floor: 0.1 } } as const
    expect(checkSchedule('schedule', options)).toEqual(options)
    expect(checkSchedule('schedule', options)).not.toBe(options)
  })
})
