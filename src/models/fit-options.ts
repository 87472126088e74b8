import type { NumberArray } from '../core/arrays.ts'
import { checkNumber, checkOptionNames, show } from '../core/checks.ts'
import type { Labels } from '../core/labels.ts'
import type { MatrixLike } from '../kernel/index.ts'

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
  /** Share of the validation data's weight that is predicted right, from models that measure it. */
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
}

/** @throws TypeError for an unknown name or a wrong kind, RangeError for a wrong value */
export function checkFitOptions(where: string, options: FitOptions): void {
  checkOptionNames(where, options, ['sampleWeight', 'validation', 'signal', 'onProgress', 'budgetMs'])
  const { validation, signal, onProgress, budgetMs } = options
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
}
