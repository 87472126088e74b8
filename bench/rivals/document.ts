import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { about, ratioTable } from './report.ts'
import type { Line, RivalsReport } from './result.ts'

const PAGE = 'docs/benchmarks.md'
const README = 'README.md'
const BEGIN = '<!-- rivals:begin -->'
const END = '<!-- rivals:end -->'
const NATIVE = ['NumPy', 'scikit-learn', 'PyTorch', 'liblinear']

/** Puts the last results into docs/benchmarks.md, those of one thread into the README, and draws them into docs/figures/. */
export async function document(): Promise<string[]> {
  const [file] = readdirSync('bench/results')
    .filter((name) => /^rivals-.*\.json$/.test(name))
    .map((name) => `bench/results/${name}`)
    .sort((a, b) => dateOf(b).localeCompare(dateOf(a)))
  if (!file) throw new Error('bench/results: no rivals-*.json yet; run npm run bench:rivals')
  const report = read(file)
  writeFileSync(PAGE, withResults(readFileSync(PAGE, 'utf8'), results(report)))
  const table = `${ratioTable(report.lines, 1)}\n${about(report)}`
  writeFileSync(README, withResults(readFileSync(README, 'utf8'), table))

  // Not imported: what runs this file would bundle Vega.
  const { toSvg } = await import(pathToFileURL(resolve('examples/experiments/svg.mjs')).href)
  const written = [PAGE, README]
  for (const [name, title, wanted] of [
    ['rivals-javascript', 'JavaScript, one thread', (rival: string) => !NATIVE.includes(rival)],
    ['rivals-native', 'Native, one thread', (rival: string) => NATIVE.includes(rival)],
  ] as const) {
    const path = `docs/figures/${name}.svg`
    writeFileSync(path, await toSvg(figure(title, points(report.lines, wanted))))
    written.push(path)
  }
  return written
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as RivalsReport
const dateOf = (file: string) => read(file).machine.date

function results(report: RivalsReport): string {
  return `One thread against one thread:

${ratioTable(report.lines, 1)}
All threads against all threads:

${ratioTable(report.lines, 'all')}
${about(report)}`
}

/** The page with what stands between the markers replaced. @throws Error where they are missing */
export function withResults(page: string, text: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`expected ${BEGIN} and ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n${page.slice(end)}`
}

interface Point {
  readonly workload: string
  readonly rival: string
  readonly ratio: number
}

/** The best way of each rival at each workload; who was stopped or was wrong is not drawn. */
export function points(lines: readonly Line[], wanted: (rival: string) => boolean): Point[] {
  const best = new Map<string, Point>()
  for (const { workload, rival, threads, status, ratio } of lines) {
    if (threads !== 1 || status !== 'timed' || !ratio || rival === 'lanefit' || !wanted(rival)) continue
    const key = `${workload}|${rival}`
    const known = best.get(key)
    if (!known || ratio.median < known.ratio) best.set(key, { workload, rival, ratio: ratio.median })
  }
  return [...best.values()]
}

function figure(title: string, values: readonly Point[]): object {
  return {
    title: `${title}: rival's time over lanefit's (right of 1: lanefit is faster)`,
    height: { step: 22 },
    data: { values },
    encoding: {
      y: { field: 'workload', type: 'nominal', sort: null, title: null, axis: { labelLimit: 300, grid: true } },
    },
    layer: [
      {
        mark: { type: 'point', filled: true, size: 70, opacity: 0.9 },
        encoding: {
          x: { field: 'ratio', type: 'quantitative', scale: { type: 'log' }, title: 'times as long' },
          color: { field: 'rival', type: 'nominal', title: null, sort: null },
          shape: { field: 'rival', type: 'nominal', title: null, sort: null },
        },
      },
      {
        data: { values: [{ one: 1 }] },
        mark: { type: 'rule', color: 'black' },
        encoding: { x: { field: 'one', type: 'quantitative' }, y: null },
      },
    ],
  }
}
