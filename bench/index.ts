/**
 * npm run bench -- [--quick] [--only NAME] [--variant simd|relaxed|scalar|js] [--roofline | --threads] [--json]
 *                  [--check [--strict]] [--readme]
 *
 * Times every workload against JavaScript that does the same, prints the table and writes it to bench/results/. A
 * target that is missed is said so; only a wrong answer makes it fail.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { init, kernel, kernelInfo } from '../src/kernel/index.ts'
import { type Compared, compare, compareText } from './compare.ts'
import { machine } from './machine.ts'
import { type MeasureOptions, measure, quick, thorough } from './measure.ts'
import { markdown, misses, type Report, type Row } from './report.ts'
import { record, recorded, updateDocs, type What } from './results.ts'
import { rooflineKernels } from './roofline/kernels.ts'
import { compileProbe } from './roofline/probe.ts'
import { rooflineMarkdown, rooflineMisses, sharesOf } from './roofline/report.ts'
import { measureKernels, measureLimits, type RooflineReport, rooflineReport } from './roofline/roofline.ts'
import { type ThreadsReport, type ThreadsRow, threadsMarkdown, threadsMisses } from './threads/report.ts'
import { threadsWorkloads } from './threads/workloads.ts'
import { workloads } from './workloads/index.ts'

const USAGE = `usage: npm run bench -- [options]

  --quick          three rounds each: to see that it works, not how fast it is
  --only NAME      only workloads whose name contains NAME (may be repeated)
  --variant NAME   simd (default), relaxed, scalar or js
  --roofline       kernels (simd or relaxed) against the machine: reading the same bytes, doing the same arithmetic
  --threads        all threads of this machine against one: passes, products, fits, predictions
  --check          a quick run compared with the recorded results; what seems slower is measured again before it is said
  --strict         with --check: fail where something is slower, or where there is nothing to compare with
  --json           print the results as JSON
  --readme         measure nothing: put the last results into README.md and docs/benchmarks.md

A full run is written to bench/results/.`

const LATEST = 'bench/results/latest.md'
/** A kernel has two limits beside it and no rivals: less time does. */
const ROOFLINE: MeasureOptions = { minRounds: 7, maxRounds: 25, budgetMs: 1_200 }
/** A call takes up to half a second. */
const THREADS: MeasureOptions = { minRounds: 7, maxRounds: 25, budgetMs: 2_500 }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      variant: { type: 'string', default: 'simd' },
      roofline: { type: 'boolean', default: false },
      threads: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      readme: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  if (values.readme) return console.log((await updateDocs()).join('\n'))
  await init({ variant: values.variant as 'simd', ...(values.threads && { threads: 'auto' }) })
  kernel()

  const log = values.json ? () => {} : (line: string) => console.log(line)
  const isPart = values.quick || values.check || values.only.length > 0
  const options = values.quick || values.check ? quick : thorough
  const session: Session = { only: values.only, log, options, isPart }
  if (values.threads) return await finish(values, await timeThreads(session), timeThreads, session)
  if (!values.roofline) return await finish(values, await timeTable(session), timeTable, session)
  if (values.variant !== 'simd' && values.variant !== 'relaxed') throw new Error('--roofline: of simd or relaxed only')
  const roofline = (session: Session) => timeRoofline(session, values.variant as 'simd' | 'relaxed')
  return await finish(values, await roofline(session), roofline, session)
}

interface Session {
  /** Parts of names; none: everything. */
  readonly only: readonly string[]
  readonly options: MeasureOptions
  /** Not to be recorded. */
  readonly isPart: boolean
  log(line: string): void
}

/** What was measured, and how it reads. */
interface Outcome {
  readonly report: Report | RooflineReport | ThreadsReport
  readonly what: What
  readonly text: string
  readonly misses: readonly string[]
}

async function timeTable({ only, options, log }: Session): Promise<Outcome> {
  const rows: Row[] = []
  for (const { prepare, ...workload } of chosen(workloads, only, ({ name }) => name)) {
    const prepared = prepare()
    try {
      const row = { ...workload, ...measure(prepared, options) }
      rows.push(row)
      log(`${row.name}: ${row.ratios.plain?.median.toFixed(2)} times as fast as plain JavaScript`)
    } finally {
      prepared.dispose()
    }
  }
  const report: Report = { machine: machine(), rows }
  return { report, what: '', text: markdown(report), misses: misses(report) }
}

