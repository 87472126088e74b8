import { KernelError } from '../core/errors.ts'
import { type SpawnedWorker, spawn } from '../core/spawn.ts'
import type { CannotWait, Steps } from '../core/steps.ts'
import type { KernelExports } from './generated/exports.ts'
import { pagesOf } from './memory.ts'
import { ATTACHED, DONE, END, FAILED, PAGES, REPORT, RING, type TaskFunction, Tasks, taskNames } from './pool-tasks.ts'
import type { Answer, Attachment } from './pool-worker.ts'

/** Functions of the kernel that a task may call. */
export type KernelFunction = Exclude<keyof KernelExports, 'memory' | 'alloc' | 'free'>

/** Calls of one function that may run side by side, each writing to a place of its own. */
export interface Job {
  readonly name: KernelFunction
  readonly tasks: readonly (readonly number[])[]
  /** Which argument is scratch, the first thread's (-1: none), and how many bytes each thread has of it. */
  readonly scratchAt: number
  readonly scratchBytes: number
}

export interface PoolOptions {
  /** Threads that work: the workers', and this one's where it may wait for the others. */
  readonly threads: number
  /** The workers' program. */
  readonly script: string
  /** Milliseconds that the workers have to start. */
  readonly startMs?: number
  /** Milliseconds without a task being done after which a worker is given up. */
  readonly patienceMs?: number
}

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

  private constructor({ threads, patienceMs = 10_000 }: PoolOptions) {
    this.threads = threads
    this.#patienceMs = patienceMs
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
    this.#functions = names.map((name) => kernels[name as KernelFunction] as TaskFunction)
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
   * Does a job: its tasks in any order, on all threads; all are done when it goes on. After the end of the pool this
   * thread does them.
   * @throws KernelError TRAP if a worker is lost in the middle, which ends the pool; CannotWait if run synchronously where
   * this thread may not block (ask `canRun` first)
   */
  *run(job: Job): Steps<void> {
    for (let begin = 0; begin < job.tasks.length; begin += RING) {
      const part = { ...job, tasks: job.tasks.slice(begin, begin + RING) }
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

  #put({ name, tasks, scratchAt, scratchBytes }: Job): void {
    Atomics.store(this.#tasks.control, PAGES, this.#pages())
    Atomics.store(this.#tasks.control, FAILED, 0)
    Atomics.store(this.#tasks.control, REPORT, this.ownerWorks || this.#ended ? 0 : 1)
    this.#tasks.put(this.#names.indexOf(name), tasks, scratchAt, scratchBytes)
  }

  #runHere(job: Job): void {
    let failure: { error: unknown } | undefined
    this.#put(job)
    this.#tasks.work({
      functions: this.#functions,
      thread: 0,
      attached: this.#tasks.load(ATTACHED),
      onError: (error) => {
        failure ??= { error }
      },
    })
    this.#waitHere()
    if (failure) throw failure.error
    if (this.#tasks.load(FAILED)) throw this.#fail('a call of the kernel failed in a worker')
  }

  #waitHere(): void {
    const { control } = this.#tasks
    this.#tasks.spin(() => this.#tasks.isIdle)
    while (!this.#tasks.isIdle) {
      const done = this.#tasks.load(DONE)
      if (done === this.#tasks.load(END)) return
      if (Atomics.wait(control, DONE, done, this.#patienceMs) !== 'timed-out') continue
      if (this.#tasks.load(DONE) === done) throw this.#fail(this.#silent())
    }
  }

  async #runThere(job: Job): Promise<void> {
    if (this.#ended) return this.#runHere(job)
    let timer: ReturnType<typeof setInterval> | undefined
    let before = this.#tasks.load(DONE)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#giveUp = reject
        this.#listen = ({ kind }) => {
          if (kind === 'done') resolve()
        }
        timer = setInterval(() => {
          const done = this.#tasks.load(DONE)
          if (done === before) this.#fail(this.#silent())
          before = done
        }, this.#patienceMs)
        this.#put(job)
      })
      if (this.#tasks.load(FAILED)) throw this.#fail('a call of the kernel failed in a worker')
    } finally {
      clearInterval(timer)
      this.#listen = this.#giveUp = undefined
    }
  }

  #silent(): string {
    return `a worker has done nothing for ${this.#patienceMs / 1000} s`
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
