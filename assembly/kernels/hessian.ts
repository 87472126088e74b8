import { Lanes, lanes } from '../lanes'
import { MR, Tile } from './gemm'
import { BLOCK, forwardTile } from './linear'
import { Rows } from './rows'

/**
 * The Hessian of a linear model, tile-fused: z = X w + b, q = s l''(z, y), H = X^T diag(q) X.
 *
 * X      rows x stride float32, as in linear.ts; w, y, s, b too
 * out    float64 [sum of q, 0, q^T X [0..stride), H [stride x stride]], added to; of H only the tiles that touch the
 *        upper triangle are written
 * scratch hessianScratchBytes(stride)
 *
 * A block of 256 rows is forwarded, packed once as it is (panels of 2 lane vectors) and once times q (panels of 6
 * columns), and multiplied by gemm's tile; each tile goes to float64 at once. So X is read from memory once, and
 * float32 sums are 256 rows long.
 */

/* scratch: q[256] f32 | tile 6 x 8 f32 | qx[stride] f32 | scaled panel 6 x 256 f32 | panels (stride + 8) x 256 f32 */
const TILE_AT: usize = 1024
const QX: usize = TILE_AT + 192

export function hessianScratchBytes(stride: u32): u32 {
  return <u32>QX + stride * 4 + MR * BLOCK * 4 + (stride + 8) * BLOCK * 4
}

/** Turns z into q in place for `m` rows; returns the sum of q. */
function curvatureBlock<V, L>(m: u32, z: usize, b: f32, y: usize, s: usize): f64 {
  const l = changetype<L>(0)
  const bias = Lanes.splat<V>(b)
  const one = Lanes.splat<V>(1)
  let sum: f64 = 0
  let i: u32 = 0
  for (; i + lanes<V>() <= m; i += lanes<V>()) {
    const zi = Lanes.add<V>(load<V>(z), bias)
    const q = Lanes.mul<V>(s ? load<V>(s) : one, l.curvature<V>(zi, load<V>(y), l.shared<V>(zi)))
    store<V>(z, q)
    sum += <f64>Lanes.sum<V>(q)
    z += sizeof<V>()
    y += sizeof<V>()
    if (s) s += sizeof<V>()
  }
  if (i < m) {
    const zi = Lanes.add<V>(Lanes.loadPart<V>(z, m - i), bias)
    const si = s ? Lanes.loadPart<V>(s, m - i) : one
    const q = Lanes.mul<V>(si, l.curvature<V>(zi, Lanes.loadPart<V>(y, m - i), l.shared<V>(zi)))
    Lanes.storePart<V>(z, q, m - i)
    for (let k: usize = 0; k < (<usize>(m - i)) << 2; k += 4) sum += <f64>load<f32>(z + k)
  }
  return sum
}

/** Packs columns [j, j + 2 lane vectors) of `m` rows; columns at or beyond the stride become zeros. */
function packPanel<V>(m: u32, x: usize, bytes: usize, j: usize, target: usize): void {
  const second = j + sizeof<V>() < bytes
  let p = x + j
  for (let i: u32 = 0; i < m; i++) {
    store<V>(target, load<V>(p))
    store<V>(target, second ? load<V>(p, sizeof<V>()) : Lanes.zero<V>(), sizeof<V>())
    p += bytes
    target += 2 * sizeof<V>()
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

export function hessianPassOf<V, L>(
  rows: u32,
  x: usize,
  stride: u32,
  w: usize,
  y: usize,
  s: usize,
  out: usize,
  scratch: usize,
  b: f32,
): void {
  assert(stride % 4 == 0 && x % 16 == 0 && w % 16 == 0 && out % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const q = scratch
  const tile = scratch + TILE_AT
  const qx = scratch + QX
  const scaled = qx + bytes
  const panels = scaled + MR * BLOCK * 4
  const h = out + 16 + 2 * bytes
  const nr = 2 * sizeof<V>()
  memory.fill(qx, 0, bytes)

  for (let block: u32 = 0; block < rows; block += BLOCK) {
    const m = min<u32>(BLOCK, rows - block)
    forwardTile<V>(m, x, bytes, w, q)
    store<f64>(out, load<f64>(out) + curvatureBlock<V, L>(m, q, b, y, s))
    for (let i: u32 = 0; i < m; i++) Rows.axpy1<V>(qx, x + <usize>i * bytes, q + ((<usize>i) << 2), bytes)
    Rows.flush<V>(out + 16, qx, bytes)

    const panelBytes = <usize>m * nr
    for (let j: usize = 0; j < bytes; j += nr) packPanel<V>(m, x, bytes, j, panels + (j / nr) * panelBytes)
    for (let i: u32 = 0; i < stride; i += MR) {
      const count = min<u32>(MR, stride - i)
      packScaled(m, x, bytes, i, count, q, scaled)
      const first = (((<usize>i) << 2) / nr) * nr
      for (let j = first; j < bytes; j += nr) {
        Tile.six<V>(m, scaled, panels + (j / nr) * panelBytes, tile, nr, false)
        const second = j + sizeof<V>() < bytes
        for (let c: u32 = 0; c < count; c++) {
          const target = h + ((<usize>(i + c) * stride) << 3) + 2 * j
          Lanes.addWide<V>(target, load<V>(tile + <usize>c * nr))
          if (second) Lanes.addWide<V>(target + 2 * sizeof<V>(), load<V>(tile + <usize>c * nr, sizeof<V>()))
        }
      }
    }
    x += <usize>m * bytes
    y += (<usize>m) << 2
    if (s) s += (<usize>m) << 2
  }
}
