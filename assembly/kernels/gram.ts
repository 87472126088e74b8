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
 * A block of 256 rows is packed once as it is (panels of 2 lane vectors) and once times q (panels of 6 columns), and
 * multiplied by gemm's tile; each tile goes to float64 at once. So X is read from memory once, and float32 sums are 256
 * rows long.
 */

/* scratch: tile 6 x 8 f32 | qx[stride] f32 | scaled panel 6 x 256 f32 | panels (stride + 8) x 256 f32 */
const QX: usize = 192

export function gramScratchBytes(stride: u32): u32 {
  return <u32>QX + stride * 4 + MR * BLOCK * 4 + (stride + 8) * BLOCK * 4
}

/** Packs columns [j, j + 2 lane vectors) of `m` rows; columns at or beyond the stride become zeros. */
function packPanel(m: u32, x: usize, bytes: usize, j: usize, target: usize): void {
  const second = j + sizeof<Vec>() < bytes
  let p = x + j
  for (let i: u32 = 0; i < m; i++) {
    store<Vec>(target, load<Vec>(p))
    store<Vec>(target, second ? load<Vec>(p, sizeof<Vec>()) : Lanes.zero(), sizeof<Vec>())
    p += bytes
    target += 2 * sizeof<Vec>()
  }
}

/** Packs `count` columns from `column` of `m` rows times q, in panels of 6 with zeros for the missing ones. */
function packScaled(m: u32, x: usize, bytes: usize, column: u32, count: u32, q: usize, target: usize): void {
  let p = x + ((<usize>column) << 2)
  for (let i: u32 = 0; i < m; i++) {
    const qi = load<f32>(q)
    for (let c: u32 = 0; c < MR; c++) {
      store<f32>(target, c < count ? qi * load<f32>(p + ((<usize>c) << 2)) : 0)
      target += 4
    }
    p += bytes
    q += 4
  }
}

/** Adds the block of at most 256 rows to q^T X and H; the sum of q is the caller's. */
export function gramBlock(m: u32, x: usize, stride: u32, q: usize, out: usize, scratch: usize): void {
  const bytes = (<usize>stride) << 2
  const tile = scratch
  const qx = scratch + QX
  const scaled = qx + bytes
  const panels = scaled + MR * BLOCK * 4
  const h = out + 16 + 2 * bytes
  const nr = 2 * sizeof<Vec>()
  memory.fill(qx, 0, bytes)
  backwardTile(m, x, bytes, q, qx)
  Rows.flush(out + 16, qx, bytes)

  const panelBytes = <usize>m * nr
  for (let j: usize = 0; j < bytes; j += nr) packPanel(m, x, bytes, j, panels + (j / nr) * panelBytes)
  for (let i: u32 = 0; i < stride; i += MR) {
    const count = min<u32>(MR, stride - i)
    packScaled(m, x, bytes, i, count, q, scaled)
    const first = (((<usize>i) << 2) / nr) * nr
    for (let j = first; j < bytes; j += nr) {
      Tile.six(m, scaled, 4, 24, panels + (j / nr) * panelBytes, nr, tile, nr, false)
      const second = j + sizeof<Vec>() < bytes
      for (let c: u32 = 0; c < count; c++) {
        const target = h + ((<usize>(i + c) * stride) << 3) + 2 * j
        Wide.add(target, load<Vec>(tile + <usize>c * nr))
        if (second) Wide.add(target + 2 * sizeof<Vec>(), load<Vec>(tile + <usize>c * nr, sizeof<Vec>()))
      }
    }
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
