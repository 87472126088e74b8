import { Lanes, lanes } from '../lanes'
import { Rows } from './rows'

/**
 * The tile-fused pass of a linear model: loss and gradient with one read of X.
 *
 *   z = X w + b,   loss = sum of s l(z, y),   r = s l'(z, y),   g = X^T r,   h = sum of r
 *
 * X      rows x stride float32, row-major, 16-byte aligned, zero-padded to stride (a multiple of 4)
 * w      stride float32; y, s: rows float32 (s = 0: every weight is 1)
 * out    float64 [loss, h, g[0..stride)], added to
 * scratch linearScratchBytes(stride)
 *
 *     16 rows of X   --forward-->  z[16]  --loss-->  r[16]  --backward-->  g
 *     the same 16 rows, still in the nearest cache  ----------------------^
 *
 * Precision: float32 inside a block of 256 rows, then flushed to the chunk's float64 sums, which are added to `out`
 * chunk by chunk. Tile, block and chunk are counted from the first row, so they fix the bits; `chunkRows` must be a
 * multiple of 256, and a caller that splits the rows must split at chunks.
 */

const TILE: u32 = 16
/** Rows that are added up in float32 before they go to float64. */
export const BLOCK: u32 = 256

/* scratch: z[16] f32 | ones[16] f32 | loss lanes [4] f64 | r lanes [4] f64 | chunk g[stride] f64 | block g[stride] f32 */
const ONES: usize = 64
const LOSS_LANES: usize = 128
const R_LANES: usize = 160
const CHUNK_G: usize = 192

export function linearScratchBytes(stride: u32): u32 {
  return <u32>CHUNK_G + stride * 12
}

/** z[i] = X[i] w for `m` rows; the lanes of a last group of less than 4 are 0. */
export function forwardTile<V>(m: u32, x: usize, bytes: usize, w: usize, z: usize): void {
  let i: u32 = 0
  for (; i + 4 <= m; i += 4) {
    Rows.dot4<V>(z, x, x + bytes, x + 2 * bytes, x + 3 * bytes, w, bytes)
    x += 4 * bytes
    z += 16
  }
  for (; i < m; i++) {
    store<f32>(z, Rows.dot1<V>(x, w, bytes))
    x += bytes
    z += 4
  }
}

/** g += X^T r for `m` rows. */
function backwardTile<V>(m: u32, x: usize, bytes: usize, r: usize, g: usize): void {
  let i: u32 = 0
  for (; i + 4 <= m; i += 4) {
    Rows.axpy4<V>(g, x, x + bytes, x + 2 * bytes, x + 3 * bytes, r, bytes)
    x += 4 * bytes
    r += 16
  }
  for (; i < m; i++) {
    Rows.axpy1<V>(g, x, r, bytes)
    x += bytes
    r += 4
  }
}

/** Turns z into r in place for `m` rows of a tile and adds the loss and r, lane by lane, to the wide sums. */
export function residualTile<V, L>(
  m: u32,
  z: usize,
  b: f32,
  y: usize,
  s: usize,
  lossLanes: usize,
  rLanes: usize,
): void {
  const l = changetype<L>(0)
  const bias = Lanes.splat<V>(b)
  let lossSum = Lanes.zero<V>()
  let rSum = Lanes.zero<V>()
  let i: u32 = 0
  for (; i + lanes<V>() <= m; i += lanes<V>()) {
    const zi = Lanes.add<V>(load<V>(z), bias)
    const yi = load<V>(y)
    const si = load<V>(s)
    const shared = l.shared<V>(zi)
    lossSum = Lanes.madd<V>(si, l.value<V>(zi, yi, shared), lossSum)
    const r = Lanes.mul<V>(si, l.gradient<V>(zi, yi, shared))
    rSum = Lanes.add<V>(rSum, r)
    store<V>(z, r)
    z += sizeof<V>()
    y += sizeof<V>()
    s += sizeof<V>()
  }
  if (i < m) {
    // The lanes beyond m have weight 0: they add nothing.
    const zi = Lanes.add<V>(Lanes.loadPart<V>(z, m - i), bias)
    const yi = Lanes.loadPart<V>(y, m - i)
    const si = Lanes.loadPart<V>(s, m - i)
    const shared = l.shared<V>(zi)
    lossSum = Lanes.madd<V>(si, l.value<V>(zi, yi, shared), lossSum)
    const r = Lanes.mul<V>(si, l.gradient<V>(zi, yi, shared))
    rSum = Lanes.add<V>(rSum, r)
    Lanes.storePart<V>(z, r, m - i)
  }
  Lanes.addWide<V>(lossLanes, lossSum)
  Lanes.addWide<V>(rLanes, rSum)
}

