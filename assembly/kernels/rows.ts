import { Lanes } from '../lanes'
import { Wide } from '../wide'

/**
 * The two inner loops of everything that passes over rows. Rows are padded with zeros to a multiple of 4 floats, so
 * `bytes` (a row's length) is a multiple of 16: four lane vectors at a time, then two, then at most one, nothing below.
 *
 * A row's bits do not depend on whether it came alone or with three others: `dot4` and `dot1` add in the same order,
 * and `axpy4` adds its rows one after the other as `axpy1` would.
 *
 * With `touch` they also read a byte in 64 of two rows' length from `ahead` on. WebAssembly has no prefetch, but a load
 * whose value nobody wants does the same, and engines must keep it for the trap that it might be. (Not in the scalar
 * variant: its loops are too slow to wait for memory.)
 */
@unmanaged
export abstract class Rows {
  /**
   * Dot products of four rows with w, which they share: a load of w serves four rows. They go to `out` and every `apart`
   * bytes on (a constant where it is 4).
   */
  @inline static dot4(
    out: usize,
    apart: usize,
    p0: usize,
    p1: usize,
    p2: usize,
    p3: usize,
    w: usize,
    bytes: usize,
    touch: bool,
    ahead: usize,
  ): void {
    let a0 = Lanes.zero()
    let a1 = Lanes.zero()
    let a2 = Lanes.zero()
    let a3 = Lanes.zero()
    let b0 = Lanes.zero()
    let b1 = Lanes.zero()
    let b2 = Lanes.zero()
    let b3 = Lanes.zero()
    const end = w + (bytes & ~(4 * sizeof<Vec>() - 1))
    while (w < end) {
      const u = load<Vec>(w)
      a0 = Lanes.madd(load<Vec>(p0), u, a0)
      a1 = Lanes.madd(load<Vec>(p1), u, a1)
      a2 = Lanes.madd(load<Vec>(p2), u, a2)
      a3 = Lanes.madd(load<Vec>(p3), u, a3)
      const v = load<Vec>(w, sizeof<Vec>())
      b0 = Lanes.madd(load<Vec>(p0, sizeof<Vec>()), v, b0)
      b1 = Lanes.madd(load<Vec>(p1, sizeof<Vec>()), v, b1)
      b2 = Lanes.madd(load<Vec>(p2, sizeof<Vec>()), v, b2)
      b3 = Lanes.madd(load<Vec>(p3, sizeof<Vec>()), v, b3)
      // Apart from the other one: two at once wait longer than they save (measured).
      if (touch && isVector<Vec>()) load<u8>(ahead)
      const u2 = load<Vec>(w, 2 * sizeof<Vec>())
      a0 = Lanes.madd(load<Vec>(p0, 2 * sizeof<Vec>()), u2, a0)
      a1 = Lanes.madd(load<Vec>(p1, 2 * sizeof<Vec>()), u2, a1)
      a2 = Lanes.madd(load<Vec>(p2, 2 * sizeof<Vec>()), u2, a2)
      a3 = Lanes.madd(load<Vec>(p3, 2 * sizeof<Vec>()), u2, a3)
      const v2 = load<Vec>(w, 3 * sizeof<Vec>())
      b0 = Lanes.madd(load<Vec>(p0, 3 * sizeof<Vec>()), v2, b0)
      b1 = Lanes.madd(load<Vec>(p1, 3 * sizeof<Vec>()), v2, b1)
      b2 = Lanes.madd(load<Vec>(p2, 3 * sizeof<Vec>()), v2, b2)
      b3 = Lanes.madd(load<Vec>(p3, 3 * sizeof<Vec>()), v2, b3)
      if (touch && isVector<Vec>()) {
        load<u8>(ahead, 64)
        ahead += 128
      }
      w += 4 * sizeof<Vec>()
      p0 += 4 * sizeof<Vec>()
      p1 += 4 * sizeof<Vec>()
      p2 += 4 * sizeof<Vec>()
      p3 += 4 * sizeof<Vec>()
    }
    if (bytes & (2 * sizeof<Vec>())) {
      const u = load<Vec>(w)
      a0 = Lanes.madd(load<Vec>(p0), u, a0)
      a1 = Lanes.madd(load<Vec>(p1), u, a1)
      a2 = Lanes.madd(load<Vec>(p2), u, a2)
      a3 = Lanes.madd(load<Vec>(p3), u, a3)
      const v = load<Vec>(w, sizeof<Vec>())
      b0 = Lanes.madd(load<Vec>(p0, sizeof<Vec>()), v, b0)
      b1 = Lanes.madd(load<Vec>(p1, sizeof<Vec>()), v, b1)
      b2 = Lanes.madd(load<Vec>(p2, sizeof<Vec>()), v, b2)
      b3 = Lanes.madd(load<Vec>(p3, sizeof<Vec>()), v, b3)
      w += 2 * sizeof<Vec>()
      p0 += 2 * sizeof<Vec>()
      p1 += 2 * sizeof<Vec>()
      p2 += 2 * sizeof<Vec>()
      p3 += 2 * sizeof<Vec>()
    }
    if (bytes & sizeof<Vec>()) {
      const u = load<Vec>(w)
      a0 = Lanes.madd(load<Vec>(p0), u, a0)
      a1 = Lanes.madd(load<Vec>(p1), u, a1)
      a2 = Lanes.madd(load<Vec>(p2), u, a2)
      a3 = Lanes.madd(load<Vec>(p3), u, a3)
    }
    Lanes.storeSums(out, apart, Lanes.add(a0, b0), Lanes.add(a1, b1), Lanes.add(a2, b2), Lanes.add(a3, b3))
  }

