import { Lanes, lanes } from '../lanes'

/** The inner kernel of matrix products: tiles of C in registers. */

/**
 * Rows of a tile. Where multiplying and adding are two instructions, 4 rows keep a vector processor busy (measured: 99 % of
 * what it can do) and leave registers for the products; with 6 one sum has to live in memory. Fused, 4 wait for each other.
 */
export const MR: u32 = isVector<Vec>() && !ASC_FEATURE_RELAXED_SIMD ? 4 : 6

/** Columns of a tile: two lane vectors. */
export function tileCols(): u32 {
  return 2 * lanes()
}

@unmanaged
export abstract class Tile {
  /**
   * 4 rows of C, `panels` times two lane vectors wide: c = max(floor, c0 + A B), over `terms`; c0 has `row0` bytes from row
   * to row, or is 0 for zeros. Of A, aStep bytes from row to row and aNext from term to term; of B, bNext from term to term
   * and bPanel from panel to panel. The loop ends by an address, not a count: one register less to spill, worth 5 %.
   */
  static four(
    panels: u32,
    terms: u32,
    a: usize,
    aStep: usize,
    aNext: usize,
    b: usize,
    bNext: usize,
    bPanel: usize,
    c0: usize,
    row0: usize,
    c: usize,
    row: usize,
    floor: f32,
  ): void {
    const aStep3 = aStep + 2 * aStep
    const length = <usize>terms * bNext
    for (; panels; panels--) {
      let x0 = Lanes.zero()
      let x1 = Lanes.zero()
      let x2 = Lanes.zero()
      let x3 = Lanes.zero()
      let y0 = Lanes.zero()
      let y1 = Lanes.zero()
      let y2 = Lanes.zero()
      let y3 = Lanes.zero()
      let p = a
      let q = b
      for (const end = b + length; q != end; ) {
        const u = load<Vec>(q)
        const v = load<Vec>(q, sizeof<Vec>())
        let s = Lanes.loadSplat(p)
        x0 = Lanes.madd(s, u, x0)
        y0 = Lanes.madd(s, v, y0)
        s = Lanes.loadSplat(p + aStep)
        x1 = Lanes.madd(s, u, x1)
        y1 = Lanes.madd(s, v, y1)
        s = Lanes.loadSplat(p + 2 * aStep)
        x2 = Lanes.madd(s, u, x2)
        y2 = Lanes.madd(s, v, y2)
        s = Lanes.loadSplat(p + aStep3)
        x3 = Lanes.madd(s, u, x3)
        y3 = Lanes.madd(s, v, y3)
        p += aNext
        q += bNext
      }
      if (c0) {
        x0 = Lanes.add(load<Vec>(c0), x0)
        y0 = Lanes.add(load<Vec>(c0, sizeof<Vec>()), y0)
        let from = c0 + row0
        x1 = Lanes.add(load<Vec>(from), x1)
        y1 = Lanes.add(load<Vec>(from, sizeof<Vec>()), y1)
        from += row0
        x2 = Lanes.add(load<Vec>(from), x2)
        y2 = Lanes.add(load<Vec>(from, sizeof<Vec>()), y2)
        from += row0
        x3 = Lanes.add(load<Vec>(from), x3)
        y3 = Lanes.add(load<Vec>(from, sizeof<Vec>()), y3)
        c0 += 2 * sizeof<Vec>()
      }
      if (floor > -Infinity) {
        const f = Lanes.splat(floor)
        x0 = Lanes.max(x0, f)
        y0 = Lanes.max(y0, f)
        x1 = Lanes.max(x1, f)
        y1 = Lanes.max(y1, f)
        x2 = Lanes.max(x2, f)
        y2 = Lanes.max(y2, f)
        x3 = Lanes.max(x3, f)
        y3 = Lanes.max(y3, f)
      }
      let to = c
      store<Vec>(to, x0)
      store<Vec>(to, y0, sizeof<Vec>())
      to += row
      store<Vec>(to, x1)
      store<Vec>(to, y1, sizeof<Vec>())
      to += row
      store<Vec>(to, x2)
      store<Vec>(to, y2, sizeof<Vec>())
      to += row
      store<Vec>(to, x3)
      store<Vec>(to, y3, sizeof<Vec>())
      b += bPanel
      c += 2 * sizeof<Vec>()
    }
  }

