import { Activation, Identity, Logistic, Relu, Tanh } from '../activations'
import { Lanes, lanes } from '../lanes'
import { gemm } from './gemm'
import { Parts } from './parts'
import { isSmallProduct, product, TERMS } from './product'
import { axpy, scale } from './vector'

/**
 * One layer of a network (network.ts), of some rows. A matrix product is cut into parts (parts.ts) along the layer's
 * width, which no sum runs over.
 */

/** Columns of a product forward or of what is passed back, and rows of a gradient, that are a part at most: whole tiles. */
const COLUMNS: u32 = 256
const GRADIENT_ROWS: u32 = 288
/** Multiply-adds of a part where layers are wide: a millisecond or two. */
const PART_WORK: f64 = 33554432

/** How many columns, or rows, of so much work each are a part. */
function partOf(most: u32, least: u32, work: f64): u32 {
  return max<u32>(least, (<u32>min<f64>(<f64>most, PART_WORK / work) / least) * least)
}

/** Rows of the gradient of a layer, from a batch of `m` rows, that are a part. */
export function gradientPart(m: u32, outputs: u32): u32 {
  return partOf(GRADIENT_ROWS, 24, <f64>outputs * <f64>(m + 16))
}

/** Bytes of `batch` rows of `width` floats, without padding between rows but behind the last: whole lane vectors. */
export function area(batch: u32, width: u32): usize {
  return (<usize>((batch * width + 3) & ~3)) << 2
}

/** a = f(a), over whole lane vectors: `bytes` is a multiple of 16, and what is behind the last row does not matter. */
function activateOf<F>(a: usize, bytes: usize): void {
  const f = changetype<F>(0)
  for (const end = a + bytes; a < end; a += sizeof<Vec>()) store<Vec>(a, f.value(load<Vec>(a)))
}

/** delta *= f'(a), the same way. */
function slopeOf<F>(delta: usize, a: usize, bytes: usize): void {
  const f = changetype<F>(0)
  for (const end = a + bytes; a < end; a += sizeof<Vec>()) {
    store<Vec>(delta, Lanes.mul(load<Vec>(delta), f.slope(load<Vec>(a))))
    delta += sizeof<Vec>()
  }
}

/**
 * Back from a single output of `m` rows: delta = (d w) * f'(a); where there is g, g += a^T d (from w, or 0) and the bias's
 * b += column sums of delta. A column of lane vectors after the other.
 */
function backOneOf<F>(m: u32, n: u32, d: usize, w: usize, a: usize, delta: usize, g: usize, b: usize, add: bool): void {
  const f = changetype<F>(0)
  const row = (<usize>n) << 2
  const last = d + ((<usize>m) << 2)
  // As gemm adds up.
  const isLong = m > TERMS
  for (let count = n; ; count -= lanes()) {
    const wj = Lanes.loadUpTo(w, count)
    let gj = add ? Lanes.loadUpTo(g, count) : Lanes.zero()
    let bj = add ? Lanes.loadUpTo(b, count) : Lanes.zero()
    let at = a
    let to = delta
    for (let p = d; p < last; ) {
      const end = min<usize>(last, p + (TERMS << 2))
      let sum = isLong ? Lanes.zero() : gj
      for (; p < end; p += 4) {
        const r = Lanes.loadSplat(p)
        const x = Lanes.loadUpTo(at, count)
        const back = Lanes.mul(Lanes.mul(r, wj), f.slope(x))
        Lanes.storeUpTo(to, back, count)
        sum = Lanes.madd(r, x, sum)
        bj = Lanes.add(bj, back)
        at += row
        to += row
      }
      gj = isLong ? Lanes.add(gj, sum) : sum
    }
    if (g) {
      Lanes.storeUpTo(g, gj, count)
      Lanes.storeUpTo(b, bj, count)
      g += sizeof<Vec>()
      b += sizeof<Vec>()
    }
    if (count <= lanes()) break
    w += sizeof<Vec>()
    a += sizeof<Vec>()
    delta += sizeof<Vec>()
  }
}

function backOne(
  activation: u32,
  m: u32,
  n: u32,
  d: usize,
  w: usize,
  a: usize,
  delta: usize,
  g: usize,
  b: usize,
  add: bool,
): void {
  if (activation == <u32>Activation.Relu) backOneOf<Relu>(m, n, d, w, a, delta, g, b, add)
  else if (activation == <u32>Activation.Tanh) backOneOf<Tanh>(m, n, d, w, a, delta, g, b, add)
  else if (activation == <u32>Activation.Logistic) backOneOf<Logistic>(m, n, d, w, a, delta, g, b, add)
  else backOneOf<Identity>(m, n, d, w, a, delta, g, b, add)
}

function activate(activation: u32, a: usize, bytes: usize): void {
  if (activation == <u32>Activation.Relu) activateOf<Relu>(a, bytes)
  else if (activation == <u32>Activation.Tanh) activateOf<Tanh>(a, bytes)
  else if (activation == <u32>Activation.Logistic) activateOf<Logistic>(a, bytes)
}

function multiplySlope(activation: u32, delta: usize, a: usize, bytes: usize): void {
  if (activation == <u32>Activation.Relu) slopeOf<Relu>(delta, a, bytes)
  else if (activation == <u32>Activation.Tanh) slopeOf<Tanh>(delta, a, bytes)
  else if (activation == <u32>Activation.Logistic) slopeOf<Logistic>(delta, a, bytes)
}

