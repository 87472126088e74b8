import { Lanes, lanes } from '../lanes'
import { MR, tileCols } from './tile'

/**
 * The products of a network's layers (layer.ts): C = max(floor, C0 + op(A) B), m x n, k terms a sum, where B is so small
 * that it may be read where it lies, out of the second cache. What `gemm` (gemm.ts) does besides falls away: B is not
 * packed, C is not prepared by what is added to it, and not visited again for what follows. The sums are those of `gemm`.
 *
 *   A panel of MR rows of A, TERMS terms:  for each panel of B, two lane vectors wide:  a tile of C, in registers
 */

/** Terms that are added up in registers, before they are added to C. */
export const TERMS: u32 = 256
/** Bytes over which the terms of a panel of B may be spread; what is more is packed by `gemm`. */
const B_BYTES: usize = 1 << 18
/** The same of a transposed A: if they are more, they fight for a few sets of the nearest cache, and are copied. */
const A_BYTES: usize = 1 << 14

/* scratch, gemm's: a tile that overhangs [6][8] | a panel of A [256][6] | the last panel of B, if it overhangs [256][8] */
const PANEL_A: usize = 192
const PANEL_B: usize = PANEL_A + 6144

/** Whether B of k terms, `ldb` floats apart, is small enough. */
export function isSmallProduct(k: u32, ldb: u32): bool {
  return (<usize>min<u32>(k, TERMS) * ldb) << 2 <= B_BYTES
}

@unmanaged
abstract class Panel {
  /**
   * 4 rows of C, `panels` times two lane vectors wide: c = max(floor, c0 + A B), c0 with `row0` bytes from row to row, or 0
   * for zeros.
   */
  static four(
    panels: u32,
    terms: u32,
    a: usize,
    aStep: usize,
    aNext: usize,
    b: usize,
    bNext: usize,
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
      Panel.put(c, c0, x0, y0, floor)
      const c1 = c0 ? c0 + row0 : 0
      Panel.put(c + row, c1, x1, y1, floor)
      const c2 = c0 ? c1 + row0 : 0
      Panel.put(c + 2 * row, c2, x2, y2, floor)
      Panel.put(c + 3 * row, c0 ? c2 + row0 : 0, x3, y3, floor)
      b += 2 * sizeof<Vec>()
      c += 2 * sizeof<Vec>()
      if (c0) c0 += 2 * sizeof<Vec>()
    }
  }

  /** The same for 6 rows. */
  static six(
    panels: u32,
    terms: u32,
    a: usize,
    aStep: usize,
    aNext: usize,
    b: usize,
    bNext: usize,
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
        s = Lanes.loadSplat(p + 4 * aStep)
        x4 = Lanes.madd(s, u, x4)
        y4 = Lanes.madd(s, v, y4)
        s = Lanes.loadSplat(p + aStep5)
        x5 = Lanes.madd(s, u, x5)
        y5 = Lanes.madd(s, v, y5)
        p += aNext
        q += bNext
      }
      Panel.put(c, c0, x0, y0, floor)
      let from = c0 ? c0 + row0 : 0
      Panel.put(c + row, from, x1, y1, floor)
      from = c0 ? from + row0 : 0
      Panel.put(c + 2 * row, from, x2, y2, floor)
      from = c0 ? from + row0 : 0
      Panel.put(c + 3 * row, from, x3, y3, floor)
      from = c0 ? from + row0 : 0
      Panel.put(c + 4 * row, from, x4, y4, floor)
      Panel.put(c + 5 * row, c0 ? from + row0 : 0, x5, y5, floor)
      b += 2 * sizeof<Vec>()
      c += 2 * sizeof<Vec>()
      if (c0) c0 += 2 * sizeof<Vec>()
    }
  }

  @inline private static put(c: usize, c0: usize, x: Vec, y: Vec, floor: f32): void {
    if (c0) {
      x = Lanes.add(load<Vec>(c0), x)
      y = Lanes.add(load<Vec>(c0, sizeof<Vec>()), y)
    }
    store<Vec>(c, Lanes.max(x, Lanes.splat(floor)))
    store<Vec>(c, Lanes.max(y, Lanes.splat(floor)), sizeof<Vec>())
  }
}

