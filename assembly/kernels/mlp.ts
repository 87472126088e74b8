import { Lanes } from '../lanes'
import { backpropagate, forward, mlpParams, Place, size } from './network'
import { Slabs } from './rows'
import { update } from './update'
import { axpy } from './vector'

/** What passes rows through a network (network.ts says how it lies in memory): epochs of mini-batches, sums, logits. */

/** One row into A_0. */
function placeRow(x: usize, mean: usize, scale: usize, bytes: usize, target: usize): void {
  for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
    const centered = Lanes.sub(load<Vec>(x + k), load<Vec>(mean + k))
    store<Vec>(target + k, Lanes.mul(centered, load<Vec>(scale + k)))
  }
}

/** g += l2 W for the weights, not the biases. */
function decay(layers: u32, sizes: usize, params: usize, grads: usize, l2: f32): void {
  for (let l: u32 = 0; l < layers; l++) {
    const weights = size(sizes, l) * size(sizes, l + 1)
    axpy(weights, params, grads, l2)
    const step = (<usize>(weights + size(sizes, l + 1))) << 2
    params += step
    grads += step
  }
}

/**
 * Mini-batches: gather by index (see epoch.ts for slabs, index, y, s), back-propagate, update. out float64 [sum of
 * losses before each step], added to; m, v, settings as in update.ts. The gradient is that of the batch's mean.
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
  optimizer: u32,
  activation: u32,
  l2: f32,
): void {
  assert(stride % 4 == 0 && batch > 0 && mean % 16 == 0 && scale % 16 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const yBatch = Place.y(scratch)
  const sBatch = Place.s(scratch, batch)
  const a0 = Place.inputs(scratch, batch)
  const n = mlpParams(layers, sizes)
  let total: f64 = 0
  for (let begin: u32 = 0; begin < rows; begin += batch) {
    const count = min<u32>(batch, rows - begin)
    for (let i: u32 = 0; i < count; i++) {
      const row = load<u32>(index)
      const at = (<usize>row) << 2
      placeRow(Slabs.row(slabs, slabShift, row, bytes), mean, scale, bytes, a0 + <usize>i * bytes)
      store<f32>(yBatch + ((<usize>i) << 2), load<f32>(y + at))
      store<f32>(sBatch + ((<usize>i) << 2), s ? load<f32>(s + at) : 1)
      index += 4
    }
    const share: f32 = <f32>1 / <f32>count
    total += backpropagate(count, batch, stride, layers, sizes, params, grads, scratch, activation, share)
    if (l2 != 0) decay(layers, sizes, params, grads, l2)
    update(optimizer, n, params, grads, m, v, settings)
  }
  store<f64>(out, load<f64>(out) + total)
}

/** The sum of losses and gradients of rows in order, `batch` at a time: out float64 [loss, gradients], added to. */
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
  activation: u32,
): void {
  const bytes = (<usize>stride) << 2
  const yBatch = Place.y(scratch)
  const sBatch = Place.s(scratch, batch)
  const a0 = Place.inputs(scratch, batch)
  const n = mlpParams(layers, sizes)
  for (let begin: u32 = 0; begin < rows; begin += batch) {
    const count = min<u32>(batch, rows - begin)
    for (let i: u32 = 0; i < count; i++) {
      const at = (<usize>i) << 2
      placeRow(x + <usize>i * bytes, mean, scale, bytes, a0 + <usize>i * bytes)
      store<f32>(yBatch + at, load<f32>(y + at))
      store<f32>(sBatch + at, s ? load<f32>(s + at) : 1)
    }
    const loss = backpropagate(count, batch, stride, layers, sizes, params, grads, scratch, activation, 1)
    store<f64>(out, load<f64>(out) + loss)
    for (let i: u32 = 0; i < n; i++) {
      const to = out + 8 + ((<usize>i) << 3)
      store<f64>(to, load<f64>(to) + <f64>load<f32>(grads + ((<usize>i) << 2)))
    }
    x += <usize>count * bytes
    y += (<usize>count) << 2
    if (s) s += (<usize>count) << 2
  }
}

/** Logits, rows x outputs float32, of rows in order, `batch` at a time. */
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
  activation: u32,
): void {
  const bytes = (<usize>stride) << 2
  const a0 = Place.inputs(scratch, batch)
  const k = size(sizes, layers)
  const gemmScratch = Place.deltas(scratch, batch, stride, layers, sizes)
  for (let begin: u32 = 0; begin < rows; begin += batch) {
    const count = min<u32>(batch, rows - begin)
    for (let i: u32 = 0; i < count; i++) {
      placeRow(x, mean, scale, bytes, a0 + <usize>i * bytes)
      x += bytes
    }
    const z = forward(count, batch, stride, layers, sizes, params, a0, gemmScratch, activation)
    memory.copy(logits, z, (<usize>count * k) << 2)
    logits += (<usize>count * k) << 2
  }
}
