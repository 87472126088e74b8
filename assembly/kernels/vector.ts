import { Lanes, lanes } from '../lanes'

/**
 * Vectors of n float32 at any 4-byte aligned address, any n: whole lanes first, then one part of a lane vector. Four
 * accumulators hide the latency of the additions.
 */

/** sum of x[i] y[i], added up in float32 lanes, flushed to float64 every 256 elements. */
export function dotOf<V>(n: u32, x: usize, y: usize): f64 {
  let total: f64 = 0
  const L = lanes<V>()
  for (let begin: u32 = 0; begin < n; begin += 256) {
    const count = min<u32>(256, n - begin)
    let a0 = Lanes.zero<V>()
    let a1 = Lanes.zero<V>()
    let a2 = Lanes.zero<V>()
    let a3 = Lanes.zero<V>()
    let i: u32 = 0
    for (; i + 4 * L <= count; i += 4 * L) {
      a0 = Lanes.madd<V>(load<V>(x), load<V>(y), a0)
      a1 = Lanes.madd<V>(load<V>(x, sizeof<V>()), load<V>(y, sizeof<V>()), a1)
      a2 = Lanes.madd<V>(load<V>(x, 2 * sizeof<V>()), load<V>(y, 2 * sizeof<V>()), a2)
      a3 = Lanes.madd<V>(load<V>(x, 3 * sizeof<V>()), load<V>(y, 3 * sizeof<V>()), a3)
      x += 4 * sizeof<V>()
      y += 4 * sizeof<V>()
    }
    for (; i + L <= count; i += L) {
      a0 = Lanes.madd<V>(load<V>(x), load<V>(y), a0)
      x += sizeof<V>()
      y += sizeof<V>()
    }
    if (i < count) a1 = Lanes.madd<V>(Lanes.loadPart<V>(x, count - i), Lanes.loadPart<V>(y, count - i), a1)
    total += <f64>Lanes.sum<V>(Lanes.add<V>(Lanes.add<V>(a0, a2), Lanes.add<V>(a1, a3)))
  }
  return total
}

/** y[i] += a x[i] */
export function axpyOf<V>(n: u32, x: usize, y: usize, a: f32): void {
  const L = lanes<V>()
  const factor = Lanes.splat<V>(a)
  let i: u32 = 0
  for (; i + 2 * L <= n; i += 2 * L) {
    store<V>(y, Lanes.madd<V>(factor, load<V>(x), load<V>(y)))
    store<V>(y, Lanes.madd<V>(factor, load<V>(x, sizeof<V>()), load<V>(y, sizeof<V>())), sizeof<V>())
    x += 2 * sizeof<V>()
    y += 2 * sizeof<V>()
  }
  for (; i + L <= n; i += L) {
    store<V>(y, Lanes.madd<V>(factor, load<V>(x), load<V>(y)))
    x += sizeof<V>()
    y += sizeof<V>()
  }
  if (i < n) {
    const sum = Lanes.madd<V>(factor, Lanes.loadPart<V>(x, n - i), Lanes.loadPart<V>(y, n - i))
    Lanes.storePart<V>(y, sum, n - i)
  }
}

/** x[i] *= a */
export function scaleOf<V>(n: u32, x: usize, a: f32): void {
  const L = lanes<V>()
  const factor = Lanes.splat<V>(a)
  let i: u32 = 0
  for (; i + L <= n; i += L) {
    store<V>(x, Lanes.mul<V>(factor, load<V>(x)))
    x += sizeof<V>()
  }
  if (i < n) Lanes.storePart<V>(x, Lanes.mul<V>(factor, Lanes.loadPart<V>(x, n - i)), n - i)
}
