import type { Line, RivalsReport } from './result.ts'

/** Everything in one document: the table of ratios for one thread and for all, then every line. */
export function markdown(report: RivalsReport): string {
  return `# lanefit and its rivals

${about(report)}
## One thread

${ratioTable(report.lines, 1)}
## All threads

${ratioTable(report.lines, 'all')}
## Every line

${lineTable(report.lines)}`
}

/** Where and with what. */
export function about({ machine, native, capSeconds, seconds, packages }: RivalsReport): string {
  const { cpu, cores, node, date, os } = machine
  const text = (value: unknown) => (value === null ? 'not installed' : Array.isArray(value) ? value.join('; ') : value)
  const installed = [...Object.entries(packages), ...Object.entries(native).filter(([, value]) => value !== undefined)]
  return `${cpu}, ${cores} cores; Node ${node}; ${os}; ${date}; ${Math.round(seconds)} s in all; capped at ${capSeconds} s.
${installed.map(([name, value]) => `${name} ${text(value)}`).join(', ')}.
`
}

/**
 * Rows are workloads, columns rivals, cells the rival's time over lanefit's (median of the rounds), of the rival's best
 * way to do it. Below 1 the rival is faster, which is set in bold. "> 50": it was stopped before it was done; "no": it
 * gave no right answer; empty: it does not do this.
 */
export function ratioTable(lines: readonly Line[], threads: 1 | 'all'): string {
  const here = lines.filter((line) => line.threads === threads)
  const workloads = [...new Set(here.map(({ workload }) => workload))]
  const rivals = [...new Set(here.map(({ rival }) => rival))].filter((rival) => rival !== 'lanefit')
  const body = workloads.map((workload) => {
    const of = here.filter((line) => line.workload === workload)
    const own = of.find(({ contender }) => contender === 'lanefit') ?? of.find(({ rival }) => rival === 'lanefit')
    return [
      workload,
      timeText(own),
      ...rivals.map((rival) =>
        cell(
          of.filter((line) => line.rival === rival),
          own,
        ),
      ),
    ]
  })
  return table(['workload', 'lanefit', ...rivals], body)
}

/** The best of a rival's ways. */
export function cell(ways: readonly Line[], own: Line | undefined): string {
  const timed = ways.filter(({ status, ratio }) => status === 'timed' && ratio)
  if (timed.length) {
    const ratio = Math.min(...timed.map((line) => line.ratio!.median))
    return ratio < 1 ? `**${digits(ratio)}**` : digits(ratio)
  }
  const capped = ways.filter(({ status }) => status === 'capped').map(({ time }) => time?.min ?? 0)
  if (capped.length && own?.time) return `> ${digits(Math.max(...capped) / own.time.median)}`
  return ways.some(({ status }) => status === 'wrong' || status === 'failed') ? 'no' : ''
}

function lineTable(lines: readonly Line[]): string {
  const body = lines.map((line) => [
    line.workload,
    line.contender,
    line.status === 'timed' || line.status === 'capped' ? '' : line.status,
    `${line.status === 'capped' ? '> ' : ''}${timeText(line)}`,
    line.ratio ? `${digits(line.ratio.median)} (${digits(line.ratio.min)}-${digits(line.ratio.max)})` : '',
    line.note ?? '',
  ])
  return table(['workload', 'contender', '', 'median', 'over lanefit', 'note'], body)
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const safe = body.map((cells) => cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')))
  const widths = head.map((title, i) => Math.max(3, title.length, ...safe.map((cells) => cells[i]!.length)))
  const row = (cells: readonly string[]) => `| ${cells.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |\n`
  return row(head) + row(widths.map((width) => '-'.repeat(width))) + safe.map(row).join('')
}

function digits(value: number): string {
  return value >= 9.95 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
}

function timeText(line: Line | undefined): string {
  if (!line?.time) return ''
  const { median } = line.time
  if (line.unit === 'kB') return `${median.toFixed(median < 10 ? 1 : 0)} kB`
  const [value, unit] =
    median < 1e-3
      ? [median * 1e6, 'ns']
      : median < 1
        ? [median * 1e3, 'us']
        : median < 1e3
          ? [median, 'ms']
          : [median / 1e3, 's']
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`
}
