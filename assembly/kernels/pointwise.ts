import { Lanes, lanes } from '../lanes'
import { LaneMath } from '../math'

/** A function of one float32, as a policy for `mapOf`. */
@final
@unmanaged
export class Exp {
  @inline apply<V>(x: V): V {
    return LaneMath.exp<V>(x)
  }
}

@final
@unmanaged
export class Log1p {
  @inline apply<V>(x: V): V {
    return LaneMath.log1p<V>(x)
  }
}

@final
@unmanaged
export class Sigmoid {
  @inline apply<V>(x: V): V {
    return LaneMath.sigmoid<V>(x)
  }
}

/** y[i] = f(x[i]) for n float32; x and y may be the same place, any 4-byte alignment. */
export function mapOf<V, F>(n: u32, x: usize, y: usize): void {
  const f = changetype<F>(0)
  const L = lanes<V>()
  let i: u32 = 0
  for (; i + L <= n; i += L) {
    store<V>(y, f.apply<V>(load<V>(x)))
    x += sizeof<V>()
    y += sizeof<V>()
  }
  if (i < n) Lanes.storePart<V>(y, f.apply<V>(Lanes.loadPart<V>(x, n - i)), n - i)
}
