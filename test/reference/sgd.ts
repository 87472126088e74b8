import { logisticValue } from './logistic.ts'
import { sigmoid } from './pointwise.ts'
import { cell, type Numbers, type Table } from './table.ts'

export interface EpochOptions {
  batchSize: number
  /** Rows of the batches, one after the other. */
  index: Numbers
  y: Numbers
  s: Numbers
  /** Per column: how far a step goes, 1 / std^2, and what is subtracted, both 1 and 0 for plain SGD. */
  scale: Numbers
  mean: Numbers
  rate: number
  l2: number
  fitIntercept: boolean
}

/**
 * An epoch of mini-batch SGD: w and b change in place; returns the loss summed over the batches, each before its step.
 * Every batch: z = (X - mean) w + b, w -= rate (l2 w + scale (X - mean)^T r / m), b -= rate sum(r) / m.
 */
export function logisticSgdEpoch(X: Table, w: Float64Array, bias: [number], options: EpochOptions): number {
  const { batchSize, index, y, s, scale, mean, rate, l2, fitIntercept } = options
  let loss = 0
  for (let begin = 0; begin < index.length; begin += batchSize) {
    const batch = Array.prototype.slice.call(index, begin, begin + batchSize) as number[]
    const z = batch.map((i) => w.reduce((sum, wk, k) => sum + wk * (cell(X, i, k) - mean[k]!), bias[0]))
    const r = batch.map((i, j) => s[i]! * (sigmoid(z[j]!) - y[i]!))
    loss += batch.reduce((sum, i, j) => sum + s[i]! * logisticValue(z[j]!, y[i]!), 0)
    for (let k = 0; k < w.length; k++) {
      const gradient = batch.reduce((sum, i, j) => sum + r[j]! * (cell(X, i, k) - mean[k]!), 0)
      w[k]! -= rate * (l2 * w[k]! + (scale[k]! * gradient) / batch.length)
    }
    if (fitIntercept) bias[0] -= (rate * r.reduce((sum, rj) => sum + rj, 0)) / batch.length
  }
  return loss
}
