/**
 * Loss and gradient of multinomial logistic regression with k classes, by plain loops and by the best hand-tuned ones.
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

/** The same, two rows and two classes at a time; rows and k even, as all that is timed. */
export function tunedSoftmax(
  rows: number,
  cols: number,
  k: number,
  X: Float32Array,
  y: Float32Array,
  w: Float64Array,
  grad: Float64Array,
): number {
  if (rows % 2 || k % 2) return plainSoftmax(rows, cols, k, X, y, w, grad)
  const z = new Float64Array(2 * k)
  let loss = 0
  grad.fill(0)
  for (let i = 0; i < rows; i += 2) {
    const p = i * cols
    const q = p + cols
    for (let c = 0; c < k; c += 2) {
      const a = c * (cols + 1)
      const b = a + cols + 1
      let [pa, pb, qa, qb] = [w[a + cols]!, w[b + cols]!, w[a + cols]!, w[b + cols]!]
      for (let j = 0; j < cols; j++) {
        const [x0, x1, wa, wb] = [X[p + j]!, X[q + j]!, w[a + j]!, w[b + j]!]
        pa += x0 * wa
        pb += x0 * wb
        qa += x1 * wa
        qb += x1 * wb
      }
      z[c] = pa
      z[c + 1] = pb
      z[k + c] = qa
      z[k + c + 1] = qb
    }
    loss += residuals(k, z, 0, y[i]!) + residuals(k, z, k, y[i + 1]!)
    for (let c = 0; c < k; c += 2) {
      const a = c * (cols + 1)
      const b = a + cols + 1
      const [pa, pb, qa, qb] = [z[c]!, z[c + 1]!, z[k + c]!, z[k + c + 1]!]
      for (let j = 0; j < cols; j++) {
        const [x0, x1] = [X[p + j]!, X[q + j]!]
        grad[a + j]! += pa * x0 + qa * x1
        grad[b + j]! += pb * x0 + qb * x1
      }
      grad[a + cols]! += pa + qa
      grad[b + cols]! += pb + qb
    }
  }
  return loss
}

/** Turns k logits from `at` into p - [target]; returns their loss. */
function residuals(k: number, z: Float64Array, at: number, target: number): number {
  let top = z[at]!
  for (let c = 1; c < k; c++) top = Math.max(top, z[at + c]!)
  const ofTarget = z[at + target]!
  let total = 0
  for (let c = 0; c < k; c++) {
    const e = Math.exp(z[at + c]! - top)
    z[at + c] = e
    total += e
  }
  for (let c = 0; c < k; c++) z[at + c]! /= total
  z[at + target]! -= 1
  return Math.log(total) + top - ofTarget
}
