import { Lanes } from './lanes'
import { DoubleMath, LaneMath } from './math'

/**
 * Losses as policies: a kernel generic in a loss L makes one by `changetype<L>(0)` and its methods compile into the
 * loop. z is the logit, t the target. `shared` is what value, gradient and curvature have in common, computed once.
 *
 * A square outgrows float32 from |z| = 1.8e19. Where `isProduct`, `value` is therefore only a factor: the value is
 * gradient(z, t) * value(z, t), multiplied in float64.
 */

/**
 * Logistic cross-entropy, t in {0, 1}:
 *   value = t ln(1 + e^-z) + (1 - t) ln(1 + e^z) = max(z, 0) - t z + ln(1 + e^-|z|), safe from overflow for every z,
 *   gradient = sigmoid(z) - t, absolute error below 1e-7: for t = 1 its tail -e^-z is cancelled away from z = 16.64 on (it is
 *   0 instead of -2e-9 at z = 20), where for t = 0 all digits stay;
 *   curvature = sigmoid(z) (1 - sigmoid(z)) = e / (1 + e)^2 with e = e^-|z|.
 */
@final
@unmanaged
export class LogisticLoss {
  @inline isProduct(): bool {
    return false
  }

  @inline shared(z: Vec): Vec {
    return LaneMath.expMinusAbs(z)
  }

  @inline value(z: Vec, t: Vec, e: Vec): Vec {
    const hinge = Lanes.sub(Lanes.max(z, Lanes.zero()), Lanes.mul(t, z))
    return Lanes.add(hinge, LaneMath.log1pUnit(e))
  }

  @inline gradient(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.sub(LaneMath.sigmoidFrom(z, e), t)
  }

  @inline curvature(z: Vec, t: Vec, e: Vec): Vec {
    const u = Lanes.add(Lanes.splat(1), e)
    return Lanes.div(e, Lanes.mul(u, u))
  }

  /** The value in float64, for the loss that is reported at the end. */
  exact(z: f64, t: f64): f64 {
    return max<f64>(z, 0) - t * z + DoubleMath.log1pUnit(DoubleMath.expNegative(-abs<f64>(z)))
  }
}

/** Half the squared error of the linear output: value = (z - t)^2 / 2, gradient = z - t, curvature = 1. */
@final
@unmanaged
export class SquaredErrorLoss {
  @inline isProduct(): bool {
    return true
  }

  @inline shared(z: Vec): Vec {
    return z
  }

  @inline value(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.mul(Lanes.splat(0.5), Lanes.sub(z, t))
  }

  @inline gradient(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.sub(z, t)
  }

  @inline curvature(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.splat(1)
  }

  exact(z: f64, t: f64): f64 {
    return 0.5 * (z - t) * (z - t)
  }
}

/**
 * Half the squared error behind the sigmoid, p = sigmoid(z): value = (p - t)^2 / 2, gradient = (p - t) p (1 - p), where p - t
 * has an absolute error below 1e-7 (see LogisticLoss);
 * curvature = p (1 - p) (p (1 - p) + (p - t) (1 - 2p)), which may be negative: this loss is not convex.
 */
@final
@unmanaged
export class SquaredErrorLogisticLoss {
  @inline isProduct(): bool {
    return false
  }

  @inline shared(z: Vec): Vec {
    return LaneMath.expMinusAbs(z)
  }

  @inline value(z: Vec, t: Vec, e: Vec): Vec {
    const d = Lanes.sub(LaneMath.sigmoidFrom(z, e), t)
    return Lanes.mul(Lanes.splat(0.5), Lanes.mul(d, d))
  }

  /** p (1 - p) = e / (1 + e)^2, on both sides of 0 without loss of digits. */
  @inline slope(e: Vec): Vec {
    const u = Lanes.add(Lanes.splat(1), e)
    return Lanes.div(e, Lanes.mul(u, u))
  }

  @inline gradient(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.mul(Lanes.sub(LaneMath.sigmoidFrom(z, e), t), this.slope(e))
  }

  @inline curvature(z: Vec, t: Vec, e: Vec): Vec {
    const p = LaneMath.sigmoidFrom(z, e)
    const slope = this.slope(e)
    const bend = Lanes.nmadd(Lanes.splat(2), p, Lanes.splat(1))
    return Lanes.mul(slope, Lanes.madd(Lanes.sub(p, t), bend, slope))
  }

  exact(z: f64, t: f64): f64 {
    // p - t = (e or 1 - t - t e) / (1 + e): where p is near t = 1, what is left of it is e.
    const e = DoubleMath.expNegative(-abs<f64>(z))
    const d = ((z < 0 ? e : 1) - t - t * e) / (1 + e)
    return 0.5 * d * d
  }
}

/** Hinge, t in {-1, +1}: value = max(0, 1 - t z), gradient = -t where that is positive, else 0. Not smooth: no curvature. */
@final
@unmanaged
export class HingeLoss {
  @inline isProduct(): bool {
    return false
  }

  @inline shared(z: Vec): Vec {
    return z
  }

  @inline value(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.max(Lanes.nmadd(t, z, Lanes.splat(1)), Lanes.zero())
  }

  @inline gradient(z: Vec, t: Vec, e: Vec): Vec {
    // 0 beyond the margin, but NaN for a NaN.
    const beyond = Lanes.whereEqual(z, z, Lanes.zero(), z)
    return Lanes.whereLess(Lanes.mul(t, z), Lanes.splat(1), Lanes.neg(t), beyond)
  }

  @inline curvature(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.zero()
  }

  exact(z: f64, t: f64): f64 {
    return max<f64>(0, 1 - t * z)
  }
}

/** Squared hinge, t in {-1, +1}, m = max(0, 1 - t z): value = m^2, gradient = -2 t m, curvature = 2 where m > 0, else 0. */
@final
@unmanaged
export class SquaredHingeLoss {
  @inline isProduct(): bool {
    return true
  }

  @inline shared(z: Vec): Vec {
    return z
  }

  @inline margin(z: Vec, t: Vec): Vec {
    return Lanes.max(Lanes.nmadd(t, z, Lanes.splat(1)), Lanes.zero())
  }

  @inline value(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.mul(Lanes.mul(Lanes.splat(-0.5), t), this.margin(z, t))
  }

  @inline gradient(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.mul(Lanes.mul(Lanes.splat(-2), t), this.margin(z, t))
  }

  @inline curvature(z: Vec, t: Vec, e: Vec): Vec {
    return Lanes.whereLess(Lanes.mul(t, z), Lanes.splat(1), Lanes.splat(2), Lanes.zero())
  }

  exact(z: f64, t: f64): f64 {
    const m = max<f64>(0, 1 - t * z)
    return m * m
  }
}

/** How a caller names a loss: kernels decide once a tile, so their loops over rows and columns exist once. */
export const enum Loss {
  Logistic = 0,
  SquaredError = 1,
  SquaredErrorLogistic = 2,
  Hinge = 3,
  SquaredHinge = 4,
}
