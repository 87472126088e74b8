import { describe, expect, test } from 'vitest'
import type { Machine } from '../../bench/machine.ts'
import { markdown, misses, type Report, type Row, withTable } from '../../bench/report.ts'

const machine: Machine = {
  date: '2026-01-02',
  cpu: 'A CPU',
  cores: 2,
  memoryGiB: 8,
  os: 'linux 6.1 x64',
  node: '24.1.0',
  v8: '13.6',
  variant: 'simd',
}
const spread = (median: number) => ({ min: median * 0.9, median, max: median * 1.1 })
const row = (name: string, ratio: number, target?: number): Row => ({
  name,
  ...(target !== undefined && { target }),
  flops: 2e6,
  rounds: 7,
  timings: { lanefit: spread(1), plain: spread(ratio), tuned: spread(ratio / 2) },
  ratios: { plain: spread(ratio), tuned: spread(ratio / 2) },
})
const report = (variant = 'simd'): Report => ({
  machine: { ...machine, variant },
  rows: [row('met', 12, 10), row('missed', 8, 10), row('free', 3)],
})

describe('markdown', () => {
  const lines = markdown(report()).split('\n')
  const cells = (line: string) => line.split('|').map((cell) => cell.trim())

  test('ratios come first, targets beside them, times after', () => {
    expect(cells(lines[0]!).slice(1, -1)).toEqual([
      'workload',
      'over plain',
      'target',
      'over tuned',
      'lanefit',
      'GFLOP/s',
      'plain',
      'tuned',
    ])
    expect(cells(lines[2]!).slice(1, -1)).toEqual([
      'met',
      '12.0 (10.8-13.2)',
      '10 met',
      '6.00 (5.40-6.60)',
      '900 us / 1.00 ms',
      '2.22',
      '10.8 ms / 12.0 ms',
      '5.40 ms / 6.00 ms',
    ])
    expect(cells(lines[3]!)[3]).toBe('10 missed')
    expect(cells(lines[4]!)[3]).toBe('')
  })

  test('says where, with what and when', () => {
    expect(markdown(report()).replaceAll('\n', ' ')).toContain(
      'One thread; simd kernel; Node 24.1.0 (V8 13.6); A CPU, 2 cores; linux 6.1 x64; 2026-01-02.',
    )
  })

  test('other variants have no targets', () => {
    expect(markdown(report('relaxed'))).not.toContain('target')
    expect(misses(report('relaxed'))).toEqual([])
  })
})

test('a missed target is named with what it lacks', () => {
  expect(misses(report())).toEqual(['missed: 8.00 times as fast as plain JavaScript, 10.00 aimed at (20 % short)'])
})

describe('withTable', () => {
  const readme = '# lanefit\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nrest\n'

  test('replaces what is between the markers, again and again', () => {
    const once = withTable(readme, 'new\n')
    expect(once).toBe('# lanefit\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nrest\n')
    expect(withTable(once, 'new\n')).toBe(once)
  })

  test.each(['# lanefit\n', '<!-- bench:begin -->', '<!-- bench:end --> <!-- bench:begin -->'])(
    'refuses %j, where the markers are missing',
    (text) => {
      expect(() => withTable(text, 'new')).toThrow('README.md: expected <!-- bench:begin -->')
    },
  )
})