  /**
   * The same for 6 rows, two terms in a turn: engines look for interruption once a turn, which costs the fused loop 2 %
   * (without fusing, 4 rows gain nothing). The way out between the two keeps the compiler from mixing their sums, for which
   * there are too few registers.
   */
  static six(
    panels: u32,
    terms: u32,
    a: usize,
    aStep: usize,
    aNext: usize,
    b: usize,
    bNext: usize,
    bPanel: usize,
    c0: usize,
    row0: usize,
    c: usize,
    row: usize,
    floor: f32,
  ): void {
    const aStep3 = aStep + 2 * aStep
    const aStep5 = aStep + 4 * aStep
    const length = <usize>terms * bNext
    for (; panels; panels--) {
      let x0 = Lanes.zero()
      let x1 = Lanes.zero()
      let x2 = Lanes.zero()
      let x3 = Lanes.zero()
      let x4 = Lanes.zero()
      let x5 = Lanes.zero()
      let y0 = Lanes.zero()
      let y1 = Lanes.zero()
      let y2 = Lanes.zero()
      let y3 = Lanes.zero()
      let y4 = Lanes.zero()
      let y5 = Lanes.zero()
      let p = a
      let q = b
      const end = b + length
      for (;;) {
        let u = load<Vec>(q)
        let v = load<Vec>(q, sizeof<Vec>())
        let s = Lanes.loadSplat(p)
        x0 = Lanes.madd(s, u, x0)
        y0 = Lanes.madd(s, v, y0)
        s = Lanes.loadSplat(p + aStep)
        x1 = Lanes.madd(s, u, x1)
        y1 = Lanes.madd(s, v, y1)
        s = Lanes.loadSplat(p + 2 * aStep)
        x2 = Lanes.madd(s, u, x2)
        y2 = Lanes.madd(s, v, y2)
        s = Lanes.loadSplat(p + aStep3)
        x3 = Lanes.madd(s, u, x3)
        y3 = Lanes.madd(s, v, y3)
        s = Lanes.loadSplat(p + 4 * aStep)
        x4 = Lanes.madd(s, u, x4)
        y4 = Lanes.madd(s, v, y4)
        s = Lanes.loadSplat(p + aStep5)
        x5 = Lanes.madd(s, u, x5)
        y5 = Lanes.madd(s, v, y5)
        p += aNext
        q += bNext
        if (q == end) break
        u = load<Vec>(q)
        v = load<Vec>(q, sizeof<Vec>())
        s = Lanes.loadSplat(p)
        x0 = Lanes.madd(s, u, x0)
        y0 = Lanes.madd(s, v, y0)
        s = Lanes.loadSplat(p + aStep)
        x1 = Lanes.madd(s, u, x1)
        y1 = Lanes.madd(s, v, y1)
        s = Lanes.loadSplat(p + 2 * aStep)
        x2 = Lanes.madd(s, u, x2)
        y2 = Lanes.madd(s, v, y2)
        s = Lanes.loadSplat(p + aStep3)
        x3 = Lanes.madd(s, u, x3)
        y3 = Lanes.madd(s, v, y3)
        s = Lanes.loadSplat(p + 4 * aStep)
        x4 = Lanes.madd(s, u, x4)
        y4 = Lanes.madd(s, v, y4)
        s = Lanes.loadSplat(p + aStep5)
        x5 = Lanes.madd(s, u, x5)
        y5 = Lanes.madd(s, v, y5)
        p += aNext
        q += bNext
        if (q == end) break
      }
      if (c0) {
        x0 = Lanes.add(load<Vec>(c0), x0)
        y0 = Lanes.add(load<Vec>(c0, sizeof<Vec>()), y0)
        let from = c0 + row0
        x1 = Lanes.add(load<Vec>(from), x1)
        y1 = Lanes.add(load<Vec>(from, sizeof<Vec>()), y1)
        from += row0
        x2 = Lanes.add(load<Vec>(from), x2)
        y2 = Lanes.add(load<Vec>(from, sizeof<Vec>()), y2)
        from += row0
        x3 = Lanes.add(load<Vec>(from), x3)
        y3 = Lanes.add(load<Vec>(from, sizeof<Vec>()), y3)
        from += row0
        x4 = Lanes.add(load<Vec>(from), x4)
        y4 = Lanes.add(load<Vec>(from, sizeof<Vec>()), y4)
        from += row0
        x5 = Lanes.add(load<Vec>(from), x5)
        y5 = Lanes.add(load<Vec>(from, sizeof<Vec>()), y5)
        c0 += 2 * sizeof<Vec>()
      }
      if (floor > -Infinity) {
        const f = Lanes.splat(floor)
        x0 = Lanes.max(x0, f)
        y0 = Lanes.max(y0, f)
        x1 = Lanes.max(x1, f)
        y1 = Lanes.max(y1, f)
        x2 = Lanes.max(x2, f)
        y2 = Lanes.max(y2, f)
        x3 = Lanes.max(x3, f)
        y3 = Lanes.max(y3, f)
        x4 = Lanes.max(x4, f)
        y4 = Lanes.max(y4, f)
        x5 = Lanes.max(x5, f)
        y5 = Lanes.max(y5, f)
      }
      let to = c
      store<Vec>(to, x0)
      store<Vec>(to, y0, sizeof<Vec>())
      to += row
      store<Vec>(to, x1)
      store<Vec>(to, y1, sizeof<Vec>())
      to += row
      store<Vec>(to, x2)
      store<Vec>(to, y2, sizeof<Vec>())
      to += row
      store<Vec>(to, x3)
      store<Vec>(to, y3, sizeof<Vec>())
      to += row
      store<Vec>(to, x4)
      store<Vec>(to, y4, sizeof<Vec>())
      to += row
      store<Vec>(to, x5)
      store<Vec>(to, y5, sizeof<Vec>())
      b += bPanel
      c += 2 * sizeof<Vec>()
    }
  }

  /** The product of 4 columns of A, side by side, and one lane vector of B. */
  static square(terms: u32, a: usize, aNext: usize, b: usize, bNext: usize, c: usize, row: usize): void {
    let c0 = Lanes.zero()
    let c1 = Lanes.zero()
    let c2 = Lanes.zero()
    let c3 = Lanes.zero()
    for (; terms; terms--) {
      const b0 = load<Vec>(b)
      c0 = Lanes.madd(Lanes.loadSplat(a), b0, c0)
      c1 = Lanes.madd(Lanes.loadSplat(a + 4), b0, c1)
      c2 = Lanes.madd(Lanes.loadSplat(a + 8), b0, c2)
      c3 = Lanes.madd(Lanes.loadSplat(a + 12), b0, c3)
      a += aNext
      b += bNext
    }
    store<Vec>(c, c0)
    store<Vec>(c + row, c1)
    store<Vec>(c + 2 * row, c2)
    store<Vec>(c + 3 * row, c3)
  }
}
