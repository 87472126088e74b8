import { Lanes, lanes } from '../lanes'
import { HingeLoss, LogisticLoss, Loss, SquaredErrorLogisticLoss, SquaredErrorLoss, SquaredHingeLoss } from '../losses'
import { Wide } from '../wide'
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
 * A tile's way back and the next one's way forward go hand in hand, so that reading X and arithmetic overlap (measured:
 * 1.2 times as fast on 3 to 30 MB, and no slower on less). An X that no cache holds is read in groups of 256 rows instead
 * of 16, forward in `streams` = 4: four rows at a time, each from its quarter of the group. Where one stream waits for the
 * next page the others go on (measured: 1.5 to 1.8 times as fast on 40 MB, but up to a fifth slower on less than 25). The
 * bits are the same.
 *
 * Precision: float32 inside a block of 256 rows, then flushed to the chunk's float64 sums, which are added to `out`
 * chunk by chunk. Tile, block and chunk are counted from the first row, so they fix the bits; `chunkRows` must be a
 * multiple of 256, and a caller that splits the rows must split at chunks.
 */

export const TILE: u32 = 16
/** Rows that are added up in float32 before they go to float64. */
export const BLOCK: u32 = 256

/*
 * scratch: z[256] f32 | next z[256] f32 | y[16] f32 | s[16] f32 | loss lanes [4] f64 | r lanes [4] f64 |
 *          chunk g[stride] f64 | block g[stride] f32
 */
const NEXT_Z: usize = 1024
const Y_TILE: usize = 2048
const S_TILE: usize = 2112
const LOSS_LANES: usize = 2176
const R_LANES: usize = 2208
const CHUNK_G: usize = 2240

export function linearScratchBytes(stride: u32): u32 {
  return <u32>CHUNK_G + stride * 12
}

/** z[i] = X[i] w for `m` rows; the lanes of a last group of less than 4 are 0. */
export function forwardTile(m: u32, x: usize, bytes: usize, w: usize, z: usize): void {
  let i: u32 = 0
  for (; i + 4 <= m; i += 4) {
    Rows.dot4(z, 4, x, x + bytes, x + 2 * bytes, x + 3 * bytes, w, bytes, false, 0)
    x += 4 * bytes
    z += 16
  }
  for (; i < m; i++) {
    store<f32>(z, Rows.dot1(x, w, bytes))
    x += bytes
    z += 4
  }
}

/** g += X^T r for `m` rows. */
export function backwardTile(m: u32, x: usize, bytes: usize, r: usize, g: usize): void {
  let i: u32 = 0
  for (; i + 4 <= m; i += 4) {
    Rows.axpy4(g, x, x + bytes, x + 2 * bytes, x + 3 * bytes, r, bytes, false, 0)
    x += 4 * bytes
    r += 16
  }
  for (; i < m; i++) {
    Rows.axpy1(g, x, r, bytes)
    x += bytes
    r += 4
  }
}

/** Copies `m` targets and weights (s = 0: 1) to where there is room for `room`; weights beyond m are 0. */
export function placeTargets(m: u32, room: u32, y: usize, s: usize, yTo: usize, sTo: usize): void {
  for (let i: u32 = 0; i < room; i++) {
    const at = (<usize>i) << 2
    store<f32>(yTo + at, i < m ? load<f32>(y + at) : 0)
    store<f32>(sTo + at, i < m ? (s ? load<f32>(s + at) : 1) : 0)
  }
}

/**
 * Turns z into r in place for `m` rows and adds the loss and r, lane by lane, to the wide sums. It works on whole lane
 * vectors: behind the last row up to a multiple of 4 there must be room in z, y and s, with z finite and s = 0.
 */
export function residualTile(
  loss: u32,
  m: u32,
  z: usize,
  b: f32,
  y: usize,
  s: usize,
  lossLanes: usize,
  rLanes: usize,
): void {
  switch (loss) {
    case Loss.SquaredError:
      residualOf<SquaredErrorLoss>(m, z, b, y, s, lossLanes, rLanes)
      break
    case Loss.SquaredErrorLogistic:
      residualOf<SquaredErrorLogisticLoss>(m, z, b, y, s, lossLanes, rLanes)
      break
    case Loss.Hinge:
      residualOf<HingeLoss>(m, z, b, y, s, lossLanes, rLanes)
      break
    case Loss.SquaredHinge:
      residualOf<SquaredHingeLoss>(m, z, b, y, s, lossLanes, rLanes)
      break
    default:
      residualOf<LogisticLoss>(m, z, b, y, s, lossLanes, rLanes)
  }
}

function residualOf<L>(m: u32, z: usize, b: f32, y: usize, s: usize, lossLanes: usize, rLanes: usize): void {
  const l = changetype<L>(0)
  const bias = Lanes.splat(b)
  let lossSum = Lanes.zero()
  let rSum = Lanes.zero()
  const end = z + ((<usize>m) << 2)
  while (z < end) {
    const zi = Lanes.add(load<Vec>(z), bias)
    const yi = load<Vec>(y)
    const si = load<Vec>(s)
    const shared = l.shared(zi)
    const r = Lanes.mul(si, l.gradient(zi, yi, shared))
    if (l.isProduct()) Wide.addProduct(lossLanes, r, l.value(zi, yi, shared))
    else lossSum = Lanes.madd(si, l.value(zi, yi, shared), lossSum)
    rSum = Lanes.add(rSum, r)
    store<Vec>(z, r)
    z += sizeof<Vec>()
    y += sizeof<Vec>()
    s += sizeof<Vec>()
  }
  if (!l.isProduct()) Wide.add(lossLanes, lossSum)
  Wide.add(rLanes, rSum)
}

