import { Lanes } from '../lanes'
import { LaneMath } from '../math'
import { Wide } from '../wide'
import { classGradients } from './class-gradients'
import { BLOCK, forwardTile, placeTargets, TILE } from './linear'
import { Rows } from './rows'

/**
 * The tile-fused pass of multinomial logistic regression (softmax cross-entropy) with k classes:
 *
 *   z_c = X w_c + b_c,   p = softmax(z),   loss = sum of s (ln(sum of e^z) - z_y),   r_c = s (p_c - [y = c]),   g_c = X^T r_c
 *
 * X      rows x stride float32, as in linear.ts; y: class numbers as float32; s: rows float32, or 0
 * w      k x stride float32; b: k float32
 * out    float64 [loss, 0, then for each class: sum of r_c, 0, g_c[0..stride)], added to
 * scratch softmaxScratchBytes(k, stride)
 *
 * A tile's logits lie class by class, so a lane vector holds one class of four rows, and the softmax runs down the
 * classes without crossing lanes:
 *
 *   z   class 0: rows 0..15 | class 1: rows 0..15 | ...
 *
 * Blocks and chunks are those of linear.ts.
 */

/* scratch: y[16] f32 | s[16] f32 | loss lanes [4] f64 | tops, sums, targets [16] f32 | z [k][16] f32 | chunk [k] of (r lanes [4] f64, g[stride] f64) | block g [k][stride] f32 */
const S_TILE: usize = 64
const LOSS_LANES: usize = 128
/** Bytes that `softmaxTile` has behind the loss lanes. */
export const TOPS: usize = 192
const Z_TILE: usize = 160 + TOPS
const Z_BYTES: usize = 64
const R_LANES: usize = 32

export function softmaxScratchBytes(k: u32, stride: u32): u32 {
  return <u32>Z_TILE + k * (<u32>Z_BYTES + <u32>R_LANES + 12 * stride)
}

/** z[c] = X w_c for `m` rows of a tile, class by class; what is beyond m is 0. */
export function classScores(m: u32, x: usize, bytes: usize, k: u32, w: usize, z: usize): void {
  if (m < TILE) memory.fill(z, 0, <usize>k * Z_BYTES)
  for (let c: u32 = 0; c < k; c++) {
    forwardTile(m, x, bytes, w, z)
    w += bytes
    z += Z_BYTES
  }
}

/**
 * Turns the logits of a whole tile into probabilities minus, where y is given, the target, times s; adds the loss to
 * lossLanes, behind whose 32 bytes there are TOPS of scratch. Rows of weight 0 add nothing and become 0.
 *
 * What waits for itself, e^z, is done class by class for all 16 rows: four lane vectors whose chains overlap.
 */
export function softmaxTile(k: u32, z: usize, b: usize, y: usize, s: usize, lossLanes: usize): void {
  const tops = lossLanes + 32
  const sums = tops + Z_BYTES
  const targets = sums + Z_BYTES
  const last = z + <usize>k * Z_BYTES
  for (let i: usize = 0; i < Z_BYTES; i += sizeof<Vec>()) {
    const yi = load<Vec>(y + i)
    let top = Lanes.splat(-Infinity)
    let ofTarget = Lanes.zero()
    let bias = b
    let c: f32 = 0
    for (let at = z + i; at < last; at += Z_BYTES) {
      const zc = Lanes.add(load<Vec>(at), Lanes.loadSplat(bias))
      store<Vec>(at, zc)
      top = Lanes.max(top, zc)
      ofTarget = Lanes.whereEqual(yi, Lanes.splat(c), zc, ofTarget)
      bias += 4
      c += 1
    }
    store<Vec>(tops + i, top)
    store<Vec>(sums + i, Lanes.zero())
    store<Vec>(targets + i, ofTarget)
  }
  for (let at = z; at < last; at += Z_BYTES) {
    for (let i: usize = 0; i < Z_BYTES; i += sizeof<Vec>()) {
      const e = LaneMath.expNegative(Lanes.sub(load<Vec>(at + i), load<Vec>(tops + i)))
      store<Vec>(at + i, e)
      store<Vec>(sums + i, Lanes.add(load<Vec>(sums + i), e))
    }
  }
  let lossSum = Lanes.zero()
  for (let i: usize = 0; i < Z_BYTES; i += sizeof<Vec>()) {
    const yi = load<Vec>(y + i)
    const si = load<Vec>(s + i)
    const sum = load<Vec>(sums + i)
    // The greatest term of the sum is 1: ln(sum) = ln(1 + what is above 1).
    const one = Lanes.splat(1)
    const above = Lanes.sub(load<Vec>(tops + i), load<Vec>(targets + i))
    lossSum = Lanes.madd(si, Lanes.add(LaneMath.log1p(Lanes.sub(sum, one)), above), lossSum)
    const share = Lanes.div(si, sum)
    let c: f32 = 0
    for (let at = z + i; at < last; at += Z_BYTES) {
      const hit = Lanes.whereEqual(yi, Lanes.splat(c), si, Lanes.zero())
      store<Vec>(at, Lanes.sub(Lanes.mul(load<Vec>(at), share), hit))
      c += 1
    }
  }
  Wide.add(lossLanes, lossSum)
}

