import { unlessAborted } from '../core/abort.ts'
import type { NumberArray } from '../core/arrays.ts'
import { show } from '../core/checks.ts'
import type { Label, Labels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import type { MatrixLike } from '../kernel/index.ts'

/** Some rows of data that come in pieces. A data set is one too. */
export interface Batch<L extends Label = Label> {
  /** rows x nFeatures; a Matrix is read where it is and stays the caller's. */
  readonly X: MatrixLike
  /** One label a row. */
  readonly y: Labels<L>
  /** A weight a row, at least 0. */
  readonly sampleWeight?: NumberArray | undefined
  readonly featureNames?: readonly string[] | undefined
}

type Batches<L extends Label> = Iterable<Batch<L>> | AsyncIterable<Batch<L>>

/** Opens the data: called once for every pass, it gives the same rows every time. */
export type BatchSource<L extends Label = Label> = () => Batches<L> | Promise<Batches<L>>

/**
 * One pass: opens the source and hands over its batches, one after the other. The source is closed however it ends; an
 * abortion does not wait for it.
 * @throws TypeError for what is no source or no batch
 */
export function* eachBatch(
  source: BatchSource,
  signal: AbortSignal | undefined,
  use: (batch: Batch) => Steps<void>,
): Steps<void> {
  if (typeof source !== 'function') {
    throw new TypeError(`source: expected a function that opens the data anew for every pass, got ${show(source)}`)
  }
  const opened = (yield unlessAborted(Promise.resolve(source()), signal)) as Batches<Label>
  const iterator = iteratorOf(opened)
  let ended = false
  try {
    for (;;) {
      const step = yield unlessAborted(Promise.resolve(iterator.next()), signal)
      const { done, value } = step as IteratorResult<Batch, undefined>
      if (done) {
        ended = true
        return
      }
      if (value === null || typeof value !== 'object' || !('X' in value) || !('y' in value)) {
        throw new TypeError(`source: expected batches { X, y, sampleWeight? }, got ${show(value)}`)
      }
      yield* use(value)
    }
  } finally {
    // Not awaited: a source that hangs would hang its abortion too.
    if (!ended) Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

function iteratorOf(batches: Batches<Label>): Iterator<Batch> | AsyncIterator<Batch> {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = (batches ?? {}) as AsyncIterable<Batch> &
    Iterable<Batch>
  if (typeof later === 'function') return later.call(batches)
  if (typeof now === 'function' && typeof batches !== 'string') return now.call(batches)
  throw new TypeError(`source: expected it to return an iterable or async iterable of batches, got ${show(batches)}`)
}
