import { Lanes } from '../lanes'
import { BLOCK, residualTile } from './linear'
import { Rows, Slabs } from './rows'

/**
 * Mini-batch SGD of a linear model: whole batches without leaving the kernel. A batch gathers its rows by index,
 * forwards them, and adds their scaled residuals straight into w: no gradient is kept.
 *
 * The parameters are those of the standardised columns (X - mean) / std, but X is left alone: w here is the weight of
 * the raw column, w = w_std / std, so that z = (X - mean) w + b, and a step in w_std is a step in w times
 * scale = 1 / std^2:
 *
 *   w -= rate / m (scale * ((X - mean)^T r)) + rate l2 w,      b -= rate / m sum of r
 *
 * slabs   table of slab addresses, 2^slabShift rows each; stride as in linear.ts
 * index   rows of the batches, one after the other: batch k takes index[k batchSize ...), the last one what is left
 * y, s    float32 by row number (s = 0: weights 1)
 * scale, mean  stride float32 (mean = 0: columns are not centered)
 * w       stride float32, then b
 * out     float64 [sum of s l(z, y) before each step], added to
 * scratch epochScratchBytes(batchSize)
 */

/* scratch: loss lanes [4] f64 | r lanes [4] f64 | row pointers [m] u32 | z [m] f32 | y [m] f32 | s [m] f32, m rounded up to 16 */
const R_LANES: usize = 32
const BATCH: usize = 64

export function epochScratchBytes(batchSize: u32): u32 {
  return <u32>BATCH + ((batchSize + 15) & ~15) * 16
}

/** w += scale * (r0 p0 + r1 p1 + r2 p2 + r3 p3) */
function addScaled4(w: usize, scale: usize, p0: usize, p1: usize, p2: usize, p3: usize, r: usize, bytes: usize): void {
  const r0 = Lanes.loadSplat(r)
  const r1 = Lanes.loadSplat(r + 4)
  const r2 = Lanes.loadSplat(r + 8)
  const r3 = Lanes.loadSplat(r + 12)
  const end = w + bytes
  while (w < end) {
    let sum = Lanes.mul(r0, load<Vec>(p0))
    sum = Lanes.madd(r1, load<Vec>(p1), sum)
    sum = Lanes.madd(r2, load<Vec>(p2), sum)
    sum = Lanes.madd(r3, load<Vec>(p3), sum)
    store<Vec>(w, Lanes.madd(load<Vec>(scale), sum, load<Vec>(w)))
    w += sizeof<Vec>()
    scale += sizeof<Vec>()
    p0 += sizeof<Vec>()
    p1 += sizeof<Vec>()
    p2 += sizeof<Vec>()
    p3 += sizeof<Vec>()
  }
}

/** w = shrink w + factor scale mean; without a mean w = shrink w. */
function shrinkAndCenter(w: usize, scale: usize, mean: usize, bytes: usize, shrink: f32, factor: f32): void {
  const keep = Lanes.splat(shrink)
  const f = Lanes.splat(factor)
  for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
    let value = Lanes.mul(keep, load<Vec>(w + k))
    if (mean) value = Lanes.madd(Lanes.mul(f, load<Vec>(scale + k)), load<Vec>(mean + k), value)
    store<Vec>(w + k, value)
  }
}

export function sgdEpoch(
  loss: u32,
  rows: u32,
  batchSize: u32,
  slabs: usize,
  slabShift: u32,
  stride: u32,
  index: usize,
  y: usize,
  s: usize,
  scale: usize,
  mean: usize,
  w: usize,
  out: usize,
  scratch: usize,
  rate: f32,
  l2: f32,
  fitIntercept: bool,
): void {
  assert(stride % 4 == 0 && batchSize > 0 && slabShift < 32)
  assert(w % 16 == 0 && scale % 16 == 0 && mean % 16 == 0 && out % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const room = (<usize>((batchSize + 15) & ~15)) << 2
  const pointers = scratch + BATCH
  const z = pointers + room
  const yBatch = z + room
  const sBatch = yBatch + room
  const bAt = w + bytes
  const shrink: f32 = <f32>1 - rate * l2
  memory.fill(scratch, 0, 64)

  for (let begin: u32 = 0; begin < rows; begin += batchSize) {
    const m = min<u32>(batchSize, rows - begin)
    for (let i: u32 = 0; i < m; i++) {
      const row = load<u32>(index)
      const at = (<usize>i) << 2
      store<u32>(pointers + at, <u32>Slabs.row(slabs, slabShift, row, bytes))
      store<f32>(yBatch + at, load<f32>(y + ((<usize>row) << 2)))
      store<f32>(sBatch + at, s ? load<f32>(s + ((<usize>row) << 2)) : 1)
      index += 4
    }

    // A last group of less than four repeats its first row; what comes of it is not read, or has residual 0.
    for (let i: u32 = 0; i < m; i += 4) {
      const at = pointers + ((<usize>i) << 2)
      const p0 = load<u32>(at)
      const p1 = i + 1 < m ? load<u32>(at, 4) : p0
      const p2 = i + 2 < m ? load<u32>(at, 8) : p0
      const p3 = i + 3 < m ? load<u32>(at, 12) : p0
      store<u32>(at, p1, 4)
      store<u32>(at, p2, 8)
      store<u32>(at, p3, 12)
      Rows.dot4(z + ((<usize>i) << 2), p0, p1, p2, p3, w, bytes, false, 0)
    }

    const b = load<f32>(bAt) - (mean ? Rows.dot1(mean, w, bytes) : 0)
    memory.fill(scratch + R_LANES, 0, 32)
    // Float32 sums of at most 256 rows: in a large batch they would lose the small terms.
    for (let i: u32 = 0; i < m; i += BLOCK) {
      const at = (<usize>i) << 2
      residualTile(loss, min<u32>(BLOCK, m - i), z + at, b, yBatch + at, sBatch + at, scratch, scratch + R_LANES)
    }
    for (let i = m; i & 3; i++) store<f32>(z + ((<usize>i) << 2), 0)

    const step: f32 = -rate / <f32>m
    const rSum = <f32>Lanes.sumWide(scratch + R_LANES)
    if (mean || shrink != 1) shrinkAndCenter(w, scale, mean, bytes, shrink, -step * rSum)
    if (fitIntercept) store<f32>(bAt, load<f32>(bAt) + step * rSum)
    const factor = Lanes.splat(step)
    for (let k: usize = 0; k < (<usize>((m + 3) & ~3)) << 2; k += sizeof<Vec>()) {
      store<Vec>(z + k, Lanes.mul(factor, load<Vec>(z + k)))
    }
    for (let i: u32 = 0; i < m; i += 4) {
      const at = pointers + ((<usize>i) << 2)
      addScaled4(
        w,
        scale,
        load<u32>(at),
        load<u32>(at, 4),
        load<u32>(at, 8),
        load<u32>(at, 12),
        z + ((<usize>i) << 2),
        bytes,
      )
    }
  }
  store<f64>(out, load<f64>(out) + Lanes.sumWide(scratch))
}
