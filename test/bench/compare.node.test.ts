import { describe, expect, test } from 'vitest'
import { type Compared, compare, compareText, toleranceOf } from '../../bench/compare.ts'

const ratio = (median: number, spread = 0.05) => ({
  min: median * (1 - spread),
  median,
  max: median * (1 + spread),
})
const row = (name: string, plain: number, tuned?: number, spread?: number): Compared => ({
  name,
  ratios: { plain: ratio(plain, spread), ...(tuned !== undefined && { tuned: ratio(tuned, spread) }) },
})
const kinds = (now: Compared[], then: Compared[]) => compare(now, then).map(({ name, kind }) => `${name} ${kind}`)

describe('toleranceOf', () => {
  test('is the spread that was recorded, a tenth at least', () => {
    expect(toleranceOf(ratio(20, 0.2))).toBeCloseTo(0.4, 12)
    expect(toleranceOf(ratio(20, 0.01))).toBe(0.1)
    expect(toleranceOf({ min: 8, median: 10, max: 10.5 })).toBeCloseTo(0.25, 12)
  })
})

describe('compare', () => {
  test('within the tolerance nothing has changed', () => {
    expect(compare([row('a', 9.1, 4.6)], [row('a', 10, 5)])).toEqual([])
    expect(compare([row('a', 10.9, 5.4)], [row('a', 10, 5)])).toEqual([])
    expect(compare([row('a', 7)], [row('a', 10, undefined, 0.2)])).toEqual([])
  })

  test('beyond it a row is slower or faster, by the ratio that changed least', () => {
    const [slower] = compare([row('a', 5, 4)], [row('a', 10, 5)])
    expect(slower).toMatchObject({ name: 'a', kind: 'slower' })
    expect(slower!.factor).toBeCloseTo(0.8, 12)
    expect(slower!.text).toBe(
      '5.00 over plain, recorded 10.00 (9.50-10.50); 4.00 over tuned, recorded 5.00 (4.75-5.25)',
    )
    expect(kinds([row('a', 15, 6)], [row('a', 10, 5)])).toEqual(['a faster'])
    expect(kinds([row('a', 6)], [row('a', 10, undefined, 0.1)])).toEqual(['a slower'])
  })

  test('a rival that has changed is no change of lanefit', () => {
    expect(compare([row('a', 10, 2)], [row('a', 10, 5)])).toEqual([])
    expect(compare([row('a', 20, 5)], [row('a', 10, 5)])).toEqual([])
  })

  test('rivals that were not there before are not compared', () => {
    expect(kinds([row('a', 5, 9)], [row('a', 10)])).toEqual(['a slower'])
    expect(compare([row('a', 5)], [{ name: 'a', ratios: {} }])).toEqual([])
  })

  test('rows that one of the two lacks are said', () => {
    expect(kinds([row('b', 5)], [row('a', 5)])).toEqual(['b new', 'a gone'])
  })

  test('a NaN is slower than everything', () => {
    expect(kinds([row('a', Number.NaN)], [row('a', 10)])).toEqual(['a slower'])
  })
})

describe('compareText', () => {
  test('has the worst first and sums up', () => {
    const then = [row('a', 10), row('b', 10), row('c', 10), row('d', 10), row('e', 10)]
    const now = [row('a', 8), row('b', 20), row('c', 4), row('d', 10), row('f', 1)]
    const lines = compareText(compare(now, then), 4).split('\n')
    expect(lines.map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
      'slower: c',
      'slower: a',
      'faster: b',
      'new: f',
      'gone: e',
      '4 compared with the record: 2 slower, 1 faster than its spread explains',
    ])
    expect(lines[0]).toBe('slower: c: 4.00 over plain, recorded 10.00 (9.50-10.50) (-60 %)')
  })
})
