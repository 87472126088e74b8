import { Lanes } from '../lanes'

/**
 * The two inner loops of everything that passes over rows. Rows are padded with zeros to a multiple of 4 floats, so
 * `bytes` (a row's length) is a multiple of 16: two lane vectors at a time, then at most one, nothing below.
 *
 * A row's bits do not depend on whether it came alone or with three others: `dot4` and `dot1` add in the same order,
 * and `axpy4` adds its rows one after the other as `axpy1` would.
 */
@unmanaged
export abstract class Rows {
  /** out[0..4) = dot products of four rows with w, which they share: a load of w serves four rows. */
  @inline static dot4<V>(out: usize, p0: usize, p1: usize, p2: usize, p3: usize, w: usize, bytes: usize): void {
    let a0 = Lanes.zero<V>()
    let a1 = Lanes.zero<V>()
    let a2 = Lanes.zero<V>()
    let a3 = Lanes.zero<V>()
    let b0 = Lanes.zero<V>()
    let b1 = Lanes.zero<V>()
    let b2 = Lanes.zero<V>()
    let b3 = Lanes.zero<V>()
    const end = w + (bytes & ~(2 * sizeof<V>() - 1))
    while (w < end) {
      const u = load<V>(w)
      a0 = Lanes.madd<V>(load<V>(p0), u, a0)
      a1 = Lanes.madd<V>(load<V>(p1), u, a1)
      a2 = Lanes.madd<V>(load<V>(p2), u, a2)
      a3 = Lanes.madd<V>(load<V>(p3), u, a3)
      const v = load<V>(w, sizeof<V>())
      b0 = Lanes.madd<V>(load<V>(p0, sizeof<V>()), v, b0)
      b1 = Lanes.madd<V>(load<V>(p1, sizeof<V>()), v, b1)
      b2 = Lanes.madd<V>(load<V>(p2, sizeof<V>()), v, b2)
      b3 = Lanes.madd<V>(load<V>(p3, sizeof<V>()), v, b3)
      w += 2 * sizeof<V>()
      p0 += 2 * sizeof<V>()
      p1 += 2 * sizeof<V>()
      p2 += 2 * sizeof<V>()
      p3 += 2 * sizeof<V>()
    }
    if (bytes & sizeof<V>()) {
      const u = load<V>(w)
      a0 = Lanes.madd<V>(load<V>(p0), u, a0)
      a1 = Lanes.madd<V>(load<V>(p1), u, a1)
      a2 = Lanes.madd<V>(load<V>(p2), u, a2)
      a3 = Lanes.madd<V>(load<V>(p3), u, a3)
    }
    Lanes.storeSums<V>(out, Lanes.add<V>(a0, b0), Lanes.add<V>(a1, b1), Lanes.add<V>(a2, b2), Lanes.add<V>(a3, b3))
  }

  /** The dot product of one row with w. */
  @inline static dot1<V>(p: usize, w: usize, bytes: usize): f32 {
    let a = Lanes.zero<V>()
    let b = Lanes.zero<V>()
    const end = w + (bytes & ~(2 * sizeof<V>() - 1))
    while (w < end) {
      a = Lanes.madd<V>(load<V>(p), load<V>(w), a)
      b = Lanes.madd<V>(load<V>(p, sizeof<V>()), load<V>(w, sizeof<V>()), b)
      w += 2 * sizeof<V>()
      p += 2 * sizeof<V>()
    }
    if (bytes & sizeof<V>()) a = Lanes.madd<V>(load<V>(p), load<V>(w), a)
    return Lanes.sum<V>(Lanes.add<V>(a, b))
  }

  /** g += r[0] p0 + r[1] p1 + r[2] p2 + r[3] p3, in this order. */
  @inline static axpy4<V>(g: usize, p0: usize, p1: usize, p2: usize, p3: usize, r: usize, bytes: usize): void {
    const r0 = Lanes.loadSplat<V>(r)
    const r1 = Lanes.loadSplat<V>(r + 4)
    const r2 = Lanes.loadSplat<V>(r + 8)
    const r3 = Lanes.loadSplat<V>(r + 12)
    const end = g + (bytes & ~(2 * sizeof<V>() - 1))
    while (g < end) {
      let u = Lanes.madd<V>(r0, load<V>(p0), load<V>(g))
      let v = Lanes.madd<V>(r0, load<V>(p0, sizeof<V>()), load<V>(g, sizeof<V>()))
      u = Lanes.madd<V>(r1, load<V>(p1), u)
      v = Lanes.madd<V>(r1, load<V>(p1, sizeof<V>()), v)
      u = Lanes.madd<V>(r2, load<V>(p2), u)
      v = Lanes.madd<V>(r2, load<V>(p2, sizeof<V>()), v)
      u = Lanes.madd<V>(r3, load<V>(p3), u)
      v = Lanes.madd<V>(r3, load<V>(p3, sizeof<V>()), v)
      store<V>(g, u)
      store<V>(g, v, sizeof<V>())
      g += 2 * sizeof<V>()
      p0 += 2 * sizeof<V>()
      p1 += 2 * sizeof<V>()
      p2 += 2 * sizeof<V>()
      p3 += 2 * sizeof<V>()
    }
    if (bytes & sizeof<V>()) {
      let u = Lanes.madd<V>(r0, load<V>(p0), load<V>(g))
      u = Lanes.madd<V>(r1, load<V>(p1), u)
      u = Lanes.madd<V>(r2, load<V>(p2), u)
      store<V>(g, Lanes.madd<V>(r3, load<V>(p3), u))
    }
  }

  /** g += r[0] p */
  @inline static axpy1<V>(g: usize, p: usize, r: usize, bytes: usize): void {
    const r0 = Lanes.loadSplat<V>(r)
    const end = g + bytes
    while (g < end) {
      store<V>(g, Lanes.madd<V>(r0, load<V>(p), load<V>(g)))
      g += sizeof<V>()
      p += sizeof<V>()
    }
  }

  /** target[k] += source[k] for the float32 row `source`, into float64; then source = 0. */
  @inline static flush<V>(target: usize, source: usize, bytes: usize): void {
    const end = source + bytes
    while (source < end) {
      Lanes.addWide<V>(target, load<V>(source))
      store<V>(source, Lanes.zero<V>())
      source += sizeof<V>()
      target += 2 * sizeof<V>()
    }
  }

  /** target[k] += source[k], n float64 each. */
  @inline static addDoubles(n: u32, source: usize, target: usize): void {
    const end = source + ((<usize>n) << 3)
    while (source < end) {
      store<f64>(target, load<f64>(target) + load<f64>(source))
      source += 8
      target += 8
    }
  }
}

/** A matrix in slabs: a table of their addresses (uint32), each holding 2^shift rows. */
@unmanaged
export abstract class Slabs {
  @inline static row(slabs: usize, shift: u32, i: u32, bytes: usize): usize {
    const slab = <usize>load<u32>(slabs + ((<usize>i >> shift) << 2))
    return slab + <usize>(i & ((1 << shift) - 1)) * bytes
  }
}
