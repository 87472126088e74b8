import type { Steps } from '../core/steps.ts'
import type { StopAnswer } from './objective.ts'
import { isStop } from './run.ts'
import { constantSchedule, type Schedule } from './schedules.ts'

export interface EpochResult {
  /** Mean loss over the epoch's batches, as they were met. */
  readonly loss: number
}

/** Whoever can pass over the data once, updating its own parameters batch by batch. */
export interface EpochRunner {
  /** epoch is counted from 0. A long pass returns Steps, so that it can pause. */
  epoch(options: { learningRate: number; epoch: number }): EpochResult | Steps<EpochResult>
}

export interface EpochInfo {
  /** The epoch just done, counted from 0. */
  readonly epoch: number
  readonly loss: number
  readonly learningRate: number
}

export interface SgdOptions {
  /** At most so many passes over the data. */
  epochs: number
  /** The base rate that the schedule starts from. */
  learningRate: number
  schedule?: Schedule | undefined
  /** Default 1e-3; -Infinity runs all epochs. */
  tol?: number | undefined
  /** Default 5. */
  nIterNoChange?: number | undefined
  /** Called after every epoch; returning true stops with reason 'stopped'. */
  onEpoch?: ((info: EpochInfo) => StopAnswer) | undefined
}

export interface SgdResult {
  /** Epochs done, the diverged one included. */
  nIter: number
  /** The last epoch's loss; NaN when epochs is 0. */
  loss: number
  converged: boolean
  reason: 'tol' | 'max-iter' | 'stopped' | 'diverged'
}

/**
 * The loop around mini-batch epochs, with scikit-learn's stopping rule (SGDClassifier, tol and n_iter_no_change):
 * converged when the loss was above best - tol for nIterNoChange epochs in a row. A loss that is not finite ends it
 * with reason 'diverged'; the epoch it happened in is nIter - 1 (counted from 0). Options are trusted.
 */
export function* sgd(runner: EpochRunner, options: SgdOptions): Steps<SgdResult> {
  const { epochs, learningRate, schedule = constantSchedule, tol = 1e-3, nIterNoChange = 5, onEpoch } = options
  let best = Number.POSITIVE_INFINITY
  let idle = 0
  let loss = Number.NaN
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = schedule(epoch, learningRate)
    const pass = runner.epoch({ learningRate: rate, epoch })
    loss = ('loss' in pass ? pass : yield* pass).loss
    const nIter = epoch + 1
    if (!Number.isFinite(loss)) return { nIter, loss, converged: false, reason: 'diverged' }
    idle = loss > best - tol ? idle + 1 : 0
    best = Math.min(best, loss)
    yield
    const stop = onEpoch && (yield* isStop(onEpoch({ epoch, loss, learningRate: rate })))
    if (idle >= nIterNoChange) return { nIter, loss, converged: true, reason: 'tol' }
    if (stop) return { nIter, loss, converged: false, reason: 'stopped' }
  }
  return { nIter: Math.max(0, epochs), loss, converged: false, reason: 'max-iter' }
}
