import { Lanes, lanes } from '../lanes'
import { MR, Tile, tileCols } from './tile'

/**
 * Products with a B that is read where it lies, or has been packed into panels of two lane vectors:
 *
 *   A panel of MR rows of A, TERMS terms:  for each panel of B:  a tile of C, in registers
 *
 * `product` is what a network's layers take (layer.ts): C = max(floor, C0 + op(A) B), m x n, k terms a sum, where B fits the
 * second cache. What `gemm` (gemm.ts) does besides falls away: B is not packed, C is not prepared by what is added to it,
 * and not visited again for what follows. The sums are the same.
 */

/** Terms that are added up in registers, before they are added to C. This fixes the bits. */
export const TERMS: u32 = 256
/** Bytes over which the terms of a panel of B may be spread; what is more is packed by `gemm`. */
const B_BYTES: usize = 1 << 18
/** The same of a transposed A: if they are more, they fight for a few sets of the nearest cache, and are copied. */
const A_BYTES: usize = 1 << 14

/* scratch: a tile that overhangs [6][8] | a panel of A [256][6] | what is packed of B: the last panel [256][8], or more */
const PANEL_A: usize = 192
export const PACKED_B: usize = PANEL_A + 6144

/** Whether B of k terms, `ldb` floats apart, is small enough. */
export function isSmallProduct(k: u32, ldb: u32): bool {
  return (<usize>min<u32>(k, TERMS) * ldb) << 2 <= B_BYTES
}

/** Packs `count` of `width` floats of every term, `step` bytes apart, the others as zeros. */
export function pack(count: u32, width: u32, terms: u32, p: usize, step: usize, next: usize, target: usize): void {
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

/**
 * At most TERMS terms. All steps in bytes, as in `Tile`; the columns of B beyond whole panels have been packed to `last`.
 */
export function block(
  m: u32,
  n: u32,
  terms: u32,
  a: usize,
  aStep: usize,
  aNext: usize,
  b: usize,
  bNext: usize,
  bPanel: usize,
  last: usize,
  c0: usize,
  row0: usize,
  c: usize,
  row: usize,
  scratch: usize,
  floor: f32,
): void {
  const panels = n / tileCols()
  while (m) {
    // 8 rows are 4 and 4: 6 and 2 would take as long as 10.
    const rows: u32 = MR == 4 || m == 7 || m == 8 ? min<u32>(4, m) : min<u32>(MR, m)
    const isSix = MR == 6 && rows > 4
    const isWhole = rows == MR || rows == 4
    let panel = a
    let apart = aStep
    let next = aNext
    if (!isWhole || (aStep == 4 && <usize>terms * aNext > A_BYTES)) {
      pack(rows, isSix ? 6 : 4, terms, panel, aStep, aNext, scratch + PANEL_A)
      panel = scratch + PANEL_A
      apart = 4
      next = isSix ? 24 : 16
    }
    if (isWhole && panels) {
      if (isSix) Tile.six(panels, terms, panel, apart, next, b, bNext, bPanel, c0, row0, c, row, floor)
      else Tile.four(panels, terms, panel, apart, next, b, bNext, bPanel, c0, row0, c, row, floor)
    }
    for (let j: u32 = isWhole ? panels : 0; j * tileCols() < n; j++) {
      const at = <usize>j * 2 * sizeof<Vec>()
      const q = j < panels ? b + <usize>j * bPanel : last
      const qNext = j < panels ? bNext : 2 * sizeof<Vec>()
      if (isSix) Tile.six(1, terms, panel, apart, next, q, qNext, 0, 0, 0, scratch, 2 * sizeof<Vec>(), -Infinity)
      else Tile.four(1, terms, panel, apart, next, q, qNext, 0, 0, 0, scratch, 2 * sizeof<Vec>(), -Infinity)
      const cols = min<u32>(tileCols(), n - j * tileCols())
      putPart(rows, cols, scratch, c0 ? c0 + at : 0, row0, c + at, row, floor)
    }
    a += <usize>rows * aStep
    c += <usize>rows * row
    if (c0) c0 += <usize>rows * row0
    m -= rows
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
  const last = scratch + PACKED_B
  let row0 = (<usize>ldc0) << 2
  for (let pc: u32 = 0; pc < k; pc += TERMS) {
    const terms = min<u32>(TERMS, k - pc)
    const limit: f32 = pc + terms == k ? floor : -Infinity
    if (over) pack(over, tileCols(), terms, b + ((<usize>(n - over)) << 2), 4, bNext, last)
    block(m, n, terms, a, aStep, aNext, b, bNext, 2 * sizeof<Vec>(), last, c0, row0, c, row, scratch, limit)
    a += <usize>terms * aNext
    b += <usize>terms * bNext
    c0 = c
    row0 = row
  }
}
