import { Lanes } from './lanes'

/**
 * Elementary functions on lanes. The error bounds hold in every variant: they are measured against float64 over the
 * whole float32 range by test/assembly/pointwise.test.ts, which fails if they are exceeded.
 */

// Constants lie in memory. From there one costs a load; as an immediate, V8 makes it anew at every use, by three
// instructions of which two want the port that shuffles (measured: a third of a fused pass over 32 columns).

const ONE = memory.data<f32>([1])
const HALF = memory.data<f32>([0.5])
/** 1.5 * 2^23: adding it rounds |x| < 2^22 to a whole number, which then is the low bits of the sum. */
const ROUNDER = memory.data<f32>([12582912])
/** The same plus 127: the low bits are then those of a power of two as a float's exponent has them. */
const EXPONENT_ROUNDER = memory.data<f32>([12583039])
const SIGN = memory.data<f32>([-0.0])
/** Arguments of exp beyond which nothing changes; and of expNegative. */
const EXP_RANGE = memory.data<f32>([89, -105, -88])
const LOG2E = memory.data<f32>([1.4426950408889634])
/** ln 2 in two parts: the first ends in zeros, so that n times it is exact for the n that occur. */
const LN2 = memory.data<f32>([0.693359375, -2.1219444e-4])
/** (e^r - 1 - r) / r^2, from r^0 up (Moshier's Cephes, expf.c). */
const EXP = memory.data<f32>([
  5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.98756915e-4,
])
/** (ln(1 + f) - f + f^2 / 2) / f^3, from f^8 down (Cephes, logf.c). */
const LOG = memory.data<f32>([
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
])
/** (ln(1 + x) - x) / x^2 on [0, 1], from x^0 up: minimax in the relative error of the logarithm, which is 1.2e-9. */
const LOG1P = memory.data<f32>([
  -0.5, 0.3333265781402588, -0.24981218576431274, 0.19803673028945923, -0.15632790327072144, 0.11087977141141891,
  -0.061104293912649155, 0.021756423637270927, -0.0036079492419958115,
])
/** (tanh(x) - x) / x^3 in x^2, from x^8 down (Cephes, tanhf.c). */
const TANH = memory.data<f32>([
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
])

