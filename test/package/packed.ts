import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

const exec = promisify(execFile)

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program to its end; a failure is an outcome, not an exception. */
export async function run(cwd: string, program: string, ...args: string[]): Promise<Outcome> {
  try {
    return { code: 0, ...(await exec(program, args, { cwd, maxBuffer: 2 ** 26 })) }
  } catch (error) {
    const { code, stdout, stderr, message } = error as Error & { code: unknown; stdout?: string; stderr?: string }
    if (typeof code !== 'number') throw error
    return { code, stdout: stdout ?? '', stderr: stderr || message }
  }
}

/** Runs a JavaScript file with this Node. */
export const node = (cwd: string, ...args: string[]): Promise<Outcome> => run(cwd, process.execPath, ...args)

/** `npm pack` of a folder, without its scripts: the path of the tarball. */
export async function pack(folder: string, destination: string): Promise<string> {
  await mkdir(destination, { recursive: true })
  const outcome = await run(folder, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', destination)
  if (outcome.code !== 0) throw new Error(`npm pack: ${outcome.stderr}`)
  const answer: unknown = JSON.parse(outcome.stdout)
  // An array up to npm 11, an object by package name since.
  const [entry] = Object.values(answer as Record<string, { filename: string }>)
  return join(destination, (entry as { filename: string }).filename)
}

/** Unpacks a tarball as npm would, into `folder/node_modules/<name>`: the path of the package. */
export async function install(tarball: string, folder: string, name = 'lanefit'): Promise<string> {
  const target = join(folder, 'node_modules', name)
  await mkdir(target, { recursive: true })
  const outcome = await run(folder, 'tar', '-xzf', tarball, '-C', target, '--strip-components=1')
  if (outcome.code !== 0) throw new Error(`tar: ${outcome.stderr}`)
  return target
}

export interface Workspace {
  path: string
  remove(): Promise<void>
}

export async function temporaryFolder(): Promise<Workspace> {
  const path = await mkdtemp(join(tmpdir(), 'lanefit-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
