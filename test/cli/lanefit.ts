import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The built command: `npm run build` makes it. */
export const command = join(root, 'dist', 'cli.js')
export const breastCancer = join(root, 'examples', 'data', 'breast-cancer.csv')
export const iris = join(root, 'examples', 'data', 'iris.csv')

export interface Outcome {
  /** As a shell has it: 128 and its number for a signal. */
  code: number | null
  stdout: string
  stderr: string
}

export interface Given {
  /** For standard input, which ends after it. */
  input?: string | Iterable<string>
  cwd?: string
  env?: Record<string, string>
  /** Options of Node itself. */
  node?: readonly string[]
}

/** Starts the command, for tests that talk to it while it runs. */
export function start(args: readonly string[], { cwd = root, env = {}, node = [] }: Given = {}): Running {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  const child = spawn(process.execPath, [...node, command, ...args], { cwd, env: { ...inherited, ...env } })
  // A command that ends without reading to the end leaves us with a broken pipe.
  child.stdin.on('error', () => {})
  const outcome: Outcome = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    outcome.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    outcome.stderr += text
  })
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ ...outcome, code: signal ? 128 + constants.signals[signal] : code }))
  })
  return { child, outcome, ended }
}

export interface Running {
  child: ChildProcessWithoutNullStreams
  /** What has come so far. */
  outcome: Outcome
  ended: Promise<Outcome>
}

/** Runs the command to its end. */
export async function lanefit(args: readonly string[], given: Given = {}): Promise<Outcome> {
  const running = start(args, given)
  const { input = '' } = given
  await feed(running, typeof input === 'string' ? [input] : input)
  running.child.stdin.end()
  return running.ended
}

/** Writes to standard input as fast as it is read, until the command has had enough. */
export async function feed({ child, ended }: Running, pieces: Iterable<string>): Promise<void> {
  let over = false
  ended.finally(() => {
    over = true
  })
  for (const piece of pieces) {
    if (over || child.stdin.destroyed) return
    if (child.stdin.write(piece)) continue
    await Promise.race([new Promise((resolve) => child.stdin.once('drain', resolve)), ended])
  }
}

/** Waits for something to become true. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited 20 s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A folder for the files of a test. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'lanefit-cli-'))

  /** Writes a file and gives its path. */
  file(name: string, text: string | Uint8Array): string {
    const path = join(this.path, name)
    writeFileSync(path, text)
    return path
  }

  in(name: string): string {
    return join(this.path, name)
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8')
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name))
  }

  list(): string[] {
    return readdirSync(this.path).sort()
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
