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

  constructor(name: (typeof SIGNALS)[number]) {
    super('interrupted')
    this.exitCode = 128 + constants.signals[name]
  }
}

/** Turns the first signal into an abortion, so that work can be put in order; the second one kills as usual. */
export function listenForSignals(): AbortSignal {
  const controller = new AbortController()
  for (const name of SIGNALS) process.once(name, () => controller.abort(new Interruption(name)))
  return controller.signal
}
