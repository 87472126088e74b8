import { Lanes } from './lanes'

/**
 * Elementary functions on lanes. The error bounds hold in every variant: they are measured against float64 over the
 * whole float32 range by test/assembly/pointwise.test.ts, which fails if they are exceeded.
 */

const LOG2E: f32 = 1.4426950408889634
/** ln 2 in two parts: the high one ends in zeros, so n * LN2_HIGH is exact for the n that occur. */
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -2.1219444e-4

@unmanaged
export abstract class LaneMath {
  /**
   * e^x, at most 1.1 ulp (denormal results: 1.1 steps); 0 under -104, infinity over 88.73; NaN stays NaN.
   *
   * Range reduction x = n ln 2 + r, |r| <= ln 2 / 2 (Cody and Waite), then Cephes' degree-5 polynomial for
   * (e^r - 1 - r) / r^2 (Moshier, expf.c). 2^n goes in as two factors, so that results may be denormal or infinite.
   */
  @inline static exp<V>(x: V): V {
    // The clamp keeps n in range; min and max let a NaN through.
    const t = Lanes.max<V>(Lanes.min<V>(x, Lanes.splat<V>(89)), Lanes.splat<V>(-105))
    const n = Lanes.nearest<V>(Lanes.mul<V>(t, Lanes.splat<V>(LOG2E)))
    let r = Lanes.nmadd<V>(n, Lanes.splat<V>(LN2_HIGH), t)
    r = Lanes.nmadd<V>(n, Lanes.splat<V>(LN2_LOW), r)
    let p = Lanes.splat<V>(1.98756915e-4)
    p = Lanes.madd<V>(p, r, Lanes.splat<V>(1.3981999507e-3))
    p = Lanes.madd<V>(p, r, Lanes.splat<V>(8.3334519073e-3))
    p = Lanes.madd<V>(p, r, Lanes.splat<V>(4.1665795894e-2))
    p = Lanes.madd<V>(p, r, Lanes.splat<V>(1.6666665459e-1))
    p = Lanes.madd<V>(p, r, Lanes.splat<V>(5.0000001201e-1))
    p = Lanes.add<V>(Lanes.madd<V>(p, Lanes.mul<V>(r, r), r), Lanes.splat<V>(1))
    const half = Lanes.nearest<V>(Lanes.mul<V>(n, Lanes.splat<V>(0.5)))
    return Lanes.mul<V>(Lanes.mul<V>(p, Lanes.exp2i<V>(half)), Lanes.exp2i<V>(Lanes.sub<V>(n, half)))
  }

  /**
   * ln(1 + x) for 0 <= x <= 1, as the losses need it (x = e^-|z|), at most 0.9 ulp; NaN stays NaN.
   *
   * u = 1 + x = m 2^k with m in [sqrt(1/2), sqrt(2)); Cephes' polynomial for ln m (Moshier, logf.c); the rounding error
   * of 1 + x comes back as (x - (u - 1)) / u, so small x keep their digits (Hewlett-Packard's log1p trick).
   */
  @inline static log1pUnit<V>(x: V): V {
    const u = Lanes.add<V>(Lanes.splat<V>(1), x)
    const k = Lanes.exponent<V>(u)
    const f = Lanes.sub<V>(Lanes.mantissa<V>(u), Lanes.splat<V>(1))
    const lost = Lanes.div<V>(Lanes.sub<V>(x, Lanes.sub<V>(u, Lanes.splat<V>(1))), u)
    const f2 = Lanes.mul<V>(f, f)
    let p = Lanes.splat<V>(7.0376836292e-2)
    p = Lanes.madd<V>(p, f, Lanes.splat<V>(-1.151461031e-1))
    p = Lanes.madd<V>(p, f, Lanes.splat<V>(1.167699874e-1))
    p = Lanes.madd<V>(p, f, Lanes.splat<V>(-1.2420140846e-1))
    p = Lanes.madd<V>(p, f, Lanes.splat<V>(1.4249322787e-1))
    p = Lanes.madd<V>(p, f, Lanes.splat<V>(-1.6668057665e-1))
    p = Lanes.madd<V>(p, f, Lanes.splat<V>(2.0000714765e-1))
    p = Lanes.madd<V>(p, f, Lanes.splat<V>(-2.4999993993e-1))
    p = Lanes.madd<V>(p, f, Lanes.splat<V>(3.3333331174e-1))
    let y = Lanes.madd<V>(Lanes.mul<V>(p, f), f2, lost)
    y = Lanes.madd<V>(k, Lanes.splat<V>(LN2_LOW), y)
    y = Lanes.nmadd<V>(f2, Lanes.splat<V>(0.5), y)
    return Lanes.madd<V>(k, Lanes.splat<V>(LN2_HIGH), Lanes.add<V>(f, y))
  }

