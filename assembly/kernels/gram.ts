import { Lanes, lanes } from '../lanes'
import { Wide } from '../wide'

import { BLOCK } from './linear'
import { Rows } from './rows'
import { MR, Tile } from './tile'

/**
 * The weighted Gram matrix X^T diag(q) X, what Hessians are made of.
 *
 * X      rows x stride float32, as in linear.ts; q: rows float32
 * out    float64 [sum of q, 0, q^T X [0..stride), H [stride x stride]], added to; of H only the tiles that touch the
 *        upper triangle are written
 * scratch gramScratchBytes(stride)
 *
 * A block of 256 rows is packed times q, in panels of as many columns as a tile has rows, and multiplied by itself, two
 * lane vectors of columns at a time, which are read where they lie: only the tiles down to the diagonal. Where the stride
 * is an odd number of lane vectors, the first of those columns are one vector; so are those at the diagonal where a tile has
 * 4 rows. Each tile goes to float64 at once. So X is read from memory once, and float32 sums are 256 rows long.
 */

/* scratch: tile f32 | two vectors of columns, 256 x 8 f32 | qx[stride] f32 | scaled panels 256 x (stride + MR) f32 */
const COLUMNS: usize = 192
const QX: usize = COLUMNS + BLOCK * 32
/** Rows so many bytes apart fight for a few sets of the cache, and their columns are copied. */
const CROWDED: usize = 256

export function gramScratchBytes(stride: u32): u32 {
  return <u32>QX + stride * 4 + (stride / MR + 1) * <u32>scaledPanel(BLOCK)
}

/** Packs a vector of columns of `m` rows, or two. */
function packColumns(m: u32, x: usize, bytes: usize, both: bool, target: usize): void {
  for (; m; m--) {
    store<Vec>(target, load<Vec>(x))
    store<Vec>(target, both ? load<Vec>(x, sizeof<Vec>()) : Lanes.zero(), sizeof<Vec>())
    x += bytes
    target += 2 * sizeof<Vec>()
  }
}

/** Bytes from panel to panel: a cache line more than there are, as steps of 4 KiB would end in one set of the cache. */
function scaledPanel(m: u32): usize {
  return <usize>((m + 3) & ~3) * MR * 4 + 64
}

/** Where a column is in the first row of its panel. */
function placeOf(column: usize, panel: usize): usize {
  return (column / MR) * panel + (column % MR) * 4
}

/** A lane vector of the first row of panels, from `column` on. */
function storeScaled(target: usize, column: usize, panel: usize, a: Vec): void {
  const at = target + placeOf(column, panel)
  // Of 6 columns a panel the halves of a vector may part.
  if (MR == 4 || lanes() == 1) store<Vec>(at, a)
  else Lanes.storeHalves(at, target + placeOf(column + 2, panel), a)
}

/**
 * Packs `m` rows times q in panels of MR columns (what the last one has too many is anything), and adds them to qx. Four
 * rows at a time: they fill whole cache lines of panels. Rows beyond the last are the first of the four again, times 0.
 */