/** The sum of a class's residuals in a tile, lane by lane. */
function sumTile(r: usize): Vec {
  let sum = load<Vec>(r)
  for (let i: usize = sizeof<Vec>(); i < Z_BYTES; i += sizeof<Vec>()) sum = Lanes.add(sum, load<Vec>(r + i))
  return sum
}

export function softmaxPass(
  rows: u32,
  chunkRows: u32,
  k: u32,
  x: usize,
  stride: u32,
  w: usize,
  b: usize,
  y: usize,
  s: usize,
  out: usize,
  scratch: usize,
): void {
  assert(stride % 4 == 0 && chunkRows % BLOCK == 0)
  assert(x % 16 == 0 && w % 16 == 0 && out % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const z = scratch + Z_TILE
  const chunkSums = z + <usize>k * Z_BYTES
  const chunkStep = R_LANES + 2 * bytes
  const blockG = chunkSums + <usize>k * chunkStep
  memory.fill(blockG, 0, <usize>k * bytes)

  for (let chunk: u32 = 0; chunk < rows; chunk += chunkRows) {
    memory.fill(scratch + LOSS_LANES, 0, R_LANES)
    memory.fill(chunkSums, 0, <usize>k * chunkStep)
    const chunkEnd = min<u32>(rows, chunk + chunkRows)
    for (let block = chunk; block < chunkEnd; block += BLOCK) {
      const blockEnd = min<u32>(chunkEnd, block + BLOCK)
      for (let tile = block; tile < blockEnd; tile += TILE) {
        const m = min<u32>(TILE, blockEnd - tile)
        placeTargets(m, TILE, y, s, scratch, scratch + S_TILE)
        classScores(m, x, bytes, k, w, z)
        softmaxTile(k, z, b, scratch, scratch + S_TILE, scratch + LOSS_LANES)
        for (let c: u32 = 0; c < k; c++) {
          Wide.add(chunkSums + <usize>c * chunkStep, sumTile(z + <usize>c * Z_BYTES))
        }
        classGradients(m, x, bytes, k, z, blockG)
        x += <usize>TILE * bytes
        y += (<usize>TILE) << 2
        if (s) s += (<usize>TILE) << 2
      }
      for (let c: u32 = 0; c < k; c++) {
        Rows.flush(chunkSums + <usize>c * chunkStep + R_LANES, blockG + <usize>c * bytes, bytes)
      }
    }
    store<f64>(out, load<f64>(out) + Wide.sum(scratch + LOSS_LANES))
    for (let c: u32 = 0; c < k; c++) {
      const from = chunkSums + <usize>c * chunkStep
      const to = out + 16 + <usize>c * (16 + 2 * bytes)
      store<f64>(to, load<f64>(to) + Wide.sum(from))
      Rows.addDoubles(stride, from + R_LANES, to + 16)
    }
  }
}

/**
 * Probabilities of k classes, rows x k float32, row-major, by the same arithmetic as the pass. scratch
 * softmaxScratchBytes(k, stride).
 */
export function softmaxForward(
  rows: u32,
  k: u32,
  x: usize,
  stride: u32,
  w: usize,
  b: usize,
  proba: usize,
  scratch: usize,
): void {
  const bytes = (<usize>stride) << 2
  const z = scratch + Z_TILE
  for (let tile: u32 = 0; tile < rows; tile += TILE) {
    const m = min<u32>(TILE, rows - tile)
    classScores(m, x, bytes, k, w, z)
    for (let i: usize = 0; i < Z_BYTES; i += 4) {
      store<f32>(scratch + i, -1) // no class: nothing is taken off the probabilities
      store<f32>(scratch + S_TILE + i, 1)
    }
    softmaxTile(k, z, b, scratch, scratch + S_TILE, scratch + LOSS_LANES)
    for (let i: u32 = 0; i < m; i++) {
      for (let c: u32 = 0; c < k; c++) {
        store<f32>(proba, load<f32>(z + <usize>c * Z_BYTES + ((<usize>i) << 2)))
        proba += 4
      }
    }
    x += <usize>TILE * bytes
  }
}
