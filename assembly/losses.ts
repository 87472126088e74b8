import { Lanes } from './lanes'
import { DoubleMath, LaneMath } from './math'

/**
 * Losses as policies: a kernel generic in a loss L makes one by `changetype<L>(0)` and its methods compile into the
 * loop. z is the logit, t the target. `shared` is what value, gradient and curvature have in common, computed once.
 */

/**
 * Logistic cross-entropy, t in {0, 1}:
 *   value = t ln(1 + e^-z) + (1 - t) ln(1 + e^z) = max(z, 0) - t z + ln(1 + e^-|z|), safe from overflow for every z,
 *   gradient = sigmoid(z) - t,  curvature = sigmoid(z) (1 - sigmoid(z)) = e / (1 + e)^2 with e = e^-|z|.
 */
@final
@unmanaged
export class LogisticLoss {
  @inline shared<V>(z: V): V {
    return LaneMath.expNegative<V>(Lanes.neg<V>(Lanes.abs<V>(z)))
  }

  @inline value<V>(z: V, t: V, e: V): V {
    const hinge = Lanes.sub<V>(Lanes.max<V>(z, Lanes.zero<V>()), Lanes.mul<V>(t, z))
    return Lanes.add<V>(hinge, LaneMath.log1pUnit<V>(e))
  }

  @inline gradient<V>(z: V, t: V, e: V): V {
    return Lanes.sub<V>(LaneMath.sigmoidFrom<V>(z, e), t)
  }

  @inline curvature<V>(z: V, t: V, e: V): V {
    const u = Lanes.add<V>(Lanes.splat<V>(1), e)
    return Lanes.div<V>(e, Lanes.mul<V>(u, u))
  }

  /** The value in float64, for the loss that is reported at the end. */
  exact(z: f64, t: f64): f64 {
    return max<f64>(z, 0) - t * z + DoubleMath.log1pUnit(DoubleMath.expNegative(-abs<f64>(z)))
  }
}
