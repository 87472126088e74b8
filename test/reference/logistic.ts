import { gemv, gemvTransposed } from './matmul.ts'
import { sigmoid } from './pointwise.ts'
import { cell, type Numbers, type Table } from './table.ts'

/** ln(1 + e^z) - t z */
export function logisticValue(z: number, t: number): number {
  return Math.max(z, 0) - t * z + Math.log1p(Math.exp(-Math.abs(z)))
}

/** sum of s l(X w + b, y) */
export function logisticLoss(X: Table, w: Numbers, b: number, y: Numbers, s: Numbers): number {
  return gemv(X, w, b).reduce((sum, z, i) => sum + s[i]! * logisticValue(z, y[i]!), 0)
}

/** s (sigmoid(X w + b) - y) */
export function logisticResidual(X: Table, w: Numbers, b: number, y: Numbers, s: Numbers): Float64Array {
  return gemv(X, w, b).map((z, i) => s[i]! * (sigmoid(z) - y[i]!))
}

/** The loss, the sum of its residuals (the gradient in b) and X^T r (the gradient in w). */
export function logisticPass(X: Table, w: Numbers, b: number, y: Numbers, s: Numbers) {
  const r = logisticResidual(X, w, b, y, s)
  return {
    loss: logisticLoss(X, w, b, y, s),
    residualSum: r.reduce((sum, ri) => sum + ri, 0),
    gradient: gemvTransposed(X, r),
    residual: r,
  }
}

/** q = s l''(z): its sum, X^T q and the upper triangle of X^T diag(q) X (cols x cols). */
export function logisticHessian(X: Table, w: Numbers, b: number, s: Numbers) {
  const q = gemv(X, w, b).map((z, i) => s[i]! * sigmoid(z) * sigmoid(-z))
  const d = X.cols
  const H = new Float64Array(d * d)
  for (let i = 0; i < X.rows; i++)
    for (let j = 0; j < d; j++) for (let k = j; k < d; k++) H[j * d + k]! += q[i]! * cell(X, i, j) * cell(X, i, k)
  return { sum: q.reduce((sum, qi) => sum + qi, 0), cross: gemvTransposed(X, q), H }
}