function packScaled(m: u32, x: usize, bytes: usize, q: usize, qx: usize, target: usize): void {
  const panel = scaledPanel(m)
  for (let i: u32 = 0; i < m; i += 4) {
    const left = m - i
    const q0 = Lanes.loadSplat(q)
    const q1 = left > 1 ? Lanes.loadSplat(q + 4) : Lanes.zero()
    const q2 = left > 2 ? Lanes.loadSplat(q + 8) : Lanes.zero()
    const q3 = left > 3 ? Lanes.loadSplat(q + 12) : Lanes.zero()
    const to1: usize = left > 1 ? bytes : 0
    const to2: usize = left > 2 ? 2 * bytes : 0
    const to3: usize = left > 3 ? 3 * bytes : 0
    let sum = qx
    for (let column: usize = 0; column < bytes >> 2; column += lanes()) {
      const x0 = Lanes.mul(q0, load<Vec>(x))
      const x1 = Lanes.mul(q1, load<Vec>(x + to1))
      const x2 = Lanes.mul(q2, load<Vec>(x + to2))
      const x3 = Lanes.mul(q3, load<Vec>(x + to3))
      storeScaled(target, column, panel, x0)
      storeScaled(target + MR * 4, column, panel, x1)
      storeScaled(target + 2 * MR * 4, column, panel, x2)
      storeScaled(target + 3 * MR * 4, column, panel, x3)
      store<Vec>(sum, Lanes.add(Lanes.add(Lanes.add(Lanes.add(load<Vec>(sum), x0), x1), x2), x3))
      x += sizeof<Vec>()
      sum += sizeof<Vec>()
    }
    x += 3 * bytes
    q += 16
    target += 4 * MR * 4
  }
}

/** Adds the block of at most 256 rows to q^T X and H; the sum of q is the caller's. */
export function gramBlock(m: u32, x: usize, stride: u32, q: usize, out: usize, scratch: usize): void {
  const bytes = (<usize>stride) << 2
  const tile = scratch
  const columns = scratch + COLUMNS
  const qx = scratch + QX
  const scaled = qx + bytes
  const h = out + 16 + 2 * bytes
  const nr: usize = 2 * sizeof<Vec>()
  memory.fill(qx, 0, bytes)
  packScaled(m, x, bytes, q, qx, scaled)
  Rows.flush(out + 16, qx, bytes)

  const panel = scaledPanel(m)
  const isCrowded = bytes % CROWDED == 0
  for (let j: usize = 0; j < bytes; ) {
    const both = j > 0 || bytes % nr == 0
    const isCopied = isCrowded || bytes < nr
    if (isCopied) packColumns(m, x + j, bytes, both, columns)
    const b = isCopied ? columns : x + j
    const next = isCopied ? nr : bytes
    const end = j + (both ? nr : sizeof<Vec>())
    for (let i: u32 = 0; i < <u32>(end >> 2); i += MR) {
      const rows = min<u32>(MR, <u32>(end >> 2) - i)
      const a = scaled + <usize>(i / MR) * panel
      // Of the last tile of 4 rows only the second vector is above the diagonal.
      const skip: usize = MR == 4 && both && (<usize>(i + MR)) << 2 == end ? sizeof<Vec>() : 0
      const two = both && !skip
      if (MR == 4 && !two) Tile.square(m, a, MR * 4, b + skip, next, tile, nr)
      else if (MR == 6 && rows > 4) Tile.six(1, m, a, 4, MR * 4, b, next, 0, 0, 0, tile, nr, -Infinity)
      else Tile.four(1, m, a, 4, MR * 4, b, next, 0, 0, 0, tile, nr, -Infinity)
      for (let c: u32 = 0; c < rows; c++) {
        const target = h + ((<usize>(i + c) * stride) << 3) + 2 * (j + skip)
        Wide.add(target, load<Vec>(tile + <usize>c * nr))
        if (two) Wide.add(target + 2 * sizeof<Vec>(), load<Vec>(tile + <usize>c * nr, sizeof<Vec>()))
      }
    }
    j = end
  }
}

/** The whole of it for given q. */
export function gram(rows: u32, x: usize, stride: u32, q: usize, out: usize, scratch: usize): void {
  assert(stride % 4 == 0 && x % 16 == 0 && out % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  for (let block: u32 = 0; block < rows; block += BLOCK) {
    const m = min<u32>(BLOCK, rows - block)
    let sum: f64 = 0
    for (let i: usize = 0; i < (<usize>m) << 2; i += 4) sum += <f64>load<f32>(q + i)
    store<f64>(out, load<f64>(out) + sum)
    gramBlock(m, x, stride, q, out, scratch)
    x += <usize>m * bytes
    q += (<usize>m) << 2
  }
}
