import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { type Machine, machine } from './machine.ts'
import { markdown, type Report, withTable } from './report.ts'
import { rooflineMarkdown } from './roofline/report.ts'
import type { RooflineReport } from './roofline/roofline.ts'
import { type ThreadsReport, threadsMarkdown } from './threads/report.ts'

/** What is recorded in files of its own. */
export type What = '' | '-roofline' | '-threads'

const RESULTS = 'bench/results'

/** One file for each kind of machine, engine and variant: a new run replaces its predecessor. */
function fileOf({ os, node, variant }: Machine, what: What): string {
  const [system, , processor] = os.split(' ')
  return `${RESULTS}/${system}-${processor}-node${node.split('.')[0]}-${variant}${what}.json`
}

/** The recorded results that a run on this machine and engine compares with. */
export async function recorded<R extends { machine: Machine }>(what: What): Promise<R | undefined> {
  const file = fileOf(machine(), what)
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as R) : undefined
}

/** Writes the results; returns where. */
export async function record(report: Report | RooflineReport | ThreadsReport, what: What): Promise<string> {
  await mkdir(RESULTS, { recursive: true })
  const file = fileOf(report.machine, what)
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
  return file
}

/** Puts the tables of the last recorded runs into the README and the docs; returns what it did. */
export async function updateDocs(): Promise<string[]> {
  const done: string[] = []
  const put = async (file: string, name: string, text: string): Promise<void> => {
    await writeFile(file, withTable(file, await readFile(file, 'utf8'), name, text))
    done.push(`${file} has the table of the last recorded run`)
  }
  const of = (variant: string): Machine => ({ ...machine(), variant })
  const read = async <R>(file: string): Promise<R[]> =>
    existsSync(file) ? [JSON.parse(await readFile(file, 'utf8')) as R] : []
  for (const report of await read<Report>(fileOf(of('simd'), ''))) await put('README.md', 'bench', markdown(report))
  const tables: string[] = []
  for (const variant of ['simd', 'relaxed']) {
    const reports = await read<RooflineReport>(fileOf(of(variant), '-roofline'))
    tables.push(...reports.map(rooflineMarkdown))
  }
  if (tables.length) await put('docs/benchmarks.md', 'roofline', tables.join('\n'))
  for (const report of await read<ThreadsReport>(fileOf(of('simd'), '-threads'))) {
    await put('docs/threads.md', 'threads', threadsMarkdown(report))
  }
  return done
}