  @inline static bytesOfEight(): usize {
    return 8 * sizeof<Vec>()
  }

  /** The lanes of the dot product of a row of exactly eight lane vectors with w in registers, added up as in `dot4`. */
  @inline static eight(p: usize, w0: Vec, w1: Vec, w2: Vec, w3: Vec, w4: Vec, w5: Vec, w6: Vec, w7: Vec): Vec {
    let a = Lanes.mul(load<Vec>(p), w0)
    let b = Lanes.mul(load<Vec>(p, 1 * sizeof<Vec>()), w1)
    a = Lanes.madd(load<Vec>(p, 2 * sizeof<Vec>()), w2, a)
    b = Lanes.madd(load<Vec>(p, 3 * sizeof<Vec>()), w3, b)
    a = Lanes.madd(load<Vec>(p, 4 * sizeof<Vec>()), w4, a)
    b = Lanes.madd(load<Vec>(p, 5 * sizeof<Vec>()), w5, b)
    a = Lanes.madd(load<Vec>(p, 6 * sizeof<Vec>()), w6, a)
    b = Lanes.madd(load<Vec>(p, 7 * sizeof<Vec>()), w7, b)
    return Lanes.add(a, b)
  }

  /** Dot products of rows of exactly eight lane vectors with w, four at a time, from a list of addresses up to `end`. */
  @inline static dotsOfEight(rows: usize, end: usize, w: usize, out: usize): void {
    const w0 = load<Vec>(w)
    const w1 = load<Vec>(w, 1 * sizeof<Vec>())
    const w2 = load<Vec>(w, 2 * sizeof<Vec>())
    const w3 = load<Vec>(w, 3 * sizeof<Vec>())
    const w4 = load<Vec>(w, 4 * sizeof<Vec>())
    const w5 = load<Vec>(w, 5 * sizeof<Vec>())
    const w6 = load<Vec>(w, 6 * sizeof<Vec>())
    const w7 = load<Vec>(w, 7 * sizeof<Vec>())
    for (; rows < end; rows += 16) {
      const a0 = Rows.eight(<usize>load<u32>(rows), w0, w1, w2, w3, w4, w5, w6, w7)
      const a1 = Rows.eight(<usize>load<u32>(rows, 4), w0, w1, w2, w3, w4, w5, w6, w7)
      const a2 = Rows.eight(<usize>load<u32>(rows, 8), w0, w1, w2, w3, w4, w5, w6, w7)
      const a3 = Rows.eight(<usize>load<u32>(rows, 12), w0, w1, w2, w3, w4, w5, w6, w7)
      Lanes.storeSums(out, 4, a0, a1, a2, a3)
      out += 16
    }
  }

  /** The dot product of one row with w. */
  static dot1(p: usize, w: usize, bytes: usize): f32 {
    let a = Lanes.zero()
    let b = Lanes.zero()
    const end = w + (bytes & ~(2 * sizeof<Vec>() - 1))
    while (w < end) {
      a = Lanes.madd(load<Vec>(p), load<Vec>(w), a)
      b = Lanes.madd(load<Vec>(p, sizeof<Vec>()), load<Vec>(w, sizeof<Vec>()), b)
      w += 2 * sizeof<Vec>()
      p += 2 * sizeof<Vec>()
    }
    if (bytes & sizeof<Vec>()) a = Lanes.madd(load<Vec>(p), load<Vec>(w), a)
    return Lanes.sum(Lanes.add(a, b))
  }

