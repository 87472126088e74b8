import type { Ratio } from '../measure.ts'
import { duration, layOut } from '../report.ts'
import type { RooflineReport, RooflineRow } from './roofline.ts'

/** Which limit a kernel is nearer to, and its shares of both: limit's time / kernel's time. */
export function sharesOf({ ratios }: RooflineRow): { read: number; peak: number; limit: 'read' | 'peak' } {
  const [read, peak] = [ratios.read?.median ?? 0, ratios.peak?.median ?? 0]
  return { read, peak, limit: read >= peak ? 'read' : 'peak' }
}

/** Two tables: what the machine can do, and what share of it the kernels get. */
export function rooflineMarkdown({ machine, limits, rows }: RooflineReport): string {
  const { variant, cpu, node, v8, date } = machine
  const can = [
    ...limits.read.map(({ name, rate }) => [`read ${name}`, `${rate.toFixed(1)} GB/s`]),
    ['multiply and add', `${limits.mulAdd.toFixed(1)} GFLOP/s`],
    ...(limits.fused === undefined ? [] : [['fused multiply-add', `${limits.fused.toFixed(1)} GFLOP/s`]]),
  ]
  const lines = rows.map((row) => {
    const { read, peak, limit } = sharesOf(row)
    const { min, median } = row.timings.lanefit!
    return [
      row.name,
      spreadText(row.ratios[limit]!),
      limit === 'read' ? 'reading' : 'arithmetic',
      targetText(row),
      `${duration(min)} / ${duration(median)}`,
      rate(row.bytes, min),
      percent(read),
      rate(row.flops, min),
      percent(peak),
    ]
  })
  const head = ['kernel', 'share', 'of its limit', 'target', 'time', 'GB/s', 'of reading', 'GFLOP/s', 'of arithmetic']
  return `${layOut([`${variant} kernel, one thread`, 'limit'], can)}
${layOut(head, lines)}
Node ${node} (V8 ${v8}); ${cpu}; ${date}. Shares are the medians of rounds in which the kernel, reading alone and
arithmetic alone took turns (in parentheses the least and the greatest); times are the least and the median.
`
}

function targetText(row: RooflineRow): string {
  if (!row.target) return ''
  return `${percent(row.target.share)} ${sharesOf(row)[row.target.limit] >= row.target.share ? 'met' : 'missed'}`
}

/** What was aimed at and not reached. */
export function rooflineMisses({ rows }: RooflineReport): string[] {
  return rows.flatMap((row) => {
    if (!row.target) return []
    const { limit, share } = row.target
    const got = sharesOf(row)[limit]
    const what = limit === 'read' ? 'reading alone' : 'arithmetic alone'
    return got >= share ? [] : [`${row.name}: ${percent(got)} of the speed of ${what}, ${percent(share)} aimed at`]
  })
}

function spreadText({ min, median, max }: Ratio): string {
  return `${percent(median)} (${Math.round(min * 100)}-${Math.round(max * 100)})`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function rate(work: number, ms: number): string {
  return (work / ms / 1e6).toPrecision(3)
}
