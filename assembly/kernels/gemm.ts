import { Lanes, lanes } from '../lanes'

/**
 * C = op(A) op(B), or C += op(A) op(B): m x n, with k terms a sum; float32 throughout, any m, n, k, any leading
 * dimension (in elements), no alignment asked.
 *
 * Goto and van de Geijn's scheme ("Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008): blocks of
 * KC terms are packed so that the inner kernel reads both operands in order,
 *
 *   packed A: panels of 6 rows    a[0..6) of term 0, of term 1, ...      packed B: panels of 2 lane vectors, the same
 *
 * and keeps a 6 x 8 tile of C in twelve registers (two more hold B, one the splat of A: 15). A last panel of up to 4
 * rows takes a 4 x 8 tile. Panels are padded with zeros; a tile that overhangs C goes through scratch.
 */

const KC: u32 = 256
const MC: u32 = 96
const NC: u32 = 512
/** Rows of a tile. */
export const MR: u32 = 6
/** A tile that overhangs is stored here first: 6 rows of 8. */
const TILE_BYTES: usize = 192

/** Bytes of scratch that `gemm` needs, for any size. */
export function gemmScratchBytes(): u32 {
  return <u32>TILE_BYTES + (MC + MR) * KC * 4 + (NC + 8) * KC * 4
}

/** Columns of a tile: two lane vectors. */
function tileCols(): u32 {
  return 2 * lanes()
}

/**
 * Packs `count` rows (or columns) by `terms` into panels of `width`: element (i, t) is at source + i * step + t * next
 * bytes. Missing rows of the last panel become zeros.
 */
function pack(count: u32, terms: u32, source: usize, step: usize, next: usize, target: usize, width: u32): void {
  for (let begin: u32 = 0; begin < count; begin += width) {
    const here = min<u32>(width, count - begin)
    // The last panel of A may be 4 rows instead of 6.
    const panel: u32 = width == MR && here <= 4 ? 4 : width
    const first = source + <usize>begin * step
    let t: u32 = 0
    if (here == width && width == MR && next == 4) t = packSixRows(terms, first, step, target)
    else if (here == width && width != MR && step == 4) t = packColumns(terms, first, next, target)
    target += (<usize>(t * panel)) << 2
    for (; t < terms; t++) {
      let p = first + <usize>t * next
      for (let i: u32 = 0; i < here; i++) {
        store<f32>(target, load<f32>(p))
        p += step
        target += 4
      }
      for (let i = here; i < panel; i++) {
        store<f32>(target, 0)
        target += 4
      }
    }
  }
}

/** Six rows whose terms lie side by side, whole lane vectors of them; returns how many terms that are. */
function packSixRows(terms: u32, p: usize, step: usize, target: usize): u32 {
  const L = lanes()
  let t: u32 = 0
  for (; t + L <= terms; t += L) {
    const p2 = p + 2 * step
    const p4 = p2 + 2 * step
    Lanes.storeColumns(
      target,
      load<Vec>(p),
      load<Vec>(p + step),
      load<Vec>(p2),
      load<Vec>(p2 + step),
      load<Vec>(p4),
      load<Vec>(p4 + step),
    )
    p += sizeof<Vec>()
    target += 6 * sizeof<Vec>()
  }
  return t
}

/** Two lane vectors of columns that lie side by side; returns `terms`. */
function packColumns(terms: u32, p: usize, next: usize, target: usize): u32 {
  for (let t: u32 = 0; t < terms; t++) {
    store<Vec>(target, load<Vec>(p))
    store<Vec>(target, load<Vec>(p, sizeof<Vec>()), sizeof<Vec>())
    p += next
    target += 2 * sizeof<Vec>()
  }
  return terms
}

@unmanaged
export abstract class Tile {
  /** c = (add ? c : 0) + 6 rows of packed A times 2 lane vectors of packed B, over `terms`; `row` bytes between rows of c. */
  static six(terms: u32, a: usize, b: usize, c: usize, row: usize, add: bool): void {
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
    const end = a + <usize>terms * 24
    while (a < end) {
      const b0 = load<Vec>(b)
      const b1 = load<Vec>(b, sizeof<Vec>())
      let s = Lanes.loadSplat(a)
      c00 = Lanes.madd(s, b0, c00)
      c01 = Lanes.madd(s, b1, c01)
      s = Lanes.loadSplat(a + 4)
      c10 = Lanes.madd(s, b0, c10)
      c11 = Lanes.madd(s, b1, c11)
      s = Lanes.loadSplat(a + 8)
      c20 = Lanes.madd(s, b0, c20)
      c21 = Lanes.madd(s, b1, c21)
      s = Lanes.loadSplat(a + 12)
      c30 = Lanes.madd(s, b0, c30)
      c31 = Lanes.madd(s, b1, c31)
      s = Lanes.loadSplat(a + 16)
      c40 = Lanes.madd(s, b0, c40)
      c41 = Lanes.madd(s, b1, c41)
      s = Lanes.loadSplat(a + 20)
      c50 = Lanes.madd(s, b0, c50)
      c51 = Lanes.madd(s, b1, c51)
      a += 24
      b += 2 * sizeof<Vec>()
    }
    Tile.put(c, c00, c01, add)
    Tile.put(c + row, c10, c11, add)
    Tile.put(c + 2 * row, c20, c21, add)
    Tile.put(c + 3 * row, c30, c31, add)
    Tile.put(c + 4 * row, c40, c41, add)
    Tile.put(c + 5 * row, c50, c51, add)
  }