  /** g += r[0] p0 + r[1] p1 + r[2] p2 + r[3] p3, in this order. */
  @inline static axpy4(
    g: usize,
    p0: usize,
    p1: usize,
    p2: usize,
    p3: usize,
    r: usize,
    bytes: usize,
    touch: bool,
    ahead: usize,
  ): void {
    const r0 = Lanes.loadSplat(r)
    const r1 = Lanes.loadSplat(r + 4)
    const r2 = Lanes.loadSplat(r + 8)
    const r3 = Lanes.loadSplat(r + 12)
    const end = g + (bytes & ~(4 * sizeof<Vec>() - 1))
    while (g < end) {
      let a = Lanes.madd(r0, load<Vec>(p0), load<Vec>(g))
      let b = Lanes.madd(r0, load<Vec>(p0, sizeof<Vec>()), load<Vec>(g, sizeof<Vec>()))
      let c = Lanes.madd(r0, load<Vec>(p0, 2 * sizeof<Vec>()), load<Vec>(g, 2 * sizeof<Vec>()))
      let d = Lanes.madd(r0, load<Vec>(p0, 3 * sizeof<Vec>()), load<Vec>(g, 3 * sizeof<Vec>()))
      a = Lanes.madd(r1, load<Vec>(p1), a)
      b = Lanes.madd(r1, load<Vec>(p1, sizeof<Vec>()), b)
      c = Lanes.madd(r1, load<Vec>(p1, 2 * sizeof<Vec>()), c)
      d = Lanes.madd(r1, load<Vec>(p1, 3 * sizeof<Vec>()), d)
      a = Lanes.madd(r2, load<Vec>(p2), a)
      b = Lanes.madd(r2, load<Vec>(p2, sizeof<Vec>()), b)
      c = Lanes.madd(r2, load<Vec>(p2, 2 * sizeof<Vec>()), c)
      d = Lanes.madd(r2, load<Vec>(p2, 3 * sizeof<Vec>()), d)
      a = Lanes.madd(r3, load<Vec>(p3), a)
      b = Lanes.madd(r3, load<Vec>(p3, sizeof<Vec>()), b)
      c = Lanes.madd(r3, load<Vec>(p3, 2 * sizeof<Vec>()), c)
      d = Lanes.madd(r3, load<Vec>(p3, 3 * sizeof<Vec>()), d)
      store<Vec>(g, a)
      store<Vec>(g, b, sizeof<Vec>())
      store<Vec>(g, c, 2 * sizeof<Vec>())
      store<Vec>(g, d, 3 * sizeof<Vec>())
      if (touch && isVector<Vec>()) {
        load<u8>(ahead)
        load<u8>(ahead, 64)
        ahead += 128
      }
      g += 4 * sizeof<Vec>()
      p0 += 4 * sizeof<Vec>()
      p1 += 4 * sizeof<Vec>()
      p2 += 4 * sizeof<Vec>()
      p3 += 4 * sizeof<Vec>()
    }
    if (bytes & (2 * sizeof<Vec>())) {
      let a = Lanes.madd(r0, load<Vec>(p0), load<Vec>(g))
      let b = Lanes.madd(r0, load<Vec>(p0, sizeof<Vec>()), load<Vec>(g, sizeof<Vec>()))
      a = Lanes.madd(r1, load<Vec>(p1), a)
      b = Lanes.madd(r1, load<Vec>(p1, sizeof<Vec>()), b)
      a = Lanes.madd(r2, load<Vec>(p2), a)
      b = Lanes.madd(r2, load<Vec>(p2, sizeof<Vec>()), b)
      a = Lanes.madd(r3, load<Vec>(p3), a)
      b = Lanes.madd(r3, load<Vec>(p3, sizeof<Vec>()), b)
      store<Vec>(g, a)
      store<Vec>(g, b, sizeof<Vec>())
      g += 2 * sizeof<Vec>()
      p0 += 2 * sizeof<Vec>()
      p1 += 2 * sizeof<Vec>()
      p2 += 2 * sizeof<Vec>()
      p3 += 2 * sizeof<Vec>()
    }
    if (bytes & sizeof<Vec>()) {
      let u = Lanes.madd(r0, load<Vec>(p0), load<Vec>(g))
      u = Lanes.madd(r1, load<Vec>(p1), u)
      u = Lanes.madd(r2, load<Vec>(p2), u)
      store<Vec>(g, Lanes.madd(r3, load<Vec>(p3), u))
    }
  }

  /** g += r[0] p */
  @inline static axpy1(g: usize, p: usize, r: usize, bytes: usize): void {
    const r0 = Lanes.loadSplat(r)
    const end = g + bytes
    while (g < end) {
      store<Vec>(g, Lanes.madd(r0, load<Vec>(p), load<Vec>(g)))
      g += sizeof<Vec>()
      p += sizeof<Vec>()
    }
  }

  /** target[k] += source[k] for the float32 row `source`, into float64; then source = 0. */
  @inline static flush(target: usize, source: usize, bytes: usize): void {
    const end = source + bytes
    while (source < end) {
      Wide.add(target, load<Vec>(source))
      store<Vec>(source, Lanes.zero())
      source += sizeof<Vec>()
      target += 2 * sizeof<Vec>()
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
