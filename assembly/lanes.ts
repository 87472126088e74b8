/**
 * The one vocabulary in which kernels are written. V is v128 (four float32 lanes) or f32 (one lane, where SIMD is
 * missing): `isVector<V>()` is decided at compile time, so each variant holds only its own instructions.
 *
 * Loads and stores are the generic builtins, `load<V>(p, k * sizeof<V>())`: their offset must be a compile-time
 * constant, which a method's parameter is not.
 *
 * In the relaxed variant `madd` and `nmadd` are fused where the CPU can; everywhere else they round twice, the same in
 * every engine.
 */
@unmanaged
export abstract class Lanes {
  /** All lanes x. */
  @inline static splat<V>(x: f32): V {
    if (isVector<V>()) return f32x4.splat(x)
    return <V>x
  }

  @inline static zero<V>(): V {
    return Lanes.splat<V>(0)
  }

  /** One float32 from memory in every lane. */
  @inline static loadSplat<V>(p: usize): V {
    if (isVector<V>()) return v128.load32_splat(p)
    return <V>load<f32>(p)
  }

  @inline static add<V>(a: V, b: V): V {
    if (isVector<V>()) return f32x4.add(a, b)
    return a + b
  }

  @inline static sub<V>(a: V, b: V): V {
    if (isVector<V>()) return f32x4.sub(a, b)
    return a - b
  }

  @inline static mul<V>(a: V, b: V): V {
    if (isVector<V>()) return f32x4.mul(a, b)
    return a * b
  }

  @inline static div<V>(a: V, b: V): V {
    if (isVector<V>()) return f32x4.div(a, b)
    return a / b
  }

  /** a * b + c */
  @inline static madd<V>(a: V, b: V, c: V): V {
    if (isVector<V>()) {
      if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
      return f32x4.add(f32x4.mul(a, b), c)
    }
    return a * b + c
  }

