import { Lanes } from './lanes'
import { LaneMath } from './math'

/**
 * Activations as policies, like losses: `value` of the pre-activation z, and `slope`, the derivative, from the output a
 * (every one of these has it in closed form, so the network need not keep z).
 */

/** a = max(0, z), slope 1 where a > 0, else 0. */
@final
@unmanaged
export class Relu {
  @inline value(z: Vec): Vec {
    return Lanes.max(z, Lanes.zero())
  }

  @inline slope(a: Vec): Vec {
    return Lanes.whereLess(Lanes.zero(), a, Lanes.splat(1), Lanes.zero())
  }
}

/** a = tanh(z), slope 1 - a^2. */
@final
@unmanaged
export class Tanh {
  @inline value(z: Vec): Vec {
    return LaneMath.tanh(z)
  }

  @inline slope(a: Vec): Vec {
    return Lanes.nmadd(a, a, Lanes.splat(1))
  }
}

/** a = sigmoid(z), slope a (1 - a). */
@final
@unmanaged
export class Logistic {
  @inline value(z: Vec): Vec {
    return LaneMath.sigmoid(z)
  }

  @inline slope(a: Vec): Vec {
    return Lanes.nmadd(a, a, a)
  }
}

/** a = z, slope 1. */
@final
@unmanaged
export class Identity {
  @inline value(z: Vec): Vec {
    return z
  }

  @inline slope(a: Vec): Vec {
    return Lanes.splat(1)
  }
}

/** How a caller names an activation. The identity, a = z with slope 1, is nothing to do. */
export const enum Activation {
  Identity = 0,
  Relu = 1,
  Tanh = 2,
  Logistic = 3,
}
