import { gemmScratchBytes } from './gemm'
import { area, backLayer, forwardLayer, gradientRows, sumColumns } from './layer'
import { residualRows, softmaxRowsScratchBytes } from './logits'
import { placePicked, placeRow } from './mlp'
import { mlpParams, Place, size } from './network'
import { Slabs } from './rows'
import { apply, Optimizer, prepare } from './update'
import { axpy, scale } from './vector'

/**
 * A batch of a network in shares that threads may do side by side, with the bits of `mlpEpoch`, or of `mlpPass` and
 * `mlpStep`: first its rows, forward and back (`networkRows`), then the inputs of its layers, whose weights' gradients
 * add up over all rows (`networkStep`). No sum is cut.
 *
 * plan   u32 [layers, sizes, batch, stride, slabs, slab shift, index, y, s, mean, scale, params, grads, m, v, settings,
 *        out, room, optimizer, activation, is sum], f32 l2
 *
 * batch  rows of a batch at most; index 0: rows in order; s 0: weights of 1; room: networkRoomBytes, shared by all
 * sum    0: the step is by the mean gradient of one batch, out float64 [losses], added to;
 *        1: losses and gradients are added to out, float64 [loss, gradients], and the step is by those sums, which
 *        become 0
 *
 * `count` rows from `begin` on are the batch; `step` is how many rows there are in the sums where they are complete, and
 * else 0: no step. Each thread has networkScratchBytes(outputs) of scratch.
 */
@unmanaged
abstract class Plan {
  static at(plan: usize, field: usize): usize {
    return load<u32>(plan + (field << 2))
  }

  static count(plan: usize, field: usize): u32 {
    return load<u32>(plan + (field << 2))
  }

  /** Where the first activations are: those of layer l are behind all before. */
  static layer(plan: usize, l: u32): usize {
    const batch = Plan.count(plan, Field.Batch)
    let at = Place.inputs(Plan.at(plan, Field.Room), batch)
    for (let i: u32 = 0; i < l; i++) at += area(batch, Plan.width(plan, i))
    return at
  }

  /** Deltas of layer l: the last layer's take the place of the logits. */
  static delta(plan: usize, l: u32): usize {
    const layers = Plan.count(plan, Field.Layers)
    if (l == layers) return Plan.layer(plan, l)
    const batch = Plan.count(plan, Field.Batch)
    let at = Plan.layer(plan, layers + 1)
    for (let i: u32 = 1; i < l; i++) at += area(batch, Plan.width(plan, i))
    return at
  }

  /** A copy of the logits, for the loss. */
  static logits(plan: usize): usize {
    const last = Plan.count(plan, Field.Layers) - 1
    return last == 0
      ? Plan.layer(plan, 2)
      : Plan.delta(plan, last) + area(Plan.count(plan, Field.Batch), Plan.width(plan, last))
  }

  /** Floats from row to row of layer l. */
  static width(plan: usize, l: u32): u32 {
    return l == 0 ? Plan.count(plan, Field.Stride) : size(Plan.at(plan, Field.Sizes), l)
  }

  /** The rate of plain steps, which go straight into the weights; else 0. */
  static rate(plan: usize): f32 {
    if (Plan.count(plan, Field.IsSum) || Plan.count(plan, Field.Optimizer) != <u32>Optimizer.Sgd) return 0
    return <f32>load<f64>(Plan.at(plan, Field.Settings))
  }
}

const enum Field {
  Layers = 0,
  Sizes = 1,
  Batch = 2,
  Stride = 3,
  Slabs = 4,
  SlabShift = 5,
  Index = 6,
  Y = 7,
  S = 8,
  Mean = 9,
  Scale = 10,
  Params = 11,
  Grads = 12,
  M = 13,
  V = 14,
  Settings = 15,
  Out = 16,
  Room = 17,
  Optimizer = 18,
  Activation = 19,
  IsSum = 20,
  L2 = 21,
}

/* room: y[batch] | s[batch] | A_0 [batch][stride] | A_1 .. A_L | D_1 .. D_(L-1) | logits */
export function networkRoomBytes(batch: u32, stride: u32, layers: u32, sizes: usize): u32 {
  let bytes = Place.deltas(0, batch, stride, layers, sizes)
  for (let l: u32 = 1; l <= layers; l++) bytes += area(batch, size(sizes, l))
  return <u32>bytes
}

export function networkScratchBytes(outputs: u32): u32 {
  return gemmScratchBytes() + softmaxRowsScratchBytes(outputs)
}

/** Rows `from` to `from + rows` of a batch, `from` a multiple of 4, and `rows` too unless they are its last. */
export function networkRows(
  plan: usize,
  begin: u32,
  count: u32,
  step: u32,
  from: u32,
  rows: u32,
  scratch: usize,
): void {
  const layers = Plan.count(plan, Field.Layers)
  const sizes = Plan.at(plan, Field.Sizes)
  const batch = Plan.count(plan, Field.Batch)
  const room = Plan.at(plan, Field.Room)
  const activation = Plan.count(plan, Field.Activation)
  const rate = Plan.rate(plan)
  if (from == 0 && step > 0 && rate == 0) prepare(Plan.count(plan, Field.Optimizer), Plan.at(plan, Field.Settings))
  place(plan, begin, from, rows)

  let params: usize = Plan.at(plan, Field.Params)
  let a = Plan.layer(plan, 0)
  for (let l: u32 = 0; l < layers; l++) {
    const inputs = size(sizes, l)
    const outputs = size(sizes, l + 1)
    const lda = Plan.width(plan, l)
    const next = a + area(batch, lda)
    const isHidden = l + 1 < layers
    const here = a + ((<usize>from * lda) << 2)
    const there = next + ((<usize>from * outputs) << 2)
    forwardLayer(rows, inputs, outputs, here, lda, params, there, scratch, isHidden, activation, 0)
    params += (<usize>(inputs + 1) * outputs) << 2
    a = next
  }

  const k = size(sizes, layers)
  const at = (<usize>from) << 2
  const z = a + at * k
  memory.copy(Plan.logits(plan) + at * k, z, ((<usize>rows) << 2) * k)
  residualRows(rows, k, z, Place.y(room) + at, Place.s(room, batch) + at, scratch + gemmScratchBytes())
  const share: f32 = Plan.count(plan, Field.IsSum) ? 1 : <f32>1 / <f32>count
  scale(rows * k, z, rate == 0 ? share : -rate * share)

  for (let l = layers; l > 1; l--) {
    const inputs = size(sizes, l - 1)
    const outputs = size(sizes, l)
    params -= (<usize>(inputs + 1) * outputs) << 2
    const d = Plan.delta(plan, l) + at * outputs
    const delta = Plan.delta(plan, l - 1) + at * inputs
    const a = Plan.layer(plan, l - 1) + at * inputs
    backLayer(rows, inputs, outputs, d, params, a, delta, 0, 0, false, scratch, activation, 0)
  }
}

