import type { NumberArray } from '../core/arrays.ts'
import { checkNumber, checkOptionNames, show } from '../core/checks.ts'
import type { Labels } from '../core/labels.ts'
import { type MatrixLike, shapeOf } from '../kernel/index.ts'

/** What `onProgress` is told after every iteration or epoch. */
export interface FitProgress {
  /** Iterations (or epochs) done. */
  readonly iteration: number
  /** The most there will be. */
  readonly maxIter: number
  /** The objective: mean loss plus penalty. */
  readonly loss: number
  /** Mean loss on the validation data, if there are any. */
  readonly validationLoss?: number
  /**
   * Share of the validation data's weight that is predicted right (at threshold 0.5); where the classes are learned one
   * after the other, of that class against the rest.
   */
  readonly validationAccuracy?: number
  readonly elapsedMs: number
}

/** An entry of `history`. */
export type HistoryEntry = Pick<FitProgress, 'iteration' | 'loss' | 'validationLoss' | 'validationAccuracy'>

/** Options of `fit`. */
export interface FitOptions {
  /** A weight a row, at least 0; weight 2 counts as a repeated row. */
  sampleWeight?: NumberArray
  /** Data to measure after every iteration or epoch (not to learn from). */
  validation?: { X: MatrixLike; y: Labels; sampleWeight?: NumberArray }
  /** Aborting it makes `fit` reject with its reason; the model stays as it was. */
  signal?: AbortSignal
  onProgress?: (progress: FitProgress) => void
  /** Stop after about this many milliseconds, with what there is: `converged` is false then. */
  budgetMs?: number
  /**
   * Train in a worker: this thread only copies the data over, in slices, and the result has the same bits. Or the URL of
   * the package's dist/worker.js, where a page's policy forbids workers from blobs or the package came by script tag.
   * @throws KernelError UNAVAILABLE if no worker can start
   */
  worker?: boolean | string | URL
}

/** Options of `fitSync`: a worker has to be waited for. */
export interface FitSyncOptions extends Omit<FitOptions, 'worker'> {
  worker?: false
}

/** @throws TypeError for an unknown name or a wrong kind, RangeError for a wrong value */
export function checkFitOptions(where: string, options: FitOptions): void {
  checkOptionNames(where, options, ['sampleWeight', 'validation', 'signal', 'onProgress', 'budgetMs', 'worker'])
  const { validation, signal, onProgress, budgetMs, worker = false } = options
  if (validation !== undefined) {
    // A dataset or a part of a split may be given as it is.
    const ofDataset = ['featureNames', 'targetName', 'skippedRows', 'dispose']
    checkOptionNames('validation', validation, ['X', 'y', 'sampleWeight', ...ofDataset])
  }
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    throw new TypeError(`signal: expected an AbortSignal, got ${show(signal)}`)
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`onProgress: expected a function, got ${show(onProgress)}`)
  }
  if (budgetMs !== undefined) checkNumber('budgetMs', budgetMs, { above: 0 })
  if (typeof worker !== 'boolean' && typeof worker !== 'string' && !(worker instanceof URL)) {
    throw new TypeError(`worker: expected true, false or a URL, got ${show(worker)}`)
  }
  if (where !== 'fit') refuseWorker(where, options)
}

/** What does not wait cannot wait for a worker. */
export function refuseWorker(where: string, options: object): void {
  if ((options as FitOptions).worker) throw new TypeError(`${where}: does not wait for a worker; only fit takes worker`)
}

/** The shape of the validation data, which must have the columns of X. */
export function validationShape(X: MatrixLike, nFeatures: number): { rows: number; cols: number } {
  const { rows, cols } = shapeOf(X, 'validation.X')
  if (cols !== nFeatures) throw new RangeError(`validation.X: expected ${nFeatures} columns as X has, got ${cols}`)
  return { rows, cols }
}

/** Options of `fitBatches`: those of `fit`. Weights come with the batches, and there is no worker yet. */
export type FitBatchesOptions = Omit<FitOptions, 'sampleWeight' | 'worker'>

/** @throws TypeError for an unknown name */
export function checkBatchesOptions(options: FitBatchesOptions): void {
  checkOptionNames('fitBatches', options, ['validation', 'signal', 'onProgress', 'budgetMs'])
}
