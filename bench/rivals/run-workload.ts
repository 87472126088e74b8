import { mkdir, rm } from 'node:fs/promises'
import { AnswerError } from '../check.ts'
import { BASE, type Contender } from './contenders.ts'
import { ContenderProcess } from './process.ts'
import type { Line, Status } from './result.ts'
import { alternate, type RoundOptions, ratios, type Seat, spread } from './rounds.ts'
import { type Judge, readAnswer, type Workload } from './workloads.ts'

export interface RunOptions {
  readonly folder: string
  readonly capMs: number
  readonly rounds: RoundOptions
  /** Cold starts of each. */
  readonly starts: number
  readonly log: (line: string) => void
}

/** What became of a contender before the rounds, and its process if it is ready for them. */
interface Entry {
  readonly contender: Contender
  readonly seat?: ContenderProcess
  readonly status?: Status
  /** Milliseconds until it was ready, or until it was stopped. */
  readonly ms: number
  readonly note?: string | undefined
}

/** Start, load and first call of this many at a time; nothing is timed then but what is capped. */
const AT_ONCE = 2

/** All contenders at a workload, on one thread and then on all. */
export async function runWorkload(
  workload: Workload,
  chosen: readonly Contender[],
  options: RunOptions,
): Promise<Line[]> {
  const { kind } = workload
  const able = chosen.filter(({ kinds }) => kinds.includes(kind))
  const folder = `${options.folder}/data`
  await mkdir(folder)
  const judge = workload.prepare(folder, options.capMs)
  const lines: Line[] = []
  try {
    if (kind === 'cold') return await coldStarts(workload, able, folder, judge, options)
    for (const threads of [1, 'all'] as const) {
      const playing = able.filter((contender) => contender.threads === threads)
      if (playing.length) lines.push(...(await runGroup(workload, playing, able, folder, judge, options)))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return lines
}

async function runGroup(
  { name }: Workload,
  playing: readonly Contender[],
  able: readonly Contender[],
  folder: string,
  judge: Judge,
  options: RunOptions,
): Promise<Line[]> {
  const threads = playing[0]!.threads
  const entries: Entry[] = []
  const queue = [...playing]
  const enter = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const entry = await ready(next, folder, judge, options)
      options.log(`  ${next.id}: ${entry.status ?? 'ready'} after ${(entry.ms / 1000).toFixed(1)} s`)
      entries.push(entry)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, enter))
    let base = entries.find((entry) => entry.seat && entry.contender.id === BASE[threads])
    const single = able.find(({ id }) => id === BASE[1])
    if (!base && threads === 'all' && single) {
      base = await ready(single, folder, judge, options)
      entries.push(base)
    }
    const rest = entries.filter((entry) => entry !== base)
    const seats = [base, ...rest].flatMap((entry): Seat[] => (entry?.seat ? [entry.seat] : []))
    const samples = await alternate(seats, options.rounds)
    const own = base && samples.get(base.contender.id)
    // In the order of the list, not in that of being ready.
    const order = new Map(able.map(({ id }, i) => [id, i]))
    entries.sort((a, b) => order.get(a.contender.id)! - order.get(b.contender.id)!)
    return entries.map(({ contender, status, ms, note }): Line => {
      const line = {
        workload: name,
        rival: contender.rival,
        contender: contender.id,
        threads,
        unit: 'ms',
        ...(note && { note }),
      } as const
      if (status) return { ...line, status, ...(status === 'capped' && { time: { min: ms, median: ms, max: ms } }) }
      const times = samples.get(contender.id)
      if (!Array.isArray(times)) return { ...line, status: 'failed', note: times?.message ?? 'no samples' }
      const ratio = Array.isArray(own) && contender !== base?.contender ? ratios(times, own) : undefined
      return { ...line, status: 'timed', time: spread(times), ...(ratio && { ratio }) }
    })
  } finally {
    await Promise.all(entries.map(({ seat }) => seat?.end()))
  }
}

/** Starts a contender, judges its first answer, and lets it warm up; it waits for its samples then. */
async function ready(
  contender: Contender,
  folder: string,
  judge: Judge,
  { capMs, rounds }: Pick<RunOptions, 'capMs' | 'rounds'>,
): Promise<Entry> {
  const answerFile = `${folder}/${contender.id.replace(/\W+/g, '-')}.answer`
  const seat = new ContenderProcess(contender, folder, answerFile)
  const begin = performance.now()
  const message = await seat.message(capMs + 5_000)
  const ms = performance.now() - begin
  const out = async (entry: Partial<Entry>): Promise<Entry> => {
    await seat.end()
    return { contender, ms, ...entry }
  }
  if (!message) return out({ status: 'capped', note: 'no answer by then' })
  const { note } = message
  if (message.missing !== undefined) return out({ status: 'missing', note: message.missing })
  if (message.error !== undefined) return out({ status: 'failed', note: message.error })
  if (message.capped !== undefined) return out({ status: 'capped', ms: message.capped, note })
  seat.first = message.ready!
  try {
    const remark = judge(readAnswer(answerFile), message.pieces ?? 1)
    // The first sample is nobody's: what a process does after its answer would get in the way of others' samples.
    if (seat.first <= rounds.longMs) await seat.sample()
    else seat.pause()
    return { contender, seat, ms, note: [note, remark].filter(Boolean).join('; ') }
  } catch (error) {
    const { message } = error as Error
    const isWrong = error instanceof AnswerError || error instanceof RangeError
    return out({ status: isWrong ? 'wrong' : 'failed', note: message })
  }
}

/** From the start of a process to the message with the first probability, in turn. */
async function coldStarts(
  { name }: Workload,
  able: readonly Contender[],
  folder: string,
  judge: Judge,
  { starts }: RunOptions,
): Promise<Line[]> {
  const lines = new Map<string, Line>()
  const times = new Map<string, number[]>(able.map(({ id }) => [id, []]))
  for (let round = 0; round < starts; round++) {
    for (const contender of able) {
      const { id, rival, threads } = contender
      if (lines.get(id)?.status === 'failed') continue
      const line = { workload: name, rival, contender: id, threads, unit: 'ms' } as const
      const begin = performance.now()
      const seat = new ContenderProcess(contender, folder, `${folder}/cold.answer`)
      const message = await seat.message(30_000)
      times.get(id)!.push(performance.now() - begin)
      await seat.end()
      try {
        if (message?.p === undefined) throw new Error(message?.missing ?? message?.error ?? 'no answer')
        judge(Float64Array.of(message.p), 1)
        lines.set(id, { ...line, status: 'timed' })
      } catch (error) {
        lines.set(id, { ...line, status: 'failed', note: (error as Error).message })
      }
    }
  }
  const own = times.get(BASE[1])
  return [...lines.values()].map((line) => {
    if (line.status !== 'timed') return line
    const mine = times.get(line.contender)!
    const ratio = own && line.contender !== BASE[1] ? ratios(mine, own) : undefined
    return { ...line, time: spread(mine), ...(ratio && { ratio }) }
  })
}
