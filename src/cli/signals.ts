import { constants } from 'node:os'

/** What commands get to know about the world around them. */
export interface Context {
  /** Aborted when the user or the system wants us to stop. */
  readonly signal: AbortSignal
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Thrown (as the reason of the abortion) when a signal has come. */
export class Interruption extends Error {
  /** 128 + the signal's number, as shells have it. */
  readonly exitCode: number
  readonly signal: (typeof SIGNALS)[number]

  constructor(signal: (typeof SIGNALS)[number]) {
    super('interrupted')
    this.signal = signal
    this.exitCode = 128 + constants.signals[signal]
  }
}

/**
 * Ends the process as the signal would have: shells see the same code, scripts stop, and nothing is waited for. Node's own
 * exit waits for its threads, one of which may be opening a pipe that nobody writes to.
 */
export function dieOf({ signal, exitCode }: Interruption): void {
  // There are no signals to die of on Windows.
  if (process.platform === 'win32') process.exit(exitCode)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/** Turns the first signal into an abortion, so that work can be put in order; the second one kills as usual. */
export function listenForSignals(): AbortSignal {
  const controller = new AbortController()
  for (const name of SIGNALS) process.once(name, () => controller.abort(new Interruption(name)))
  return controller.signal
}
