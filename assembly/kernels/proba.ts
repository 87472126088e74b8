import { Lanes, lanes } from '../lanes'
import { LaneMath } from '../math'
import { Eighths } from './eighths'
import { forwardQuarters, forwardTile, groupOf } from './linear'
import { Sides } from './pointwise'

/**
 * Both probabilities of every row of a linear model of two classes: out[2i] = 1 / (1 + e^z), out[2i + 1] = 1 / (1 + e^-z)
 * with z = X[i] w + b, by the same arithmetic as gemv and sigmoidPairs one after the other.
 *
 * X is read in eight streams (eighths.ts). A group of rows in which a z is beyond 87 is calculated anew, slowly. If a z is
 * infinite or NaN (float32 overflowed on the way), out[0] is NaN.
 *
 * out 2 rows float32; scratch 4160 bytes, which linearScratchBytes has
 */
const SUMS: usize = 4096
const LEAST: f32 = -87
/** Bytes of a row up to which products first and probabilities after them take less time: 0.8 of it on 2 columns (measured). */
const NARROW: usize = 16

export function linearProba(rows: u32, x: usize, stride: u32, w: usize, out: usize, scratch: usize, b: f32): void {
  assert(stride % 4 == 0 && x % 16 == 0 && w % 16 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const group = groupOf(bytes)
  const sums = scratch + SUMS
  const first = out
  const bias = Lanes.splat(b)
  let bad = Lanes.zero()
  for (let row: u32 = 0; row < rows; row += group) {
    const m = min<u32>(group, rows - row)
    if (bytes <= NARROW) {
      bad = Lanes.add(bad, inTwoSteps(m, x, bytes, w, out, scratch, bias))
      x += <usize>m * bytes
      out += (<usize>m) << 3
      continue
    }
    let whole = m & ~7
    const far = Eighths.run<BothSides>(m >> 3, x, bytes, w, out, sums, bias, LaneMath.minusAbs(Lanes.zero()))
    store<Vec>(sums, far)
    for (let i: u32 = 0; i < lanes(); i++) if (!(load<f32>(sums + ((<usize>i) << 2)) >= LEAST)) whole = 0
    const done = <usize>whole
    bad = Lanes.add(bad, inTwoSteps(m - whole, x + done * bytes, bytes, w, out + (done << 3), scratch, bias))
    x += <usize>m * bytes
    out += (<usize>m) << 3
  }
  if (Lanes.sum(bad) != 0) store<f32>(first, NaN)
}

/** The probabilities of eight rows, as long as their z are not beyond 87; `far` is, lane by lane, the -|z| farthest from 0. */
@final
@unmanaged
class BothSides {
  @inline width(): usize {
    return 8
  }

  @inline at(_out: usize, sums: usize): usize {
    return sums
  }

  @inline apart(_apart: usize): usize {
    return 4
  }

  @inline finish(out: usize, apart: usize, sums: usize, bias: Vec, far: Vec): Vec {
    if (isVector<Vec>()) {
      const half = this.store(out, apart, sums, bias, far)
      return this.store(out + 4 * apart, apart, sums + 16, bias, half)
    }
    for (const end = sums + 32; sums < end; sums += sizeof<Vec>()) {
      far = this.store(out, apart, sums, bias, far)
      out += apart
    }
    return far
  }

  @inline private store(out: usize, apart: usize, sums: usize, bias: Vec, far: Vec): Vec {
    const z = Lanes.add(load<Vec>(sums), bias)
    const t = LaneMath.minusAbs(z)
    const e = LaneMath.expNear(t)
    const one = LaneMath.one()
    const sum = Lanes.add(one, e)
    const no = Lanes.div(Lanes.whereNegative(z, one, e), sum)
    const yes = Lanes.div(Lanes.whereNegative(z, e, one), sum)
    Lanes.storePairsApart(out, apart, no, yes)
    return Lanes.farther(far, t)
  }
}

/** Up to a group of rows, whatever their z: products, then probabilities. Returns lanes of 0, or of NaN if one z is not finite. */
function inTwoSteps(m: u32, x: usize, bytes: usize, w: usize, out: usize, z: usize, bias: Vec): Vec {
  let bad = Lanes.zero()
  if (!m) return bad
  store<Vec>(z + (((<usize>m) << 2) & ~15), Lanes.zero())
  const even = m & ~3
  forwardQuarters(m >> 2, x, bytes, w, z)
  forwardTile(m - even, x + <usize>even * bytes, bytes, w, z + ((<usize>even) << 2))
  for (let i: u32 = 0; i < m; i += lanes()) {
    const zi = Lanes.add(load<Vec>(z), bias)
    Sides.store(out, zi, min<u32>(lanes(), m - i))
    bad = Lanes.add(bad, Lanes.mul(zi, Lanes.zero()))
    z += sizeof<Vec>()
    out += 2 * sizeof<Vec>()
  }
  return bad
}