export function linearPass(
  loss: u32,
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
  streams: u32,
): void {
  assert(stride % 4 == 0 && chunkRows % BLOCK == 0)
  assert(x % 16 == 0 && w % 16 == 0 && out % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const yTile = scratch + Y_TILE
  const sTile = scratch + S_TILE
  const chunkG = scratch + CHUNK_G
  const blockG = chunkG + 2 * bytes
  for (let i: usize = 0; i < 64; i += 4) store<f32>(sTile + i, 1)
  memory.fill(scratch + LOSS_LANES, 0, 64 + 2 * bytes)
  memory.fill(blockG, 0, bytes)

  // Rows of a group and, on the way forward, from one of four to the next and from four to the next four.
  const group: u32 = streams == 4 ? BLOCK : TILE
  const across: usize = streams == 4 ? <usize>(BLOCK >> 2) : 1
  const onward: usize = streams == 4 ? 1 : 4
  const groupBytes = <usize>group * bytes
  const step = across * bytes

  // The z of the group at hand, which turns into its r, and that of the next.
  let z = scratch
  let nextZ = scratch + NEXT_Z
  memory.fill(z, 0, group << 2)
  forwardTile(min<u32>(group, rows), x, bytes, w, z)
  for (let row: u32 = 0; row < rows; ) {
    const m = min<u32>(group, rows - row)
    for (let tile: u32 = 0; tile < m; tile += TILE) {
      const n = min<u32>(TILE, m - tile)
      if (n < TILE) {
        placeTargets(n, TILE, y, s, yTile, sTile)
        y = yTile
        if (s) s = sTile
      }
      const at = z + ((<usize>tile) << 2)
      residualTile(loss, n, at, b, y, s ? s : sTile, scratch + LOSS_LANES, scratch + R_LANES)
      y += TILE << 2
      if (s) s += TILE << 2
    }
    row += m
    const left = rows - row
    if (left >= group) {
      // Four rows of this group on the way back and four of the next on the way forward, in turn: the arithmetic of one
      // goes on while the other waits for memory. What lies behind those four is touched meanwhile, if it is ours.
      const far: usize = left >= group + 4 ? 4 * bytes : 0
      let p = x
      let q = x + groupBytes
      let to = nextZ
      for (let r = z; r < z + ((<usize>group) << 2); r += 16) {
        Rows.dot4(to, across << 2, q, q + step, q + 2 * step, q + 3 * step, w, bytes, true, q + far)
        Rows.axpy4(blockG, p, p + bytes, p + 2 * bytes, p + 3 * bytes, r, bytes, true, q + far + 2 * bytes)
        p += 4 * bytes
        q += onward * bytes
        to += onward << 2
      }
    } else {
      backwardTile(m, x, bytes, z, blockG)
      memory.fill(nextZ, 0, group << 2)
      forwardTile(left, x + groupBytes, bytes, w, nextZ)
    }
    if (row % BLOCK == 0 || left == 0) Rows.flush(chunkG, blockG, bytes)
    if (row % chunkRows == 0 || left == 0) {
      store<f64>(out, load<f64>(out) + Wide.sum(scratch + LOSS_LANES))
      store<f64>(out, load<f64>(out, 8) + Wide.sum(scratch + R_LANES), 8)
      Rows.addDoubles(stride, chunkG, out + 16)
      memory.fill(scratch + LOSS_LANES, 0, 64 + 2 * bytes)
    }
    const done = z
    z = nextZ
    nextZ = done
    x += groupBytes
  }
}

/**
 * The sum of s l(X w + b, y) with everything after X in float64: w is stride float64. For the loss that is reported at
 * the end; solvers use the fused pass.
 */
export function linearLoss(loss: u32, rows: u32, x: usize, stride: u32, w: usize, y: usize, s: usize, b: f64): f64 {
  const bytes = (<usize>stride) << 2
  let total: f64 = 0
  for (let i: u32 = 0; i < rows; i++) {
    const at = (<usize>i) << 2
    const z = b + Wide.dot(x, w, bytes)
    total += (s ? <f64>load<f32>(s + at) : 1) * exactLoss(loss, z, <f64>load<f32>(y + at))
    x += bytes
  }
  return total
}

function exactLoss(loss: u32, z: f64, t: f64): f64 {
  switch (loss) {
    case Loss.SquaredError:
      return changetype<SquaredErrorLoss>(0).exact(z, t)
    case Loss.SquaredErrorLogistic:
      return changetype<SquaredErrorLogisticLoss>(0).exact(z, t)
    case Loss.Hinge:
      return changetype<HingeLoss>(0).exact(z, t)
    case Loss.SquaredHinge:
      return changetype<SquaredHingeLoss>(0).exact(z, t)
    default:
      return changetype<LogisticLoss>(0).exact(z, t)
  }
}