/** Rows into A_0, their targets and weights into place. */
function place(plan: usize, begin: u32, from: u32, rows: u32): void {
  const batch = Plan.count(plan, Field.Batch)
  const room = Plan.at(plan, Field.Room)
  const index: usize = Plan.at(plan, Field.Index)
  const y: usize = Plan.at(plan, Field.Y)
  const s: usize = Plan.at(plan, Field.S)
  const mean = Plan.at(plan, Field.Mean)
  const factor = Plan.at(plan, Field.Scale)
  const slabs = Plan.at(plan, Field.Slabs)
  const shift = Plan.count(plan, Field.SlabShift)
  const bytes = (<usize>Plan.count(plan, Field.Stride)) << 2
  const a = Place.inputs(room, batch)
  const picked = index + ((<usize>(begin + from)) << 2)
  if (index) placePicked(rows, picked, slabs, shift, mean, factor, bytes, a + <usize>from * bytes)
  for (let i = from; i < from + rows; i++) {
    const row = index ? load<u32>(index + ((<usize>(begin + i)) << 2)) : begin + i
    const to = (<usize>i) << 2
    if (!index) placeRow(Slabs.row(slabs, shift, row, bytes), mean, factor, bytes, a + <usize>i * bytes)
    store<f32>(Place.y(room) + to, load<f32>(y + ((<usize>row) << 2)))
    store<f32>(Place.s(room, batch) + to, s ? load<f32>(s + ((<usize>row) << 2)) : 1)
  }
}

/**
 * Rows i to i + rows of the weights of layer l (0 is the first), i a multiple of 12: their gradients, and the step. With
 * the first rows go the biases, with those of the last layer the loss.
 */
export function networkStep(plan: usize, count: u32, step: u32, l: u32, i: u32, rows: u32, scratch: usize): void {
  const sizes = Plan.at(plan, Field.Sizes)
  const inputs = size(sizes, l)
  const outputs = size(sizes, l + 1)
  const isSum = Plan.count(plan, Field.IsSum)
  const rate = Plan.rate(plan)
  const params: usize = Plan.at(plan, Field.Params)
  const w = params + ((<usize>mlpParams(l, sizes)) << 2)
  const toGrads: usize = rate == 0 ? Plan.at(plan, Field.Grads) - params : 0
  const l2: f32 = load<f32>(plan + (Field.L2 << 2))
  const d = Plan.delta(plan, l + 1)
  const first = i * outputs
  gradientRows(
    count,
    outputs,
    i,
    rows,
    Plan.layer(plan, l),
    Plan.width(plan, l),
    d,
    w,
    toGrads,
    scratch,
    isSum ? 0 : l2,
    rate,
  )
  finish(plan, step, w + ((<usize>first) << 2), rows * outputs, l2, rate)
  if (i > 0) return

  const bias = w + ((<usize>inputs * outputs) << 2)
  sumColumns(count, outputs, d, bias + toGrads, rate != 0)
  finish(plan, step, bias, outputs, 0, rate)
  if (l + 1 < Plan.count(plan, Field.Layers)) return
  const room = Plan.at(plan, Field.Room)
  const y = Place.y(room)
  const s = Place.s(room, Plan.count(plan, Field.Batch))
  const out = Plan.at(plan, Field.Out)
  const loss = residualRows(count, outputs, Plan.logits(plan), y, s, scratch + gemmScratchBytes())
  store<f64>(out, load<f64>(out) + loss)
}

/** What becomes of the gradients of n parameters at p: they are added up, or they are the step. */
function finish(plan: usize, step: u32, p: usize, n: u32, l2: f32, rate: f32): void {
  if (rate != 0) return
  const at = p - Plan.at(plan, Field.Params)
  const g = Plan.at(plan, Field.Grads) + at
  if (Plan.count(plan, Field.IsSum)) {
    const sums = Plan.at(plan, Field.Out) + 8 + 2 * at
    const share = 1 / <f64>step
    for (let k: usize = 0; k < <usize>n; k++) {
      const sum = load<f64>(sums + (k << 3)) + <f64>load<f32>(g + (k << 2))
      if (step) store<f32>(g + (k << 2), <f32>(sum * share))
      store<f64>(sums + (k << 3), step ? 0 : sum)
    }
    if (!step) return
    if (l2 != 0) axpy(n, p, g, l2)
  }
  const m = Plan.at(plan, Field.M)
  const v = Plan.at(plan, Field.V)
  apply(Plan.count(plan, Field.Optimizer), n, p, g, m ? m + at : 0, v ? v + at : 0, Plan.at(plan, Field.Settings))
}
