import { Lanes, lanes } from '../lanes'

/** The inner kernel of matrix products: a tile of C in registers. */

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
   * c = (add ? c : 0) + 6 rows of A times 2 lane vectors of B, over `terms`; aNext and bNext bytes from term to term,
   * `row` bytes between rows of c.
   */
  static six(
    terms: u32,
    a: usize,
    aStep: usize,
    aNext: usize,
    b: usize,
    bNext: usize,
    c: usize,
    row: usize,
    add: bool,
  ): void {
    let c00 = Lanes.zero()
    let c01 = Lanes.zero()
    let c10 = Lanes.zero()
    let c11 = Lanes.zero()
    let c20 = Lanes.zero()
    let c21 = Lanes.zero()
    let c30 = Lanes.zero()
    let c31 = Lanes.zero()
    let c40 = Lanes.zero()
    let c41 = Lanes.zero()
    let c50 = Lanes.zero()
    let c51 = Lanes.zero()
    const aStep3 = aStep + 2 * aStep
    const aStep5 = aStep + 4 * aStep
    for (; terms; terms--) {
      const b0 = load<Vec>(b)
      const b1 = load<Vec>(b, sizeof<Vec>())
      let s = Lanes.loadSplat(a)
      c00 = Lanes.madd(s, b0, c00)
      c01 = Lanes.madd(s, b1, c01)
      s = Lanes.loadSplat(a + aStep)
      c10 = Lanes.madd(s, b0, c10)
      c11 = Lanes.madd(s, b1, c11)
      s = Lanes.loadSplat(a + 2 * aStep)
      c20 = Lanes.madd(s, b0, c20)
      c21 = Lanes.madd(s, b1, c21)
      s = Lanes.loadSplat(a + aStep3)
      c30 = Lanes.madd(s, b0, c30)
      c31 = Lanes.madd(s, b1, c31)
      s = Lanes.loadSplat(a + 4 * aStep)
      c40 = Lanes.madd(s, b0, c40)
      c41 = Lanes.madd(s, b1, c41)
      s = Lanes.loadSplat(a + aStep5)
      c50 = Lanes.madd(s, b0, c50)
      c51 = Lanes.madd(s, b1, c51)
      a += aNext
      b += bNext
    }
    Tile.put(c, c00, c01, add)
    Tile.put(c + row, c10, c11, add)
    Tile.put(c + 2 * row, c20, c21, add)
    Tile.put(c + 3 * row, c30, c31, add)
    Tile.put(c + 4 * row, c40, c41, add)
    Tile.put(c + 5 * row, c50, c51, add)
  }

  /** The same for 4 rows. */
  static four(
    terms: u32,
    a: usize,
    aStep: usize,
    aNext: usize,
    b: usize,
    bNext: usize,
    c: usize,
    row: usize,
    add: bool,
  ): void {
    let c00 = Lanes.zero()
    let c01 = Lanes.zero()
    let c10 = Lanes.zero()
    let c11 = Lanes.zero()
    let c20 = Lanes.zero()
    let c21 = Lanes.zero()
    let c30 = Lanes.zero()
    let c31 = Lanes.zero()
    const aStep3 = aStep + 2 * aStep
    for (; terms; terms--) {
      const b0 = load<Vec>(b)
      const b1 = load<Vec>(b, sizeof<Vec>())
      let s = Lanes.loadSplat(a)
      c00 = Lanes.madd(s, b0, c00)
      c01 = Lanes.madd(s, b1, c01)
      s = Lanes.loadSplat(a + aStep)
      c10 = Lanes.madd(s, b0, c10)
      c11 = Lanes.madd(s, b1, c11)
      s = Lanes.loadSplat(a + 2 * aStep)
      c20 = Lanes.madd(s, b0, c20)
      c21 = Lanes.madd(s, b1, c21)
      s = Lanes.loadSplat(a + aStep3)
      c30 = Lanes.madd(s, b0, c30)
      c31 = Lanes.madd(s, b1, c31)
      a += aNext
      b += bNext
    }
    Tile.put(c, c00, c01, add)
    Tile.put(c + row, c10, c11, add)
    Tile.put(c + 2 * row, c20, c21, add)
    Tile.put(c + 3 * row, c30, c31, add)
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

  @inline static put(c: usize, x: Vec, y: Vec, add: bool): void {
    if (add) {
      x = Lanes.add(load<Vec>(c), x)
      y = Lanes.add(load<Vec>(c, sizeof<Vec>()), y)
    }
    store<Vec>(c, x)
    store<Vec>(c, y, sizeof<Vec>())
  }
}
