import type { Machine } from './machine.ts'
import type { Measurement, Ratio, Timing } from './measure.ts'
import type { Workload } from './workload.ts'

/** A measured workload. */
export interface Row extends Measurement {
  readonly name: string
  readonly target?: number
  readonly flops?: number
  readonly reference?: Workload['reference']
}

export interface Report {
  readonly machine: Machine
  readonly rows: readonly Row[]
}

/** Ratios first: they are what carries over to another machine. */
export function markdown({ machine, rows }: Report): string {
  const { cpu, node, v8, variant, date, os, cores } = machine
  return `${[table(rows, variant), ...ownTable(rows, variant), ...stepsTable(rows)].join('\n')}
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
  return layOut(head, lines)
}

/** What takes how many times as long as other work of lanefit's, timed in turn with it. */
function ownTable(rows: readonly Row[], variant: string): string[] {
  const lines = rows.flatMap(({ name, reference, timings, ratios }) => {
    if (!reference || !ratios.reference) return []
    const { min, median, max } = ratios.reference
    const times = { min: 1 / max, median: 1 / median, max: 1 / min }
    const { most } = reference
    const target = most === undefined || variant !== 'simd' ? '' : `${most} ${times.median <= most ? 'met' : 'missed'}`
    return [[name, reference.what, ratioText(times), target, timeText(timings.lanefit), timeText(timings.reference)]]
  })
  return lines.length ? [layOut(['workload', 'against', 'takes', 'at most', 'it', 'the other'], lines, 2)] : []
}

/** How many steps the solvers took: the same solver should take about as many on every loop. */
function stepsTable(rows: readonly Row[]): string[] {
  const lines = rows.flatMap(({ name, steps }) =>
    steps ? [[name, ...[steps.lanefit, steps.plain, steps.tuned].map((count) => String(count ?? ''))]] : [],
  )
  return lines.length ? [layOut(['solver steps', 'lanefit', 'plain', 'tuned'], lines)] : []
}

/** A Markdown table; the first `left` columns are ranged left, the others right. */
export function layOut(head: readonly string[], lines: readonly (readonly string[])[], left = 1): string {
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)))
  const text = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i < left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |\n`
  const rule = widths.map((width, i) => (i < left ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return text(head) + text(rule) + lines.map(text).join('')
}

export function ratioText(ratio: Ratio | undefined): string {
  if (!ratio) return ''
  const [low, middle, high] = [ratio.min, ratio.median, ratio.max].map((value) => value.toFixed(value < 10 ? 2 : 1))
  return `${middle} (${low}-${high})`
}

function targetText({ target, ratios }: Row): string {
  if (target === undefined || !ratios.plain) return ''
  const wanted = target < 1 ? target.toFixed(2) : String(target)
  return ratios.plain.median >= target ? `${wanted} met` : `${wanted} missed`
}

export function timeText(timing: Timing | undefined): string {
  return timing ? `${duration(timing.min)} / ${duration(timing.median)}` : ''
}

/** Milliseconds in the unit that suits them, with three digits. */
export function duration(ms: number): string {
  const [value, unit] =
    ms < 1e-3 ? [ms * 1e6, 'ns'] : ms < 1 ? [ms * 1e3, 'us'] : ms < 1e3 ? [ms, 'ms'] : [ms / 1e3, 's']
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`
}

/** What was aimed at and not reached, and by how much. Empty for variants that have no targets. */
export function misses({ machine, rows }: Report): string[] {
  if (machine.variant !== 'simd') return []
  return rows.flatMap(({ name, target, reference, ratios }) => {
    const missed: string[] = []
    const got = ratios.plain?.median
    if (target !== undefined && got !== undefined && !(got >= target)) {
      const short = Math.round((1 - got / target) * 100)
      missed.push(
        `${name}: ${got.toFixed(2)} times as fast as plain JavaScript, ${target.toFixed(2)} aimed at (${short} % short)`,
      )
    }
    const times = ratios.reference && 1 / ratios.reference.median
    if (reference?.most !== undefined && times !== undefined && !(times <= reference.most)) {
      missed.push(`${name}: ${times.toFixed(2)} times ${reference.what}, at most ${reference.most} aimed at`)
    }
    return missed
  })
}

/**
 * A Markdown file with what is between its markers, `<!-- NAME:begin -->` and `<!-- NAME:end -->`, replaced.
 * @throws Error where the markers are missing
 */
export function withTable(file: string, markdown: string, name: string, text: string): string {
  const [first, last] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const begin = markdown.indexOf(first)
  const end = markdown.indexOf(last)
  if (begin < 0 || end < begin) throw new Error(`${file}: expected ${first} and ${last} around the table`)
  return `${markdown.slice(0, begin + first.length)}\n\n${text}\n${markdown.slice(end)}`
}
