import { Lanes } from '../lanes'
import { Wide } from '../wide'
import { Batch } from './batch'
import { Rows } from './rows'

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
 * slabs, slabShift, stride, index, y, s   as in batch.ts
 * scale, mean  stride float32 (mean = 0: columns are not centered)
 * w       stride float32, then b
 * out     float64 [sum of s l(z, y) before each step], added to
 * scratch epochScratchBytes(batchSize)
 */

export function epochScratchBytes(batchSize: u32): u32 {
  return Batch.bytes(batchSize)
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

/** w += scale * (r0 p): as addScaled4 where the other three are 0. */
function addScaled1(w: usize, scale: usize, p: usize, r: usize, bytes: usize): void {
  const r0 = Lanes.loadSplat(r)
  const end = w + bytes
  while (w < end) {
    store<Vec>(w, Lanes.madd(load<Vec>(scale), Lanes.mul(r0, load<Vec>(p)), load<Vec>(w)))
    w += sizeof<Vec>()
    scale += sizeof<Vec>()
    p += sizeof<Vec>()
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
  const room = Batch.room(batchSize)
  const z = Batch.residuals(scratch, room)
  const bAt = w + bytes
  const shrink: f32 = <f32>1 - rate * l2
  const end = index + ((<usize>rows) << 2)
  Batch.begin(scratch)

  for (let begin: u32 = 0; begin < rows; begin += batchSize) {
    const m = min<u32>(batchSize, rows - begin)
    Batch.gather(m, slabs, slabShift, bytes, index, y, s, scratch, room)
    const b = load<f32>(bAt) - (mean ? Rows.dot1(mean, w, bytes) : 0)
    const rSum = Batch.forward(loss, m, slabs, slabShift, bytes, index, end, w, b, scratch, room)
    index += (<usize>m) << 2

    const step: f32 = -rate / <f32>m
    if (mean || shrink != 1) shrinkAndCenter(w, scale, mean, bytes, shrink, -step * rSum)
    if (fitIntercept) store<f32>(bAt, load<f32>(bAt) + step * rSum)
    const factor = Lanes.splat(step)
    for (let k: usize = 0; k < (<usize>((m + 3) & ~3)) << 2; k += sizeof<Vec>()) {
      store<Vec>(z + k, Lanes.mul(factor, load<Vec>(z + k)))
    }
    if (m == 1) {
      addScaled1(w, scale, load<u32>(Batch.rows(scratch)), z, bytes)
      continue
    }
    for (let i: u32 = 0; i < m; i += 4) {
      const at = Batch.rows(scratch) + ((<usize>i) << 2)
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
  store<f64>(out, load<f64>(out) + Wide.sum(scratch))
}
