/**
 * What the owner of a pool and its workers share besides the kernel's memory: control words and a ring of tasks, in a
 * SharedArrayBuffer of its own.
 *
 *   control   WAKE, END, NEXT, DONE, ATTACHED, REPORT, FAILED, PAGES, PARKED   int32 each
 *   task      function | arguments | step of scratch | which argument is scratch (or -1) | after | ARGUMENTS numbers
 *
 * Tasks are counted through, never from 0 again (but for int32 wrapping round): the owner writes tasks behind END and
 * then moves END, whoever is free moves NEXT on and does that task, and when DONE has come to END all are done. A worker
 * that is late sees NEXT at END and nothing else. The scratch argument of a task is where the first thread's is; thread
 * t's is t steps further on. A task begins when DONE has come to `after`, where the job before it ended: tasks are taken
 * in order, so whoever waits there waits for tasks that somebody else is at.
 */

/** Counts up to wake the workers. */
export const WAKE = 0
/** Tasks there are. */
export const END = 1
/** The next task to take. */
export const NEXT = 2
/** Tasks done. */
export const DONE = 3
/** Which kernel memory the tasks are about: counts up when another takes its place. */
export const ATTACHED = 4
/** Whether the last one to finish shall send a message. */
export const REPORT = 5
/** Not 0 after a task that threw. */
export const FAILED = 6
/** The size of the kernel's memory. */
export const PAGES = 7
/** Threads parked until DONE moves. */
export const PARKED = 8
const CONTROLS = 10

/** Tasks in the ring, a power of two. */
export const RING = 1024
const HEADER = 5
/** Arguments of a task at most. */
export const ARGUMENTS = 20
const ROW = HEADER + ARGUMENTS

/** A function of the kernel, called by number. */
export type TaskFunction = (...args: number[]) => unknown

/** Names of the functions that tasks may call, by number: all but those that own the heap. */
export function taskNames(exports: object): string[] {
  return Object.keys(exports).filter((name) => name !== 'memory' && name !== 'alloc' && name !== 'free')
}

/**
 * How long to look for more work, or for its end, before parking, in milliseconds. Jobs follow each other, waking up
 * takes tens of microseconds, and some schedulers wake a thread on the processor of whoever wakes it, although another
 * one is idle: threads that park after every job then share one processor for a while (measured: two threads no faster
 * than one).
 */
const SPIN_MS = 1

/** Calls of one function, all begun when those before are done. */
export interface Batch {
  /** The function's number. */
  readonly fn: number
  readonly tasks: readonly (readonly number[])[]
  readonly scratchAt: number
  readonly scratchBytes: number
}

/** Who does tasks. */
export interface Thread {
  readonly functions: readonly TaskFunction[]
  readonly thread: number
  readonly attached: number
  readonly onError: (error: unknown) => void
  /** Waits until DONE has come to `done`; false if there is nothing to wait for any more. */
  readonly wait: (done: number) => boolean
  /** Called before and after every task. */
  readonly onTask?: () => void
  readonly onDone?: () => void
}

export class Tasks {
  readonly shared: SharedArrayBuffer
  readonly control: Int32Array
  readonly #ring: Float64Array

  constructor(shared = new SharedArrayBuffer(CONTROLS * 4 + RING * ROW * 8)) {
    this.shared = shared
    this.control = new Int32Array(shared, 0, CONTROLS)
    this.#ring = new Float64Array(shared, CONTROLS * 4)
  }

  load(word: number): number {
    return Atomics.load(this.control, word)
  }

  /** Looks until `isOver`, or a while; then it is time to park. */
  spin(isOver: () => boolean): void {
    const end = performance.now() + SPIN_MS
    do for (let i = 0; i < 50; i++) if (isOver()) return
    while (performance.now() < end)
  }

  /** Whether everything that was put has been done. */
  get isIdle(): boolean {
    return this.load(DONE) === this.load(END)
  }

  /** The owner's: puts tasks, at most RING in all, where there are none, and wakes the workers. */
  put(batches: readonly Batch[]): void {
    let end = this.load(END)
    for (const { fn, tasks, scratchAt, scratchBytes } of batches) {
      const after = end
      for (const args of tasks) {
        const row = (end & (RING - 1)) * ROW
        this.#ring[row] = fn
        this.#ring[row + 1] = args.length
        this.#ring[row + 2] = scratchBytes
        this.#ring[row + 3] = scratchAt
        this.#ring[row + 4] = after
        for (let i = 0; i < args.length; i++) this.#ring[row + HEADER + i] = args[i]!
        end = (end + 1) | 0
      }
    }
    Atomics.store(this.control, END, end)
    this.wake()
  }

  wake(): void {
    Atomics.add(this.control, WAKE, 1)
    Atomics.notify(this.control, WAKE)
  }

  /** Whether DONE has come to `done`. */
  hasDone(done: number): boolean {
    return ((this.load(DONE) - done) | 0) >= 0
  }

  /** Parks until DONE moves from what it `was`, or for so long. */
  park(was: number, ms: number): void {
    Atomics.add(this.control, PARKED, 1)
    Atomics.wait(this.control, DONE, was, ms)
    Atomics.sub(this.control, PARKED, 1)
  }

  /**
   * Does tasks as long as there are any; true if this one finished the last of them. A task that throws counts as done,
   * so that nobody waits for it; `onError` is told.
   */
  work({ functions, thread, attached, onError, wait, onTask, onDone }: Thread): boolean {
    let last = false
    for (let task = this.#take(attached); task !== undefined; task = this.#take(attached)) {
      const row = (task & (RING - 1)) * ROW
      const after = this.#ring[row + 4]!
      if (!this.hasDone(after) && !wait(after)) return false
      onTask?.()
      const args: number[] = []
      for (let i = 0; i < this.#ring[row + 1]!; i++) args.push(this.#ring[row + HEADER + i]!)
      const scratchAt = this.#ring[row + 3]!
      if (scratchAt >= 0) args[scratchAt]! += thread * this.#ring[row + 2]!
      try {
        functions[this.#ring[row]!]!(...args)
      } catch (error) {
        Atomics.store(this.control, FAILED, 1)
        onError(error)
      }
      onDone?.()
      last = ((Atomics.add(this.control, DONE, 1) + 1) | 0) === this.load(END)
      if (this.load(PARKED) > 0) Atomics.notify(this.control, DONE)
    }
    return last
  }

  /** The number of a task, this thread's to do. Not if the kernel's memory is another one now: END is read before. */
  #take(attached: number): number | undefined {
    for (;;) {
      const next = this.load(NEXT)
      if (((this.load(END) - next) | 0) <= 0 || this.load(ATTACHED) !== attached) return undefined
      if (Atomics.compareExchange(this.control, NEXT, next, (next + 1) | 0) === next) return next
    }
  }
}
