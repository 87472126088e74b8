import { KernelError } from '../core/errors.ts'
import { type SpawnedWorker, spawn } from '../core/spawn.ts'
import type { CannotWait, Steps } from '../core/steps.ts'
import type { KernelExports } from './generated/exports.ts'
import { pagesOf } from './memory.ts'
import { type Job, ringfuls } from './pool-jobs.ts'
import {
  ATTACHED,
  type Batch,
  DONE,
  END,
  FAILED,
  PAGES,
  REPORT,
  type TaskFunction,
  Tasks,
  taskNames,
} from './pool-tasks.ts'
import type { Answer, Attachment } from './pool-worker.ts'

export interface PoolOptions {
  /** Threads that work: the workers', and this one's where it may wait for the others. */
  readonly threads: number
  /** The workers' program. */
  readonly script: string
  /** Milliseconds that the workers have to start. */
  readonly startMs?: number
  /**
   * Milliseconds without a task being done after which a worker is given up: 2,000 where this thread works too, and
   * knows how long a task takes (a hundred times as long as the longest of its own, if that is more), else 10,000.
   */
  readonly patienceMs?: number
}

/** How often it is looked whether others do anything: time in which the whole process stood still counts for one look. */
const LOOK_MS = 100
const PATIENCE_MS = 2000
const PAGE_PATIENCE_MS = 10_000
/** How many times as long as this thread's own longest task another one's may take, and for how long at most. */
const PATIENT_TIMES = 100
const MOST_PATIENCE_MS = 60_000

/** Whether this thread may block: not that of a browser's page. */
export function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0)
    return true
  } catch {
    return false
  }
}

/**
 * Workers that share a kernel's memory, each with an instance of the kernel of its own, and take its tasks one by one.
 * Where this thread may block it works too, and a job is done when `run` goes on; a browser's page waits for a message
 * instead and leaves the work to the workers.
 */
