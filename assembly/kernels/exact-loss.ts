import { HingeLoss, LogisticLoss, Loss, SquaredErrorLogisticLoss, SquaredErrorLoss, SquaredHingeLoss } from '../losses'
import { DoubleMath } from '../math'
import { Wide } from '../wide'
import { TILE } from './linear'

/**
 * The sum of losses with everything after X in float64, for the loss that is reported at the end of a fit; solvers use the
 * fused passes.
 *
 * X      rows x stride float32, as in linear.ts; w: stride float64 (k x stride of several classes)
 * y, s   rows float32; s = 0: every weight is 1
 * out    float64, added to
 * scratch 16 float64, or as many for each class: z of a tile, class by class
 *
 * Where rows have no weights, a tile has one logarithm: that of the product of its terms.
 */

const Z_BYTES: usize = (<usize>TILE) << 3

/** z = b + X w of the `m` rows of a tile. */
function wideScores(m: u32, x: usize, bytes: usize, w: usize, z: usize, b: f64): void {
  let i: u32 = 0
  for (; i + 4 <= m; i += 4) {
    Wide.dot4(x, w, bytes, z, b)
    x += 4 * bytes
    z += 32
  }
  for (; i < m; i++) {
    store<f64>(z, b + Wide.dot(x, w, bytes))
    x += bytes
    z += 8
  }
}

/** The sum of s l(X w + b, y). */
export function linearLoss(
  loss: u32,
  rows: u32,
  x: usize,
  stride: u32,
  w: usize,
  y: usize,
  s: usize,
  out: usize,
  scratch: usize,
  b: f64,
): void {
  const bytes = (<usize>stride) << 2
  let total: f64 = 0
  for (let row: u32 = 0; row < rows; row += TILE) {
    const m = min<u32>(TILE, rows - row)
    wideScores(m, x, bytes, w, scratch, b)
    total += tileLoss(loss, m, scratch, y, s)
    x += <usize>TILE * bytes
    y += TILE << 2
    if (s) s += TILE << 2
  }
  store<f64>(out, load<f64>(out) + total)
}

function tileLoss(loss: u32, m: u32, z: usize, y: usize, s: usize): f64 {
  switch (loss) {
    case Loss.SquaredError:
      return sumOf<SquaredErrorLoss>(m, z, y, s)
    case Loss.SquaredErrorLogistic:
      return sumOf<SquaredErrorLogisticLoss>(m, z, y, s)
    case Loss.Hinge:
      return sumOf<HingeLoss>(m, z, y, s)
    case Loss.SquaredHinge:
      return sumOf<SquaredHingeLoss>(m, z, y, s)
    default:
      return s ? sumOf<LogisticLoss>(m, z, y, s) : logisticTile(m, z, y)
  }
}

function sumOf<L>(m: u32, z: usize, y: usize, s: usize): f64 {
  const l = changetype<L>(0)
  let sum: f64 = 0
  for (let i: usize = 0; i < (<usize>m) << 2; i += 4) {
    sum += (s ? <f64>load<f32>(s + i) : 1) * l.exact(load<f64>(z + 2 * i), <f64>load<f32>(y + i))
  }
  return sum
}

/** The sum of max(z, 0) - t z + ln(1 + e), e = e^-|z|; what 1 + e loses of e is given back. */
function logisticTile(m: u32, z: usize, y: usize): f64 {
  let sum: f64 = 0
  let product: f64 = 1
  for (let i: usize = 0; i < (<usize>m) << 2; i += 4) {
    const zi = load<f64>(z + 2 * i)
    const e = DoubleMath.expNegative(-abs<f64>(zi))
    const u = 1 + e
    product *= u
    sum += max<f64>(zi, 0) - <f64>load<f32>(y + i) * zi + (e - (u - 1))
  }
  return sum + DoubleMath.log(product)
}

/** The sum of s (ln(sum of e^z_c) - z_y), z_c = X w_c + b_c, of k classes; y: class numbers, b: k float64. */
export function softmaxLoss(
  rows: u32,
  k: u32,
  x: usize,
  stride: u32,
  w: usize,
  b: usize,
  y: usize,
  s: usize,
  out: usize,
  scratch: usize,
): void {
  const bytes = (<usize>stride) << 2
  const end = scratch + <usize>k * Z_BYTES
  let total: f64 = 0
  for (let row: u32 = 0; row < rows; row += TILE) {
    const m = min<u32>(TILE, rows - row)
    for (let c: u32 = 0; c < k; c++) {
      const z = scratch + <usize>c * Z_BYTES
      wideScores(m, x, bytes, w + 2 * <usize>c * bytes, z, load<f64>(b + ((<usize>c) << 3)))
    }
    let product: f64 = 1
    for (let i: usize = 0; i < (<usize>m) << 2; i += 4) {
      const ofRow: usize = 2 * i
      let top = -Infinity
      for (let z = scratch + ofRow; z < end; z += Z_BYTES) top = max<f64>(top, load<f64>(z))
      let sum: f64 = 0
      for (let z = scratch + ofRow; z < end; z += Z_BYTES) sum += DoubleMath.expNegative(load<f64>(z) - top)
      const rest = top - load<f64>(scratch + <usize>load<f32>(y + i) * Z_BYTES + ofRow)
      const weight = s ? <f64>load<f32>(s + i) : 1
      if (!s) {
        product *= sum
        total += rest
      } else if (weight != 0) total += weight * (DoubleMath.log(sum) + rest)
    }
    total += DoubleMath.log(product)
    x += <usize>TILE * bytes
    y += TILE << 2
    if (s) s += TILE << 2
  }
  store<f64>(out, load<f64>(out) + total)
}
