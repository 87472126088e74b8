import { onAbort } from '../core/abort.ts'
import { unpackError } from './packed-error.ts'
import type { HiredWorker } from './pool.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

/** Pieces of rows on their way at most: a page that sends faster than the worker takes would hold X twice. */
const MOST_PIECES = 16

/** One fit's talk with its worker. */
export class Session {
  /** What the worker found; rejected with its error, the signal's reason, or what `onProgress` threw. */
  readonly result: Promise<unknown>
  readonly #hired: HiredWorker
  #onTheWay = 0
  /** Buffers that came back: new ones for all of X would keep the page's garbage collector busy. */
  readonly #spare: ArrayBuffer[] = []
  #wake: (() => void) | undefined
  #failure: { error: unknown } | undefined
  #end: { resolve: (fit: unknown) => void; reject: (error: unknown) => void } | undefined
  readonly #stopListening: () => void

  constructor(
    hired: HiredWorker,
    signal: AbortSignal | undefined,
    onProgress: ((progress: object) => void) | undefined,
  ) {
    this.#hired = hired
    this.result = new Promise((resolve, reject) => {
      this.#end = { resolve, reject }
    })
    // It may fail while rows are still sent: `post` throws then.
    this.result.catch(() => {})
    this.#stopListening = onAbort(signal, (reason) => this.fail(reason))
    hired.worker.onError = (error) => this.fail(error)
    hired.worker.onMessage = (value) => {
      try {
        this.#take(value as FromWorker, onProgress)
      } catch (error) {
        this.fail(error)
      }
    }
  }

  /** @throws what the fit has failed with */
  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    if (this.#failure) throw this.#failure.error
    if (message.type === 'rows') this.#onTheWay++
    this.#hired.worker.postMessage(message, transfer)
  }

  /** A buffer for a piece of rows, with anything in it. */
  buffer(bytes: number): ArrayBuffer {
    const at = this.#spare.findIndex(({ byteLength }) => byteLength === bytes)
    return at < 0 ? new ArrayBuffer(bytes) : (this.#spare.splice(at, 1)[0] as ArrayBuffer)
  }

  /** A promise to wait for before more rows are sent, if there are many on their way. */
  room(): Promise<void> | undefined {
    if (this.#onTheWay < MOST_PIECES || this.#failure) return undefined
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Ends the worker and the fit; after its end nothing. */
  fail(error: unknown): void {
    this.#hired.dismiss()
    this.#reject(error)
  }

  #take(message: FromWorker, onProgress: ((progress: object) => void) | undefined): void {
    if (message.type === 'taken') {
      this.#onTheWay--
      this.#spare.push(message.buffer)
      this.#wake?.()
    } else if (message.type === 'progress') {
      onProgress?.(message.progress)
    } else if (message.type === 'done') {
      this.#stopListening()
      this.#hired.release(message.kernelBytes)
      this.#end?.resolve(message.fit)
    } else {
      // It has put away what it had, and listens for the next fit.
      this.#hired.release(message.kernelBytes)
      this.#reject(unpackError(message.error))
    }
  }

  #reject(error: unknown): void {
    this.#stopListening()
    this.#failure ??= { error }
    this.#end?.reject(error)
    this.#wake?.()
  }
}