/** Packs `count` of `width` floats of every term, `step` bytes apart, the others as zeros. */
function pack(count: u32, width: u32, terms: u32, p: usize, step: usize, next: usize, target: usize): void {
  if (isVector<Vec>() && step == 4 && count == width && count <= 6) {
    for (const end = target + ((<usize>terms * width) << 2); target < end; ) {
      store<Vec>(target, load<Vec>(p))
      target += 16
      if (width == 6) {
        store<u64>(target, load<u64>(p, 16))
        target += 8
      }
      p += next
    }
    return
  }
  for (; terms; terms--) {
    let q = p
    for (let i: u32 = 0; i < width; i++) {
      store<f32>(target, i < count ? load<f32>(q) : 0)
      q += step
      target += 4
    }
    p += next
  }
}

/** The tile of `rows` x `cols` that was put into scratch, to where it belongs. */
function putPart(rows: u32, cols: u32, tile: usize, c0: usize, row0: usize, c: usize, row: usize, floor: f32): void {
  for (; rows; rows--) {
    let from = tile
    let j: usize = 0
    for (let n: u32 = cols; ; n -= lanes()) {
      let x = load<Vec>(from)
      if (c0) x = Lanes.add(Lanes.loadUpTo(c0 + j, n), x)
      Lanes.storeUpTo(c + j, Lanes.max(x, Lanes.splat(floor)), n)
      if (n <= lanes()) break
      j += sizeof<Vec>()
      from += sizeof<Vec>()
    }
    tile += 2 * sizeof<Vec>()
    c += row
    if (c0) c0 += row0
  }
}

/** c0 = 0: nothing is added. floor -Infinity: none. `lda` and so on in floats; a transposed A is k x m. */
export function product(
  m: u32,
  n: u32,
  k: u32,
  a: usize,
  lda: u32,
  b: usize,
  ldb: u32,
  c0: usize,
  ldc0: u32,
  c: usize,
  ldc: u32,
  scratch: usize,
  transposeA: bool,
  floor: f32,
): void {
  const row = (<usize>ldc) << 2
  const bNext = (<usize>ldb) << 2
  const aStep: usize = transposeA ? 4 : (<usize>lda) << 2
  const aNext: usize = transposeA ? (<usize>lda) << 2 : 4
  const over = n % tileCols()
  const panels = n / tileCols()
  const whole = n - over
  let row0 = (<usize>ldc0) << 2
  for (let pc: u32 = 0; pc < k; pc += TERMS) {
    const terms = min<u32>(TERMS, k - pc)
    const limit: f32 = pc + terms == k ? floor : -Infinity
    if (over) pack(over, tileCols(), terms, b + ((<usize>whole) << 2), 4, bNext, scratch + PANEL_B)
    for (let i: u32 = 0; i < m; i += MR) {
      const rows = min<u32>(MR, m - i)
      const isWhole = rows == MR || rows == 4
      const isSix = MR == 6 && rows > 4
      let panel = a + <usize>i * aStep
      let apart = aStep
      let next = aNext
      if (!isWhole || (transposeA && <usize>terms * aNext > A_BYTES)) {
        pack(rows, isSix ? 6 : 4, terms, panel, aStep, aNext, scratch + PANEL_A)
        panel = scratch + PANEL_A
        apart = 4
        next = isSix ? 24 : 16
      }
      const to = c + <usize>i * row
      const from: usize = c0 ? c0 + <usize>i * row0 : 0
      if (isWhole && panels) {
        if (isSix) Panel.six(panels, terms, panel, apart, next, b, bNext, from, row0, to, row, limit)
        else Panel.four(panels, terms, panel, apart, next, b, bNext, from, row0, to, row, limit)
      }
      for (let j: u32 = isWhole ? whole : 0; j < n; j += tileCols()) {
        const at = (<usize>j) << 2
        const q = j < whole ? b + at : scratch + PANEL_B
        const qNext = j < whole ? bNext : 2 * sizeof<Vec>()
        if (isSix) Panel.six(1, terms, panel, apart, next, q, qNext, 0, 0, scratch, 2 * sizeof<Vec>(), -Infinity)
        else Panel.four(1, terms, panel, apart, next, q, qNext, 0, 0, scratch, 2 * sizeof<Vec>(), -Infinity)
        putPart(rows, min<u32>(tileCols(), n - j), scratch, from ? from + at : 0, row0, to + at, row, limit)
      }
    }
    a += <usize>terms * aNext
    b += <usize>terms * bNext
    c0 = c
    row0 = row
  }
}
