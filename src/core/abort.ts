const listeners = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>()

/**
 * Calls back when the signal is aborted (not if it was before), until the returned function is called. One listener a
 * signal, however many wait for it: Node takes more than ten for a leak, and prints that.
 */
export function onAbort(signal: AbortSignal | undefined, call: (reason: unknown) => void): () => void {
  if (!signal) return () => {}
  let calls = listeners.get(signal)
  if (!calls) {
    const all = new Set<(reason: unknown) => void>()
    signal.addEventListener(
      'abort',
      () => {
        for (const each of [...all]) each(signal.reason)
      },
      { once: true },
    )
    listeners.set(signal, all)
    calls = all
  }
  calls.add(call)
  return () => {
    calls.delete(call)
  }
}

/** The promise's outcome, or the signal's reason as soon as it is aborted. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    const forget = onAbort(signal, reject)
    promise.then(resolve, reject).finally(forget)
  })
}
