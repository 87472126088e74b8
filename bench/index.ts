/**
 * npm run bench -- [--quick] [--only NAME] [--variant simd|relaxed|scalar|js] [--json] [--readme]
 *
 * Times every workload against JavaScript that does the same, prints the table and writes it to bench/results/. A
 * target that is missed is said so; only a wrong answer makes it fail.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { init, kernel } from '../src/kernel/index.ts'
import { type Machine, machine } from './machine.ts'
import { measure, quick, thorough } from './measure.ts'
import { markdown, misses, type Report, type Row, withTable } from './report.ts'
import { workloads } from './workloads/index.ts'

const USAGE = `usage: npm run bench -- [options]

  --quick          three rounds each: to see that it works, not how fast it is
  --only NAME      only workloads whose name contains NAME (may be repeated)
  --variant NAME   simd (default), relaxed, scalar or js
  --json           print the results as JSON
  --readme         measure nothing: put the last results into README.md

A full run is written to bench/results/.`

const RESULTS = 'bench/results'
const LATEST = `${RESULTS}/latest.md`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      variant: { type: 'string', default: 'simd' },
      json: { type: 'boolean', default: false },
      readme: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  if (values.readme) return updateReadme()

  const chosen = workloads.filter(({ name }) => !values.only.length || values.only.some((part) => name.includes(part)))
  if (!chosen.length) {
    throw new Error(`--only: no such workload; there are\n  ${workloads.map(({ name }) => name).join('\n  ')}`)
  }
  await init({ variant: values.variant as 'simd' })
  kernel()

  const log = values.json ? () => {} : (line: string) => console.log(line)
  const rows: Row[] = []
  for (const { prepare, ...workload } of chosen) {
    const prepared = prepare()
    try {
      const row = { ...workload, ...measure(prepared, values.quick ? quick : thorough) }
      rows.push(row)
      log(`${row.name}: ${row.ratios.plain?.median.toFixed(2)} times as fast as plain JavaScript`)
    } finally {
      prepared.dispose()
    }
  }

  const report: Report = { machine: machine(), rows }
  if (values.json) console.log(JSON.stringify(report, undefined, 2))
  log(`\n${markdown(report)}`)
  for (const miss of misses(report)) log(`missed: ${miss}`)
  if (!values.quick && !values.only.length) log(`written to ${(await write(report)).join(' and ')}`)
}

async function write(report: Report): Promise<string[]> {
  await mkdir(RESULTS, { recursive: true })
  const files = [`${RESULTS}/${nameOf(report.machine)}.json`]
  await writeFile(files[0]!, `${JSON.stringify(report, undefined, 2)}\n`)
  if (report.machine.variant === 'simd') {
    await writeFile(LATEST, markdown(report))
    files.push(LATEST)
  }
  return files
}

/** One file for each kind of machine, engine and variant: a new run replaces its predecessor. */
function nameOf({ os, node, variant }: Machine): string {
  const [system, , processor] = os.split(' ')
  return `${system}-${processor}-node${node.split('.')[0]}-${variant}`
}

async function updateReadme(): Promise<void> {
  await writeFile('README.md', withTable(await readFile('README.md', 'utf8'), await readFile(LATEST, 'utf8')))
  console.log(`README.md has the table of ${LATEST}`)
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
  process.exitCode = 1
})
