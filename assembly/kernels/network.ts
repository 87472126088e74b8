import { gemmScratchBytes } from './gemm'
import { area, backLayer, forwardLayer, gradientPart, gradientRows, sumColumns } from './layer'
import { residualRows, softmaxRowsScratchBytes } from './logits'
import { Parts } from './parts'
import { scale } from './vector'

/**
 * A feed-forward network of L layers, a batch at a time, on gemm:
 *
 *   A_0 = (X - mean) * scale,   A_l = f(A_(l-1) W_l + b_l),   the last layer without f: logits
 *   one output:  sigmoid cross-entropy, y in {0, 1};   k outputs: softmax cross-entropy, y a class number
 *
 *   D_L = s (p - t),   dW_l = A_(l-1)^T D_l,   db_l = column sums of D_l,   D_(l-1) = (D_l W_l^T) * f'(A_(l-1))
 *
 * sizes    u32 [inputs, width of layer 1, ..., outputs], L + 1 of them
 * params   float32 [W_1 (inputs x width, row-major), b_1, W_2, b_2, ...], without padding; gradients the same
 * mean, scale  stride float32
 * scratch  mlpScratchBytes(batch, stride, L, sizes)
 */

export function size(sizes: usize, l: u32): u32 {
  return load<u32>(sizes + ((<usize>l) << 2))
}

/** Number of parameters. */
export function mlpParams(layers: u32, sizes: usize): u32 {
  let n: u32 = 0
  for (let l: u32 = 0; l < layers; l++) n += (size(sizes, l) + 1) * size(sizes, l + 1)
  return n
}

function widest(layers: u32, sizes: usize): u32 {
  let width: u32 = 0
  for (let l: u32 = 0; l <= layers; l++) width = max<u32>(width, size(sizes, l))
  return width
}

/* scratch: y[batch] | s[batch] | A_0 [batch][stride] | A_1 .. A_L | two deltas | gemm's | logits' */
export function mlpScratchBytes(batch: u32, stride: u32, layers: u32, sizes: usize): u32 {
  return (
    <u32>Place.deltas(0, batch, stride, layers, sizes) +
    2 * <u32>area(batch, widest(layers, sizes)) +
    gemmScratchBytes() +
    softmaxRowsScratchBytes(size(sizes, layers))
  )
}

/** Where things are in scratch. */
@unmanaged
export abstract class Place {
  static y(scratch: usize): usize {
    return scratch
  }

  static s(scratch: usize, batch: u32): usize {
    return scratch + area(batch, 1)
  }

  /** A_0 */
  static inputs(scratch: usize, batch: u32): usize {
    return scratch + 2 * area(batch, 1)
  }

  static deltas(scratch: usize, batch: u32, stride: u32, layers: u32, sizes: usize): usize {
    let at = Place.inputs(scratch, batch) + area(batch, stride)
    for (let l: u32 = 1; l <= layers; l++) at += area(batch, size(sizes, l))
    return at
  }
}

/** A_1 to A_L of `m` rows whose A_0 is in place; returns the address of the logits. */
export function forward(
  m: u32,
  batch: u32,
  stride: u32,
  layers: u32,
  sizes: usize,
  params: usize,
  a: usize,
  gemmScratch: usize,
  activation: u32,
  progress: usize,
): usize {
  let lda = stride
  for (let l: u32 = 0; l < layers; l++) {
    const inputs = size(sizes, l)
    const outputs = size(sizes, l + 1)
    const next = a + area(batch, lda)
    forwardLayer(m, inputs, outputs, a, lda, params, next, gemmScratch, l + 1 < layers, activation, progress)
    params += (<usize>(inputs + 1) * outputs) << 2
    a = next
    lda = outputs
  }
  return a
}

/**
 * The way of a batch whose A_0, y and s are in place, forward and back. Its loss is added to `out` (float64); its
 * gradients times `factor` plus l2 W go to `grads`, or where there is a `rate` straight into the parameters, times -rate.
 */
export function backpropagate(
  m: u32,
  batch: u32,
  stride: u32,
  layers: u32,
  sizes: usize,
  params: usize,
  grads: usize,
  out: usize,
  scratch: usize,
  activation: u32,
  factor: f32,
  l2: f32,
  rate: f32,
  progress: usize,
): void {
  let delta = Place.deltas(scratch, batch, stride, layers, sizes)
  let other = delta + area(batch, widest(layers, sizes))
  const gemmScratch = other + (other - delta)
  const a0 = Place.inputs(scratch, batch)
  const z = forward(m, batch, stride, layers, sizes, params, a0, gemmScratch, activation, progress)
  const k = size(sizes, layers)
  if (Parts.take(progress, 32 * <f64>m * <f64>k)) {
    const y = Place.y(scratch)
    store<f64>(
      out,
      load<f64>(out) + residualRows(m, k, z, y, Place.s(scratch, batch), gemmScratch + gemmScratchBytes()),
    )
    scale(m * k, z, rate == 0 ? factor : -rate * factor)
  }

  // From the last layer to the first; a, w and g walk back through activations, parameters and gradients.
  const all = (<usize>mlpParams(layers, sizes)) << 2
  const toGrads = rate == 0 ? grads - params : 0
  let a = z
  let w = params + all
  let d = z
  // Whether the layer after has done the biases.
  let hasBias = false
  for (let l = layers; l > 0; l--) {
    const inputs = size(sizes, l - 1)
    const outputs = size(sizes, l)
    const lda = l == 1 ? stride : inputs
    const row = (<usize>outputs) << 2
    w -= <usize>(inputs + 1) * row
    a -= area(batch, lda)
    const bias = w + toGrads + <usize>inputs * row
    const isOne = outputs == 1 && l > 1 && l2 == 0
    if (l > 1) {
      // What is passed back, with the weights as they still are. A single output brings its gradient along.
      const g: usize = isOne ? w + toGrads : 0
      const b = w + toGrads - ((<usize>inputs) << 2)
      backLayer(m, inputs, outputs, d, w, a, delta, g, b, isOne && rate != 0, gemmScratch, activation, progress)
    }
    const part = gradientPart(m, outputs)
    for (let i: u32 = 0; i < inputs; i += part) {
      const rows = min<u32>(part, inputs - i)
      if (!Parts.take(progress, <f64>rows * <f64>outputs * <f64>(m + 16))) continue
      if (i == 0 && !hasBias) sumColumns(m, outputs, d, bias, rate != 0)
      if (!isOne) gradientRows(m, outputs, i, rows, a, lda, d, w, toGrads, gemmScratch, l2, rate)
    }
    hasBias = isOne
    if (l > 1) {
      d = delta
      delta = other
      other = d
    }
  }
}
