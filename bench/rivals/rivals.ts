/**
 * npm run bench:rivals -- [--quick] [--only NAME] [--rival NAME] [--cap SECONDS] [--docs]
 *
 * lanefit against what else trains and runs these models, in JavaScript and natively: every contender in a process of
 * its own, its answer proved, then timed in turn with the others. docs/benchmarks.md says how and what came out.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { init, kernel } from '../../src/kernel/index.ts'
import { machine } from '../machine.ts'
import { BASE, contenders } from './contenders.ts'
import { document } from './document.ts'
import { footprint } from './footprint.ts'
import { environment, PYTHON } from './process.ts'
import { markdown } from './report.ts'
import type { Line, RivalsReport } from './result.ts'
import { quick, thorough } from './rounds.ts'
import { type RunOptions, runWorkload } from './run-workload.ts'
import { coldStart, workloads } from './workloads.ts'

const HERE = 'bench/rivals'
const RESULTS = 'bench/results'

const USAGE = `usage: npm run bench:rivals -- [options]

  --quick          a round or two each: to see that it works, not how fast it is
  --only NAME      only workloads whose name contains NAME (may be repeated)
  --rival NAME     only contenders whose name contains NAME, and lanefit (may be repeated)
  --docs           measure nothing: put the last results into docs/benchmarks.md and draw them
  --cap SECONDS    stop a contender that has no answer after so long (default 15; 3 with --quick)

A full run takes about ten minutes and is written to ${RESULTS}/.`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rival: { type: 'string', multiple: true, default: [] },
      cap: { type: 'string' },
      docs: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  if (values.docs) return console.log(`written: ${(await document()).join(', ')}`)
  const capSeconds = Number(values.cap ?? (values.quick ? 3 : 15))
  const wanted = (name: string, parts: readonly string[]) => !parts.length || parts.some((part) => name.includes(part))
  const rows = [...workloads, coldStart].filter(({ name }) => wanted(name, values.only))
  const playing = contenders.filter(({ id, threads }) => id === BASE[threads] || wanted(id, values.rival))

  await installPackages()
  const begin = performance.now()
  const native = nativeVersions()
  await init()
  kernel()

  const folder = await mkdtemp(join(tmpdir(), 'lanefit-rivals-'))
  const lines: Line[] = []
  const rounds = values.quick ? quick : thorough
  const options: RunOptions = {
    folder,
    capMs: 1000 * capSeconds,
    rounds,
    starts: values.quick ? 1 : 5,
    log: (line) => console.log(line),
  }
  try {
    await bundleBaselines(folder)
    for (const workload of rows) {
      console.log(`${workload.name} (${Math.round((performance.now() - begin) / 1000)} s so far)`)
      try {
        lines.push(...(await runWorkload(workload, playing, options)))
      } catch (error) {
        // The others are none the worse for it.
        console.log(`${workload.name}: ${(error as Error).stack}`)
        process.exitCode = 1
      }
    }
    if (wanted('footprint', values.only)) lines.push(...(await footprint()))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }

  const seconds = (performance.now() - begin) / 1000
  const report: RivalsReport = { machine: machine(), native, packages: packageVersions(), capSeconds, seconds, lines }
  console.log(`\n${markdown(report)}`)
  if (!values.quick && !values.only.length && !values.rival.length) {
    await mkdir(RESULTS, { recursive: true })
    const { os, node } = report.machine
    const [system, , processor] = os.split(' ')
    const file = `${RESULTS}/rivals-${system}-${processor}-node${node.split('.')[0]}.json`
    await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
    await writeFile(`${RESULTS}/rivals.md`, markdown(report))
    console.log(`written to ${file} and ${RESULTS}/rivals.md`)
  }
}

/** `npm ci` in bench/rivals, where it is needed. Without it, those whose packages are missing are reported so. */
async function installPackages(): Promise<void> {
  const [lock, done] = [`${HERE}/package-lock.json`, `${HERE}/node_modules/.package-lock.json`]
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return
  console.log(`npm ci in ${HERE} (about a minute, once)`)
  // brain.js asks for a native WebGL that nothing here uses: no install scripts.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: HERE, stdio: 'inherit' })
  if (status !== 0) console.log('npm ci failed: contenders without their packages will be reported as such')
}

function nativeVersions(): Record<string, unknown> {
  const { stdout, status } = spawnSync(PYTHON, [`${HERE}/native.py`, 'versions'], {
    encoding: 'utf8',
    env: environment('all'),
  })
  const python =
    status === 0 ? (JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>) : { python: null }
  const found = Object.fromEntries(Object.entries(python).filter(([name, value]) => name !== 'coretype' || value))
  return { ...found, liblinear: existsSync('/usr/bin/liblinear-train') ? debianVersion('liblinear-tools') : null }
}

function debianVersion(name: string): string {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '$' + '{Version}', name], { encoding: 'utf8' })
  return stdout || 'version unknown'
}

function packageVersions(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(`${HERE}/package.json`, 'utf8')) as {
    dependencies: Record<string, string>
  }
  return dependencies
}

async function bundleBaselines(outDir: string): Promise<void> {
  // Not imported: what runs this file would bundle it.
  const { build } = createRequire(resolve('package.json'))('tsup') as typeof import('tsup')
  await build({
    config: false,
    silent: true,
    clean: false,
    entry: { baselines: `${HERE}/baselines.ts` },
    outDir,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    outExtension: () => ({ js: '.mjs' }),
  })
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
  process.exitCode = 1
})
