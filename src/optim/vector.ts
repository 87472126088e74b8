/** Float64 vector pieces of the solvers. Sums run in one fixed order, so every engine gets the same bits. */

/** x . y, with four partial sums: one would wait for the adder's latency at every element. */
export function dot(x: Float64Array, y: Float64Array): number {
  const n = x.length
  const n4 = n - (n % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let i = 0; i < n4; i += 4) {
    a += x[i]! * y[i]!
    b += x[i + 1]! * y[i + 1]!
    c += x[i + 2]! * y[i + 2]!
    d += x[i + 3]! * y[i + 3]!
  }
  for (let i = n4; i < n; i++) a += x[i]! * y[i]!
  return a + b + (c + d)
}

/** max|x|; NaN if any element is. */
export function maxAbs(x: Float64Array): number {
  let max = 0
  for (let i = 0; i < x.length; i++) max = Math.max(max, Math.abs(x[i]!))
  return max
}

/** out = x + t * d; out may be x. */
export function addScaled(out: Float64Array, x: Float64Array, t: number, d: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i]! + t * d[i]!
}

/** out = t * x; out may be x. */
export function scale(out: Float64Array, t: number, x: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = t * x[i]!
}
