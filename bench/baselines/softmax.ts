/**
 * Loss and gradient of multinomial logistic regression with k classes, by plain loops.
 * w: k rows of [weights (cols), intercept], float64; grad the same. Returns the sum of the losses.
 */
export function plainSoftmax(
  rows: number,
  cols: number,
  k: number,
  X: Float32Array,
  y: Float32Array,
  w: Float64Array,
  grad: Float64Array,
): number {
  const z = new Float64Array(k)
  let loss = 0
  grad.fill(0)
  for (let i = 0; i < rows; i++) {
    const row = i * cols
    let top = Number.NEGATIVE_INFINITY
    for (let c = 0; c < k; c++) {
      const at = c * (cols + 1)
      let sum = w[at + cols]!
      for (let j = 0; j < cols; j++) sum += X[row + j]! * w[at + j]!
      z[c] = sum
      if (sum > top) top = sum
    }
    const ofTarget = z[y[i]!]!
    let total = 0
    for (let c = 0; c < k; c++) {
      z[c] = Math.exp(z[c]! - top)
      total += z[c]!
    }
    loss += Math.log(total) + top - ofTarget
    for (let c = 0; c < k; c++) {
      const r = z[c]! / total - (y[i] === c ? 1 : 0)
      const at = c * (cols + 1)
      for (let j = 0; j < cols; j++) grad[at + j]! += r * X[row + j]!
      grad[at + cols]! += r
    }
  }
  return loss
}
