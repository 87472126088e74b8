import type { Machine } from '../machine.ts'
import type { Measurement } from '../measure.ts'
import { layOut, ratioText, timeText } from '../report.ts'

/** How many times as fast as one thread it is to be, on two. */
export interface ThreadsTarget {
  readonly least?: number
}

export interface ThreadsRow extends Measurement, ThreadsTarget {
  readonly name: string
}

export interface ThreadsReport {
  readonly machine: Machine
  readonly threads: number
  readonly rows: readonly ThreadsRow[]
}

export function threadsMarkdown({ machine, threads, rows }: ThreadsReport): string {
  const { cpu, cores, node, v8, os, date, variant } = machine
  const lines = rows.map(({ name, ratios, timings, least }) => [
    name,
    ratioText(ratios.reference),
    least === undefined || threads !== 2 ? '' : `${least} ${ratios.reference!.median >= least ? 'met' : 'missed'}`,
    timeText(timings.reference),
    timeText(timings.lanefit),
  ])
  const head = ['work', 'times as fast', 'at least', 'one thread', `${threads} threads`]
  return `${layOut(head, lines)}
${variant} kernel; Node ${node} (V8 ${v8}); ${cpu}, ${cores} cores; ${os}; ${date}. Ratios are the median of the rounds and,
in parentheses, the least and the greatest; times the least and the median of a call. Answers are the same to the last bit.
`
}

/** What was aimed at and not reached. */
export function threadsMisses({ threads, rows }: ThreadsReport): string[] {
  if (threads !== 2) return []
  return rows.flatMap(({ name, least, ratios }) => {
    const got = ratios.reference!.median
    return least !== undefined && !(got >= least)
      ? [`${name}: ${got.toFixed(2)} times as fast on two threads, ${least} aimed at`]
      : []
  })
}
