import { Resource } from '../core/dispose.ts'
import type { Steps } from '../core/steps.ts'
import type { KernelExports } from './generated/exports.ts'
import { at, NULL, type Pointer } from './pointer.ts'
import type { Pool } from './pool.ts'
import type { Job, KernelFunction } from './pool-jobs.ts'
import type { RowRun, Slabs } from './slabs.ts'
import { Workspace, wholeLines } from './workspace.ts'

/** A pass of fewer multiply-adds stays on one thread: waking the others would cost what they save (measured). */
const LEAST_WORK = 1e6
/** Multiply-adds that each thread does before it hands over: a few milliseconds. */
const SLICE_WORK = 3e7
/** Room for what tasks hand over, at most. */
const MOST_ROOM = 64 * 2 ** 20
/** Stands for scratch in arguments. No address, and scalars, which may be anything, come after it in all of them. */
const SCRATCH = 0.5 as Pointer

type Arguments<F extends KernelFunction> = Parameters<KernelExports[F]>

/** A pass over rows by one function of the kernel. */
interface RowPass<F extends KernelFunction> {
  readonly name: F
  readonly slabs: Slabs
  /** The first row, that of a chunk. Default 0. */
  readonly begin?: number
  readonly rows: number
  /** Rows of a chunk, by the shape of the data alone. */
  readonly chunkRows: number
  /** Multiply-adds for a row. */
  readonly work: number
  /** Bytes of scratch that a call needs; 0: none. */
  readonly scratchBytes: number
}

/** A pass that adds up. */
export interface SumPass<F extends KernelFunction> extends RowPass<F> {
  /** How many float64 a call adds to at `out`. */
  readonly length: number
  /** What to add to, chunk by chunk. Default: zeros. */
  readonly total?: Float64Array
  /** Rows of one call: more than a chunk only if the function itself adds the sums of chunks to `out` in order. */
  readonly callRows: number
  readonly args: (run: RowRun, out: Pointer, scratch: Pointer) => Arguments<F>
}

/** A pass that has results for every row. */
export interface MapPass<F extends KernelFunction> extends RowPass<F> {
  /** Bytes of the results of a row at `out`; 0 where calls know better where to put them. */
  readonly rowBytes: number
  /** The calls for a run, one or several. */
  readonly calls: (run: RowRun, out: Pointer, scratch: Pointer) => Arguments<F>[]
}

/**
 * Sums over all rows. A chunk's sums have a place of their own and are added in order, so that the bits are the same on
 * any number of threads.
 */
export function* sumRows<F extends KernelFunction>(pass: SumPass<F>): Steps<Float64Array> {
  const { slabs, begin = 0, rows, chunkRows, callRows, length, total = new Float64Array(length), args } = pass
  const { memory } = slabs
  using crew = yield* Crew.for(pass, length * 8)
  const { places, step, scratch } = crew
  if (!crew.pool && callRows > chunkRows) {
    memory.f64(places, length).set(total)
    for (const run of slabs.runs(begin, begin + rows, callRows)) {
      crew.call(args(run, places, scratch))
      yield
    }
    total.set(memory.f64(places, length))
    return total
  }
  for (const chunks of groups(slabs.runs(begin, begin + rows, chunkRows), crew.size)) {
    memory.f64(places, chunks.length * length).fill(0)
    // A chunk may be more than a call's work; its parts follow each other.
    for (let part = 0; part < chunkRows; part += callRows) {
      const tasks = chunks.flatMap((chunk, i) => {
        const [run] = slabs.runs(chunk.begin + part, chunk.begin + chunk.rows, callRows)
        return run ? [args(run, at(places, i * step), scratch)] : []
      })
      yield* crew.run(tasks)
    }
    const sums = memory.f64(places, chunks.length * length)
    for (let i = 0; i < sums.length; i += length) for (let k = 0; k < length; k++) total[k]! += sums[i + k]!
  }
  return total
}

/** Computes something for every row; `each` gets the results run by run, in order. */
export function* mapRows<F extends KernelFunction>(
  pass: MapPass<F>,
  each: (run: RowRun, out: Pointer) => void = () => {},
): Steps<void> {
  const { slabs, begin = 0, rows, chunkRows, rowBytes, calls } = pass
  using crew = yield* Crew.for(pass, Math.min(rows, chunkRows) * rowBytes)
  const { places, step, scratch } = crew
  for (const runs of groups(slabs.runs(begin, begin + rows, chunkRows), crew.size)) {
    yield* crew.run(runs.flatMap((run, i) => calls(run, at(places, i * step), scratch)))
    for (const [i, run] of runs.entries()) each(run, at(places, i * step))
  }
}

/** Who does a pass: this thread, a chunk at a time, or a pool, some chunks at a time. */
class Crew<F extends KernelFunction> extends Resource {
  readonly pool: Pool | undefined
  /** Chunks at a time. */
  readonly size: number
  /** A place of `step` bytes for each. */
  readonly places: Pointer
  readonly step: number
  /** As an argument. */
  readonly scratch: Pointer
  readonly #pass: RowPass<F>
  readonly #space: Workspace
  /** Each thread's. */
  readonly #scratch: Pointer
  readonly #scratchBytes: number

  private constructor(pass: RowPass<F>, placeBytes: number, pool: Pool | undefined) {
    super()
    const { chunkRows, work, slabs, scratchBytes } = pass
    const room = Math.floor(MOST_ROOM / placeBytes)
    this.pool = pool && room >= pool.threads ? pool : undefined
    const threads = this.pool?.threads ?? 1
    const most = Math.min(room, Math.ceil(pass.rows / chunkRows))
    this.size = this.pool ? Math.min(most, threads * Math.ceil(SLICE_WORK / (chunkRows * work))) : 1
    this.step = placeBytes
    this.#pass = pass
    this.#space = new Workspace(slabs.memory)
    this.#scratchBytes = wholeLines(scratchBytes)
    this.#scratch = scratchBytes ? this.#space.lines(threads * this.#scratchBytes) : NULL
    this.scratch = this.pool && scratchBytes ? SCRATCH : this.#scratch
    this.places = this.#space.lines(this.size * placeBytes)
  }

  static *for<F extends KernelFunction>(pass: RowPass<F>, placeBytes: number): Steps<Crew<F>> {
    const { pool } = pass.slabs.kernel
    const isWorthIt = pass.rows * pass.work >= LEAST_WORK && pass.rows > pass.chunkRows
    return new Crew(pass, placeBytes, pool && isWorthIt && (yield* pool.canRun()) ? pool : undefined)
  }

  call(args: Arguments<F>): void {
    const { slabs, name } = this.#pass
    ;(slabs.kernel.kernels[name] as (...args: unknown[]) => unknown)(...args)
  }

  *run(tasks: Arguments<F>[]): Steps<void> {
    if (this.pool) {
      const [first] = tasks as unknown[][]
      const scratchAt = first?.indexOf(this.#pass.scratchBytes ? SCRATCH : undefined) ?? -1
      for (const task of tasks as unknown[][]) if (scratchAt >= 0) task[scratchAt] = this.#scratch
      const numbers = tasks as unknown as Job['tasks']
      yield* this.pool.run({ name: this.#pass.name, tasks: numbers, scratchAt, scratchBytes: this.#scratchBytes })
      return
    }
    for (const task of tasks) {
      this.call(task)
      yield
    }
  }

  dispose(): void {
    this.#space.dispose()
  }
}

/** Runs, `size` at a time. */
function* groups(runs: Iterable<RowRun>, size: number): Generator<RowRun[]> {
  let group: RowRun[] = []
  for (const run of runs) {
    group.push(run)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length) yield group
}
