import { Activation, Identity, Logistic, Relu, Tanh } from '../activations'
import { Lanes, lanes } from '../lanes'
import { Loss } from '../losses'
import { DoubleMath, LaneMath } from '../math'
import { gemm, gemmScratchBytes } from './gemm'
import { residualTile } from './linear'
import { axpy, scale } from './vector'

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
 * mean, scale  inputs float32
 * scratch  mlpScratchBytes(batch, stride, L, sizes)
 */

const LOSS_LANES: usize = 0
const R_LANES: usize = 32
export const Y: usize = 64

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

/* scratch: loss lanes, r lanes [4] f64 each | y[batch] | s[batch] | A_0 [batch][stride] | A_1 .. A_L | two deltas | gemm's */
export function mlpScratchBytes(batch: u32, stride: u32, layers: u32, sizes: usize): u32 {
  let floats = 2 * batch + batch * stride + 2 * batch * widest(layers, sizes)
  for (let l: u32 = 1; l <= layers; l++) floats += batch * size(sizes, l)
  return <u32>Y + ((floats + 3) & ~3) * 4 + gemmScratchBytes()
}

/** A pointwise step of the network: adds the bias and applies f, or multiplies by f'. */
function activateOf<F>(m: u32, n: u32, a: usize, b: usize): void {
  const f = changetype<F>(0)
  for (let i: u32 = 0; i < m; i++) {
    let bias = b
    let j: u32 = 0
    for (; j + lanes() <= n; j += lanes()) {
      store<Vec>(a, f.value(Lanes.add(load<Vec>(a), load<Vec>(bias))))
      a += sizeof<Vec>()
      bias += sizeof<Vec>()
    }
    if (j < n) {
      const z = Lanes.add(Lanes.loadPart(a, n - j), Lanes.loadPart(bias, n - j))
      Lanes.storePart(a, f.value(z), n - j)
      a += (<usize>(n - j)) << 2
    }
  }
}

function slopeOf<F>(n: u32, delta: usize, a: usize): void {
  const f = changetype<F>(0)
  let j: u32 = 0
  for (; j + lanes() <= n; j += lanes()) {
    store<Vec>(delta, Lanes.mul(load<Vec>(delta), f.slope(load<Vec>(a))))
    delta += sizeof<Vec>()
    a += sizeof<Vec>()
  }
  if (j < n) {
    const slope = f.slope(Lanes.loadPart(a, n - j))
    Lanes.storePart(delta, Lanes.mul(Lanes.loadPart(delta, n - j), slope), n - j)
  }
}

function activate(activation: u32, m: u32, n: u32, a: usize, b: usize): void {
  switch (activation) {
    case Activation.Relu:
      activateOf<Relu>(m, n, a, b)
      break
    case Activation.Tanh:
      activateOf<Tanh>(m, n, a, b)
      break
    case Activation.Logistic:
      activateOf<Logistic>(m, n, a, b)
      break
    default:
      activateOf<Identity>(m, n, a, b)
  }
}

function multiplySlope(activation: u32, n: u32, delta: usize, a: usize): void {
  if (activation == <u32>Activation.Relu) slopeOf<Relu>(n, delta, a)
  else if (activation == <u32>Activation.Tanh) slopeOf<Tanh>(n, delta, a)
  else if (activation == <u32>Activation.Logistic) slopeOf<Logistic>(n, delta, a)
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
): usize {
  let lda = stride
  for (let l: u32 = 0; l < layers; l++) {
    const inputs = size(sizes, l)
    const outputs = size(sizes, l + 1)
    const bias = params + ((<usize>inputs * outputs) << 2)
    const next = a + ((<usize>batch * lda) << 2)
    gemm(m, outputs, inputs, a, lda, params, outputs, next, outputs, gemmScratch, false, false, false)
    activate(l + 1 < layers ? activation : <u32>Activation.Identity, m, outputs, next, bias)
    params = bias + ((<usize>outputs) << 2)
    a = next
    lda = outputs
  }
  return a
}

