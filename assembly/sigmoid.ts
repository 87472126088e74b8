import { Lanes } from './lanes'

/*
 * The sigmoid as mini-batches need it, where every batch waits for the one before: 2^(-|z| log2 e) by a polynomial of less
 * steps than LaneMath's, whose digits the sum 1 + e^-|z| would not keep.
 */

/** -log2 e; the exponent below which 2^u counts as 0; 1.5 * 2^23 + 127, see Lanes.exp2; 1, by a load: a constant would take three instructions. */
const NEGATIVE_LOG2E = memory.data<f32>([-1.4426950408889634])
const LEAST = memory.data<f32>([-127])
const ROUNDER = memory.data<f32>([12583039])
const ONE = memory.data<f32>([1])
/** (2^f - 1) / f on [-1/2, 1/2], from f^0 up: minimax in the relative error of 2^f, which is 9.1e-8. */
const EXP2 = memory.data<f32>([
  0.6931470036506653, 0.24022242426872253, 0.05550733581185341, 0.009671512991189957, 0.001326472731307149,
])

@unmanaged
export abstract class Sigmoid {
  /** e^-|z|, its absolute error at most 1.7e-7; 0 from |z| = 88 on; NaN stays NaN. */
  @inline static decay(z: Vec): Vec {
    const u = Lanes.mul(Lanes.abs(z), Lanes.loadSplat(NEGATIVE_LOG2E))
    const n = Lanes.add(u, Lanes.loadSplat(ROUNDER))
    const f = Lanes.sub(u, Lanes.sub(n, Lanes.loadSplat(ROUNDER)))
    const f2 = Lanes.mul(f, f)
    const p0 = Lanes.madd(f, Lanes.loadSplat(EXP2), Lanes.loadSplat(ONE))
    const p1 = Lanes.madd(f, Lanes.loadSplat(EXP2 + 8), Lanes.loadSplat(EXP2 + 4))
    const p3 = Lanes.madd(f, Lanes.loadSplat(EXP2 + 16), Lanes.loadSplat(EXP2 + 12))
    const p = Lanes.madd(Lanes.mul(f2, f2), p3, Lanes.madd(f2, p1, p0))
    // Not clamped before: all that follows would wait for it.
    return Lanes.zeroWhereLess(u, Lanes.loadSplat(LEAST), Lanes.mul(p, Lanes.exp2(n)))
  }

  /** 1 + e */
  @inline static onePlus(e: Vec): Vec {
    return Lanes.add(Lanes.loadSplat(ONE), e)
  }

  /** The sigmoid of z from e = e^-|z| and 1 + e. */
  @inline static from(z: Vec, e: Vec, sum: Vec): Vec {
    return Lanes.div(Lanes.whereLess(z, Lanes.zero(), e, Lanes.loadSplat(ONE)), sum)
  }
}
