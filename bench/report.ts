import type { Machine } from './machine.ts'
import type { Measurement, Ratio, Timing } from './measure.ts'

/** A measured workload. */
export interface Row extends Measurement {
  readonly name: string
  readonly target?: number
  readonly flops?: number
}

export interface Report {
  readonly machine: Machine
  readonly rows: readonly Row[]
}

/** Ratios first: they are what carries over to another machine. */
export function markdown({ machine, rows }: Report): string {
  const { cpu, node, v8, variant, date, os, cores } = machine
  return `${table(rows, variant)}
One thread; ${variant} kernel; Node ${node} (V8 ${v8}); ${cpu}, ${cores} cores; ${os}; ${date}. A ratio is the rival's
time over lanefit's: the median of the rounds and, in parentheses, the least and the greatest. Times are the least and
the median of a call. "Plain" are plain JavaScript loops over typed arrays, "tuned" the best hand-tuned ones.
`
}

function table(rows: readonly Row[], variant: string): string {
  const targets = variant === 'simd'
  const lines = rows.map((row) => {
    const { timings, ratios } = row
    return [
      row.name,
      ratioText(ratios.plain),
      ...(targets ? [targetText(row)] : []),
      ratioText(ratios.tuned),
      timeText(timings.lanefit),
      row.flops && timings.lanefit ? (row.flops / timings.lanefit.min / 1e6).toPrecision(3) : '',
      timeText(timings.plain),
      timeText(timings.tuned),
    ]
  })
  const head = [
    'workload',
    'over plain',
    ...(targets ? ['target'] : []),
    'over tuned',
    'lanefit',
    'GFLOP/s',
    'plain',
    'tuned',
  ]
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)))
  const text = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |\n`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return text(head) + text(rule) + lines.map(text).join('')
}

function ratioText(ratio: Ratio | undefined): string {
  if (!ratio) return ''
  const [low, middle, high] = [ratio.min, ratio.median, ratio.max].map((value) => value.toFixed(value < 10 ? 2 : 1))
  return `${middle} (${low}-${high})`
}

function targetText({ target, ratios }: Row): string {
  if (target === undefined || !ratios.plain) return ''
  const wanted = target < 1 ? target.toFixed(2) : String(target)
  return ratios.plain.median >= target ? `${wanted} met` : `${wanted} missed`
}

function timeText(timing: Timing | undefined): string {
  return timing ? `${duration(timing.min)} / ${duration(timing.median)}` : ''
}

/** Milliseconds in the unit that suits them, with three digits. */
function duration(ms: number): string {
  const [value, unit] =
    ms < 1e-3 ? [ms * 1e6, 'ns'] : ms < 1 ? [ms * 1e3, 'us'] : ms < 1e3 ? [ms, 'ms'] : [ms / 1e3, 's']
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`
}

/** What was aimed at and not reached, and by how much. Empty for variants that have no targets. */
export function misses({ machine, rows }: Report): string[] {
  if (machine.variant !== 'simd') return []
  return rows.flatMap(({ name, target, ratios }) => {
    const got = ratios.plain?.median
    if (target === undefined || got === undefined || got >= target) return []
    return [
      `${name}: ${got.toFixed(2)} times as fast as plain JavaScript, ${target.toFixed(2)} aimed at (${Math.round((1 - got / target) * 100)} % short)`,
    ]
  })
}

const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'

/** The README with its table replaced. Throws Error where the markers are missing. */
export function withTable(readme: string, text: string): string {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`README.md: expected ${BEGIN} and ${END} around the table`)
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${text}\n${readme.slice(end)}`
}
