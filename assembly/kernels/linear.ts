import { Lanes, lanes } from '../lanes'
import { HingeLoss, LogisticLoss, Loss, SquaredErrorLogisticLoss, SquaredErrorLoss, SquaredHingeLoss } from '../losses'
import { Wide } from '../wide'
import { LogisticTiles } from './logistic-tiles'
import { Rows } from './rows'
import { together, together8, togetherTouching } from './together'

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
 * A tile's way back and the next one's way forward go hand in hand (together.ts), so that reading X and arithmetic overlap
 * (measured: 1.2 times as fast on 3 to 30 MB, and no slower on less). Narrow rows that a near cache holds go in groups of
 * 64, and their residuals are found all at once, so that their chains of operations need not wait for each other. An X
 * that no cache holds is read in groups of 256 to 1024 rows, forward in `streams` = 4: four rows at a time, each from its
 * quarter of the group. Where one stream waits for the next page the others go on, and residuals are found tile by tile
 * meanwhile: nothing is done while nothing is on its way (measured: 1.6 to 2 times as fast on 40 MB as 16 rows, but up to a
 * fifth slower on less than 25). The bits are the same.
 *
 * Precision: float32 inside a block of 256 rows, then flushed to the chunk's float64 sums, which are added to `out`
 * chunk by chunk. Tile, block and chunk are counted from the first row, so they fix the bits; `chunkRows` must be a
 * multiple of 256, and a caller that splits the rows must split at chunks.
 */

export const TILE: u32 = 16
/** Rows that are added up in float32 before they go to float64. */
export const BLOCK: u32 = 256

/** A group has at least so many rows, and twice as many as long as they are fewer bytes than LEAST_GROUP (measured). */
const LEAST_GROUP: u32 = 1 << 17
const MOST_GROUP_ROWS: u32 = 1024
/** Bytes of a row up to which a single stream is read in groups of 64 rows. */
const NARROW: usize = 256

/*
 * scratch: z of a group [1024] f32 | z of the next one f32 | y[16] f32 | s[16] f32 | shared[16] f32 | sums, which begin with
 *          loss lanes [4] f64 | r lanes [4] f64, up to 384 bytes | chunk g[stride] f64 | block g[stride] f32
 */
const NEXT_Z: usize = 4096
const Y_TILE: usize = 8192
const S_TILE: usize = 8256
const SHARED: usize = 8320
const SUMS: usize = 8384
const R_LANES: usize = 32
const CHUNK_G: usize = 8768

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

