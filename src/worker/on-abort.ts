const listeners = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>()

/**
 * Calls back when the signal is aborted, until the returned function is called. One listener a signal, however many
 * fits share it: Node takes more than ten for a leak, and prints that.
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
