import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { BASE, contenders } from '../../bench/rivals/contenders.ts'
import { points, withResults } from '../../bench/rivals/document.ts'
import { cell, markdown, ratioTable } from '../../bench/rivals/report.ts'
import type { Line } from '../../bench/rivals/result.ts'
import { alternate, type RoundOptions, ratios, type Seat, spread } from '../../bench/rivals/rounds.ts'

const options: RoundOptions = { minRounds: 3, maxRounds: 5, budgetMs: 1e6, longMs: 1000 }

/** Somebody whose samples are 1, 2, 3 ... times `ms`, and who writes down when he is asked. */
function seat(id: string, ms: number, log: string[] = [], first = ms): Seat {
  let round = 0
  return {
    id,
    first,
    sample: async () => {
      log.push(id)
      return ms * ++round
    },
  }
}

describe('alternate', () => {
  test('takes samples in turn, round after round', async () => {
    const log: string[] = []
    const samples = await alternate([seat('a', 1, log), seat('b', 2, log)], { ...options, maxRounds: 3 })
    expect(log).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
    expect([...samples]).toEqual([
      ['a', [1, 2, 3]],
      ['b', [2, 4, 6]],
    ])
  })

  test('asks nothing more of those whose first call was long', async () => {
    const log: string[] = []
    const samples = await alternate([seat('a', 1, log), seat('long', 2, log, 5000), seat('b', 2, log)], options)
    expect(samples.get('long')).toEqual([5000])
    expect(log).not.toContain('long')
    expect(samples.get('b')).toHaveLength(5)
  })

  test('stops with who has used up his time, and with the last but the first', async () => {
    const log: string[] = []
    const samples = await alternate([seat('a', 1, log), seat('b', 1, log)], { ...options, budgetMs: -1 })
    expect(samples.get('b')).toHaveLength(options.minRounds)
    expect(samples.get('a')).toHaveLength(options.minRounds)
  })

  test('goes on without one who fails', async () => {
    const failing: Seat = { id: 'f', first: 1, sample: () => Promise.reject(new Error('gone')) }
    const samples = await alternate([seat('a', 1), failing, seat('b', 1)], options)
    expect(samples.get('f')).toEqual(new Error('gone'))
    expect(samples.get('b')).toHaveLength(5)
  })
})

test('ratios are those of the same rounds', () => {
  expect(ratios([2, 8], [1, 2, 100])).toEqual({ min: 2, median: 3, max: 4 })
  expect(ratios([], [1])).toBeUndefined()
  expect(() => spread([])).toThrow(RangeError)
})

const line = (contender: string, ratio: number, more: Partial<Line> = {}): Line => ({
  workload: 'gemm 64',
  contender,
  rival: contender.replace(/,.*/, ''),
  threads: 1,
  status: 'timed',
  unit: 'ms',
  time: spread([ratio]),
  ratio: spread([ratio]),
  ...more,
})
const own = line(BASE[1], 1)

describe('a cell of the table', () => {
  test.each<[string, string, Line[]]>([
    ['the best of the ways', '2.0', [line('R, slow', 5), line('R, fast', 2)]],
    ['bold where the rival is faster', '**0.50**', [line('R', 0.5)]],
    ['whole numbers from 10', '1,234', [line('R', 1234.4)]],
    ['at least so much of who was stopped', '> 60', [line('R', 1, { status: 'capped', time: spread([60]) })]],
    ['a time rather than that', '3.0', [line('R, a', 1, { status: 'capped' }), line('R, b', 3)]],
    ['no for a wrong answer', 'no', [line('R', 1, { status: 'wrong' })]],
    ['nothing for what is not there', '', [line('R', 1, { status: 'missing' })]],
  ])('%s', (_, text, ways) => expect(cell(ways, own)).toBe(text))
})

test('the table has a row for a workload and a column for a rival', () => {
  const lines = [own, line('A', 3), line('B, one way', 4), line('A', 9, { threads: 'all' })]
  const cells = ratioTable(lines, 1)
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((text) => text.trim()))
  expect(cells[0]).toEqual(['', 'workload', 'lanefit', 'A', 'B', ''])
  expect(cells[2]).toEqual(['', 'gemm 64', '1.00 ms', '3.0', '4.0', ''])
})

test('the report tells of everybody, and keeps its columns whatever a note says', () => {
  const machine = {
    date: '2026-01-02',
    cpu: 'A CPU',
    cores: 2,
    memoryGiB: 8,
    os: 'linux',
    node: '24',
    v8: '13',
    variant: 'simd',
  }
  const lines = [own, line('A', 3, { note: 'a | b\nc', status: 'capped' })]
  const text = markdown({
    machine,
    native: { torch: null },
    packages: { 'ml-matrix': '6' },
    capSeconds: 9,
    seconds: 99,
    lines,
  })
  expect(text).toContain('torch not installed')
  expect(text).toContain('capped at 9 s')
  expect(text).toContain('a \\| b c')
})

test('every contender has its adapter, and another name than the others', () => {
  expect(new Set(contenders.map(({ id }) => id)).size).toBe(contenders.length)
  for (const { adapter, native } of contenders) {
    const file = native ? `native_${adapter}.py` : `${adapter}.mjs`
    expect(existsSync(new URL(`../../bench/rivals/adapters/${file}`, import.meta.url)), file).toBe(true)
  }
  expect(contenders.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.values(BASE)))
})

test('the figures show the best way of each rival that was timed', () => {
  const lines = [own, line('A, one', 3), line('A, two', 2), line('B', 1, { status: 'capped' }), line('N', 4)]
  expect(points(lines, (rival) => rival !== 'N')).toEqual([{ workload: 'gemm 64', rival: 'A', ratio: 2 }])
})

test('results replace what is between the markers of the page', () => {
  const page = 'a\n<!-- rivals:begin -->\nold\n<!-- rivals:end -->\nb\n'
  const once = withResults(page, 'new\n')
  expect(once).toBe('a\n<!-- rivals:begin -->\n\nnew\n\n<!-- rivals:end -->\nb\n')
  expect(withResults(once, 'new\n')).toBe(once)
  expect(() => withResults('a', 'new')).toThrow('expected <!-- rivals:begin -->')
})
