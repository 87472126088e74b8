import { Lanes } from '../lanes'
import { Loss } from '../losses'
import { Batch } from './batch'
import { EightLanes } from './eight-lanes'
import { FourRows } from './four-rows'
import { Gather } from './gather'
import { BLOCK } from './linear'
import { Rows } from './rows'
import { SingleRows } from './single-rows'

/**
 * Mini-batch SGD of a linear model: whole batches without leaving the kernel. A batch gathers its rows by index,
 * forwards them, and adds their scaled residuals to w; of up to four rows straight from the rows. Of the logistic loss single
 * rows, four, and rows of eight lane vectors go ways of their own (single-rows.ts, four-rows.ts, eight-lanes.ts).
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
 * scratch epochScratchBytes(batchSize, stride)
 */

export function epochScratchBytes(batchSize: u32, stride: u32): u32 {
  return Batch.bytes(batchSize) + 4 * stride
}

/** w = keep w + step scale (g - center mean), where there is a mean. */
function move(w: usize, g: usize, scale: usize, mean: usize, bytes: usize, keep: f32, step: f32, center: f32): void {
  const kept = Lanes.splat(keep)
  const factor = Lanes.splat(step)
  const c = Lanes.splat(center)
  for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
    let sum = load<Vec>(g + k)
    if (mean) sum = Lanes.nmadd(c, load<Vec>(mean + k), sum)
    const by = Lanes.mul(factor, load<Vec>(scale + k))
    store<Vec>(w + k, Lanes.madd(by, sum, Lanes.mul(kept, load<Vec>(w + k))))
  }
}

/** The same with g = r[0] p0 + r[1] p1 + r[2] p2 + r[3] p3. */
function move4(
  w: usize,
  rows: usize,
  r: usize,
  scale: usize,
  mean: usize,
  bytes: usize,
  keep: f32,
  step: f32,
  center: f32,
): void {
  const kept = Lanes.splat(keep)
  const factor = Lanes.splat(step)
  const c = Lanes.splat(center)
  const r0 = Lanes.loadSplat(r)
  const r1 = Lanes.loadSplat(r + 4)
  const r2 = Lanes.loadSplat(r + 8)
  const r3 = Lanes.loadSplat(r + 12)
  let p0 = <usize>load<u32>(rows)
  let p1 = <usize>load<u32>(rows, 4)
  let p2 = <usize>load<u32>(rows, 8)
  let p3 = <usize>load<u32>(rows, 12)
  for (const end = w + bytes; w < end; w += sizeof<Vec>()) {
    let sum = Lanes.madd(r1, load<Vec>(p1), Lanes.mul(r0, load<Vec>(p0)))
    // In pairs: each batch waits for this sum.
    sum = Lanes.add(sum, Lanes.madd(r3, load<Vec>(p3), Lanes.mul(r2, load<Vec>(p2))))
    if (mean) {
      sum = Lanes.nmadd(c, load<Vec>(mean), sum)
      mean += sizeof<Vec>()
    }
    const by = Lanes.mul(factor, load<Vec>(scale))
    store<Vec>(w, Lanes.madd(by, sum, Lanes.mul(kept, load<Vec>(w))))
    scale += sizeof<Vec>()
    p0 += sizeof<Vec>()
    p1 += sizeof<Vec>()
    p2 += sizeof<Vec>()
    p3 += sizeof<Vec>()
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
  const g = scratch + Batch.bytes(batchSize)
  const bAt = w + bytes
  const shrink: f32 = <f32>1 - rate * l2
  Batch.begin(scratch, room)

  if (batchSize == 1 && loss == Loss.Logistic) {
    // As many to a bunch as there is room for: one batch to the lists.
    const most = <u32>(room >> 2)
    let losses: f64 = 0
    for (let begin: u32 = 0; begin < rows; begin += most) {
      const n = min<u32>(most, rows - begin)
      Gather.batches(n, n, slabs, slabShift, bytes, index, y, s, scratch, room)
      index += (<usize>n) << 2
      const at = Batch.rows(scratch)
      const weights = s ? at + 3 * room : 0
      losses += SingleRows.descend(n, at, at + 2 * room, weights, bytes, w, scale, mean, shrink, -rate, fitIntercept)
    }
    store<f64>(out, load<f64>(out) + losses)
    return
  }

  const isPlain = isVector<Vec>() && loss == Loss.Logistic && !s
  const inFours = isPlain && batchSize == 4
  const inEights = isPlain && batchSize > 4 && batchSize <= BLOCK && !(batchSize & 3) && bytes == Rows.bytesOfEight()
  const share: f32 = -rate / <f32>batchSize
  if (inFours) {
    // What each batch multiplies its gradient by.
    const factor = Lanes.splat(share)
    for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) store<Vec>(g + k, Lanes.mul(factor, load<Vec>(scale + k)))
  }
  const slot = (<usize>Batch.slot(batchSize)) << 2
  const bunch = Batch.count(batchSize) * batchSize
  for (let begin: u32 = 0; begin < rows; begin += bunch) {
    const n = min<u32>(bunch, rows - begin)
    Gather.batches(n, batchSize, slabs, slabShift, bytes, index, y, s, scratch, room)
    index += (<usize>n) << 2
    let at = Batch.rows(scratch)
    const whole = n - (n % batchSize)
    let done: u32 = 0
    if ((inFours || inEights) && whole) {
      const intercept: f32 = fitIntercept ? share : 0
      if (inFours) FourRows.descend(whole, bytes, w, g, mean, shrink, intercept, scratch, room)
      else EightLanes.descend(whole, batchSize, w, scale, mean, shrink, share, intercept, scratch, room)
      at += (<usize>whole) << 2
      done = whole
    }
    for (; done < n; done += batchSize) {
      const m = min<u32>(batchSize, n - done)
      const b = load<f32>(bAt) - (mean ? Rows.dot1(mean, w, bytes) : 0)
      const rSum = Batch.forward(loss, m, at, bytes, w, b, s != 0, scratch, room)

      const step: f32 = -rate / <f32>m
      if (fitIntercept) store<f32>(bAt, load<f32>(bAt) + step * rSum)
      const r = at + room
      if (m <= 4) {
        move4(w, at, r, scale, mean, bytes, shrink, step, rSum)
      } else {
        for (let i: u32 = 0; i < m; i += BLOCK) {
          const from = (<usize>i) << 2
          const n = min<u32>(BLOCK, m - i)
          Batch.gradient(n, at + from, r + from, g, bytes)
          move(w, g, scale, mean, bytes, i ? 1 : shrink, step, i ? 0 : rSum)
        }
      }
      at += slot
    }
  }
  store<f64>(out, load<f64>(out) + Batch.losses(scratch))
}
