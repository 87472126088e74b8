import { Lanes } from '../lanes'
import { Wide } from '../wide'

import { BLOCK, backwardTile } from './linear'
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
 * is an odd number of lane vectors, the first of those columns are one vector. Each tile goes to float64 at once. So X is
 * read from memory once, and float32 sums are 256 rows long.
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
  return <usize>m * MR * 4 + 64
}

/** Packs `m` rows times q in panels of MR columns; what the last one has too many is anything. */
function packScaled(m: u32, x: usize, bytes: usize, q: usize, target: usize): void {
  const panel = scaledPanel(m)
  for (; m; m--) {
    const qi = Lanes.loadSplat(q)
    let to = target
    const end = x + bytes
    for (let p = x; p < end; p += MR * 4) {
      // With 4 columns a panel this is all; of 6 the last two, or in the last panel four or two, are left.
      const isWhole = MR == 4 || p + sizeof<Vec>() <= end
      if (isWhole) store<Vec>(to, Lanes.mul(qi, load<Vec>(p)))
      for (let c: usize = isWhole ? sizeof<Vec>() : 0; c < MR * 4 && p + c < end; c += 4) {
        store<f32>(to + c, load<f32>(q) * load<f32>(p + c))
      }
      to += panel
    }
    x = end
    q += 4
    target += MR * 4
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
  backwardTile(m, x, bytes, q, qx)
  Rows.flush(out + 16, qx, bytes)

  packScaled(m, x, bytes, q, scaled)
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
      if (MR == 6 && rows > 4) Tile.six(m, a, 4, MR * 4, b, next, tile, nr, false)
      else Tile.four(m, a, 4, MR * 4, b, next, tile, nr, false)
      for (let c: u32 = 0; c < rows; c++) {
        const target = h + ((<usize>(i + c) * stride) << 3) + 2 * j
        Wide.add(target, load<Vec>(tile + <usize>c * nr))
        if (both) Wide.add(target + 2 * sizeof<Vec>(), load<Vec>(tile + <usize>c * nr, sizeof<Vec>()))
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