/** z[i] = X[i] w for four times `quarter` rows, each of four together from its quarter: in four streams. */
export function forwardQuarters(quarter: u32, x: usize, bytes: usize, w: usize, z: usize): void {
  const apart = (<usize>quarter) << 2
  const step = <usize>quarter * bytes
  for (const end = z + apart; z < end; z += 4) {
    Rows.dot4(z, apart, x, x + step, x + 2 * step, x + 3 * step, w, bytes, false, 0)
    x += bytes
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

/** Rows of a group that is read in four streams, a power of two. */
export function groupOf(bytes: usize): u32 {
  let group = BLOCK
  while (group < MOST_GROUP_ROWS && group * <u32>bytes < LEAST_GROUP) group *= 2
  return group
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
 * vectors: behind the last row up to a multiple of 4 there must be room in z, y and s, with z finite and s = 0. `shared`
 * is 64 bytes of scratch.
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
  shared: usize,
): void {
  switch (loss) {
    case Loss.SquaredError:
      residualOf<SquaredErrorLoss>(m, z, b, y, s, lossLanes, rLanes, shared)
      break
    case Loss.SquaredErrorLogistic:
      residualOf<SquaredErrorLogisticLoss>(m, z, b, y, s, lossLanes, rLanes, shared)
      break
    case Loss.Hinge:
      residualOf<HingeLoss>(m, z, b, y, s, lossLanes, rLanes, shared)
      break
    case Loss.SquaredHinge:
      residualOf<SquaredHingeLoss>(m, z, b, y, s, lossLanes, rLanes, shared)
      break
    default:
      residualOf<LogisticLoss>(m, z, b, y, s, lossLanes, rLanes, shared)
  }
}

/**
 * In two steps for every 16 rows: what waits for itself in one chain of operations (e^-|z|) is done for all of them before
 * the rest, or the CPU's window were full of a single chain (measured: 0.8 of the time).
 */
function residualOf<L>(
  m: u32,
  z: usize,
  b: f32,
  y: usize,
  s: usize,
  lossLanes: usize,
  rLanes: usize,
  shared: usize,
): void {
  const l = changetype<L>(0)
  const bias = Lanes.splat(b)
  let lossSum = Lanes.zero()
  let rSum = Lanes.zero()
  const last = z + ((<usize>m) << 2)
  while (z < last) {
    const end = min<usize>(last, z + (TILE << 2))
    let e = shared
    for (let at = z; at < end; at += sizeof<Vec>()) {
      store<Vec>(e, l.shared(Lanes.add(load<Vec>(at), bias)))
      e += sizeof<Vec>()
    }
    e = shared
    while (z < end) {
      const zi = Lanes.add(load<Vec>(z), bias)
      const yi = load<Vec>(y)
      const si = load<Vec>(s)
      const ei = load<Vec>(e)
      const r = Lanes.mul(si, l.gradient(zi, yi, ei))
      if (l.isProduct()) Wide.addProduct(lossLanes, r, l.value(zi, yi, ei))
      else lossSum = Lanes.madd(si, l.value(zi, yi, ei), lossSum)
      rSum = Lanes.add(rSum, r)
      store<Vec>(z, r)
      z += sizeof<Vec>()
      y += sizeof<Vec>()
      s += sizeof<Vec>()
      e += sizeof<Vec>()
    }
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
  const sums = scratch + SUMS
  const chunkG = scratch + CHUNK_G
  const blockG = chunkG + 2 * bytes
  for (let i: usize = 0; i < 64; i += 4) store<f32>(scratch + S_TILE + i, 1)
  memory.fill(sums, 0, CHUNK_G - SUMS + 3 * bytes)
  const isPlain = loss == Loss.Logistic && !s
  const atOnce: u32 = streams == 4 ? TILE : LogisticTiles.MOST

  let group: u32 = bytes <= NARROW ? LogisticTiles.MOST : TILE
  if (streams == 4) {
    group = groupOf(bytes)
    while (chunkRows % group) group >>= 1
  }
  // From one of four rows to the next, and from four to the next four, on the way forward.
  const across: usize = streams == 4 ? <usize>(group >> 2) : 1
  const onward: usize = streams == 4 ? 1 : 4
  // A single stream is touched ahead, if it is ours.
  const touch = streams == 1 && group == TILE
  const groupBytes = <usize>group * bytes
  const zEnd = (<usize>group) << 2

  // The z of the group at hand, which turns into its r, and that of the next.
  let z = scratch
  let nextZ = scratch + NEXT_Z
  memory.fill(z, 0, zEnd)
  if (streams == 4 && rows >= group) forwardQuarters(group >> 2, x, bytes, w, z)
  else forwardTile(min<u32>(group, rows), x, bytes, w, z)
  for (let row: u32 = 0; row < rows; ) {
    const m = min<u32>(group, rows - row)
    const left = rows - row - m
    if (left < group) {
      memory.fill(nextZ, 0, zEnd)
      forwardTile(left, x + groupBytes, bytes, w, nextZ)
    }
    let q = x + groupBytes
    let to = nextZ
    const ahead: usize = left >= group + 4 ? 4 * bytes : 0
    for (let i: u32 = 0; i < m; ) {
      const r = z + ((<usize>i) << 2)
      let n = min<u32>(atOnce, m - i) & ~(TILE - 1)
      if (isPlain && n) {
        LogisticTiles.residuals(n, r, b, y, sums)
      } else {
        n = min<u32>(TILE, m - i)
        if (n < TILE) {
          placeTargets(n, TILE, y, s, scratch + Y_TILE, scratch + S_TILE)
          y = scratch + Y_TILE
          if (s) s = scratch + S_TILE
        }
        residualTile(loss, n, r, b, y, s ? s : scratch + S_TILE, sums, sums + R_LANES, scratch + SHARED)
      }
      y += (<usize>n) << 2
      if (s) s += (<usize>n) << 2
      if (left < group) {
        backwardTile(n, x, bytes, r, blockG)
      } else {
        if (bytes == 8 * sizeof<Vec>()) together8(n, x, r, blockG, q, across, onward, w, to)
        else if (touch) togetherTouching(n, x, r, blockG, q, w, to, bytes, ahead)
        else together(n, x, r, blockG, q, across, onward, w, to, bytes)
        q += (<usize>n >> 2) * onward * bytes
        to += <usize>n * onward
      }
      x += <usize>n * bytes
      i += n
      if (isPlain && (row + i) % LogisticTiles.MOST == 0) LogisticTiles.takeLog(sums)
      if ((row + i) % BLOCK == 0) Rows.flush(chunkG, blockG, bytes)
    }
    row += m
    if (row % chunkRows == 0 || left == 0) {
      Rows.flush(chunkG, blockG, bytes)
      if (isPlain) LogisticTiles.takeLog(sums)
      store<f64>(out, load<f64>(out) + Wide.sum(sums))
      store<f64>(out, load<f64>(out, 8) + Wide.sum(sums + R_LANES), 8)
      Rows.addDoubles(stride, chunkG, out + 16)
      memory.fill(sums, 0, CHUNK_G - SUMS + 2 * bytes)
    }
    const done = z
    z = nextZ
    nextZ = done
  }
}