/** Every one of `m` rows of a becomes b: they double until they are m. */
function repeat(m: u32, n: u32, b: usize, a: usize): void {
  const bytes = (<usize>n) << 2
  memory.copy(a, b, bytes)
  for (let done: u32 = 1; done < m; done += done) {
    memory.copy(a + <usize>done * bytes, a, <usize>min<u32>(done, m - done) * bytes)
  }
}

/** g[j] = (add ? g[j] : 0) + the sum of column j of m rows of n. */
export function sumColumns(m: u32, n: u32, d: usize, g: usize, add: bool): void {
  const bytes = (<usize>n) << 2
  const end = d + <usize>m * bytes
  let j: u32 = 0
  for (; j + lanes() <= n; j += lanes()) {
    let sum = add ? load<Vec>(g) : Lanes.zero()
    for (let p = d; p < end; p += bytes) sum = Lanes.add(sum, load<Vec>(p))
    store<Vec>(g, sum)
    d += sizeof<Vec>()
    g += sizeof<Vec>()
  }
  for (; j < n; j++) {
    let sum: f32 = add ? load<f32>(g) : 0
    for (let p = d; p < end; p += bytes) sum += load<f32>(p)
    store<f32>(g, sum)
    d += 4
    g += 4
  }
}

/** next = f(a W + b) of `m` rows, W and b at `params`; f only where it `isHidden`. */
export function forwardLayer(
  m: u32,
  inputs: u32,
  outputs: u32,
  a: usize,
  lda: u32,
  params: usize,
  next: usize,
  gemmScratch: usize,
  isHidden: bool,
  activation: u32,
  progress: usize,
): void {
  const bias = params + ((<usize>inputs * outputs) << 2)
  const columns = partOf(COLUMNS, 32, <f64>m * <f64>inputs)
  for (let j: u32 = 0; j < outputs; j += columns) {
    const n = min<u32>(columns, outputs - j)
    if (!Parts.take(progress, <f64>n * (<f64>m * <f64>(inputs + 16) + <f64>(4 * inputs)))) continue
    const at = (<usize>j) << 2
    const isRelu = isHidden && activation == <u32>Activation.Relu
    if (outputs > 1 && isSmallProduct(inputs, outputs)) {
      const floor: f32 = isRelu ? 0 : -Infinity
      const b = bias + at
      product(m, n, inputs, a, lda, params + at, outputs, b, 0, next + at, outputs, gemmScratch, false, floor)
      if (isRelu) continue
    } else {
      if (j == 0) repeat(m, outputs, bias, next)
      gemm(m, n, inputs, a, lda, params + at, outputs, next + at, outputs, gemmScratch, false, false, true)
    }
    if (j + n == outputs && isHidden) activate(activation, next, area(m, outputs))
  }
}

/**
 * What a layer passes back of `m` rows: delta = (d W^T) * f'(a). One of a single output, which has its rows at hand, can do
 * two things more where there is g: the layer's gradient g = a^T d and that of the biases before, b = column sums of delta,
 * both added to what is there if `add`.
 */
export function backLayer(
  m: u32,
  inputs: u32,
  outputs: u32,
  d: usize,
  w: usize,
  a: usize,
  delta: usize,
  g: usize,
  b: usize,
  add: bool,
  gemmScratch: usize,
  activation: u32,
  progress: usize,
): void {
  const row = (<usize>outputs) << 2
  if (outputs == 1) {
    if (Parts.take(progress, 16 * <f64>m * <f64>inputs)) backOne(activation, m, inputs, d, w, a, delta, g, b, add)
    return
  }
  const columns = partOf(COLUMNS, 32, <f64>m * <f64>outputs)
  for (let j: u32 = 0; j < inputs; j += columns) {
    const n = min<u32>(columns, inputs - j)
    if (!Parts.take(progress, <f64>n * (<f64>m * <f64>(outputs + 16) + <f64>(4 * outputs)))) continue
    const to = delta + ((<usize>j) << 2)
    gemm(m, n, outputs, d, outputs, w + <usize>j * row, outputs, to, inputs, gemmScratch, false, true, false)
    if (j + n == inputs) multiplySlope(activation, delta, a, area(m, inputs))
  }
}

/**
 * Rows i to i + rows of a layer's gradient a^T d plus l2 W, to `toGrads` bytes behind the weights; or, where there is a
 * rate, times -rate (which d has in it) into the weights.
 */
export function gradientRows(
  m: u32,
  outputs: u32,
  i: u32,
  rows: u32,
  a: usize,
  lda: u32,
  d: usize,
  w: usize,
  toGrads: usize,
  gemmScratch: usize,
  l2: f32,
  rate: f32,
): void {
  const from = w + ((<usize>i * outputs) << 2)
  const to = from + toGrads
  if (rate != 0 && l2 != 0) scale(rows * outputs, from, <f32>1 - rate * l2)
  const inputs = a + ((<usize>i) << 2)
  if (outputs > 1 && isSmallProduct(m, outputs)) {
    const c0: usize = rate != 0 ? to : 0
    product(rows, outputs, m, inputs, lda, d, outputs, c0, outputs, to, outputs, gemmScratch, true, -Infinity)
  } else {
    gemm(rows, outputs, m, inputs, lda, d, outputs, to, outputs, gemmScratch, true, false, rate != 0)
  }
  if (rate == 0 && l2 != 0) axpy(rows * outputs, from, to, l2)
}
