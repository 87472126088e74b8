import type { Measurement, Ratio } from './measure.ts'
import type { ContenderName } from './workload.ts'

/** What is compared: ratios, which carry over from one run to another where times do not. */
export type Compared = Pick<Measurement, 'ratios'> & { readonly name: string }

export interface Change {
  readonly name: string
  /** Slower or faster than recorded, beyond the tolerance; or not measured one of the two times. */
  readonly kind: 'slower' | 'faster' | 'new' | 'gone'
  /** Now / recorded, of the ratio that changed least. 1 where there is nothing to compare. */
  readonly factor: number
  readonly text: string
}

/** Two runs of the same code differ by so much on a machine that others use too. */
const LEAST_TOLERANCE = 0.1

/** How far the median of a ratio may move: as far as its rounds were spread when it was recorded. */
export function toleranceOf({ min, median, max }: Ratio): number {
  return Math.max(LEAST_TOLERANCE, (max - min) / median)
}

/**
 * Compares each row's ratios with the recorded ones of the same name; more is better in all of them. A row is slower (or
 * faster) when every one of its ratios is: lanefit's time is in all of them, a rival's in one only.
 */
export function compare(rows: readonly Compared[], recorded: readonly Compared[]): Change[] {
  const then = new Map(recorded.map((row) => [row.name, row]))
  const now = new Set(rows.map(({ name }) => name))
  return [
    ...rows.flatMap((row) => {
      const before = then.get(row.name)
      return before ? changeOf(row, before) : [{ ...nothing(row.name), kind: 'new' as const, text: 'not recorded' }]
    }),
    ...recorded
      .filter(({ name }) => !now.has(name))
      .map(({ name }) => ({ ...nothing(name), kind: 'gone' as const, text: 'recorded, but not measured' })),
  ]
}

const nothing = (name: string) => ({ name, factor: 1 })

function changeOf({ name, ratios }: Compared, before: Compared): Change[] {
  const both = (Object.keys(ratios) as ContenderName[]).flatMap((rival) => {
    const [now, then] = [ratios[rival], before.ratios[rival]]
    return now && then ? [{ rival, now, then, factor: now.median / then.median, tolerance: toleranceOf(then) }] : []
  })
  if (!both.length) return []
  // A NaN is no better than anything.
  const isSlower = both.every(({ factor, tolerance }) => !(factor >= 1 - tolerance))
  const isFaster = both.every(({ factor, tolerance }) => factor > 1 + tolerance)
  if (!isSlower && !isFaster) return []
  const least = both.reduce((a, b) => (Math.abs(Math.log(b.factor)) < Math.abs(Math.log(a.factor)) ? b : a))
  const text = both
    .map(({ rival, now, then }) => `${now.median.toFixed(2)} over ${rival}, recorded ${spreadText(then)}`)
    .join('; ')
  return [{ name, kind: isSlower ? 'slower' : 'faster', factor: least.factor, text }]
}

function spreadText({ min, median, max }: Ratio): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`
}

/** What has changed, the worst first, and a line that sums up. */
export function compareText(changes: readonly Change[], compared: number): string {
  const order = ['slower', 'faster', 'new', 'gone']
  const sorted = [...changes].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.factor - b.factor)
  const lines = sorted.map(({ name, kind, factor, text }) => {
    const by = kind === 'slower' || kind === 'faster' ? ` (${percent(factor)})` : ''
    return `${kind}: ${name}: ${text}${by}`
  })
  const count = (kind: Change['kind']) => changes.filter((change) => change.kind === kind).length
  return [
    ...lines,
    `${compared} compared with the record: ${count('slower')} slower, ${count('faster')} faster than its spread explains`,
  ].join('\n')
}

function percent(factor: number): string {
  const change = Math.round((factor - 1) * 100)
  return `${change > 0 ? '+' : ''}${change} %`
}
