import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import type { Contender } from './contenders.ts'
import type { Seat } from './rounds.ts'

/** What a process of a contender says; see worker.mjs. */
interface Message {
  readonly ready?: number
  readonly pieces?: number
  readonly note?: string
  readonly capped?: number
  readonly missing?: string
  readonly error?: string
  readonly ms?: number
  readonly p?: number
}

/** Debian's, which has Debian's packages, before whatever else is called python3. */
export const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
const HERE = 'bench/rivals'

/** The command that does a contender's work. */
export function commandOf({ native, adapter, variant }: Contender, ...rest: string[]): [string, string[]] {
  return native
    ? [PYTHON, [`${HERE}/native.py`, adapter, variant, ...rest]]
    : [process.execPath, [`${HERE}/worker.mjs`, adapter, variant, ...rest]]
}

/** One thread for everybody who asks the environment, or all. OPENBLAS_CORETYPE is not passed on: the CPU's best kernel. */
export function environment(threads: 1 | 'all'): NodeJS.ProcessEnv {
  const n = String(threads === 1 ? 1 : cpus().length)
  const { OPENBLAS_CORETYPE: _, ...env } = process.env
  const names = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS']
  return { ...env, PYTHONDONTWRITEBYTECODE: '1', ...Object.fromEntries(names.map((name) => [name, n])) }
}

/** A contender at work in a process of its own. */
export class ContenderProcess implements Seat {
  readonly id: string
  first = Number.NaN
  readonly #child: ChildProcess
  readonly #messages: Message[] = []
  #wake: (() => void) | undefined
  #complaints = ''
  #ended = false

  constructor(contender: Contender, folder: string, answerFile: string) {
    this.id = contender.id
    const [command, args] = commandOf(contender, folder, answerFile)
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment(contender.threads) })
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      // Libraries print too.
      if (!line.startsWith('@{')) return
      this.#messages.push(JSON.parse(line.slice(1)) as Message)
      this.#wake?.()
    })
    this.#child.stderr!.on('data', (text) => {
      this.#complaints = (this.#complaints + text).slice(-2000)
    })
    this.#child.stdin!.on('error', () => {})
    const end = () => {
      this.#ended = true
      this.#wake?.()
    }
    this.#child.on('error', (error) => {
      this.#complaints += error.message
      end()
    })
    this.#child.on('close', end)
  }

  /** The next message; `undefined` if there is none within so many milliseconds. */
  async message(withinMs: number): Promise<Message | undefined> {
    const deadline = performance.now() + withinMs
    while (!this.#messages.length && !this.#ended && performance.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, deadline - performance.now()))
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    const message = this.#messages.shift()
    if (message || !this.#ended) return message
    const last = this.#complaints.trim().split('\n').at(-1)
    return { error: `its process ended${last ? `: ${last}` : ''}` }
  }

  async sample(): Promise<number> {
    this.#signal('SIGCONT')
    try {
      this.#child.stdin!.write('sample\n')
      const message = await this.message(60_000)
      if (message?.ms === undefined) throw new Error(message?.error ?? 'no answer within a minute')
      return message.ms
    } finally {
      this.pause()
    }
  }

  /**
   * Stops it until its next sample: threads of OpenBLAS and OpenMP look for work for tens of milliseconds after the last,
   * on a processor that somebody else's sample needs by then.
   */
  pause(): void {
    this.#signal('SIGSTOP')
  }

  #signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    // Windows has no such thing.
    if (process.platform !== 'win32') this.#child.kill(signal)
  }

  /** Waits until the process is gone. */
  async end(): Promise<void> {
    if (this.#ended) return
    const closed = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill('SIGKILL')
    await closed
  }
}
