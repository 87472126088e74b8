/**
 * npm run bench:scale -- [rows | columns | resident | batches | stream ...]
 *
 * Time per number of X over rows and over columns; a fit on a 2 GiB matrix; fits on more than kernel memory holds. Writes
 * what it measured (all parts unless some are named) to bench/results/scale.json and prints it as Markdown.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { init } from '../../src/kernel/index.ts'
import { type Machine, machine } from '../machine.ts'
import { measurePoint, type ScalePoint } from './curves.ts'
import { batches, type LargeFit, resident, stream } from './large.ts'

const FILE = 'bench/results/scale.json'

const ROWS = [1e3, 1e4, 1e5, 1e6, 1e7, 2e7]
const ROWS_COLS = 32
const COLUMNS = [2, 3, 4, 5, 8, 13, 16, 32, 33, 64, 128, 256, 512, 1024, 2048, 4096]
/** Numbers in X, whatever its width: 64 MiB. */
const COLUMNS_NUMBERS = 2 ** 24

interface Scale {
  machine?: Machine
  rows?: ScalePoint[]
  columns?: ScalePoint[]
  resident?: LargeFit[]
  batches?: LargeFit[]
  stream?: LargeFit[]
}

const parts = {
  rows: async () => ROWS.map((rows) => measurePoint(rows, ROWS_COLS)),
  columns: async () => COLUMNS.map((cols) => measurePoint(Math.floor(COLUMNS_NUMBERS / cols), cols)),
  resident,
  batches,
  stream,
}

async function main(): Promise<void> {
  const named = process.argv.slice(2) as (keyof typeof parts)[]
  const unknown = named.find((name) => !(name in parts))
  if (unknown) throw new Error(`no part ${unknown}; there are ${Object.keys(parts).join(', ')}`)
  await init()
  const scale: Scale = await readFile(FILE, 'utf8').then(JSON.parse, () => ({}))
  for (const name of named.length > 0 ? named : (Object.keys(parts) as (keyof typeof parts)[])) {
    const measured = await parts[name]()
    Object.assign(scale, { [name]: measured })
    console.log(
      `\n${name === 'rows' || name === 'columns' ? curve(measured as ScalePoint[]) : fits(measured as LargeFit[])}`,
    )
  }
  scale.machine = machine()
  await writeFile(FILE, `${JSON.stringify(scale, undefined, 2)}\n`)
}

function curve(points: readonly ScalePoint[]): string {
  const lines = points.map(({ rows, cols, mib, padding, gradient, epoch, predict }) =>
    [`${rows}x${cols}`, mib.toPrecision(3), `${Math.round(100 * padding)} %`, gradient, epoch, predict].join(' | '),
  )
  return ['shape | MiB | padding | gradient, ns | sgd epoch, ns | predict, ns', '-|-|-|-|-|-', ...lines].join('\n')
}

function fits(list: readonly LargeFit[]): string {
  const lines = list.map((fit) =>
    [
      fit.what,
      fit.gib.toPrecision(3),
      fit.seconds.toFixed(1),
      fit.iterations,
      fit.loss.toFixed(6),
      fit.accuracy.toFixed(3),
      `${(100 * fit.liveShare).toFixed(1)} %`,
      fit.rssGib.toFixed(2),
    ].join(' | '),
  )
  const head = 'fit | X, GiB | seconds | iterations | loss | accuracy | live kernel bytes of X | process, GiB'
  return [head, '-|-|-|-|-|-|-|-', ...lines].join('\n')
}

await main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
