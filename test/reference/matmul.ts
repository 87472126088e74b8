import { cell, type Numbers, type Table } from './table.ts'

/** X w + b */
export function gemv(X: Table, w: Numbers, b: number): Float64Array {
  const z = new Float64Array(X.rows).fill(b)
  for (let i = 0; i < X.rows; i++) for (let k = 0; k < X.cols; k++) z[i]! += cell(X, i, k) * w[k]!
  return z
}

/** X^T r */
export function gemvTransposed(X: Table, r: Numbers): Float64Array {
  const g = new Float64Array(X.cols)
  for (let i = 0; i < X.rows; i++) for (let k = 0; k < X.cols; k++) g[k]! += r[i]! * cell(X, i, k)
  return g
}

/** A B for dense row-major A (m x k) and B (k x n). */
export function gemm(m: number, n: number, k: number, A: Numbers, B: Numbers): Float64Array {
  const C = new Float64Array(m * n)
  for (let i = 0; i < m; i++)
    for (let t = 0; t < k; t++) for (let j = 0; j < n; j++) C[i * n + j]! += A[i * k + t]! * B[t * n + j]!
  return C
}

/** The transpose of a dense row-major rows x cols. */
export function transpose(rows: number, cols: number, A: Float32Array): Float32Array {
  return Float32Array.from(A, (_, i) => A[(i % rows) * cols + Math.floor(i / rows)]!)
}
