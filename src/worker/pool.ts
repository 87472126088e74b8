import { onAbort } from '../core/abort.ts'
import { show } from '../core/checks.ts'
import { KernelError } from '../core/errors.ts'
import { type SpawnedWorker, spawn } from '../core/spawn.ts'

/** Where the worker's code is: in this package, or in a file that somebody hosts. */
export type WorkerPlace = true | string | URL

/** True in the single-file script build, which cannot load a second file by itself. */
declare const __LANEFIT_SINGLE_FILE__: boolean | undefined

/** How long a worker waits for the next fit: cross-validation is many in a row, and starting one takes some 50 ms. */
const IDLE_MS = 5000
/** A worker whose kernel memory has grown beyond this is not kept: memory never shrinks. */
const KEEP_BYTES = 64 * 2 ** 20

interface Idle {
  readonly worker: SpawnedWorker
  readonly place: string
  readonly timer: ReturnType<typeof setTimeout>
}

const idle: Idle[] = []
/** Workers at work, and fits that wait for one to end: more of them than cores would only cost memory. */
let working = 0
const waiting = new Set<() => void>()

/** Workers now, for tests. */
export function workerCounts(): { working: number; idle: number } {
  return { working, idle: idle.length }
}

/**
 * A worker for one fit, which its `release` or `dismiss` ends.
 * @throws KernelError UNAVAILABLE if none can start; the signal's reason
 */
export async function hire(place: WorkerPlace, signal: AbortSignal | undefined): Promise<HiredWorker> {
  await turn(signal)
  try {
    const url = place === true ? undefined : urlOf(place)
    const at = idle.findIndex((other) => other.place === String(url))
    const [found] = at < 0 ? [] : idle.splice(at, 1)
    if (found) clearTimeout(found.timer)
    const worker = found?.worker ?? (await spawn(url ?? (await ownSource())))
    worker.ref()
    return new HiredWorker(worker, String(url))
  } catch (error) {
    nextTurn()
    throw error
  }
}

/** A worker that is at work for one fit. */
export class HiredWorker {
  readonly worker: SpawnedWorker
  readonly #place: string
  #over = false

  constructor(worker: SpawnedWorker, place: string) {
    this.worker = worker
    this.#place = place
  }

  /** Its work is done: it may wait for more, without keeping the process alive. */
  release(kernelBytes: number): void {
    if (kernelBytes > KEEP_BYTES) this.dismiss()
    else if (this.#end()) keep(this.worker, this.#place)
  }

  /** Ends it, whatever it is doing. */
  dismiss(): void {
    if (this.#end()) this.worker.terminate()
  }

  /** True the first time. */
  #end(): boolean {
    if (this.#over) return false
    this.#over = true
    nextTurn()
    return true
  }
}

function keep(worker: SpawnedWorker, place: string): void {
  const leave = () => {
    const at = idle.indexOf(entry)
    if (at >= 0) idle.splice(at, 1)
    clearTimeout(entry.timer)
    worker.terminate()
  }
  const timer = setTimeout(leave, IDLE_MS)
  const entry: Idle = { worker, place, timer }
  // Node's timers are objects that can be told not to keep the process alive.
  if (typeof timer === 'object') (timer as { unref?(): void }).unref?.()
  worker.onMessage = () => {}
  worker.onError = leave
  worker.unref()
  idle.push(entry)
}

async function turn(signal: AbortSignal | undefined): Promise<void> {
  const most = Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 4)
  if (working < most) working++
  else {
    await new Promise<void>((resolve, reject) => {
      const take = () => {
        forget()
        resolve()
      }
      const forget = onAbort(signal, (reason) => {
        waiting.delete(take)
        reject(reason)
      })
      waiting.add(take)
    })
  }
}

function nextTurn(): void {
  const [next] = waiting
  if (next) {
    waiting.delete(next)
    next()
  } else working--
}

function urlOf(place: string | URL): URL {
  try {
    return new URL(place, globalThis.document?.baseURI ?? globalThis.location?.href)
  } catch {
    throw new RangeError(`worker: expected true or the URL of lanefit's worker.js, got ${show(place)}`)
  }
}

async function ownSource(): Promise<string> {
  // Spelt out, as the bundler needs it (see kernel/variants.ts).
  if (typeof __LANEFIT_SINGLE_FILE__ === 'undefined' || !__LANEFIT_SINGLE_FILE__) {
    return (await import('./generated/source.ts')).source
  }
  throw new KernelError('UNAVAILABLE', "the worker's code is not in the single-file build", {
    hint: "Give its address, fit(X, y, { worker: 'worker.js' }): it is dist/worker.js of the package",
  })
}
