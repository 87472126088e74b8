import { Lanes, lanes } from '../lanes'
import { LaneMath } from '../math'
import { Sigmoid } from '../sigmoid'

/**
 * Mini-batch SGD of logistic regression (epoch.ts) by single rows. Each step waits for the residual of the one before, and
 * that waits for z, a sigmoid, the move of w, and the product with the next row. Here it waits for the sigmoid alone: with
 * x' = x - mean and d = scale x', the row of number t moves w by step r d(t), so that
 *
 *   z(t+1) = keep u + b + step r (g + 1),     u = x'(t+1) w before step t,     g = x'(t+1) d(t)
 *
 * where u and g are found while the sigmoid is in the making. One pass over the columns makes step t and the u and g of the
 * row after the next:
 *
 *   w = keep w + step r d(t),    u(t+2) = x'(t+2) w,    g(t+2) = x'(t+2) d(t+1)
 */
@unmanaged
export abstract class SingleRows {
  /** Steps by the `n` rows whose addresses are at `rows`, targets at y, weights at s (0: weights 1). Returns their losses. */
  static descend(
    n: u32,
    rows: usize,
    y: usize,
    s: usize,
    bytes: usize,
    w: usize,
    scale: usize,
    mean: usize,
    keep: f32,
    step: f32,
    fitIntercept: bool,
  ): f64 {
    const bAt = w + bytes
    const last = rows + ((<usize>(n - 1)) << 2)
    const kept = Lanes.splat(keep)
    const steps = Lanes.splat(step)
    const one = Lanes.splat(fitIntercept ? 1 : 0)
    let b = Lanes.loadSplat(bAt)
    let z = Lanes.zero()
    let u: f32 = 0
    let g: f32 = 0
    let p0 = <usize>load<u32>(rows)
    let p1 = p0
    let p2 = p0
    let product = Lanes.splat(1)
    let hinge = Lanes.zero()
    let loss: f64 = 0
    // Two passes that move nothing find what the first row waits for.
    for (let i: u32 = 0; i < n + 2; i++) {
      let move = Lanes.zero()
      let stay = Lanes.splat(1)
      if (i >= 2) {
        const t = Lanes.loadSplat(y)
        const e = Sigmoid.decay(z)
        const sum = Sigmoid.onePlus(e)
        let r = Lanes.sub(Sigmoid.from(z, e, sum), t)
        const rest = Lanes.sub(Lanes.max(z, Lanes.zero()), Lanes.mul(t, z))
        if (s) {
          const weight = Lanes.loadSplat(s)
          r = Lanes.mul(weight, r)
          hinge = Lanes.madd(weight, Lanes.add(rest, LaneMath.log1pUnit(e)), hinge)
          s += 4
        } else {
          product = Lanes.mul(product, sum)
          hinge = Lanes.add(hinge, rest)
        }
        move = Lanes.mul(steps, r)
        stay = kept
        y += 4
        // Before the product overflows.
        if (!(i & 63)) {
          loss += SingleRows.losses(product, hinge)
          product = Lanes.splat(1)
          hinge = Lanes.zero()
        }
      }
      z = Lanes.madd(move, Lanes.add(Lanes.splat(g), one), Lanes.madd(stay, Lanes.splat(u), b))
      b = Lanes.madd(move, one, b)

      let uSum = Lanes.zero()
      let gSum = Lanes.zero()
      for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
        let x0 = load<Vec>(p0 + k)
        let x1 = load<Vec>(p1 + k)
        let x2 = load<Vec>(p2 + k)
        if (mean) {
          const center = load<Vec>(mean + k)
          x0 = Lanes.sub(x0, center)
          x1 = Lanes.sub(x1, center)
          x2 = Lanes.sub(x2, center)
        }
        const by = load<Vec>(scale + k)
        const wk = Lanes.madd(move, Lanes.mul(by, x0), Lanes.mul(stay, load<Vec>(w + k)))
        store<Vec>(w + k, wk)
        uSum = Lanes.madd(x2, wk, uSum)
        gSum = Lanes.madd(x2, Lanes.mul(by, x1), gSum)
      }
      u = Lanes.sum(uSum)
      g = Lanes.sum(gSum)
      // The rows are 0, 0, 0 | 0, 0, 1 | 0, 1, 2 | 1, 2, 3 and so on.
      p0 = p1
      p1 = p2
      rows = min<usize>(rows + 4, last)
      p2 = <usize>load<u32>(rows)
    }
    store<f32>(bAt, Lanes.sum(b) / <f32>lanes())
    return loss + SingleRows.losses(product, hinge)
  }

  /** All lanes are the same. */
  private static losses(product: Vec, hinge: Vec): f64 {
    const log = LaneMath.log1p(Lanes.sub(product, Lanes.splat(1)))
    return (<f64>Lanes.sum(log) + <f64>Lanes.sum(hinge)) / <f64>lanes()
  }
}
