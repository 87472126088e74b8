/** Elementary functions in float64, and how far a float32 is from one. */

export const exp = Math.exp
export const log1p = Math.log1p

export function sigmoid(z: number): number {
  const e = Math.exp(-Math.abs(z))
  return z < 0 ? e / (1 + e) : 1 / (1 + e)
}

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** The distance of neighbouring float32 at a finite |x|; 2^-149 where they are denormal. */
export function ulpOf(x: number): number {
  float[0] = Math.abs(x)
  const exponent = Math.max(1, Math.min(254, bits[0]! >>> 23))
  return 2 ** (exponent - 150)
}

/** Distance of a float32 result from the exact value in ulp. Infinity and NaN are right or infinitely wrong. */
export function ulps(actual: number, exact: number): number {
  const rounded = Math.fround(exact)
  if (Object.is(actual, rounded) || actual === rounded)
    return Number.isFinite(rounded) ? Math.abs(actual - exact) / ulpOf(exact) : 0
  if (Number.isNaN(actual) || Number.isNaN(exact)) return Number.POSITIVE_INFINITY
  return Math.abs(actual - exact) / ulpOf(exact)
}
