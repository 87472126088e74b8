import { backward, forward } from './tuned.ts'

/** As in plain.ts. */
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
  if (batchSize === 1) return singles(rows, cols, X, y, index, w, rate, l2)
  let loss = 0
  const z = new Float64Array(4)
  for (let begin = 0; begin < rows; begin += batchSize) {
    const m = Math.min(batchSize, rows - begin)
    const step = -rate / m
    let sum = 0
    for (let i = 0; i < m; i += 4) {
      const here = Math.min(4, m - i)
      const p0 = index[begin + i]! * cols
      const p1 = here > 1 ? index[begin + i + 1]! * cols : p0
      const p2 = here > 2 ? index[begin + i + 2]! * cols : p0
      const p3 = here > 3 ? index[begin + i + 3]! * cols : p0
      forward(cols, X, p0, p1, p2, p3, w, z)
      for (let q = 0; q < here; q++) {
        const label = y[index[begin + i + q]!]!
        const e = Math.exp(-Math.abs(z[q]!))
        loss += Math.max(z[q]!, 0) - label * z[q]! + Math.log1p(e)
        const r = (z[q]! < 0 ? e : 1) / (1 + e) - label
        residuals[i + q] = step * r
        sum += r
      }
    }
    const shrink = 1 - rate * l2
    for (let k = 0; k < cols; k++) w[k]! *= shrink
    w[cols]! += step * sum
    for (let i = 0; i < m; i += 4) {
      const here = m - i
      const p0 = index[begin + i]! * cols
      const p1 = here > 1 ? index[begin + i + 1]! * cols : p0
      const p2 = here > 2 ? index[begin + i + 2]! * cols : p0
      const p3 = here > 3 ? index[begin + i + 3]! * cols : p0
      const r1 = here > 1 ? residuals[i + 1]! : 0
      const r2 = here > 2 ? residuals[i + 2]! : 0
      const r3 = here > 3 ? residuals[i + 3]! : 0
      backward(cols, X, p0, p1, p2, p3, residuals[i]!, r1, r2, r3, w)
    }
  }
  return loss
}

/** Batches of one row: its product by four sums, so that none waits for the last, and shrinking and step in one loop. */
function singles(
  rows: number,
  cols: number,
  X: Float32Array,
  y: Float32Array,
  index: Uint32Array,
  w: Float64Array,
  rate: number,
  l2: number,
): number {
  const shrink = 1 - rate * l2
  const whole = cols - (cols % 4)
  let loss = 0
  for (let i = 0; i < rows; i++) {
    const sample = index[i]!
    const row = sample * cols
    let z0 = w[cols]!
    let z1 = 0
    let z2 = 0
    let z3 = 0
    for (let k = 0; k < whole; k += 4) {
      z0 += X[row + k]! * w[k]!
      z1 += X[row + k + 1]! * w[k + 1]!
      z2 += X[row + k + 2]! * w[k + 2]!
      z3 += X[row + k + 3]! * w[k + 3]!
    }
    for (let k = whole; k < cols; k++) z0 += X[row + k]! * w[k]!
    const z = z0 + z1 + (z2 + z3)
    const label = y[sample]!
    const e = Math.exp(-Math.abs(z))
    loss += Math.max(z, 0) - label * z + Math.log1p(e)
    const step = -rate * ((z < 0 ? e : 1) / (1 + e) - label)
    for (let k = 0; k < cols; k++) w[k] = w[k]! * shrink + step * X[row + k]!
    w[cols] = w[cols]! + step
  }
  return loss
}
