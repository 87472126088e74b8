/**
 * Long work as a generator, written once and run two ways: to the end in one go (`runSync`), or with breaks that let
 * the page breathe (`runAsync`). A step should last at most about 8 ms. It may yield a promise (work done elsewhere);
 * the value it resolves to comes back from the yield.
 */
export type Steps<T> = Generator<Promise<unknown> | undefined, T, unknown>

/** Thrown into steps that wait for something while they run synchronously. They may know a better error, or do without. */
export class CannotWait extends Error {
  override readonly name = 'CannotWait'

  constructor() {
    super('work that waits for something else cannot run synchronously')
  }
}

/** Runs to the end without a break. Throws CannotWait if a step waits for something asynchronous. */
export function runSync<T>(steps: Steps<T>): T {
  let next = steps.next()
  while (!next.done) next = next.value ? steps.throw(new CannotWait()) : steps.next()
  return next.value
}

export interface RunOptions {
  /** Checked at every break; its reason is thrown into the steps, so that their `finally` blocks run. */
  signal?: AbortSignal | undefined
  /** How long to work before a break, in milliseconds. Default 8. */
  sliceMs?: number
}

/** Runs with a macrotask break whenever `sliceMs` have passed, so that a page stays responsive. */
export async function runAsync<T>(steps: Steps<T>, { signal, sliceMs = 8 }: RunOptions = {}): Promise<T> {
  let sliceEnd = performance.now() + sliceMs
  let next = signal?.aborted ? steps.throw(signal.reason) : steps.next()
  while (!next.done) {
    let answer: unknown
    let failure: { error: unknown } | undefined
    if (next.value) {
      try {
        answer = await next.value
      } catch (error) {
        failure = { error }
      }
    } else if (performance.now() >= sliceEnd) {
      await macrotask()
      sliceEnd = performance.now() + sliceMs
    }
    if (signal?.aborted) failure = { error: signal.reason }
    next = failure ? steps.throw(failure.error) : steps.next(answer)
  }
  return next.value
}

let port: MessagePort | undefined
const waiting: (() => void)[] = []

/**
 * Resolves in a new macrotask. `setTimeout(0)` is clamped to 4 ms in browsers and promises never leave the microtask
 * queue, so a message to oneself (browsers) or setImmediate (Node) it is.
 */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else {
      if (!port) {
        const channel = new MessageChannel()
        channel.port1.onmessage = () => waiting.shift()?.()
        port = channel.port2
      }
      waiting.push(resolve)
      port.postMessage(0)
    }
  })
}
