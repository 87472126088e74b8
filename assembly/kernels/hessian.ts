import { Lanes, lanes } from '../lanes'
import { LogisticLoss, Loss, SquaredErrorLogisticLoss, SquaredErrorLoss, SquaredHingeLoss } from '../losses'
import { gramBlock, gramScratchBytes } from './gram'
import { BLOCK, forwardTile } from './linear'

/**
 * The Hessian of a linear model, block by block: z = X w + b, q = s l''(z, y), H = X^T diag(q) X (see gram.ts, which says
 * what `out` is). X, w, y, s, b as in linear.ts; scratch hessianScratchBytes(stride).
 */

/* scratch: q[256] f32 | gram's */
const Q_BYTES: usize = 1024

export function hessianScratchBytes(stride: u32): u32 {
  return <u32>Q_BYTES + gramScratchBytes(stride)
}

/** Turns z into q in place for `m` rows; returns the sum of q. */
function curvatureBlock(loss: u32, m: u32, z: usize, b: f32, y: usize, s: usize): f64 {
  switch (loss) {
    case Loss.SquaredError:
      return curvatureOf<SquaredErrorLoss>(m, z, b, y, s)
    case Loss.SquaredErrorLogistic:
      return curvatureOf<SquaredErrorLogisticLoss>(m, z, b, y, s)
    case Loss.SquaredHinge:
      return curvatureOf<SquaredHingeLoss>(m, z, b, y, s)
    default:
      assert(loss == Loss.Logistic)
      return curvatureOf<LogisticLoss>(m, z, b, y, s)
  }
}

function curvatureOf<L>(m: u32, z: usize, b: f32, y: usize, s: usize): f64 {
  const l = changetype<L>(0)
  const bias = Lanes.splat(b)
  const one = Lanes.splat(1)
  let sum: f64 = 0
  let i: u32 = 0
  for (; i + lanes() <= m; i += lanes()) {
    const zi = Lanes.add(load<Vec>(z), bias)
    const q = Lanes.mul(s ? load<Vec>(s) : one, l.curvature(zi, load<Vec>(y), l.shared(zi)))
    store<Vec>(z, q)
    sum += <f64>Lanes.sum(q)
    z += sizeof<Vec>()
    y += sizeof<Vec>()
    if (s) s += sizeof<Vec>()
  }
  if (i < m) {
    const zi = Lanes.add(Lanes.loadPart(z, m - i), bias)
    const si = s ? Lanes.loadPart(s, m - i) : one
    const q = Lanes.mul(si, l.curvature(zi, Lanes.loadPart(y, m - i), l.shared(zi)))
    Lanes.storePart(z, q, m - i)
    for (let k: usize = 0; k < (<usize>(m - i)) << 2; k += 4) sum += <f64>load<f32>(z + k)
  }
  return sum
}

export function linearHessian(
  loss: u32,
  rows: u32,
  x: usize,
  stride: u32,
  w: usize,
  y: usize,
  s: usize,
  out: usize,
  scratch: usize,
  b: f32,
): void {
  assert(stride % 4 == 0 && x % 16 == 0 && w % 16 == 0 && out % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const q = scratch

  for (let block: u32 = 0; block < rows; block += BLOCK) {
    const m = min<u32>(BLOCK, rows - block)
    forwardTile(m, x, bytes, w, q)
    store<f64>(out, load<f64>(out) + curvatureBlock(loss, m, q, b, y, s))
    gramBlock(m, x, stride, q, out, scratch + Q_BYTES)
    x += <usize>m * bytes
    y += (<usize>m) << 2
    if (s) s += (<usize>m) << 2
  }
}