  /** ln(1 + x) for every x: as `log1pUnit`, and -infinity at -1, NaN below, infinity at infinity. At most 0.9 ulp. */
  @inline static log1p<V>(x: V): V {
    const u = Lanes.add<V>(Lanes.splat<V>(1), x)
    let y = LaneMath.log1pUnit<V>(x)
    y = Lanes.whereLess<V>(Lanes.splat<V>(f32.MAX_VALUE), x, x, y)
    y = Lanes.whereLess<V>(u, Lanes.splat<V>(f32.MIN_NORMAL_VALUE), Lanes.splat<V>(-Infinity), y)
    return Lanes.whereLess<V>(u, Lanes.zero<V>(), Lanes.splat<V>(NaN), y)
  }

  /** 1 / (1 + e^-z), at most 2.5 ulp on both sides; 0 and 1 at the infinities; NaN stays NaN. */
  @inline static sigmoid<V>(z: V): V {
    const e = LaneMath.exp<V>(Lanes.neg<V>(Lanes.abs<V>(z)))
    return LaneMath.sigmoidFrom<V>(z, e)
  }

  /** The sigmoid of z where e = exp(-|z|) is known: 1 / (1 + e) right of 0, e / (1 + e) left of it. */
  @inline static sigmoidFrom<V>(z: V, e: V): V {
    const one = Lanes.splat<V>(1)
    return Lanes.div<V>(Lanes.whereLess<V>(z, Lanes.zero<V>(), e, one), Lanes.add<V>(one, e))
  }
}

/**
 * The same in float64, for numbers computed once: no tables (the standard library's weigh 6 kB), only + - * / and bits,
 * so every engine gets the same. Polynomials of fdlibm (Sun Microsystems, e_exp.c and e_log.c); at most 2 ulp.
 */
@unmanaged
export abstract class DoubleMath {
  /** e^x for x <= 0. */
  static expNegative(x: f64): f64 {
    if (x < -708) return 0
    const n = nearest<f64>(x * 1.4426950408889634)
    const high = x - n * 6.9314718036912381649e-1
    const low = n * 1.90821492927058770002e-10
    const r = high - low
    const r2 = r * r
    let p = 4.13813679705723846039e-8
    p = p * r2 - 1.6533902205465251539e-6
    p = p * r2 + 6.61375632143793436117e-5
    p = p * r2 - 2.77777777770155933842e-3
    p = p * r2 + 1.66666666666666019037e-1
    const c = r - r2 * p
    return (1 - (low - (r * c) / (2 - c) - high)) * reinterpret<f64>((<i64>(<i32>n + 1023)) << 52)
  }

  /** ln x for a positive normal x. */
  static log(x: f64): f64 {
    // As in `Lanes.exponent`: x = m 2^k with m in [sqrt(1/2), sqrt(2)).
    const bits = reinterpret<i64>(x)
    const k = (bits - 0x3fe6a09e667f3bcd) >> 52
    const f = reinterpret<f64>(bits - (k << 52)) - 1
    const s = f / (2 + f)
    const z = s * s
    let p = 1.479819860511658591e-1
    p = p * z + 1.531383769920937332e-1
    p = p * z + 1.818357216161805012e-1
    p = p * z + 2.222219843214978396e-1
    p = p * z + 2.857142874366239149e-1
    p = p * z + 3.999999999940941908e-1
    p = p * z + 6.66666666666673513e-1
    const half = 0.5 * f * f
    const n = <f64>k
    return n * 6.9314718036912381649e-1 - (half - (s * (half + p * z) + n * 1.90821492927058770002e-10) - f)
  }

  /** ln(1 + x) for 0 <= x <= 1, with what the addition lost given back. */
  static log1pUnit(x: f64): f64 {
    const u = 1 + x
    return DoubleMath.log(u) + (x - (u - 1)) / u
  }
}
