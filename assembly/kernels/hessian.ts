import { Lanes, lanes } from '../lanes'
import { LogisticLoss, Loss, SquaredErrorLogisticLoss, SquaredErrorLoss, SquaredHingeLoss } from '../losses'
import { gramBlock, gramScratchBytes } from './gram'
import { BLOCK, forwardQuarters, forwardTile, placeTargets } from './linear'

/**
 * The Hessian of a linear model, block by block: z = X w + b, q = s l''(z, y), H = X^T diag(q) X (see gram.ts, which says
 * what `out` is). X, w, y, s, b as in linear.ts; scratch hessianScratchBytes(stride).
 */

/* scratch: q[256] f32 | y[256] f32 | s[256] f32 | gram's */
const LIST: usize = 1024

export function hessianScratchBytes(stride: u32): u32 {
  return 3 * <u32>LIST + gramScratchBytes(stride)
}

/** Turns z into q in place, whole lane vectors of it: s is 0 beyond the rows. */
function curvatureBlock(loss: u32, m: u32, z: usize, b: f32, y: usize, s: usize): void {
  switch (loss) {
    case Loss.SquaredError:
      curvatureOf<SquaredErrorLoss>(m, z, b, y, s)
      break
    case Loss.SquaredErrorLogistic:
      curvatureOf<SquaredErrorLogisticLoss>(m, z, b, y, s)
      break
    case Loss.SquaredHinge:
      curvatureOf<SquaredHingeLoss>(m, z, b, y, s)
      break
    default:
      assert(loss == Loss.Logistic)
      curvatureOf<LogisticLoss>(m, z, b, y, s)
  }
}

function curvatureOf<L>(m: u32, z: usize, b: f32, y: usize, s: usize): void {
  const l = changetype<L>(0)
  const bias = Lanes.splat(b)
  const end = z + ((<usize>m) << 2)
  while (z < end) {
    const zi = Lanes.add(load<Vec>(z), bias)
    const yi = load<Vec>(y)
    store<Vec>(z, Lanes.mul(load<Vec>(s), l.curvature(zi, yi, l.shared(zi))))
    z += sizeof<Vec>()
    y += sizeof<Vec>()
    s += sizeof<Vec>()
  }
}

/** The sum of m float32: lane vectors in float32, those in float64. */
function sumWide(m: u32, q: usize): f64 {
  let sum: f64 = 0
  let i: u32 = 0
  for (; i + lanes() <= m; i += lanes()) sum += <f64>Lanes.sum(load<Vec>(q + ((<usize>i) << 2)))
  for (; i < m; i++) sum += <f64>load<f32>(q + ((<usize>i) << 2))
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
  for (let i: usize = 0; i < LIST; i += 4) store<f32>(q + 2 * LIST + i, 1)

  for (let block: u32 = 0; block < rows; block += BLOCK) {
    const m = min<u32>(BLOCK, rows - block)
    if (m < BLOCK) {
      memory.fill(q, 0, LIST)
      placeTargets(m, BLOCK, y, s, q + LIST, q + 2 * LIST)
      y = q + LIST
      s = q + 2 * LIST
    }
    if (m == BLOCK) forwardQuarters(BLOCK >> 2, x, bytes, w, q)
    else forwardTile(m, x, bytes, w, q)
    curvatureBlock(loss, m, q, b, y, s ? s : q + 2 * LIST)
    store<f64>(out, load<f64>(out) + sumWide(m, q))
    gramBlock(m, x, stride, q, out, scratch + 3 * LIST)
    x += <usize>m * bytes
    y += (<usize>m) << 2
    if (s) s += (<usize>m) << 2
  }
}
