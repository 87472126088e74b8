/**
 * The best that hand-tuned JavaScript does with the same work, found by trying. What won on V8: four rows at a time, so
 * that a weight is loaded and a gradient stored once for four; two columns at a time; panels packed to float64 for the
 * matrix product, which spares the inner loop every conversion, with a 4 x 4 tile of C in registers. What lost: rounding
 * to float32 (Math.fround) after each operation, views by subarray, six or eight rows, tiles of 6 x 2 and 2 x 6.
 */

/** C = A B for size x size matrices; size must be a multiple of 4. Keeps its packing space between calls. */
export class Gemm {
  readonly #size: number
  readonly #aPanel: Float64Array
  readonly #bPanels: Float64Array

  constructor(size: number) {
    if (size % 4 !== 0) throw new RangeError(`size: expected a multiple of 4, got ${size}`)
    this.#size = size
    this.#aPanel = new Float64Array(4 * TERMS)
    this.#bPanels = new Float64Array(size * TERMS)
  }

  run(a: Float32Array, b: Float32Array, c: Float32Array): void {
    const size = this.#size
    for (let begin = 0; begin < size; begin += TERMS) {
      const terms = Math.min(TERMS, size - begin)
      for (let j = 0; j < size; j += 4) packColumns(size, b, begin, terms, j, this.#bPanels, j * terms)
      for (let i = 0; i < size; i += 4) {
        packRows(size, a, begin, terms, i, this.#aPanel)
        for (let j = 0; j < size; j += 4) tile(size, terms, this.#aPanel, this.#bPanels, j * terms, c, i, j, begin > 0)
      }
    }
  }
}

/** Terms of a sum that are packed at a time: 64 and 256 are equally good. */
const TERMS = 256

function packColumns(
  size: number,
  b: Float32Array,
  begin: number,
  terms: number,
  j: number,
  panel: Float64Array,
  at: number,
): void {
  for (let k = begin; k < begin + terms; k++) {
    const source = k * size + j
    panel[at] = b[source]!
    panel[at + 1] = b[source + 1]!
    panel[at + 2] = b[source + 2]!
    panel[at + 3] = b[source + 3]!
    at += 4
  }
}

function packRows(size: number, a: Float32Array, begin: number, terms: number, i: number, panel: Float64Array): void {
  let at = 0
  for (let k = begin; k < begin + terms; k++) {
    panel[at] = a[i * size + k]!
    panel[at + 1] = a[(i + 1) * size + k]!
    panel[at + 2] = a[(i + 2) * size + k]!
    panel[at + 3] = a[(i + 3) * size + k]!
    at += 4
  }
}

/** C[i .. i+4)[j .. j+4) = or += a panel of A times a panel of B. */
function tile(
  size: number,
  terms: number,
  a: Float64Array,
  b: Float64Array,
  q: number,
  c: Float32Array,
  i: number,
  j: number,
  add: boolean,
): void {
  let [c00, c01, c02, c03] = [0, 0, 0, 0]
  let [c10, c11, c12, c13] = [0, 0, 0, 0]
  let [c20, c21, c22, c23] = [0, 0, 0, 0]
  let [c30, c31, c32, c33] = [0, 0, 0, 0]
  const end = terms * 4
  for (let p = 0; p < end; p += 4) {
    const b0 = b[q]!
    const b1 = b[q + 1]!
    const b2 = b[q + 2]!
    const b3 = b[q + 3]!
    const a0 = a[p]!
    c00 += a0 * b0
    c01 += a0 * b1
    c02 += a0 * b2
    c03 += a0 * b3
    const a1 = a[p + 1]!
    c10 += a1 * b0
    c11 += a1 * b1
    c12 += a1 * b2
    c13 += a1 * b3
    const a2 = a[p + 2]!
    c20 += a2 * b0
    c21 += a2 * b1
    c22 += a2 * b2
    c23 += a2 * b3
    const a3 = a[p + 3]!
    c30 += a3 * b0
    c31 += a3 * b1
    c32 += a3 * b2
    c33 += a3 * b3
    q += 4
  }
  const at = i * size + j
  put(c, at, c00, c01, c02, c03, add)
  put(c, at + size, c10, c11, c12, c13, add)
  put(c, at + 2 * size, c20, c21, c22, c23, add)
  put(c, at + 3 * size, c30, c31, c32, c33, add)
}

function put(c: Float32Array, at: number, x0: number, x1: number, x2: number, x3: number, add: boolean): void {
  c[at] = add ? c[at]! + x0 : x0
  c[at + 1] = add ? c[at + 1]! + x1 : x1
  c[at + 2] = add ? c[at + 2]! + x2 : x2
  c[at + 3] = add ? c[at + 3]! + x3 : x3
}

/** As in plain.ts. */
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
  const z = new Float64Array(4)
  for (let i = 0; i < rows; i += 4) {
    const m = Math.min(4, rows - i)
    const p0 = i * cols
    // Of a last group that is short the first row is taken again, with residual 0.
    const p1 = m > 1 ? p0 + cols : p0
    const p2 = m > 2 ? p1 + cols : p0
    const p3 = m > 3 ? p2 + cols : p0
    forward(cols, X, p0, p1, p2, p3, w, z)
    for (let q = 0; q < m; q++) {
      const e = Math.exp(-Math.abs(z[q]!))
      loss += Math.max(z[q]!, 0) - y[i + q]! * z[q]! + Math.log1p(e)
      const r = (z[q]! < 0 ? e : 1) / (1 + e) - y[i + q]!
      z[q] = r
      grad[cols]! += r
    }
    for (let q = m; q < 4; q++) z[q] = 0
    backward(cols, X, p0, p1, p2, p3, z[0]!, z[1]!, z[2]!, z[3]!, grad)
  }
  return loss
}

/** z[0..4) = logits of the rows at p0 .. p3. */
export function forward(
  cols: number,
  X: Float32Array,
  p0: number,
  p1: number,
  p2: number,
  p3: number,
  w: Float64Array,
  z: Float64Array,
): void {
  const b = w[cols]!
  let [z0, z1, z2, z3] = [b, b, b, b]
  const even = cols - (cols % 2)
  for (let k = 0; k < even; k += 2) {
    const u = w[k]!
    z0 += X[p0 + k]! * u
    z1 += X[p1 + k]! * u
    z2 += X[p2 + k]! * u
    z3 += X[p3 + k]! * u
    const v = w[k + 1]!
    z0 += X[p0 + k + 1]! * v
    z1 += X[p1 + k + 1]! * v
    z2 += X[p2 + k + 1]! * v
    z3 += X[p3 + k + 1]! * v
  }
  if (even < cols) {
    const u = w[even]!
    z0 += X[p0 + even]! * u
    z1 += X[p1 + even]! * u
    z2 += X[p2 + even]! * u
    z3 += X[p3 + even]! * u
  }
  z[0] = z0
  z[1] = z1
  z[2] = z2
  z[3] = z3
}

/** g += r0 X[p0] + r1 X[p1] + r2 X[p2] + r3 X[p3] */
export function backward(
  cols: number,
  X: Float32Array,
  p0: number,
  p1: number,
  p2: number,
  p3: number,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
  g: Float64Array,
): void {
  const even = cols - (cols % 2)
  for (let k = 0; k < even; k += 2) {
    g[k]! += r0 * X[p0 + k]! + r1 * X[p1 + k]! + (r2 * X[p2 + k]! + r3 * X[p3 + k]!)
    g[k + 1]! += r0 * X[p0 + k + 1]! + r1 * X[p1 + k + 1]! + (r2 * X[p2 + k + 1]! + r3 * X[p3 + k + 1]!)
  }
  if (even < cols) {
    g[even]! += r0 * X[p0 + even]! + r1 * X[p1 + even]! + (r2 * X[p2 + even]! + r3 * X[p3 + even]!)
  }
}

/** As in plain.ts. */
export function predictProba(rows: number, cols: number, X: Float32Array, w: Float64Array): Float32Array {
  const proba = new Float32Array(rows * 2)
  const z = new Float64Array(4)
  for (let i = 0; i < rows; i += 4) {
    const m = Math.min(4, rows - i)
    const p0 = i * cols
    forward(cols, X, p0, m > 1 ? p0 + cols : p0, m > 2 ? p0 + 2 * cols : p0, m > 3 ? p0 + 3 * cols : p0, w, z)
    for (let q = 0; q < m; q++) {
      const p = 1 / (1 + Math.exp(-z[q]!))
      proba[2 * (i + q)] = 1 - p
      proba[2 * (i + q) + 1] = p
    }
  }
  return proba
}
