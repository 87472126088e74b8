import { cell, type Numbers, type Table } from './table.ts'

/** Logits of row i: z_c = x w_c + b_c, for W k x cols. */
function logits(X: Table, i: number, W: Numbers, B: Numbers): Float64Array {
  return Float64Array.from(B, (b, c) => {
    let z = b
    for (let k = 0; k < X.cols; k++) z += cell(X, i, k) * W[c * X.cols + k]!
    return z
  })
}

/** e^z / sum of e^z, and ln of that sum. */
export function softmax(z: Float64Array): { p: Float64Array; logSum: number } {
  const top = Math.max(...z)
  const e = z.map((zc) => Math.exp(zc - top))
  const sum = e.reduce((total, ec) => total + ec, 0)
  return { p: e.map((ec) => ec / sum), logSum: top + Math.log(sum) }
}

/** Probabilities, rows x k. */
export function softmaxProba(X: Table, W: Numbers, B: Numbers): number[] {
  return Array.from({ length: X.rows }, (_, i) => [...softmax(logits(X, i, W, B)).p]).flat()
}

/** sum of s (ln(sum of e^z) - z_y) */
export function softmaxLoss(X: Table, W: Numbers, B: Numbers, y: Numbers, s: Numbers): number {
  let loss = 0
  for (let i = 0; i < X.rows; i++) {
    const z = logits(X, i, W, B)
    loss += s[i]! * (softmax(z).logSum - z[y[i]!]!)
  }
  return loss
}

/** The loss and, class by class, [gradient in b_c, gradient in w_c]: r_c = s (p_c - [y = c]). */
export function softmaxPass(X: Table, W: Numbers, B: Numbers, y: Numbers, s: Numbers) {
  const gradients = new Float64Array(B.length * (X.cols + 1))
  for (let i = 0; i < X.rows; i++) {
    const { p } = softmax(logits(X, i, W, B))
    for (let c = 0; c < B.length; c++) {
      const r = s[i]! * (p[c]! - (y[i] === c ? 1 : 0))
      const at = c * (X.cols + 1)
      gradients[at]! += r
      for (let k = 0; k < X.cols; k++) gradients[at + 1 + k]! += r * cell(X, i, k)
    }
  }
  return { loss: softmaxLoss(X, W, B, y, s), gradients }
}
