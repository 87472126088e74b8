import { Lanes } from '../lanes'
import { backpropagate, forward, mlpParams, Place, size } from './network'
import { Parts } from './parts'
import { Slabs } from './rows'
import { apply, Optimizer, prepare } from './update'
import { axpy } from './vector'

/**
 * What passes rows through a network (network.ts says how it lies in memory): epochs of mini-batches, sums, logits, each
 * `batch` rows at a time. A call takes as many parts of batches (parts.ts) as `budget` allows, and returns how many rows
 * it is done with: the caller goes on behind them, with the same arguments else, until none are left.
 */

/** Parameters that are moved, or added up, as one part; and what one of them takes. */
const SOME: u32 = 262144
const WORK: f64 = 16

/** What it takes to bring a row here, and what each number of it does. */
const ROW_WORK: f64 = 256
const NUMBER_WORK: f64 = 8

/** One row into A_0. */
export function placeRow(x: usize, mean: usize, scale: usize, bytes: usize, target: usize): void {
  for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
    const centered = Lanes.sub(load<Vec>(x + k), load<Vec>(mean + k))
    store<Vec>(target + k, Lanes.mul(centered, load<Vec>(scale + k)))
  }
}

/** `count` rows of an index, four at a time: where one waits for memory the others go on. */
export function placePicked(
  count: u32,
  index: usize,
  slabs: usize,
  slabShift: u32,
  mean: usize,
  scale: usize,
  bytes: usize,
  target: usize,
): void {
  let i: u32 = 0
  for (; i + 4 <= count; i += 4) {
    const x0 = Slabs.row(slabs, slabShift, load<u32>(index), bytes)
    const x1 = Slabs.row(slabs, slabShift, load<u32>(index, 4), bytes)
    const x2 = Slabs.row(slabs, slabShift, load<u32>(index, 8), bytes)
    const x3 = Slabs.row(slabs, slabShift, load<u32>(index, 12), bytes)
    for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
      const m = load<Vec>(mean + k)
      const f = load<Vec>(scale + k)
      store<Vec>(target, Lanes.mul(Lanes.sub(load<Vec>(x0 + k), m), f))
      store<Vec>(target + bytes, Lanes.mul(Lanes.sub(load<Vec>(x1 + k), m), f))
      store<Vec>(target + 2 * bytes, Lanes.mul(Lanes.sub(load<Vec>(x2 + k), m), f))
      store<Vec>(target + 3 * bytes, Lanes.mul(Lanes.sub(load<Vec>(x3 + k), m), f))
      target += sizeof<Vec>()
    }
    target += 3 * bytes
    index += 16
  }
  for (; i < count; i++) {
    placeRow(Slabs.row(slabs, slabShift, load<u32>(index), bytes), mean, scale, bytes, target)
    target += bytes
    index += 4
  }
}

function placing(rows: u32, stride: u32): f64 {
  return <f64>rows * (ROW_WORK + NUMBER_WORK * <f64>stride)
}

/** `count` rows in order, their targets and weights, into place. */
function placeRows(
  count: u32,
  batch: u32,
  x: usize,
  y: usize,
  s: usize,
  mean: usize,
  scale: usize,
  bytes: usize,
  scratch: usize,
): void {
  const a0 = Place.inputs(scratch, batch)
  for (let i: u32 = 0; i < count; i++) {
    const at = (<usize>i) << 2
    placeRow(x + <usize>i * bytes, mean, scale, bytes, a0 + <usize>i * bytes)
    store<f32>(Place.y(scratch) + at, y ? load<f32>(y + at) : 0)
    store<f32>(Place.s(scratch, batch) + at, s ? load<f32>(s + at) : 1)
  }
}

/** The optimiser's step of all n parameters. */
function move(optimizer: u32, n: u32, p: usize, g: usize, m: usize, v: usize, settings: usize, progress: usize): void {
  for (let i: u32 = 0; i < n; i += SOME) {
    const count = min<u32>(SOME, n - i)
    if (!Parts.take(progress, WORK * <f64>count)) continue
    if (i == 0) prepare(optimizer, settings)
    const at = (<usize>i) << 2
    apply(optimizer, count, p + at, g + at, m + at, v + at, settings)
  }
}

/**
 * Mini-batches: gather by index (see epoch.ts for slabs, index, y, s), back-propagate, update. out float64 [sum of
 * losses before each step], added to; m, v, settings as in update.ts. The gradient is that of the batch's mean. Plain
 * SGD keeps none: products are added straight into the parameters.
 */