@unmanaged
export abstract class LaneMath {
  /** Per lane: the exponent k of a positive normal a = m * 2^k with m in [sqrt(1/2), sqrt(2)), as a float. */
  @inline private static exponent(a: Vec): Vec {
    // 0x3f3504f3 is sqrt(1/2): counting from there makes the mantissa straddle 1.
    if (isVector<Vec>()) {
      return f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.sub(a, i32x4.splat(0x3f3504f3)), 23))
    }
    return <Vec>(<f32>((reinterpret<i32>(a) - 0x3f3504f3) >> 23))
  }

  /** Per lane: the m of `exponent`. */
  @inline private static mantissa(a: Vec): Vec {
    if (isVector<Vec>()) {
      const k = i32x4.shr_s(i32x4.sub(a, i32x4.splat(0x3f3504f3)), 23)
      return i32x4.sub(a, i32x4.shl(k, 23))
    }
    const k = (reinterpret<i32>(a) - 0x3f3504f3) >> 23
    return <Vec>reinterpret<f32>(reinterpret<i32>(a) - (k << 23))
  }

  /** e^x, at most 1.1 ulp (denormal results: 1.1 steps); 0 under -104, infinity over 88.73; NaN stays NaN. */
  @inline static exp(x: Vec): Vec {
    const t = Lanes.max(Lanes.min(x, Lanes.loadSplat(EXP_RANGE)), Lanes.loadSplat(EXP_RANGE + 4))
    const n = Lanes.madd(t, Lanes.loadSplat(LOG2E), Lanes.loadSplat(ROUNDER))
    return Lanes.timesExp2(LaneMath.expRest(t, Lanes.sub(n, Lanes.loadSplat(ROUNDER))), n)
  }

  /** e^x for -87 <= x <= 0, with the bits of `exp`. */
  @inline static expNear(x: Vec): Vec {
    const n = Lanes.madd(x, Lanes.loadSplat(LOG2E), Lanes.loadSplat(ROUNDER))
    return Lanes.timesExp2Normal(LaneMath.expRest(x, Lanes.sub(n, Lanes.loadSplat(ROUNDER))), n)
  }

  /** 1, from memory. */
  @inline static one(): Vec {
    return Lanes.loadSplat(ONE)
  }

  /** -|z| */
  @inline static minusAbs(z: Vec): Vec {
    return Lanes.or(z, Lanes.loadSplat(SIGN))
  }

  /** e^x for x <= 0, as the losses need it: as `exp` down to -87.6, 0 from there, which spares it half the end. */
  @inline static expNegative(x: Vec): Vec {
    const t = Lanes.max(x, Lanes.loadSplat(EXP_RANGE + 8))
    const n = Lanes.madd(t, Lanes.loadSplat(LOG2E), Lanes.loadSplat(EXPONENT_ROUNDER))
    return Lanes.mul(LaneMath.expRest(t, Lanes.sub(n, Lanes.loadSplat(EXPONENT_ROUNDER))), Lanes.exp2(n))
  }

  /** e^-|z| as `expNegative` gives it. */
  @inline static expMinusAbs(z: Vec): Vec {
    return LaneMath.expNegative(LaneMath.minusAbs(z))
  }

  /**
   * e^r for x = n ln 2 + r, |r| <= ln 2 / 2 (Cody and Waite's range reduction). Polynomials
   * here go in pairs (Estrin's scheme): half the latency of Horner's, which is what a loop of few rows waits for.
   */
  @inline private static expRest(x: Vec, n: Vec): Vec {
    let r = Lanes.nmadd(n, Lanes.loadSplat(LN2), x)
    r = Lanes.nmadd(n, Lanes.loadSplat(LN2 + 4), r)
    const r2 = Lanes.mul(r, r)
    const p0 = Lanes.madd(r, Lanes.loadSplat(EXP + 4), Lanes.loadSplat(EXP))
    const p2 = Lanes.madd(r, Lanes.loadSplat(EXP + 12), Lanes.loadSplat(EXP + 8))
    const p4 = Lanes.madd(r, Lanes.loadSplat(EXP + 20), Lanes.loadSplat(EXP + 16))
    const p = Lanes.madd(Lanes.madd(p4, r2, p2), r2, p0)
    return Lanes.add(Lanes.madd(p, r2, r), Lanes.loadSplat(ONE))
  }

  /** ln(1 + x) for 0 <= x <= 1, as the losses need it (x = e^-|z|), at most 1.9 ulp; NaN stays NaN. */
  @inline static log1pUnit(x: Vec): Vec {
    const x2 = Lanes.mul(x, x)
    const x4 = Lanes.mul(x2, x2)
    const p0 = Lanes.madd(x, Lanes.loadSplat(LOG1P + 4), Lanes.loadSplat(LOG1P))
    const p2 = Lanes.madd(x, Lanes.loadSplat(LOG1P + 12), Lanes.loadSplat(LOG1P + 8))
    const p4 = Lanes.madd(x, Lanes.loadSplat(LOG1P + 20), Lanes.loadSplat(LOG1P + 16))
    const p6 = Lanes.madd(x, Lanes.loadSplat(LOG1P + 28), Lanes.loadSplat(LOG1P + 24))
    const high = Lanes.madd(Lanes.loadSplat(LOG1P + 32), x4, Lanes.madd(p6, x2, p4))
    const p = Lanes.madd(high, x4, Lanes.madd(p2, x2, p0))
    return Lanes.madd(p, x2, x)
  }

  /**
   * ln(1 + x) for every x, at most 0.9 ulp; -infinity at -1, NaN below, infinity at infinity; NaN stays NaN.
   *
   * u = 1 + x = m 2^k with m in [sqrt(1/2), sqrt(2)); Cephes' polynomial for ln m; the rounding error of 1 + x comes
   * back as (x - (u - 1)) / u, so small x keep their digits (Hewlett-Packard's log1p trick).
   */
  @inline static log1p(x: Vec): Vec {
    const one = Lanes.loadSplat(ONE)
    const u = Lanes.add(one, x)
    const k = LaneMath.exponent(u)
    const f = Lanes.sub(LaneMath.mantissa(u), one)
    const lost = Lanes.div(Lanes.sub(x, Lanes.sub(u, one)), u)
    const f2 = Lanes.mul(f, f)
    let p = Lanes.loadSplat(LOG)
    p = Lanes.madd(p, f, Lanes.loadSplat(LOG + 4))
    p = Lanes.madd(p, f, Lanes.loadSplat(LOG + 8))
    p = Lanes.madd(p, f, Lanes.loadSplat(LOG + 12))
    p = Lanes.madd(p, f, Lanes.loadSplat(LOG + 16))
    p = Lanes.madd(p, f, Lanes.loadSplat(LOG + 20))
    p = Lanes.madd(p, f, Lanes.loadSplat(LOG + 24))
    p = Lanes.madd(p, f, Lanes.loadSplat(LOG + 28))
    p = Lanes.madd(p, f, Lanes.loadSplat(LOG + 32))
    let y = Lanes.madd(Lanes.mul(p, f), f2, lost)
    y = Lanes.madd(k, Lanes.loadSplat(LN2 + 4), y)
    y = Lanes.nmadd(f2, Lanes.loadSplat(HALF), y)
    y = Lanes.madd(k, Lanes.loadSplat(LN2), Lanes.add(f, y))
    y = Lanes.whereLess(Lanes.splat(f32.MAX_VALUE), x, x, y)
    y = Lanes.whereLess(u, Lanes.splat(f32.MIN_NORMAL_VALUE), Lanes.splat(-Infinity), y)
    return Lanes.whereLess(u, Lanes.zero(), Lanes.splat(NaN), y)
  }

  /**
   * tanh x, at most 2 ulp; -1 and 1 at the infinities; NaN stays NaN. Cephes' polynomial up to |x| = 0.625 (Moshier,
   * tanhf.c), above it (1 - e) / (1 + e) with e = e^-2|x|.
   */
  @inline static tanh(x: Vec): Vec {
    const a = Lanes.abs(x)
    const x2 = Lanes.mul(x, x)
    let p = Lanes.loadSplat(TANH)
    p = Lanes.madd(p, x2, Lanes.loadSplat(TANH + 4))
    p = Lanes.madd(p, x2, Lanes.loadSplat(TANH + 8))
    p = Lanes.madd(p, x2, Lanes.loadSplat(TANH + 12))
    p = Lanes.madd(p, x2, Lanes.loadSplat(TANH + 16))
    const near = Lanes.madd(Lanes.mul(p, x2), x, x)
    const one = Lanes.loadSplat(ONE)
    const e = LaneMath.expNegative(Lanes.neg(Lanes.add(a, a)))
    const far = Lanes.div(Lanes.sub(one, e), Lanes.add(one, e))
    const signed = Lanes.whereLess(x, Lanes.zero(), Lanes.neg(far), far)
    return Lanes.whereLess(a, Lanes.splat(0.625), near, signed)
  }

  /** 1 / (1 + e^-z), at most 2.5 ulp on both sides; 0 and 1 at the infinities; NaN stays NaN. */
  @inline static sigmoid(z: Vec): Vec {
    const e = LaneMath.exp(Lanes.neg(Lanes.abs(z)))
    return LaneMath.sigmoidFrom(z, e)
  }

  /** The sigmoid of z where e = exp(-|z|) is known: 1 / (1 + e) right of 0, e / (1 + e) left of it. */
  @inline static sigmoidFrom(z: Vec, e: Vec): Vec {
    const one = Lanes.loadSplat(ONE)
    return Lanes.div(Lanes.max(e, Lanes.ifNotNegative(z, one)), Lanes.add(one, e))
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
    // 1.5 * 2^52, as ROUNDER: the whole number is the low bits of the sum.
    const biased = x * 1.4426950408889634 + 6755399441055744
    const n = biased - 6755399441055744
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
    return (1 - (low - (r * c) / (2 - c) - high)) * reinterpret<f64>((reinterpret<i64>(biased) + 1023) << 52)
  }

  /** ln x for a positive normal x. */
  static log(x: f64): f64 {
    // As in `LaneMath.exponent`: x = m 2^k with m in [sqrt(1/2), sqrt(2)).
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
