/**
 * The work as a good programmer writes it in JavaScript: typed arrays, plain loops, no copies, no allocation. Data are
 * float32 (they fill half the memory); parameters and sums are float64, which is JavaScript's own number and saves it
 * the rounding. The targets are ratios over these. (tuned.ts has the same by all the tricks of the trade.)
 */

/** C = A B, all size x size and row-major; the middle loop over k, so that the inner one walks along rows. */
export function gemm(size: number, a: Float32Array, b: Float32Array, c: Float32Array): void {
  c.fill(0)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const aik = a[i * size + k]!
      for (let j = 0; j < size; j++) c[i * size + j]! += aik * b[k * size + j]!
    }
  }
}

/**
 * Sum of the logistic loss over rows of X (rows x cols), its gradient into grad: [d/dw (cols), d/db]. w is [w (cols),
 * b]. One pass: a row is used for its gradient while it is at hand.
 */
export function logisticGradient(
  rows: number,
  cols: number,
  X: Float32Array,
  y: Float32Array,
  w: Float64Array,
  grad: Float64Array,
): number {
  grad.fill(0)
  let loss = 0
  for (let i = 0; i < rows; i++) {
    const row = i * cols
    let z = w[cols]!
    for (let k = 0; k < cols; k++) z += X[row + k]! * w[k]!
    const e = Math.exp(-Math.abs(z))
    loss += Math.max(z, 0) - y[i]! * z + Math.log1p(e)
    const r = (z < 0 ? e : 1) / (1 + e) - y[i]!
    for (let k = 0; k < cols; k++) grad[k]! += r * X[row + k]!
    grad[cols]! += r
  }
  return loss
}

/**
 * An epoch of mini-batch SGD: w -= rate (mean of r x over the batch + l2 w), b -= rate mean of r, for the batches of
 * rows that `index` names. w is [w (cols), b]; residuals has room for a batch. Returns the sum of the losses as met.
 */
export function sgdEpoch(
  rows: number,
  cols: number,
  batchSize: number,
  X: Float32Array,
  y: Float32Array,
  index: Uint32Array,
  w: Float64Array,
  residuals: Float64Array,
  rate: number,
  l2: number,
): number {
  let loss = 0
  for (let begin = 0; begin < rows; begin += batchSize) {
    const m = Math.min(batchSize, rows - begin)
    const step = -rate / m
    let sum = 0
    for (let i = 0; i < m; i++) {
      const sample = index[begin + i]!
      const row = sample * cols
      let z = w[cols]!
      for (let k = 0; k < cols; k++) z += X[row + k]! * w[k]!
      const e = Math.exp(-Math.abs(z))
      loss += Math.max(z, 0) - y[sample]! * z + Math.log1p(e)
      const r = (z < 0 ? e : 1) / (1 + e) - y[sample]!
      residuals[i] = step * r
      sum += r
    }
    for (let k = 0; k < cols; k++) w[k]! *= 1 - rate * l2
    for (let i = 0; i < m; i++) {
      const row = index[begin + i]! * cols
      const r = residuals[i]!
      for (let k = 0; k < cols; k++) w[k]! += r * X[row + k]!
    }
    w[cols]! += step * sum
  }
  return loss
}

/** Probabilities of both classes, rows x 2. w is [w (cols), b]. */
export function predictProba(rows: number, cols: number, X: Float32Array, w: Float64Array): Float32Array {
  const proba = new Float32Array(rows * 2)
  for (let i = 0; i < rows; i++) {
    const row = i * cols
    let z = w[cols]!
    for (let k = 0; k < cols; k++) z += X[row + k]! * w[k]!
    const p = 1 / (1 + Math.exp(-z))
    proba[2 * i] = 1 - p
    proba[2 * i + 1] = p
  }
  return proba
}

/** Probability of the positive class for one row. */
export function predictOne(row: readonly number[], w: Float64Array): number {
  const cols = row.length
  let z = w[cols]!
  for (let k = 0; k < cols; k++) z += row[k]! * w[k]!
  return 1 / (1 + Math.exp(-z))
}