async function timeRoofline({ only, options, log }: Session, variant: 'simd' | 'relaxed'): Promise<Outcome> {
  const kernels = chosen(rooflineKernels, only, ({ workload }) => workload.name)
  const module = await compileProbe(variant)
  const limits = measureLimits(module, variant, options === quick ? 5 : 20)
  const rows = measureKernels(kernels, module, options === quick ? quick : ROOFLINE, (row) => {
    const { limit, ...shares } = sharesOf(row)
    log(`${row.name}: ${Math.round(shares[limit] * 100)} % of ${limit === 'read' ? 'reading' : 'arithmetic'} alone`)
  })
  const report = rooflineReport(limits, rows)
  return { report, what: '-roofline', text: rooflineMarkdown(report), misses: rooflineMisses(report) }
}

async function timeThreads({ only, options, log }: Session): Promise<Outcome> {
  const { threads, threadsReason } = kernelInfo()
  if (threads === 1) throw new Error(`--threads: ${threadsReason}`)
  const rows: ThreadsRow[] = []
  for (const { prepare, ...workload } of chosen(threadsWorkloads, only, ({ name }) => name)) {
    const prepared = prepare()
    try {
      const row = { ...workload, ...measure(prepared, options === thorough ? THREADS : options) }
      rows.push(row)
      log(`${row.name}: ${row.ratios.reference!.median.toFixed(2)} times as fast as on one thread`)
    } finally {
      prepared.dispose()
    }
  }
  const report: ThreadsReport = { machine: machine(), threads, rows }
  return { report, what: '-threads', text: threadsMarkdown(report), misses: threadsMisses(report) }
}

function chosen<T>(all: readonly T[], only: readonly string[], nameOf: (one: T) => string): readonly T[] {
  const some = all.filter((one) => !only.length || only.some((part) => nameOf(one).includes(part)))
  if (some.length) return some
  throw new Error(`--only: no such workload; there are\n  ${all.map(nameOf).join('\n  ')}`)
}

async function finish(
  { check, strict, json }: { check: boolean; strict: boolean; json: boolean },
  { report, what, text, misses }: Outcome,
  again: (session: Session) => Promise<Outcome>,
  session: Session,
): Promise<void> {
  const { log, isPart } = session
  if (json) console.log(JSON.stringify(report, undefined, 2))
  log(`\n${text}`)
  if (check) {
    if ((await compareWithRecord(report.rows, what, again, session)) && strict) process.exitCode = 1
    return
  }
  for (const miss of misses) log(`missed: ${miss}`)
  if (isPart) return
  const files = [await record(report, what)]
  if (what === '' && report.machine.variant === 'simd') {
    await writeFile(LATEST, text)
    files.push(LATEST)
  }
  log(`written to ${files.join(' and ')}`)
}

/** Says what is slower than recorded; whether there is anything, or nothing to compare with. */
async function compareWithRecord(
  rows: readonly Compared[],
  what: What,
  again: (session: Session) => Promise<Outcome>,
  session: Session,
): Promise<boolean> {
  const before = await recorded<Report | RooflineReport | ThreadsReport>(what)
  if (!before) {
    session.log('nothing is recorded for this machine, Node version and variant')
    return true
  }
  const names = new Set(rows.map(({ name }) => name))
  const then = session.only.length ? before.rows.filter(({ name }) => names.has(name)) : before.rows
  const suspects = compare(rows, then).filter(({ kind }) => kind === 'slower')
  let sure = rows
  if (suspects.length) {
    session.log(`measured again: ${suspects.map(({ name }) => name).join(', ')}`)
    const only = suspects.map(({ name }) => name)
    const { report } = await again({ ...session, only, options: thorough })
    const second = new Map(report.rows.map((row) => [row.name, row]))
    sure = rows.map((row) => second.get(row.name) ?? row)
  }
  const changes = compare(sure, then)
  session.log(compareText(changes, sure.filter(({ name }) => then.some((row) => row.name === name)).length))
  return changes.some(({ kind }) => kind === 'slower')
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
  process.exitCode = 1
})
