import { Lanes, lanes } from '../lanes'
import { Batch } from './batch'
import { Gather } from './gather'
import { Rows } from './rows'
import { AdamStep, apply, FACTORS, MomentumStep, NesterovStep, Optimizer, prepare, SgdStep, spare } from './update'

/**
 * Mini-batches of a linear model by any optimiser of update.ts: unlike epoch.ts, which adds residuals straight into w, it
 * keeps a gradient. The parameters are those of the standardised columns u = (X - mean) * scale with scale = 1 / std
 * (epoch.ts takes its square), so that momentum and Adam see every column at the same size:
 *
 *   w = a * scale,   z = (X - mean) w + b,   g = scale * ((X - mean)^T r) / m + l2 a,   g_b = sum of r / m
 *   a, b by the optimiser,   then l1 |a| by proximal steps
 *
 * Steps are as noisy as their batch, and noise above rate l1 would make every coefficient leave 0 again. So the penalty
 * is cumulative (Tsuruoka, Tsujii and Ananiadou, ACL 2009): what a coefficient could not take while at 0 it owes from then
 * on, and it leaves 0 only for a gradient that is above l1 on average. Not for Adam, whose steps have no common size.
 *
 * The intercept b is free of l2, l1 and AdamW's decay.
 *
 * slabs, slabShift, stride, index, y, s   as in batch.ts
 * scale, mean  stride float32, 0 beyond the columns (mean = 0: columns are not centered)
 * params  [a (stride), b] float32; m: the optimiser's state, as many
 * v       2 stride float32: Adam's state, or what a positive and a negative value of each coefficient owes of l1
 * settings  as in update.ts
 * out     float64 [sum of s l(z, y) before each step], added to
 * scratch optimizerScratchBytes(batchSize, stride)
 */

/* scratch: the batch's | w[stride] f32 | g[stride], g_b, room for three f32 */
export function optimizerScratchBytes(batchSize: u32, stride: u32): u32 {
  return Batch.bytes(batchSize) + 8 * stride + 16
}

/** w = a * scale */
function toRaw(a: usize, scale: usize, w: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
    store<Vec>(w + k, Lanes.mul(load<Vec>(a + k), load<Vec>(scale + k)))
  }
}

/** g = (g - center mean) scale share + l2 a, the step that it makes, and w = a * scale. */
function move(
  optimizer: u32,
  g: usize,
  a: usize,
  m: usize,
  v: usize,
  scale: usize,
  mean: usize,
  w: usize,
  bytes: usize,
  settings: usize,
  center: f32,
  share: f32,
  l2: f32,
): void {
  switch (optimizer) {
    case Optimizer.Momentum:
      moveBy<MomentumStep>(g, a, m, v, scale, mean, w, bytes, settings, center, share, l2)
      break
    case Optimizer.Nesterov:
      moveBy<NesterovStep>(g, a, m, v, scale, mean, w, bytes, settings, center, share, l2)
      break
    case Optimizer.Adam:
    case Optimizer.AdamW:
      moveBy<AdamStep>(g, a, m, v, scale, mean, w, bytes, settings, center, share, l2)
      break
    default:
      moveBy<SgdStep>(g, a, m, v, scale, mean, w, bytes, settings, center, share, l2)
  }
}

function moveBy<S>(
  g: usize,
  a: usize,
  m: usize,
  v: usize,
  scale: usize,
  mean: usize,
  w: usize,
  bytes: usize,
  settings: usize,
  center: f32,
  share: f32,
  l2: f32,
): void {
  const step = changetype<S>(0)
  const c = Lanes.splat(center)
  const part = Lanes.splat(share)
  const penalty = Lanes.splat(l2)
  for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
    let sum = load<Vec>(g + k)
    if (mean) sum = Lanes.nmadd(c, load<Vec>(mean + k), sum)
    const by = load<Vec>(scale + k)
    const gradient = Lanes.madd(penalty, load<Vec>(a + k), Lanes.mul(Lanes.mul(part, by), sum))
    step.apply(a + k, gradient, m + k, v + k, settings + FACTORS, lanes())
    store<Vec>(w + k, Lanes.mul(load<Vec>(a + k), by))
  }
}

/** a -= take, of all that is owed as much as leads to 0: what the sign of a owes grows less, what the other owes more. */
function takeOwed(a: usize, positive: usize, negative: usize, bytes: usize, by: f32): void {
  const t = Lanes.splat(by)
  for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
    const x = load<Vec>(a + k)
    const up = Lanes.add(load<Vec>(positive + k), t)
    const down = Lanes.add(load<Vec>(negative + k), t)
    const take = Lanes.max(Lanes.min(x, up), Lanes.neg(down))
    store<Vec>(a + k, Lanes.sub(x, take))
    store<Vec>(positive + k, Lanes.sub(up, take))
    store<Vec>(negative + k, Lanes.add(down, take))
  }
}

export function optimizerEpoch(
  loss: u32,
  optimizer: u32,
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
  params: usize,
  m: usize,
  v: usize,
  settings: usize,
  out: usize,
  scratch: usize,
  l2: f32,
  l1: f32,
  fitIntercept: bool,
): void {
  assert(stride % 4 == 0 && batchSize > 0 && slabShift < 32 && params % 16 == 0 && m % 16 == 0 && v % 16 == 0)
  assert(l1 == 0 || optimizer < <u32>Optimizer.Adam)
  assert(scale % 16 == 0 && mean % 16 == 0 && settings % 8 == 0 && out % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const room = Batch.room(batchSize)
  const w = scratch + Batch.bytes(batchSize)
  const g = w + bytes
  const b = params + bytes
  const threshold = <f32>load<f64>(settings) * l1
  const slot = (<usize>Batch.slot(batchSize)) << 2
  const bunch = Batch.count(batchSize) * batchSize
  Batch.begin(scratch, room)
  toRaw(params, scale, w, bytes)

  for (let begin: u32 = 0; begin < rows; begin += bunch) {
    const n = min<u32>(bunch, rows - begin)
    Gather.batches(n, batchSize, slabs, slabShift, bytes, index, y, s, scratch, room)
    index += (<usize>n) << 2
    let at = Batch.rows(scratch)
    for (let done: u32 = 0; done < n; done += batchSize) {
      const count = min<u32>(batchSize, n - done)
      const offset = load<f32>(b) - (mean ? Rows.dot1(mean, w, bytes) : 0)
      const rSum = Batch.forward(loss, count, at, bytes, w, offset, s != 0, scratch, room)
      Batch.gradient(count, at, at + room, g, bytes)
      const share: f32 = <f32>1 / <f32>count
      store<f32>(g + bytes, rSum * share)

      prepare(optimizer, settings)
      move(optimizer, g, params, m, v, scale, mean, w, bytes, settings, rSum, share, l2)
      if (fitIntercept) {
        spare(settings)
        apply(optimizer, 1, b, g + bytes, m + bytes, v + bytes, settings)
      }
      if (threshold > 0) {
        takeOwed(params, v, v + bytes, bytes, threshold)
        toRaw(params, scale, w, bytes)
      }
      at += slot
    }
  }
  store<f64>(out, load<f64>(out) + Batch.losses(scratch))
}
