import { Lanes, lanes } from '../lanes'

/**
 * Vectors of n float32 at any 4-byte aligned address, any n: whole lanes first, then one part of a lane vector. Four
 * accumulators hide the latency of the additions.
 */

/** sum of x[i] y[i], added up in float32 lanes, flushed to float64 every 256 elements. */
export function dot(n: u32, x: usize, y: usize): f64 {
  let total: f64 = 0
  const L = lanes()
  for (let begin: u32 = 0; begin < n; begin += 256) {
    const count = min<u32>(256, n - begin)
    let a0 = Lanes.zero()
    let a1 = Lanes.zero()
    let a2 = Lanes.zero()
    let a3 = Lanes.zero()
    let i: u32 = 0
    for (; i + 4 * L <= count; i += 4 * L) {
      a0 = Lanes.madd(load<Vec>(x), load<Vec>(y), a0)
      a1 = Lanes.madd(load<Vec>(x, sizeof<Vec>()), load<Vec>(y, sizeof<Vec>()), a1)
      a2 = Lanes.madd(load<Vec>(x, 2 * sizeof<Vec>()), load<Vec>(y, 2 * sizeof<Vec>()), a2)
      a3 = Lanes.madd(load<Vec>(x, 3 * sizeof<Vec>()), load<Vec>(y, 3 * sizeof<Vec>()), a3)
      x += 4 * sizeof<Vec>()
      y += 4 * sizeof<Vec>()
    }
    for (; i + L <= count; i += L) {
      a0 = Lanes.madd(load<Vec>(x), load<Vec>(y), a0)
      x += sizeof<Vec>()
      y += sizeof<Vec>()
    }
    if (i < count) a1 = Lanes.madd(Lanes.loadPart(x, count - i), Lanes.loadPart(y, count - i), a1)
    total += <f64>Lanes.sum(Lanes.add(Lanes.add(a0, a2), Lanes.add(a1, a3)))
  }
  return total
}

/** y[i] += a x[i] */
export function axpy(n: u32, x: usize, y: usize, a: f32): void {
  const L = lanes()
  const factor = Lanes.splat(a)
  let i: u32 = 0
  for (; i + 2 * L <= n; i += 2 * L) {
    store<Vec>(y, Lanes.madd(factor, load<Vec>(x), load<Vec>(y)))
    store<Vec>(y, Lanes.madd(factor, load<Vec>(x, sizeof<Vec>()), load<Vec>(y, sizeof<Vec>())), sizeof<Vec>())
    x += 2 * sizeof<Vec>()
    y += 2 * sizeof<Vec>()
  }
  for (; i + L <= n; i += L) {
    store<Vec>(y, Lanes.madd(factor, load<Vec>(x), load<Vec>(y)))
    x += sizeof<Vec>()
    y += sizeof<Vec>()
  }
  if (i < n) {
    const sum = Lanes.madd(factor, Lanes.loadPart(x, n - i), Lanes.loadPart(y, n - i))
    Lanes.storePart(y, sum, n - i)
  }
}

/** x[i] *= a */
export function scale(n: u32, x: usize, a: f32): void {
  const L = lanes()
  const factor = Lanes.splat(a)
  let i: u32 = 0
  for (; i + L <= n; i += L) {
    store<Vec>(x, Lanes.mul(factor, load<Vec>(x)))
    x += sizeof<Vec>()
  }
  if (i < n) Lanes.storePart(x, Lanes.mul(factor, Lanes.loadPart(x, n - i)), n - i)
}
