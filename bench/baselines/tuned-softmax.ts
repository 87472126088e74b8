/**
 * As plainSoftmax, by the best hand-tuned loops: four rows and two classes at a time, eight sums in registers (measured:
 * 2.7 times as fast as the plain loops; rows and weights interleaved, so that every loop walks one index, bring 4 % of it).
 *
 *   x   four rows, column by column: x00 x10 x20 x30 | x01 x11 x21 x31 | ...
 *   w   two classes, column by column, their intercepts last: w00 w10 | w01 w11 | ... | b0 b1
 *
 * Rows and classes that are missing to four and two are zeros, with residual 0.
 */
export function tunedSoftmax(
  rows: number,
  cols: number,
  k: number,
  X: Float32Array,
  y: Float32Array,
  w: Float64Array,
  grad: Float64Array,
): number {
  const size = cols + 1
  const even = k + (k % 2)
  const x = new Float64Array(4 * cols)
  const z = new Float64Array(4 * even)
  const pairs = new Float64Array(even * size)
  const sums = new Float64Array(even * size)
  for (let c = 0; c < k; c++) {
    for (let j = 0; j < size; j++) pairs[(c - (c % 2)) * size + 2 * j + (c % 2)] = w[c * size + j]!
  }
  let loss = 0
  for (let i = 0; i < rows; i += 4) {
    const m = Math.min(4, rows - i)
    for (let q = 0; q < 4; q++) {
      const row = (i + q) * cols
      for (let j = 0; j < cols; j++) x[4 * j + q] = q < m ? X[row + j]! : 0
    }
    for (let c = 0; c < even; c += 2) forward(cols, x, pairs, c * size, z, even, c)
    for (let q = 0; q < m; q++) loss += residuals(k, z, q * even, y[i + q]!)
    if (even > k) for (let q = 0; q < 4; q++) z[q * even + k] = 0
    z.fill(0, m * even)
    for (let c = 0; c < even; c += 2) backward(cols, x, sums, c * size, z, even, c)
  }
  for (let c = 0; c < k; c++) {
    for (let j = 0; j < size; j++) grad[c * size + j] = sums[(c - (c % 2)) * size + 2 * j + (c % 2)]!
  }
  return loss
}

/** The logits of classes c and c + 1, whose weights begin at `at`, for four rows; z is row by row, k apart. */
function forward(
  cols: number,
  x: Float64Array,
  w: Float64Array,
  at: number,
  z: Float64Array,
  k: number,
  c: number,
): void {
  const end = at + 2 * cols
  let p0 = w[end]!
  let p1 = w[end + 1]!
  let q0 = p0
  let q1 = p1
  let r0 = p0
  let r1 = p1
  let s0 = p0
  let s1 = p1
  let i = 0
  for (let j = at; j < end; j += 2) {
    const wa = w[j]!
    const wb = w[j + 1]!
    const x0 = x[i]!
    const x1 = x[i + 1]!
    const x2 = x[i + 2]!
    const x3 = x[i + 3]!
    p0 += x0 * wa
    p1 += x0 * wb
    q0 += x1 * wa
    q1 += x1 * wb
    r0 += x2 * wa
    r1 += x2 * wb
    s0 += x3 * wa
    s1 += x3 * wb
    i += 4
  }
  z[c] = p0
  z[c + 1] = p1
  z[k + c] = q0
  z[k + c + 1] = q1
  z[2 * k + c] = r0
  z[2 * k + c + 1] = r1
  z[3 * k + c] = s0
  z[3 * k + c + 1] = s1
}

/** Adds what four rows contribute to the gradients of classes c and c + 1. */
function backward(
  cols: number,
  x: Float64Array,
  g: Float64Array,
  at: number,
  z: Float64Array,
  k: number,
  c: number,
): void {
  const p0 = z[c]!
  const p1 = z[c + 1]!
  const q0 = z[k + c]!
  const q1 = z[k + c + 1]!
  const r0 = z[2 * k + c]!
  const r1 = z[2 * k + c + 1]!
  const s0 = z[3 * k + c]!
  const s1 = z[3 * k + c + 1]!
  const end = at + 2 * cols
  let i = 0
  for (let j = at; j < end; j += 2) {
    const x0 = x[i]!
    const x1 = x[i + 1]!
    const x2 = x[i + 2]!
    const x3 = x[i + 3]!
    g[j] = g[j]! + (p0 * x0 + q0 * x1 + (r0 * x2 + s0 * x3))
    g[j + 1] = g[j + 1]! + (p1 * x0 + q1 * x1 + (r1 * x2 + s1 * x3))
    i += 4
  }
  g[end] = g[end]! + (p0 + q0 + (r0 + s0))
  g[end + 1] = g[end + 1]! + (p1 + q1 + (r1 + s1))
}

/** Turns k logits from `at` into p - [target]; returns their loss. */
function residuals(k: number, z: Float64Array, at: number, target: number): number {
  let top = z[at]!
  for (let c = 1; c < k; c++) if (z[at + c]! > top) top = z[at + c]!
  const ofTarget = z[at + target]!
  let total = 0
  for (let c = 0; c < k; c++) {
    const e = Math.exp(z[at + c]! - top)
    z[at + c] = e
    total += e
  }
  const share = 1 / total
  for (let c = 0; c < k; c++) z[at + c] = z[at + c]! * share
  z[at + target] = z[at + target]! - 1
  return Math.log(total) + top - ofTarget
}