/** Turns one row of k logits into weight (p - [target]); returns weight times its loss. */
function softmaxRow(k: u32, z: usize, target: u32, weight: f32): f64 {
  let top = load<f32>(z)
  for (let c: u32 = 1; c < k; c++) top = max<f32>(top, load<f32>(z + ((<usize>c) << 2)))
  const ofTarget = target < k ? load<f32>(z + ((<usize>target) << 2)) : top
  const t = Lanes.splat(top)
  let c: u32 = 0
  for (; c + lanes() <= k; c += lanes()) {
    const at = z + ((<usize>c) << 2)
    store<Vec>(at, LaneMath.exp(Lanes.sub(load<Vec>(at), t)))
  }
  if (c < k) {
    const at = z + ((<usize>c) << 2)
    Lanes.storePart(at, LaneMath.exp(Lanes.sub(Lanes.loadPart(at, k - c), t)), k - c)
  }
  let sum: f32 = 0
  for (let j: u32 = 0; j < k; j++) sum += load<f32>(z + ((<usize>j) << 2))
  scale(k, z, weight / sum)
  if (target < k) {
    const at = z + ((<usize>target) << 2)
    store<f32>(at, load<f32>(at) - weight)
  }
  return <f64>weight * (DoubleMath.log(<f64>sum) + <f64>(top - ofTarget))
}

/** Turns rows of k logits into probabilities, in place. */
export function softmaxRows(rows: u32, k: u32, z: usize): void {
  for (let i: u32 = 0; i < rows; i++) {
    softmaxRow(k, z, k, 1)
    z += (<usize>k) << 2
  }
}

/** Loss (returned) and gradients of a batch whose A_0, y and s are in place; `share` multiplies the gradients. */
export function backpropagate(
  m: u32,
  batch: u32,
  stride: u32,
  layers: u32,
  sizes: usize,
  params: usize,
  grads: usize,
  scratch: usize,
  activation: u32,
  share: f32,
): f64 {
  const y = scratch + Y
  const s = y + ((<usize>batch) << 2)
  const a0 = s + ((<usize>batch) << 2)
  const widthBytes = (<usize>batch * widest(layers, sizes)) << 2
  let end = a0 + ((<usize>batch * stride) << 2)
  for (let l: u32 = 1; l <= layers; l++) end += (<usize>batch * size(sizes, l)) << 2
  const gemmScratch = (end + 2 * widthBytes + 15) & ~15
  let delta = end
  let other = end + widthBytes

  const z = forward(m, batch, stride, layers, sizes, params, a0, gemmScratch, activation)
  const k = size(sizes, layers)
  let loss: f64 = 0
  if (k == 1) {
    memory.fill(scratch, 0, Y)
    for (let i: u32 = 0; i < m; i += 256) {
      const at = (<usize>i) << 2
      residualTile(
        Loss.Logistic,
        min<u32>(256, m - i),
        z + at,
        0,
        y + at,
        s + at,
        scratch + LOSS_LANES,
        scratch + R_LANES,
      )
    }
    loss = Lanes.sumWide(scratch + LOSS_LANES)
  } else {
    for (let i: u32 = 0; i < m; i++) {
      const at = (<usize>i) << 2
      loss += softmaxRow(k, z + at * k, <u32>load<f32>(y + at), load<f32>(s + at))
    }
  }
  scale(m * k, z, share)

  // From the last layer to the first; a, w and g walk back through activations, parameters and gradients.
  let a = z
  let w = params + ((<usize>mlpParams(layers, sizes)) << 2)
  let g = grads + ((<usize>mlpParams(layers, sizes)) << 2)
  let d = z
  for (let l = layers; l > 0; l--) {
    const inputs = size(sizes, l - 1)
    const outputs = size(sizes, l)
    const lda = l == 1 ? stride : inputs
    const layerBytes = (<usize>(inputs + 1) * outputs) << 2
    w -= layerBytes
    g -= layerBytes
    a -= (<usize>batch * lda) << 2
    gemm(inputs, outputs, m, a, lda, d, outputs, g, outputs, gemmScratch, true, false, false)
    const gBias = g + ((<usize>inputs * outputs) << 2)
    memory.fill(gBias, 0, (<usize>outputs) << 2)
    for (let i: u32 = 0; i < m; i++) axpy(outputs, d + ((<usize>i * outputs) << 2), gBias, 1)
    if (l > 1) {
      gemm(m, inputs, outputs, d, outputs, w, outputs, delta, inputs, gemmScratch, false, true, false)
      multiplySlope(activation, m * inputs, delta, a)
      d = delta
      delta = other
      other = d
    }
  }
  return loss
}
