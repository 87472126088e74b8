/**
 * `node scripts/try-runtimes.mjs [RUNTIME ...]`: runs scripts/runtime-checks.mjs and the `lanefit` command, both of dist/,
 * in each runtime given (paths of node, bun or deno; default: those three, where they are installed) and prints one table.
 * Fails if a check does, if answers differ, if a process does not end by itself, or if there is no runtime at all.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'

const root = fileURLToPath(new URL('..', import.meta.url))
const MOST_MS = 120_000

/** What differs with the engine by nature. */
const OWN = new Set(['relaxed, scalar, js', 'seconds'])

const failed = (text) => ({ failed: text.trim().slice(0, 500) })
const argumentsOf = (runtime) => (basename(runtime).startsWith('deno') ? ['run', '--allow-all'] : [])

/** Runs a program; `code` is undefined where it cannot be started. */
function run(runtime, args) {
  return new Promise((resolve) => {
    const child = spawn(runtime, args, { timeout: MOST_MS })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text) => {
      stdout += text
    })
    child.stderr.on('data', (text) => {
      stderr += text
    })
    child.on('error', () => resolve({ code: undefined, stdout, stderr }))
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout, stderr }))
  })
}

async function command(runtime) {
  const folder = await mkdtemp(join(tmpdir(), 'lanefit-'))
  try {
    const [cli, model, csv] = ['dist/cli.js', join(folder, 'model.json'), 'examples/data/breast-cancer.csv']
    const lanefit = (...args) => run(runtime, [...argumentsOf(runtime), join(root, cli), ...args])
    const trained = await lanefit('train', join(root, csv), '--target', 'diagnosis', '--out', model)
    if (trained.code !== 0) return failed(`train ended with ${trained.code}: ${trained.stderr}`)
    const predicted = await lanefit('predict', model, join(root, csv))
    if (predicted.code !== 0) return failed(`predict ended with ${predicted.code}: ${predicted.stderr}`)
    const sum = createHash('sha256')
      .update(await readFile(model))
      .update(predicted.stdout)
    return sum.digest('hex').slice(0, 12)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function tryOne(runtime) {
  const version = await run(runtime, ['--version'])
  if (version.code !== 0) return undefined
  const [number] = version.stdout.match(/\d+\.\d+\.\d+/) ?? ['?']
  const begin = performance.now()
  const { code, stdout, stderr } = await run(runtime, [
    ...argumentsOf(runtime),
    join(root, 'scripts/runtime-checks.mjs'),
  ])
  const seconds = (performance.now() - begin) / 1000
  const answers = new Map()
  for (const line of stdout.split('\n').filter(Boolean)) {
    const { check, answer, error } = JSON.parse(line)
    answers.set(check, error === undefined ? answer : failed(error))
  }
  answers.set('ends by itself', code === 0 ? 'yes' : failed(`${code} ${stderr}`))
  answers.set('the command', await command(runtime))
  answers.set('seconds', seconds.toFixed(1))
  return { name: `${basename(runtime)} ${number}`, answers }
}

if (!existsSync(join(root, 'dist/node.js'))) throw new Error('dist/ is not built: npm run build')
const given = process.argv.slice(2)
const tried = []
for (const runtime of given.length ? given : ['node', 'bun', 'deno']) {
  const result = await tryOne(runtime)
  if (result) tried.push(result)
  else if (given.length) throw new Error(`${runtime} cannot be started`)
  else console.log(`${runtime}: not installed, not tried`)
}
if (!tried.length) throw new Error('none of node, bun and deno is installed: nothing was tried')

const checks = [...new Set(tried.flatMap(({ answers }) => [...answers.keys()]))]
const table = new Table({ head: ['', ...tried.map(({ name }) => name)], style: { head: [], border: [] } })
const wrong = []
for (const check of checks) {
  const answers = tried.map(({ answers }) => answers.get(check) ?? failed('no answer'))
  table.push([check, ...answers.map((answer) => (answer.failed ? 'FAILED' : answer))])
  for (const [i, answer] of answers.entries())
    if (answer.failed) wrong.push(`${tried[i].name}: ${check}: ${answer.failed}`)
  if (answers.some((answer) => answer.failed)) continue
  if (!OWN.has(check) && new Set(answers).size > 1) wrong.push(`${check}: the answers differ`)
}
console.log(table.toString())
console.log(wrong.length ? wrong.join('\n') : `${tried.length} runtimes, the same answers`)
process.exitCode = wrong.length ? 1 : 0