export function mlpEpoch(
  rows: u32,
  batch: u32,
  layers: u32,
  sizes: usize,
  slabs: usize,
  slabShift: u32,
  stride: u32,
  index: usize,
  y: usize,
  s: usize,
  mean: usize,
  scale: usize,
  params: usize,
  grads: usize,
  m: usize,
  v: usize,
  settings: usize,
  out: usize,
  scratch: usize,
  progress: usize,
  optimizer: u32,
  activation: u32,
  l2: f32,
  budget: f64,
): u32 {
  assert(stride % 4 == 0 && batch > 0 && mean % 16 == 0 && scale % 16 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const yBatch = Place.y(scratch)
  const sBatch = Place.s(scratch, batch)
  const a0 = Place.inputs(scratch, batch)
  const n = mlpParams(layers, sizes)
  const rate: f32 = optimizer == Optimizer.Sgd ? <f32>load<f64>(settings) : 0
  Parts.open(progress, budget)
  let begin: u32 = 0
  while (begin < rows && Parts.left(progress)) {
    const count = min<u32>(batch, rows - begin)
    if (Parts.take(progress, placing(count, stride))) {
      placePicked(count, index, slabs, slabShift, mean, scale, bytes, a0)
      for (let i: u32 = 0; i < count; i++) {
        const at = (<usize>load<u32>(index + ((<usize>i) << 2))) << 2
        store<f32>(yBatch + ((<usize>i) << 2), load<f32>(y + at))
        store<f32>(sBatch + ((<usize>i) << 2), s ? load<f32>(s + at) : 1)
      }
    }
    const share: f32 = <f32>1 / <f32>count
    backpropagate(
      count,
      batch,
      stride,
      layers,
      sizes,
      params,
      grads,
      out,
      scratch,
      activation,
      share,
      l2,
      rate,
      progress,
    )
    if (optimizer != Optimizer.Sgd) move(optimizer, n, params, grads, m, v, settings, progress)
    if (!Parts.finish(progress)) break
    begin += count
    index += (<usize>count) << 2
  }
  return begin
}

/** The sum of losses and gradients of rows in order: out float64 [loss, gradients], added to. */
export function mlpPass(
  rows: u32,
  batch: u32,
  layers: u32,
  sizes: usize,
  x: usize,
  stride: u32,
  y: usize,
  s: usize,
  mean: usize,
  scale: usize,
  params: usize,
  grads: usize,
  out: usize,
  scratch: usize,
  progress: usize,
  activation: u32,
  budget: f64,
): u32 {
  const bytes = (<usize>stride) << 2
  const n = mlpParams(layers, sizes)
  Parts.open(progress, budget)
  let begin: u32 = 0
  while (begin < rows && Parts.left(progress)) {
    const count = min<u32>(batch, rows - begin)
    if (Parts.take(progress, placing(count, stride))) {
      const at = (<usize>begin) << 2
      placeRows(count, batch, x + <usize>begin * bytes, y + at, s ? s + at : 0, mean, scale, bytes, scratch)
    }
    backpropagate(count, batch, stride, layers, sizes, params, grads, out, scratch, activation, 1, 0, 0, progress)
    for (let i: u32 = 0; i < n; i += SOME) {
      const some = min<u32>(SOME, n - i)
      if (!Parts.take(progress, WORK * <f64>some)) continue
      const to = out + 8
      for (let k = i; k < i + some; k++) {
        const at = to + ((<usize>k) << 3)
        store<f64>(at, load<f64>(at) + <f64>load<f32>(grads + ((<usize>k) << 2)))
      }
    }
    if (!Parts.finish(progress)) break
    begin += count
  }
  return begin
}

/**
 * The optimiser's step by the sums of a large batch: g = sums / rows + l2 W. sums float64, as `mlpPass` leaves them
 * behind the loss; they become 0. Returns whether it is done; if not, the next call goes on.
 */
export function mlpStep(
  rows: u32,
  layers: u32,
  sizes: usize,
  sums: usize,
  params: usize,
  grads: usize,
  m: usize,
  v: usize,
  settings: usize,
  progress: usize,
  optimizer: u32,
  l2: f32,
  budget: f64,
): bool {
  const n = mlpParams(layers, sizes)
  const share = 1 / <f64>rows
  Parts.open(progress, budget)
  for (let i: u32 = 0; i < n; i += SOME) {
    const some = min<u32>(SOME, n - i)
    if (!Parts.take(progress, WORK * <f64>some)) continue
    for (let k = i; k < i + some; k++) {
      const at = sums + ((<usize>k) << 3)
      store<f32>(grads + ((<usize>k) << 2), <f32>(load<f64>(at) * share))
      store<f64>(at, 0)
    }
  }
  let begin: usize = 0
  for (let l: u32 = 0; l2 != 0 && l < layers; l++) {
    const outputs = size(sizes, l + 1)
    const weights = size(sizes, l) * outputs
    for (let i: u32 = 0; i < weights; i += SOME) {
      const some = min<u32>(SOME, weights - i)
      const at = begin + ((<usize>i) << 2)
      if (Parts.take(progress, WORK * <f64>some)) axpy(some, params + at, grads + at, l2)
    }
    begin += (<usize>(weights + outputs)) << 2
  }
  move(optimizer, n, params, grads, m, v, settings, progress)
  return Parts.finish(progress)
}

/** Logits, rows x outputs float32, of rows in order. */
export function mlpForward(
  rows: u32,
  batch: u32,
  layers: u32,
  sizes: usize,
  x: usize,
  stride: u32,
  mean: usize,
  scale: usize,
  params: usize,
  logits: usize,
  scratch: usize,
  progress: usize,
  activation: u32,
  budget: f64,
): u32 {
  const bytes = (<usize>stride) << 2
  const a0 = Place.inputs(scratch, batch)
  const row = (<usize>size(sizes, layers)) << 2
  const gemmScratch = Place.deltas(scratch, batch, stride, layers, sizes)
  Parts.open(progress, budget)
  let begin: u32 = 0
  while (begin < rows && Parts.left(progress)) {
    const count = min<u32>(batch, rows - begin)
    if (Parts.take(progress, placing(count, stride))) {
      placeRows(count, batch, x + <usize>begin * bytes, 0, 0, mean, scale, bytes, scratch)
    }
    const z = forward(count, batch, stride, layers, sizes, params, a0, gemmScratch, activation, progress)
    if (!Parts.finish(progress)) break
    memory.copy(logits + <usize>begin * row, z, <usize>count * row)
    begin += count
  }
  return begin
}
