import { Lanes, lanes } from '../lanes'
import { LaneMath } from '../math'

/** A function of one float32, as a policy for `mapOf`. */
@final
@unmanaged
class Exp {
  @inline apply(x: Vec): Vec {
    return LaneMath.exp(x)
  }
}

@final
@unmanaged
class Log1p {
  @inline apply(x: Vec): Vec {
    return LaneMath.log1p(x)
  }
}

@final
@unmanaged
class Sigmoid {
  @inline apply(x: Vec): Vec {
    return LaneMath.sigmoid(x)
  }
}

/** y[i] = f(x[i]) for n float32; x and y may be the same place, any 4-byte alignment. */
function map<F>(n: u32, x: usize, y: usize): void {
  const f = changetype<F>(0)
  for (let i: u32 = 0; i < n; i += lanes()) {
    Lanes.storeUpTo(y, f.apply(Lanes.loadUpTo(x, n - i)), n - i)
    x += sizeof<Vec>()
    y += sizeof<Vec>()
  }
}

export function exp(n: u32, x: usize, y: usize): void {
  map<Exp>(n, x, y)
}

export function log1p(n: u32, x: usize, y: usize): void {
  map<Log1p>(n, x, y)
}

export function sigmoid(n: u32, x: usize, y: usize): void {
  map<Sigmoid>(n, x, y)
}

/**
 * Both probabilities for each of n logits z: out[2i] = 1 / (1 + e^z), out[2i + 1] = 1 / (1 + e^-z), with the bits that
 * `sigmoid` gives for -z and z (1 - p would lose what is left of a p near 1). Any 4-byte alignment, no overlap.
 */
export function sigmoidPairs(n: u32, z: usize, out: usize): void {
  const L = lanes()
  let i: u32 = 0
  for (; i + L <= n; i += L) {
    Sides.store(out, load<Vec>(z), L)
    z += sizeof<Vec>()
    out += 2 * sizeof<Vec>()
  }
  if (i < n) Sides.store(out, Lanes.loadPart(z, n - i), n - i)
}

@unmanaged
export abstract class Sides {
  /** The same of one lane vector, of which `count` lanes are wanted (or more: all). */
  static store(out: usize, z: Vec, count: u32): void {
    const e = LaneMath.exp(Lanes.neg(Lanes.abs(z)))
    Lanes.storePairs(out, LaneMath.sigmoidFrom(Lanes.neg(z), e), LaneMath.sigmoidFrom(z, e), count)
  }
}
