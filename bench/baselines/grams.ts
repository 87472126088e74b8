/**
 * Weighted Gram matrices by JavaScript loops: for every set of weights p, the sum over rows of weights[p] x x', upper
 * triangles (size x size each, row-major), added to out. x: rows of `size` float64; weights: rows x sets, row-major.
 */
export type Grams = (
  rows: number,
  size: number,
  x: Float64Array,
  sets: number,
  weights: Float64Array,
  out: Float64Array,
) => void

export const plainGrams: Grams = (rows, size, x, sets, weights, out) => {
  for (let r = 0; r < rows; r++) {
    const row = r * size
    for (let p = 0; p < sets; p++) {
      const weight = weights[r * sets + p]!
      for (let i = 0; i < size; i++) {
        const u = weight * x[row + i]!
        const at = (p * size + i) * size
        for (let j = i; j < size; j++) out[at + j]! += u * x[row + j]!
      }
    }
  }
}

/** The same four rows at a time: a fourth of the loads and stores of `out`. */
export const tunedGrams: Grams = (rows, size, x, sets, weights, out) => {
  const whole = rows - (rows % 4)
  for (let r = 0; r < whole; r += 4) {
    for (let p = 0; p < sets; p++) {
      const at = r * sets + p
      fourRows(
        size,
        x,
        r * size,
        weights[at]!,
        weights[at + sets]!,
        weights[at + 2 * sets]!,
        weights[at + 3 * sets]!,
        out,
        p,
      )
    }
  }
  const rest = x.subarray(whole * size)
  plainGrams(rows - whole, size, rest, sets, weights.subarray(whole * sets), out)
}

function fourRows(
  size: number,
  x: Float64Array,
  p0: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  out: Float64Array,
  set: number,
): void {
  const p1 = p0 + size
  const p2 = p1 + size
  const p3 = p2 + size
  for (let i = 0; i < size; i++) {
    const u0 = w0 * x[p0 + i]!
    const u1 = w1 * x[p1 + i]!
    const u2 = w2 * x[p2 + i]!
    const u3 = w3 * x[p3 + i]!
    const at = (set * size + i) * size
    for (let j = i; j < size; j++) {
      out[at + j] = out[at + j]! + (u0 * x[p0 + j]! + u1 * x[p1 + j]! + (u2 * x[p2 + j]! + u3 * x[p3 + j]!))
    }
  }
}