  /** c - a * b */
  @inline static nmadd<V>(a: V, b: V, c: V): V {
    if (isVector<V>()) {
      if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c)
      return f32x4.sub(c, f32x4.mul(a, b))
    }
    return c - a * b
  }

  @inline static abs<V>(a: V): V {
    if (isVector<V>()) return f32x4.abs(a)
    return abs<V>(a)
  }

  @inline static neg<V>(a: V): V {
    if (isVector<V>()) return f32x4.neg(a)
    return -a
  }

  /** b < a ? b : a, so a NaN in a stays. (One instruction; f32x4.min, which cares for both sides, takes V8 nine.) */
  @inline static min<V>(a: V, b: V): V {
    if (isVector<V>()) return f32x4.pmin(a, b)
    return select<V>(b, a, b < a)
  }

  /** a < b ? b : a, so a NaN in a stays. */
  @inline static max<V>(a: V, b: V): V {
    if (isVector<V>()) return f32x4.pmax(a, b)
    return select<V>(b, a, a < b)
  }

  /** Per lane: a < b ? yes : no. A NaN compares false. */
  @inline static whereLess<V>(a: V, b: V, yes: V, no: V): V {
    if (isVector<V>()) return v128.bitselect(yes, no, f32x4.lt(a, b))
    return select<V>(yes, no, a < b)
  }

  /**
   * Per lane: a * 2^n, rounded once, for a in [1/2, 2] and a whole n in [-252, 252], which is given as n + 1.5 * 2^23:
   * of the bits of that float those of n are left after a shift to the exponent's place.
   */
  @inline static timesExp2<V>(a: V, biased: V): V {
    // In two factors, so that the result may be denormal or infinite.
    if (isVector<V>()) {
      const half = i32x4.shr_s(biased, 1)
      const one = i32x4.splat(0x3f800000)
      const part = f32x4.mul(a, i32x4.add(i32x4.shl(half, 23), one))
      return f32x4.mul(part, i32x4.add(i32x4.shl(i32x4.sub(biased, half), 23), one))
    }
    const bits = reinterpret<i32>(biased)
    const half = bits >> 1
    const part = a * reinterpret<f32>((half << 23) + 0x3f800000)
    return <V>(part * reinterpret<f32>(((bits - half) << 23) + 0x3f800000))
  }

  /** Per lane: 2^n for a whole n in [-127, 127], given as for `timesExp2`; 0 for -127. */
  @inline static exp2<V>(biased: V): V {
    if (isVector<V>()) return i32x4.add(i32x4.shl(biased, 23), i32x4.splat(0x3f800000))
    return <V>reinterpret<f32>((reinterpret<i32>(biased) << 23) + 0x3f800000)
  }

  /** Per lane: the exponent k of a positive normal a = m * 2^k with m in [sqrt(1/2), sqrt(2)), as a float. */
  @inline static exponent<V>(a: V): V {
    // 0x3f3504f3 is sqrt(1/2): counting from there makes the mantissa straddle 1.
    if (isVector<V>()) {
      return f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.sub(a, i32x4.splat(0x3f3504f3)), 23))
    }
    return <V>(<f32>((reinterpret<i32>(a) - 0x3f3504f3) >> 23))
  }

  /** Per lane: the m of `exponent`. */
  @inline static mantissa<V>(a: V): V {
    if (isVector<V>()) {
      const k = i32x4.shr_s(i32x4.sub(a, i32x4.splat(0x3f3504f3)), 23)
      return i32x4.sub(a, i32x4.shl(k, 23))
    }
    const k = (reinterpret<i32>(a) - 0x3f3504f3) >> 23
    return <V>reinterpret<f32>(reinterpret<i32>(a) - (k << 23))
  }

  /** The sum of the lanes, (0 + 2) + (1 + 3). */
  @inline static sum<V>(a: V): f32 {
    if (isVector<V>()) {
      const pair = f32x4.add(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
      return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1)
    }
    return a
  }

  /** Writes four sums, of a, b, c and d, as four float32 at p; each in the order of `sum`. */
  @inline static storeSums<V>(p: usize, a: V, b: V, c: V, d: V): void {
    if (isVector<V>()) {
      // Rows become columns half by half: (a0 a1 b0 b1) + (a2 a3 b2 b3), the same for c and d, then evens + odds.
      const ab = f32x4.add(
        i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
        i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
      )
      const cd = f32x4.add(
        i8x16.shuffle(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
        i8x16.shuffle(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
      )
      v128.store(
        p,
        f32x4.add(
          i8x16.shuffle(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
          i8x16.shuffle(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31),
        ),
      )
    } else {
      store<V>(p, a)
      store<V>(p, b, 4)
      store<V>(p, c, 8)
      store<V>(p, d, 12)
    }
  }

  /** Adds the lanes of a, widened, to as many float64 at p. */
  @inline static addWide<V>(p: usize, a: V): void {
    if (isVector<V>()) {
      v128.store(p, f64x2.add(v128.load(p), f64x2.promote_low_f32x4(a)))
      const high = i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
      v128.store(p, f64x2.add(v128.load(p, 16), f64x2.promote_low_f32x4(high)), 16)
    } else {
      store<f64>(p, load<f64>(p) + <f64>a)
    }
  }

  /** The sum of x[k] w[k] in float64: x float32, w float64, `bytes` of x, a multiple of 16. */
  @inline static dotWide<V>(x: usize, w: usize, bytes: usize): f64 {
    const end = x + bytes
    if (isVector<V>()) {
      let low = f64x2.splat(0)
      let high = f64x2.splat(0)
      while (x < end) {
        low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x)), v128.load(w)))
        high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), v128.load(w, 16)))
        x += 16
        w += 32
      }
      const sum = f64x2.add(low, high)
      return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
    }
    let even: f64 = 0
    let odd: f64 = 0
    while (x < end) {
      even += <f64>load<f32>(x) * load<f64>(w)
      odd += <f64>load<f32>(x, 4) * load<f64>(w, 8)
      x += 8
      w += 16
    }
    return even + odd
  }

  /** The sum of the 4 float64 that `addWide` keeps, whatever V is, in a fixed order. */
  @inline static sumWide(p: usize): f64 {
    return load<f64>(p) + load<f64>(p, 16) + (load<f64>(p, 8) + load<f64>(p, 24))
  }

  /** The first `count` lanes from p, the others 0; reads no byte beyond them. 0 < count < lanes, so never for f32. */
  @inline static loadPart<V>(p: usize, count: u32): V {
    if (isVector<V>()) {
      if (count == 1) return v128.load32_zero(p)
      const low = v128.load64_zero(p)
      return count == 2 ? low : v128.load32_lane(p + 8, low, 2)
    }
    return Lanes.zero<V>()
  }

  /** Writes the first `count` lanes to p and no byte beyond them. 0 < count < lanes, so never for f32. */
  @inline static storePart<V>(p: usize, a: V, count: u32): void {
    if (isVector<V>()) {
      if (count == 1) {
        v128.store32_lane(p, a, 0)
      } else {
        v128.store64_lane(p, a, 0)
        if (count == 3) v128.store32_lane(p, a, 2, 8)
      }
    }
  }
}

/** How many float32 lanes V has: 4 or 1. */
export function lanes<V>(): u32 {
  return <u32>(sizeof<V>() >> 2)
}
