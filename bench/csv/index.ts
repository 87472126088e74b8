/**
 * npm run bench:csv
 *
 * Megabytes of CSV a second: d3-dsv's tokeniser alone, `readCsv`, and the `lanefit predict` command as it is installed, start
 * of the process included. Prints a table and writes bench/results/csv.md.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { promisify } from 'node:util'
import { csvParseRows } from 'd3-dsv'
import { LogisticRegression, readCsv } from '../../src/node.ts'
import { logisticData } from '../data.ts'
import { machine } from '../machine.ts'

const MEGABYTES = 100
const ROUNDS = 3
/** What the tokeniser alone is given: it holds every field as a string. */
const TOKENISED = 20e6
const CLI = 'dist/cli.js'
const OUT = 'bench/results/csv.md'
const files = [
  { cols: 30, digits: 4 },
  { cols: 100, digits: 4 },
  { cols: 30, digits: undefined },
]
const run = promisify(execFile)

/** Rows of a seeded set over and over, as text, up to MEGABYTES. `digits`: decimals; undefined: as many as there are. */
async function writeCsv(path: string, cols: number, digits: number | undefined): Promise<void> {
  const { X, y, rows } = logisticData(10_000, cols)
  const text = (value: number) => (digits === undefined ? String(value * 1.1) : value.toFixed(digits))
  const lines = Array.from({ length: rows }, (_, i) => {
    const row = Array.from(X.subarray(i * cols, (i + 1) * cols), text)
    return `${row.join(',')},${y[i] ? 'yes' : 'no'}\n`
  }).join('')
  const out = createWriteStream(path)
  out.write(`${Array.from({ length: cols }, (_, k) => `f${k}`).join(',')},kind\n`)
  for (let bytes = 0; bytes < MEGABYTES * 1e6; bytes += lines.length) {
    if (!out.write(lines)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
}

/** The best of a few rounds, in MB/s. */
async function speed(bytes: number, work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    await work()
    best = Math.min(best, performance.now() - start)
  }
  return bytes / best / 1e3
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lanefit-csv-'))
  try {
    const rows: Row[] = []
    for (const { cols, digits } of files) rows.push(await measureFile(folder, cols, digits))
    const report = `${table(rows)}\n\n${note()}\n`
    console.log(report)
    await writeFile(OUT, report)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measureFile(folder: string, cols: number, digits: number | undefined): Promise<Row> {
  const [path, model, out] = [join(folder, 'data.csv'), join(folder, 'model.json'), join(folder, 'out.csv')]
  await writeCsv(path, cols, digits)
  const { size } = await stat(path)
  const text = (await readFile(path, 'latin1')).slice(0, TOKENISED)
  const tokeniser = await speed(text.length, () => csvParseRows(text).length)
  const data = await readCsv(path, { target: 'kind' })
  await writeFile(model, JSON.stringify(new LogisticRegression().fitSync(data.X, data.y)))
  data.X.dispose()
  const readCsvSpeed = await speed(size, async () => (await readCsv(path, { target: 'kind' })).X.dispose())
  const predict = (...options: string[]) =>
    speed(size, () => run(process.execPath, [CLI, 'predict', model, path, '--out', out, ...options]))
  const name = `${cols} columns, ${digits === undefined ? 'all digits' : `${digits} decimals`}`
  return [name, tokeniser, readCsvSpeed, await predict(), await predict('--only-predictions')]
}

/** A file's name and megabytes a second. */
type Row = [string, ...number[]]

function table(rows: readonly Row[]): string {
  const head = ['file', 'd3-dsv alone', 'readCsv', 'lanefit predict', '--only-predictions']
  const lines = rows.map(([name, ...speeds]) => [name, ...speeds.map((value) => value.toFixed(0))])
  return [head, ['-', '-:', '-:', '-:', '-:'], ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function note(): string {
  const { cpu, node, os, date } = machine()
  return `MB/s, the best of ${ROUNDS} rounds; files of ${MEGABYTES} MB, the tokeniser on the first ${TOKENISED / 1e6}. ${cpu}; Node ${node}; ${os}; ${date}.`
}

await main()