  /** The same for 4 rows. */
  static four(terms: u32, a: usize, b: usize, c: usize, row: usize, add: bool): void {
    let c00 = Lanes.zero()
    let c01 = Lanes.zero()
    let c10 = Lanes.zero()
    let c11 = Lanes.zero()
    let c20 = Lanes.zero()
    let c21 = Lanes.zero()
    let c30 = Lanes.zero()
    let c31 = Lanes.zero()
    const end = a + <usize>terms * 16
    while (a < end) {
      const b0 = load<Vec>(b)
      const b1 = load<Vec>(b, sizeof<Vec>())
      let s = Lanes.loadSplat(a)
      c00 = Lanes.madd(s, b0, c00)
      c01 = Lanes.madd(s, b1, c01)
      s = Lanes.loadSplat(a + 4)
      c10 = Lanes.madd(s, b0, c10)
      c11 = Lanes.madd(s, b1, c11)
      s = Lanes.loadSplat(a + 8)
      c20 = Lanes.madd(s, b0, c20)
      c21 = Lanes.madd(s, b1, c21)
      s = Lanes.loadSplat(a + 12)
      c30 = Lanes.madd(s, b0, c30)
      c31 = Lanes.madd(s, b1, c31)
      a += 16
      b += 2 * sizeof<Vec>()
    }
    Tile.put(c, c00, c01, add)
    Tile.put(c + row, c10, c11, add)
    Tile.put(c + 2 * row, c20, c21, add)
    Tile.put(c + 3 * row, c30, c31, add)
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

/** One tile of C, whole or overhanging. */
function tile(m: u32, n: u32, k: u32, a: usize, b: usize, c: usize, row: usize, add: bool, spill: usize): void {
  const whole = n == tileCols()
  if (m == MR && whole) {
    Tile.six(k, a, b, c, row, add)
  } else if (m == 4 && whole) {
    Tile.four(k, a, b, c, row, add)
  } else {
    const spillRow = 2 * sizeof<Vec>()
    if (m > 4) Tile.six(k, a, b, spill, spillRow, false)
    else Tile.four(k, a, b, spill, spillRow, false)
    for (let i: u32 = 0; i < m; i++) {
      for (let j: u32 = 0; j < n; j++) {
        const at = c + <usize>i * row + ((<usize>j) << 2)
        const sum = load<f32>(spill + <usize>i * spillRow + ((<usize>j) << 2))
        store<f32>(at, add ? load<f32>(at) + sum : sum)
      }
    }
  }
}

export function gemm(
  m: u32,
  n: u32,
  k: u32,
  a: usize,
  lda: u32,
  b: usize,
  ldb: u32,
  c: usize,
  ldc: u32,
  scratch: usize,
  transposeA: bool,
  transposeB: bool,
  accumulate: bool,
): void {
  assert(ldc >= n && lda >= (transposeA ? m : k) && ldb >= (transposeB ? k : n) && scratch % 16 == 0)
  const row = (<usize>ldc) << 2
  // Bytes from row to row of op(A), and from term to term; the same for the columns of op(B).
  const aStep: usize = transposeA ? 4 : (<usize>lda) << 2
  const aNext: usize = transposeA ? (<usize>lda) << 2 : 4
  const bStep: usize = transposeB ? (<usize>ldb) << 2 : 4
  const bNext: usize = transposeB ? 4 : (<usize>ldb) << 2
  const packedA = scratch + TILE_BYTES
  const packedB = packedA + (MC + MR) * KC * 4
  const NR = tileCols()

  if (k == 0 && !accumulate) {
    for (let i: u32 = 0; i < m; i++) memory.fill(c + <usize>i * row, 0, (<usize>n) << 2)
    return
  }
  for (let jc: u32 = 0; jc < n; jc += NC) {
    const nc = min<u32>(NC, n - jc)
    for (let pc: u32 = 0; pc < k; pc += KC) {
      const kc = min<u32>(KC, k - pc)
      const add = accumulate || pc > 0
      pack(nc, kc, b + <usize>jc * bStep + <usize>pc * bNext, bStep, bNext, packedB, NR)
      for (let ic: u32 = 0; ic < m; ic += MC) {
        const mc = min<u32>(MC, m - ic)
        pack(mc, kc, a + <usize>ic * aStep + <usize>pc * aNext, aStep, aNext, packedA, MR)
        for (let j: u32 = 0; j < nc; j += NR) {
          const bPanel = packedB + <usize>j * kc * 4
          const cCols = c + <usize>ic * row + ((<usize>(jc + j)) << 2)
          for (let i: u32 = 0; i < mc; i += MR) {
            tile(
              min<u32>(MR, mc - i),
              min<u32>(NR, nc - j),
              kc,
              packedA + <usize>i * kc * 4,
              bPanel,
              cCols + <usize>i * row,
              row,
              add,
              scratch,
            )
          }
        }
      }
    }
  }
}