export function linearPassOf<V, L>(
  rows: u32,
  chunkRows: u32,
  x: usize,
  stride: u32,
  w: usize,
  y: usize,
  s: usize,
  out: usize,
  scratch: usize,
  b: f32,
): void {
  assert(stride % 4 == 0 && chunkRows % BLOCK == 0)
  assert(x % 16 == 0 && w % 16 == 0 && out % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const z = scratch
  const chunkG = scratch + CHUNK_G
  const blockG = chunkG + 2 * bytes
  const ones = scratch + ONES
  for (let i: usize = 0; i < 64; i += 4) store<f32>(ones + i, 1)
  memory.fill(blockG, 0, bytes)

  for (let chunk: u32 = 0; chunk < rows; chunk += chunkRows) {
    memory.fill(scratch + LOSS_LANES, 0, 64 + 2 * bytes)
    const chunkEnd = min<u32>(rows, chunk + chunkRows)
    for (let block = chunk; block < chunkEnd; block += BLOCK) {
      const blockEnd = min<u32>(chunkEnd, block + BLOCK)
      for (let tile = block; tile < blockEnd; tile += TILE) {
        const m = min<u32>(TILE, blockEnd - tile)
        forwardTile<V>(m, x, bytes, w, z)
        residualTile<V, L>(m, z, b, y, s ? s : ones, scratch + LOSS_LANES, scratch + R_LANES)
        backwardTile<V>(m, x, bytes, z, blockG)
        x += <usize>TILE * bytes
        y += TILE << 2
        if (s) s += TILE << 2
      }
      Rows.flush<V>(chunkG, blockG, bytes)
    }
    store<f64>(out, load<f64>(out) + Lanes.sumWide(scratch + LOSS_LANES))
    store<f64>(out, load<f64>(out, 8) + Lanes.sumWide(scratch + R_LANES), 8)
    Rows.addDoubles(stride, chunkG, out + 16)
  }
}

/** z[i] = X[i] w + b for any number of rows: also the matrix-vector product (gemv), with b = 0. */
export function gemvOf<V>(rows: u32, x: usize, stride: u32, w: usize, z: usize, b: f32): void {
  assert(stride % 4 == 0 && x % 16 == 0 && w % 16 == 0)
  const bytes = (<usize>stride) << 2
  forwardTile<V>(rows, x, bytes, w, z)
  if (b != 0) {
    for (let i: u32 = 0; i < rows; i++) {
      store<f32>(z, load<f32>(z) + b)
      z += 4
    }
  }
}

/** g[k] += sum over rows of r[i] X[i][k], g in float64; scratch stride float32. Same blocks as the fused pass. */
export function gemvTransposedOf<V>(rows: u32, x: usize, stride: u32, r: usize, g: usize, scratch: usize): void {
  assert(stride % 4 == 0 && x % 16 == 0 && g % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  memory.fill(scratch, 0, bytes)
  for (let block: u32 = 0; block < rows; block += BLOCK) {
    const m = min<u32>(BLOCK, rows - block)
    for (let tile: u32 = 0; tile < m; tile += TILE) {
      backwardTile<V>(min<u32>(TILE, m - tile), x, bytes, r, scratch)
      x += <usize>TILE * bytes
      r += TILE << 2
    }
    Rows.flush<V>(g, scratch, bytes)
  }
}

/**
 * The sum of s l(X w + b, y) with everything after X in float64: w is stride float64. For the loss that is reported at
 * the end; solvers use the fused pass.
 */
export function linearLossOf<V, L>(rows: u32, x: usize, stride: u32, w: usize, y: usize, s: usize, b: f64): f64 {
  const l = changetype<L>(0)
  const bytes = (<usize>stride) << 2
  let total: f64 = 0
  for (let i: u32 = 0; i < rows; i++) {
    const at = (<usize>i) << 2
    const z = b + Lanes.dotWide<V>(x, w, bytes)
    total += (s ? <f64>load<f32>(s + at) : 1) * l.exact(z, <f64>load<f32>(y + at))
    x += bytes
  }
  return total
}
