import { Random } from '../../src/core/random.ts'
import { type BenchData, logisticData, normalArray } from '../data.ts'

/**
 * Two classes on columns that differ, or on columns of one scale each of which nearly repeats its neighbour: the greatest
 * eigenvalue of their covariance is some 40,000 times the least, and scaling them would not help.
 */
export function fitData(rows: number, cols: number, conditioning: 'well' | 'ill'): BenchData {
  if (conditioning === 'well') return logisticData(rows, cols)
  const X = normalArray(rows * cols, 21)
  const truth = normalArray(cols, 22)
  const random = new Random(23)
  const y = new Float32Array(rows)
  for (let i = 0; i < rows; i++) {
    const row = i * cols
    let z = 0
    for (let k = 0; k < cols; k++) {
      if (k > 0) X[row + k] = 0.99 * X[row + k - 1]! + 0.141 * X[row + k]!
      z += X[row + k]! * truth[k]!
    }
    y[i] = random.uniform() < 1 / (1 + Math.exp(-z / Math.sqrt(cols))) ? 1 : 0
  }
  return { rows, cols, X, y }
}

/** Labels 0 to classes - 1, drawn from a softmax of the columns. */
export function softmaxData(rows: number, cols: number, classes: number): BenchData {
  const { X } = logisticData(rows, cols, 31)
  const truth = normalArray(classes * cols, 32)
  const random = new Random(33)
  const e = new Float64Array(classes)
  const y = new Float32Array(rows)
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < classes; c++) {
      let z = 0
      for (let k = 0; k < cols; k++) z += X[i * cols + k]! * truth[c * cols + k]!
      e[c] = Math.exp((2 * z) / Math.sqrt(cols))
    }
    let left = random.uniform() * e.reduce((sum, value) => sum + value, 0)
    let c = 0
    while (c < classes - 1 && left >= e[c]!) left -= e[c++]!
    y[i] = c
  }
  return { rows, cols, X, y }
}

/** F(w) in float64: mean loss + l2/2 |w|^2, intercepts free; w: a class after the other, [weights, intercept]. */
export function lossOf(
  { rows, cols, X, y }: BenchData,
  { l2, classes = 1 }: { l2: number; classes?: number },
  w: ArrayLike<number>,
): number {
  const z = new Float64Array(classes)
  let loss = 0
  for (let i = 0; i < rows; i++) {
    const x = X.subarray(i * cols, (i + 1) * cols)
    for (let c = 0; c < classes; c++) {
      const at = c * (cols + 1)
      z[c] = w[at + cols]!
      for (let k = 0; k < cols; k++) z[c]! += x[k]! * w[at + k]!
    }
    if (classes === 1) loss += Math.max(z[0]!, 0) - y[i]! * z[0]! + Math.log1p(Math.exp(-Math.abs(z[0]!)))
    else {
      const top = Math.max(...z)
      loss += Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top - z[y[i]!]!
    }
  }
  let square = 0
  for (let at = 0; at < w.length; at++) if (at % (cols + 1) < cols) square += w[at]! ** 2
  return loss / rows + (l2 / 2) * square
}
