import { type LossName, losses } from './losses.ts'
import { cell, type Numbers, type Table } from './table.ts'
import type { Optimized, OptimizerName, UpdateSettings } from './updates.ts'

export interface OptimizerEpochOptions {
  loss: LossName
  optimizer: OptimizerName
  settings: UpdateSettings
  batchSize: number
  /** Rows of the batches, one after the other. */
  index: Numbers
  y: Numbers
  s: Numbers
  /** u = (x - mean) * scale */
  scale: Numbers
  mean: Numbers
  l2: number
  l1: number
  fitIntercept: boolean
}

/**
 * Mini-batches on u = (x - mean) * scale, every column and row of it made: z = u a + b, the optimiser's step on
 * [u^T r / m + l2 a, sum of r / m], then what is owed of l1 since the first step. `params` is [a, b] and changes; returns
 * the loss summed over the batches, each before its step.
 */
export function optimizerEpoch(X: Table, params: Optimized, options: OptimizerEpochOptions): number {
  const { loss, optimizer, settings, batchSize, index, y, s, scale, mean, l2, l1, fitIntercept } = options
  const { p } = params
  const d = X.cols
  const { value, gradient } = losses[loss]
  // u and q of Tsuruoka, Tsujii and Ananiadou (2009).
  let owed = 0
  const paid = new Float64Array(d)
  let total = 0
  for (let begin = 0; begin < index.length; begin += batchSize) {
    const batch = Array.prototype.slice.call(index, begin, begin + batchSize) as number[]
    const g = new Float64Array(d + 1)
    for (const i of batch) {
      const u = Array.from({ length: d }, (_, k) => (cell(X, i, k) - mean[k]!) * scale[k]!)
      const z = u.reduce((sum, uk, k) => sum + uk * p[k]!, p[d]!)
      total += s[i]! * value(z, y[i]!)
      const r = s[i]! * gradient(z, y[i]!)
      for (let k = 0; k < d; k++) g[k]! += (r * u[k]!) / batch.length
      g[d]! += r / batch.length
    }
    for (let k = 0; k < d; k++) g[k]! += l2 * p[k]!
    if (!fitIntercept) g[d] = 0
    params.step(optimizer, g, settings, (k) => k === d)
    owed += settings.rate * l1
    for (let k = 0; k < d; k++) {
      const before = p[k]!
      p[k] = before > 0 ? Math.max(0, before - owed - paid[k]!) : Math.min(0, before + owed - paid[k]!)
      paid[k]! += p[k]! - before
    }
  }
  return total
}