export class Pool {
  readonly threads: number
  /** Whether this thread takes part. */
  readonly ownerWorks = mayWait()
  /** Called when it has come to its end by itself; everything works on, on one thread. */
  onEnd: (reason: string) => void = () => {}
  readonly #patienceMs: number
  /** The longest of this thread's tasks in the job at hand, in milliseconds. */
  #longestMs = 0
  readonly #workers: SpawnedWorker[] = []
  #tasks = new Tasks()
  #functions: readonly TaskFunction[] = []
  #names: readonly string[] = []
  #pages: () => number = () => 0
  #ended: string | undefined
  /** Whom the workers' answers go to while somebody waits for them. */
  #listen: ((answer: Answer) => void) | undefined
  #giveUp: ((error: KernelError) => void) | undefined
  /** The job before, where jobs take turns. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor({ threads, patienceMs }: PoolOptions) {
    this.threads = threads
    this.#patienceMs = patienceMs ?? (this.ownerWorks ? PATIENCE_MS : PAGE_PATIENCE_MS)
  }

  /**
   * Starts the workers and attaches them to a kernel's memory.
   * @throws KernelError UNAVAILABLE if one cannot start, or does not answer
   */
  static async start(options: PoolOptions, module: WebAssembly.Module, kernels: KernelExports): Promise<Pool> {
    const pool = new Pool(options)
    const { threads, script, startMs = 5000 } = options
    const count = threads - (pool.ownerWorks ? 1 : 0)
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new KernelError('UNAVAILABLE', `a worker did not answer within ${startMs / 1000} s`)
      timer = setTimeout(() => reject(error), startMs)
    })
    try {
      await Promise.race([pool.#start(count, script, module, kernels), late])
    } catch (error) {
      pool.end('it could not start')
      throw error
    } finally {
      clearTimeout(timer)
    }
    // From here on they are no reason for a process to go on.
    for (const worker of pool.#workers) worker.unref()
    return pool
  }

  async #start(count: number, script: string, module: WebAssembly.Module, kernels: KernelExports): Promise<void> {
    const starting = Array.from({ length: count }, async () => {
      const worker = await spawn(script)
      if (this.#ended) return worker.terminate()
      worker.onMessage = (value) => this.#answer(value as Answer)
      worker.onError = (error) => this.#fail(error.message)
      this.#workers.push(worker)
    })
    await Promise.all(starting)
    if (this.#ended) throw new KernelError('UNAVAILABLE', this.#ended)
    await new Promise<void>((resolve, reject) => {
      let left = count
      this.#giveUp = reject
      this.#listen = ({ kind }) => {
        if (kind === 'attached' && --left === 0) resolve()
      }
      this.attach(module, kernels)
    })
    this.#listen = this.#giveUp = undefined
  }

  /** Gives the pool another kernel's memory. It must be idle. */
  attach(module: WebAssembly.Module, kernels: KernelExports): void {
    const names = taskNames(kernels)
    this.#names = names
    this.#functions = names.map((name) => kernels[name as keyof KernelExports] as TaskFunction)
    this.#pages = () => pagesOf(kernels)
    const attached = this.#detach()
    // A worker's thread number fixes its scratch; the owner's is 0.
    for (const [i, worker] of this.#workers.entries()) {
      const thread = i + (this.ownerWorks ? 1 : 0)
      const memory = kernels.memory as WebAssembly.Memory
      const tasks = this.#tasks.shared
      worker.postMessage({ module, memory, tasks, names, thread, attached } satisfies Attachment)
    }
  }

  /** Sends the workers back to where they take messages. */
  #detach(): number {
    const attached = Atomics.add(this.#tasks.control, ATTACHED, 1) + 1
    this.#tasks.wake()
    return attached
  }

  /**
   * Does jobs one after the other: the tasks of each in any order, on all threads; all are done when it goes on. After
   * the end of the pool this thread does them.
   * @throws KernelError TRAP if a worker is lost in the middle, which ends the pool; CannotWait if run synchronously where
   * this thread may not block (ask `canRun` first)
   */
  *run(...jobs: readonly Job[]): Steps<void> {
    for (const part of ringfuls(jobs)) {
      if (this.ownerWorks || this.#ended) {
        this.#runHere(part)
        yield
      } else {
        const done: Promise<void> = this.#turn.then(() => this.#runThere(part))
        this.#turn = done.catch(() => {})
        yield done
      }
    }
  }

  /** Whether the driver of these steps lets them wait for the workers, where that is necessary. */
  *canRun(): Steps<boolean> {
    if (this.#ended) return false
    if (this.ownerWorks) return true
    try {
      yield Promise.resolve()
      return true
    } catch (error) {
      // By name: this file is loaded by itself, and has no part in the classes of the main one.
      if ((error as Error).name === ('CannotWait' satisfies CannotWait['name'])) return false
      throw error
    }
  }

  #put(jobs: readonly Job[]): void {
    Atomics.store(this.#tasks.control, PAGES, this.#pages())
    Atomics.store(this.#tasks.control, FAILED, 0)
    Atomics.store(this.#tasks.control, REPORT, this.ownerWorks || this.#ended ? 0 : 1)
    this.#tasks.put(jobs.map(({ name, ...job }): Batch => ({ fn: this.#names.indexOf(name), ...job })))
  }

  #runHere(jobs: readonly Job[]): void {
    let failure: { error: unknown } | undefined
    let begun = 0
    const tasks = this.#tasks
    this.#longestMs = 0
    this.#put(jobs)
    const end = tasks.load(END)
    tasks.work({
      functions: this.#functions,
      thread: 0,
      attached: tasks.load(ATTACHED),
      onError: (error) => {
        failure ??= { error }
      },
      onTask: () => {
        begun = performance.now()
      },
      onDone: () => {
        this.#longestMs = Math.max(this.#longestMs, performance.now() - begun)
      },
      wait: (done) => this.#waitHere(done),
    })
    this.#waitHere(end)
    if (failure) throw failure.error
    if (tasks.load(FAILED)) throw this.#fail('a call of the kernel failed in a worker')
  }

  /** Waits until DONE has come to `done`. @throws KernelError if nobody does anything for it */
  #waitHere(done: number): boolean {
    const tasks = this.#tasks
    tasks.spin(() => tasks.hasDone(done))
    const patience = Math.max(this.#patienceMs, Math.min(MOST_PATIENCE_MS, PATIENT_TIMES * this.#longestMs))
    let was = tasks.load(DONE)
    for (let silent = 0; !tasks.hasDone(done); silent += LOOK_MS) {
      if (silent >= patience) throw this.#fail(silence(patience))
      tasks.park(was, LOOK_MS)
      const now = tasks.load(DONE)
      if (now !== was) silent = -LOOK_MS
      was = now
    }
    return true
  }

  async #runThere(jobs: readonly Job[]): Promise<void> {
    if (this.#ended) return this.#runHere(jobs)
    let timer: ReturnType<typeof setInterval> | undefined
    let was = this.#tasks.load(DONE)
    let silent = 0
    try {
      await new Promise<void>((resolve, reject) => {
        this.#giveUp = reject
        this.#listen = ({ kind }) => {
          if (kind === 'done') resolve()
        }
        timer = setInterval(() => {
          const now = this.#tasks.load(DONE)
          silent = now === was ? silent + LOOK_MS : 0
          was = now
          if (silent >= this.#patienceMs) this.#fail(silence(this.#patienceMs))
        }, LOOK_MS)
        this.#put(jobs)
      })
      if (this.#tasks.load(FAILED)) throw this.#fail('a call of the kernel failed in a worker')
    } finally {
      clearInterval(timer)
      this.#listen = this.#giveUp = undefined
    }
  }

  #answer(answer: Answer): void {
    if (answer.kind === 'failed') this.#fail(answer.message)
    else this.#listen?.(answer)
  }

  /** A worker is lost, and what it was at: the pool ends. The error is for those who wait. */
  #fail(reason: string): KernelError {
    const error = new KernelError('TRAP', `the kernel's threads: ${reason}`, {
      hint: 'What was running is lost; from now on the kernel runs on one thread: try again',
    })
    const isFirst = !this.#ended
    this.end(reason)
    this.#giveUp?.(error)
    if (isFirst) this.onEnd(reason)
    return error
  }

  /** Ends the workers. What they may still do to the tasks they know is nobody's business any more. */
  end(reason: string): void {
    this.#ended ??= reason
    this.#detach()
    for (const worker of this.#workers.splice(0)) worker.terminate()
    this.#tasks = new Tasks()
  }
}

function silence(ms: number): string {
  return `a worker has done nothing for ${Math.round(ms / 100) / 10} s`
}
