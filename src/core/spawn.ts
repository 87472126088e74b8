import { KernelError } from './errors.ts'

/** A worker that runs, the same in browsers and bun (Web Workers), and in Node and deno (worker_threads). */
export interface SpawnedWorker {
  postMessage(value: unknown, transfer?: readonly Transferable[]): void
  /** Called with what the worker posts. */
  onMessage: (value: unknown) => void
  /**
   * Called when the worker has failed and is gone: an uncaught error, a message that cannot be read, an end that nobody
   * asked for.
   */
  onError: (error: Error) => void
  /** Whether it keeps the process alive (Node, bun, deno), as it does at first. */
  ref(): void
  unref(): void
  /** Ends it at once, without a word to onError. */
  terminate(): void
}

/** What a script posts when all of it has run. */
const READY = 'lanefit: the worker is ready'

/** Gives Node's workers the names that Web Workers have: self, postMessage, onmessage, close. (deno's have one of them.) */
const PROLOGUE = `if (typeof self === 'undefined' || typeof postMessage !== 'function') {
  const load = typeof require === 'function' ? require : process.getBuiltinModule
  const { parentPort } = load('node:worker_threads')
  globalThis.self = globalThis
  self.postMessage = (value, transfer) => parentPort.postMessage(value, transfer)
  self.close = () => process.exit()
  // For workers of its own, where Node is too old to have it.
  if (typeof require === 'function') process.getBuiltinModule ??= require
  parentPort.on('message', (data) => self.onmessage?.({ data }))
}
`

/** The text of a file for Web Workers: code that uses self.onmessage and self.postMessage. */
export function workerScript(code: string): string {
  return `${code}\n;self.postMessage(${JSON.stringify(READY)})\n`
}

/**
 * Starts a worker and waits until its script has run once.
 *
 * @param script code that uses self.onmessage and self.postMessage and needs nothing else (no import, no require), or
 *   the URL of a file that was made by `workerScript` (not in Node)
 * @throws KernelError UNAVAILABLE if it cannot start: no workers here, forbidden by the page's policy, no such file
 */
export async function spawn(script: string | URL): Promise<SpawnedWorker> {
  // deno's Web Workers keep the process alive, whatever one does; those it has from Node can be told not to.
  const isWeb = typeof Worker === 'function' && !('Deno' in globalThis && typeof script === 'string')
  const start = isWeb ? startWebWorker : await nodeStarter()
  return new Promise((resolve, reject) => {
    let ready = false
    const fail = (cause: unknown) => {
      worker.terminate()
      if (ready) worker.onError(failure(cause))
      else reject(cannotStart(script, cause))
    }
    const take = (value: unknown) => {
      if (ready) return worker.onMessage(value)
      // The first word is that it runs.
      if (value !== READY) return fail('it runs another script')
      ready = true
      resolve(worker)
    }
    let worker: SpawnedWorker
    try {
      worker = start(script, fail, take)
    } catch (cause) {
      reject(cannotStart(script, cause))
    }
  })
}

type Start = (script: string | URL, fail: (cause: unknown) => void, take: (value: unknown) => void) => SpawnedWorker

const nothing = () => {}

const startWebWorker: Start = (script, fail, take) => {
  const blob = typeof script === 'string' ? new Blob([workerScript(script)], { type: 'text/javascript' }) : undefined
  const url = blob ? URL.createObjectURL(blob) : String(script)
  // deno has modules only.
  const options: WorkerOptions = { name: 'lanefit', type: 'Deno' in globalThis ? 'module' : 'classic' }
  let worker: Worker & { ref?(): void; unref?(): void }
  const loaded = () => {
    if (blob) URL.revokeObjectURL(url)
  }
  try {
    worker = new Worker(url, options)
  } catch (cause) {
    loaded()
    throw cause
  }
  worker.onmessage = ({ data }) => {
    loaded()
    take(data)
  }
  // A script that may not be loaded is an event without a word; an error in it has a message.
  worker.onerror = (event) => {
    loaded()
    event.preventDefault?.()
    fail(event.error ?? event.message)
  }
  worker.onmessageerror = () => fail('a message could not be read')
  return {
    postMessage: (value, transfer = []) => worker.postMessage(value, [...transfer]),
    onMessage: nothing,
    onError: nothing,
    ref: () => worker.ref?.(),
    unref: () => worker.unref?.(),
    terminate() {
      loaded()
      worker.onmessage = worker.onerror = worker.onmessageerror = null
      worker.terminate()
    },
  }
}

/** True in the builds for Node. For a page bundlers must find no module of Node, which would not be there. */
declare const __LANEFIT_NODE__: boolean | undefined

async function nodeStarter(): Promise<Start> {
  const builtin = (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule
  const threads =
    typeof __LANEFIT_NODE__ !== 'undefined' && __LANEFIT_NODE__
      ? await import('node:worker_threads')
      : builtin?.('node:worker_threads')
  if (!threads) throw new KernelError('UNAVAILABLE', 'there are no workers here')
  return (script, fail, take) => {
    // Flags of the process, such as loaders of TypeScript, are none of its business.
    const options = { name: 'lanefit', execArgv: [] }
    const worker =
      typeof script === 'string'
        ? new threads.Worker(PROLOGUE + workerScript(script), { ...options, eval: true })
        : new threads.Worker(script, options)
    worker.on('message', take)
    worker.on('error', fail)
    worker.on('messageerror', fail)
    worker.on('exit', (code) => fail(`it ended with code ${code}`))
    return {
      postMessage: (value, transfer = []) => worker.postMessage(value, transfer as ArrayBuffer[]),
      onMessage: nothing,
      onError: nothing,
      ref: () => worker.ref(),
      unref: () => worker.unref(),
      terminate() {
        worker.removeAllListeners()
        // What it still had to say, an error too, is nobody's any more.
        worker.on('error', nothing)
        void worker.terminate()
      },
    }
  }
}

function cannotStart(script: string | URL, cause: unknown): KernelError {
  if (cause instanceof KernelError) return cause
  const words = wordsOf(cause)
  // With an error of its own the script did run.
  const blocked = !words || (cause as Error).name === 'SecurityError'
  return new KernelError('UNAVAILABLE', `a worker cannot start here${words ? `: ${words}` : ''}`, {
    cause,
    ...(typeof script !== 'string' && {
      hint: `Is ${script} lanefit's worker file, from the same origin as the page?`,
    }),
    ...(typeof script === 'string' &&
      blocked && {
        hint:
          "The page's Content-Security-Policy must allow `worker-src blob:`, or lanefit must be given the URL of a " +
          'worker file',
      }),
  })
}

function failure(cause: unknown): KernelError {
  return new KernelError('TRAP', `a worker failed: ${wordsOf(cause) ?? 'it did not say why'}`, { cause })
}

function wordsOf(cause: unknown): string | undefined {
  const text = cause instanceof Error ? cause.message : cause
  return typeof text === 'string' && text ? text : undefined
}
