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

describe('what is measured against lanefit itself', () => {
  const against = (name: string, times: number, most?: number): Row => ({
    ...row(name, 12),
    reference: { what: 'a pass', ...(most !== undefined && { most }) },
    timings: { lanefit: spread(times), reference: spread(1) },
    ratios: { reference: { min: 0.5 / times, median: 1 / times, max: 2 / times } },
  })
  const rows = [against('within', 1.2, 1.5), against('beyond', 1.8, 1.5), against('free', 3)]

  test('has a table of its own, in which more is worse', () => {
    const own = markdown({ machine, rows }).split('\n')
    const begin = own.findIndex((line) => line.includes('against'))
    const cells = own.slice(begin + 2, begin + 5).map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, 5),
    )
    expect(cells).toEqual([
      ['within', 'a pass', '1.20 (0.60-2.40)', '1.5 met'],
      ['beyond', 'a pass', '1.80 (0.90-3.60)', '1.5 missed'],
      ['free', 'a pass', '3.00 (1.50-6.00)', ''],
    ])
  })

  test('is said where it takes too long', () => {
    expect(misses({ machine, rows })).toEqual(['beyond: 1.80 times a pass, at most 1.5 aimed at'])
  })
})

test("solvers' steps are listed where there are any", () => {
  const rows = [row('free', 3), { ...row('fit', 3), steps: { lanefit: 5, plain: 6 } }]
  expect(markdown({ machine, rows })).toContain('| fit          |       5 |     6 |       |\n')
  expect(markdown(report())).not.toContain('steps')
})

test('a missed target is named with what it lacks', () => {
  expect(misses(report())).toEqual(['missed: 8.00 times as fast as plain JavaScript, 10.00 aimed at (20 % short)'])
})

describe('withTable', () => {
  const readme = '# lanefit\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nrest\n'

  test('replaces what is between the markers, again and again', () => {
    const once = withTable('README.md', readme, 'bench', 'new\n')
    expect(once).toBe('# lanefit\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nrest\n')
    expect(withTable('README.md', once, 'bench', 'new\n')).toBe(once)
  })

  test.each(['# lanefit\n', '<!-- bench:begin -->', '<!-- bench:end --> <!-- bench:begin -->'])(
    'refuses %j, where the markers are missing',
    (text) => {
      expect(() => withTable('README.md', text, 'bench', 'new')).toThrow('README.md: expected <!-- bench:begin -->')
    },
  )
})
