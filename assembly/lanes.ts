/**
 * The one vocabulary in which kernels are written. `Vec` is v128 (four float32 lanes), or f32 (one lane) where SIMD is
 * missing: asconfig.json aliases it for each target. `isVector<Vec>()` is decided at compile time, so each variant holds
 * only its own instructions.
 *
 * Loads and stores are the generic builtins, `load<Vec>(p, k * sizeof<Vec>())`: their offset must be a compile-time
 * constant, which a method's parameter is not.
 *
 * In the relaxed variant `madd` and `nmadd` are fused where the CPU can; everywhere else they round twice, the same in
 * every engine.
 */
@unmanaged
export abstract class Lanes {
  /** All lanes x. */
  @inline static splat(x: f32): Vec {
    if (isVector<Vec>()) return f32x4.splat(x)
    return <Vec>x
  }

  @inline static zero(): Vec {
    return Lanes.splat(0)
  }

  /** One float32 from memory in every lane. */
  @inline static loadSplat(p: usize): Vec {
    if (isVector<Vec>()) return v128.load32_splat(p)
    return <Vec>load<f32>(p)
  }

  @inline static add(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return f32x4.add(a, b)
    return a + b
  }

  @inline static sub(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return f32x4.sub(a, b)
    return a - b
  }

  @inline static mul(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return f32x4.mul(a, b)
    return a * b
  }

  @inline static div(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return f32x4.div(a, b)
    return a / b
  }

  /** a * b + c */
  @inline static madd(a: Vec, b: Vec, c: Vec): Vec {
    if (isVector<Vec>()) {
      if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
      return f32x4.add(f32x4.mul(a, b), c)
    }
    return a * b + c
  }

  /** c - a * b */
  @inline static nmadd(a: Vec, b: Vec, c: Vec): Vec {
    if (isVector<Vec>()) {
      if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c)
      return f32x4.sub(c, f32x4.mul(a, b))
    }
    return c - a * b
  }

  @inline static abs(a: Vec): Vec {
    if (isVector<Vec>()) return f32x4.abs(a)
    return abs<Vec>(a)
  }

  @inline static sqrt(a: Vec): Vec {
    if (isVector<Vec>()) return f32x4.sqrt(a)
    return sqrt<Vec>(a)
  }

  @inline static neg(a: Vec): Vec {
    if (isVector<Vec>()) return f32x4.neg(a)
    return -a
  }

  /** b < a ? b : a, so a NaN in a stays. (One instruction; f32x4.min, which cares for both sides, takes V8 nine.) */
  @inline static min(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return f32x4.pmin(a, b)
    return select<Vec>(b, a, b < a)
  }

  /** a < b ? b : a, so a NaN in a stays. */
  @inline static max(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return f32x4.pmax(a, b)
    return select<Vec>(b, a, a < b)
  }

  /** Per lane: a < b ? yes : no. A NaN compares false. */
  @inline static whereLess(a: Vec, b: Vec, yes: Vec, no: Vec): Vec {
    if (isVector<Vec>()) return v128.bitselect(yes, no, f32x4.lt(a, b))
    return select<Vec>(yes, no, a < b)
  }

  /** Per lane: a < b ? 0 : c, whatever c is. A NaN compares false. */
  @inline static zeroWhereLess(a: Vec, b: Vec, c: Vec): Vec {
    if (isVector<Vec>()) return v128.andnot(c, f32x4.lt(a, b))
    return select<Vec>(0, c, a < b)
  }

  /** Per lane: a >= 0 ? b : 0. A NaN compares false. */
  @inline static ifNotNegative(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return v128.and(f32x4.ge(a, Lanes.zero()), b)
    return select<Vec>(b, 0, a >= 0)
  }

  /** Per lane: z has a minus ? yes : no. */
  @inline static whereNegative(z: Vec, yes: Vec, no: Vec): Vec {
    if (isVector<Vec>()) return v128.bitselect(yes, no, i32x4.shr_s(z, 31))
    return select<Vec>(yes, no, reinterpret<i32>(z) < 0)
  }

  /** Per lane, of two numbers that are not positive: the one farther from 0, a NaN before all. */
  @inline static farther(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return i32x4.max_u(a, b)
    return select<Vec>(a, b, a < b || a != a) // not by bits: JavaScript may change those of a NaN
  }

  /** The bits of both. */
  @inline static or(a: Vec, b: Vec): Vec {
    if (isVector<Vec>()) return v128.or(a, b)
    return <Vec>reinterpret<f32>(reinterpret<i32>(a) | reinterpret<i32>(b))
  }

  /** Per lane: a == b ? yes : no. */
  @inline static whereEqual(a: Vec, b: Vec, yes: Vec, no: Vec): Vec {
    if (isVector<Vec>()) return v128.bitselect(yes, no, f32x4.eq(a, b))
    return select<Vec>(yes, no, a == b)
  }

  /**
   * Per lane: a * 2^n, rounded once, for a in [1/2, 2] and a whole n in [-252, 252], which is given as n + 1.5 * 2^23:
   * of the bits of that float those of n are left after a shift to the exponent's place.
   */
  @inline static timesExp2(a: Vec, biased: Vec): Vec {
    // In two factors, so that the result may be denormal or infinite.
    if (isVector<Vec>()) {
      const half = i32x4.shr_s(biased, 1)
      const one = i32x4.splat(0x3f800000)
      const part = f32x4.mul(a, i32x4.add(i32x4.shl(half, 23), one))
      return f32x4.mul(part, i32x4.add(i32x4.shl(i32x4.sub(biased, half), 23), one))
    }
    const bits = reinterpret<i32>(biased)
    const half = bits >> 1
    const part = a * reinterpret<f32>((half << 23) + 0x3f800000)
    return <Vec>(part * reinterpret<f32>(((bits - half) << 23) + 0x3f800000))
  }

  /** The same if neither a nor the result is below the least normal number. */
  @inline static timesExp2Normal(a: Vec, biased: Vec): Vec {
    if (isVector<Vec>()) return i32x4.add(a, i32x4.shl(biased, 23))
    return <Vec>reinterpret<f32>(reinterpret<i32>(a) + (reinterpret<i32>(biased) << 23))
  }

  /** Per lane: 2^n for a whole n in [-127, 127], given as n + 127 + 1.5 * 2^23; 0 for -127. */
  @inline static exp2(biased: Vec): Vec {
    if (isVector<Vec>()) return i32x4.shl(biased, 23)
    return <Vec>reinterpret<f32>(reinterpret<i32>(biased) << 23)
  }

  /** The sum of the lanes, (0 + 2) + (1 + 3). */
  @inline static sum(a: Vec): f32 {
    if (isVector<Vec>()) {
      const pair = f32x4.add(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
      return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1)
    }
    return a
  }

  /** The sums of a, b, c and d in four lanes, each in the order of `sum`. For v128 only. */
  @inline static sums(a: Vec, b: Vec, c: Vec, d: Vec): Vec {
    if (isVector<Vec>()) {
      // Rows become columns half by half: (a0 a1 b0 b1) + (a2 a3 b2 b3), the same for c and d, then evens + odds.
      const ab = f32x4.add(
        i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
        i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
      )
      const cd = f32x4.add(
        i8x16.shuffle(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
        i8x16.shuffle(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
      )
      return f32x4.add(
        i8x16.shuffle(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
        i8x16.shuffle(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31),
      )
    }
    return a
  }

  /** Writes four sums, of a, b, c and d, as float32 at p and every `apart` bytes on; each in the order of `sum`. */
  @inline static storeSums(p: usize, apart: usize, a: Vec, b: Vec, c: Vec, d: Vec): void {
    if (isVector<Vec>()) {
      const sums = Lanes.sums(a, b, c, d)
      if (apart == 4) {
        v128.store(p, sums)
      } else {
        v128.store32_lane(p, sums, 0)
        v128.store32_lane(p + apart, sums, 1)
        v128.store32_lane(p + 2 * apart, sums, 2)
        v128.store32_lane(p + 3 * apart, sums, 3)
      }
    } else {
      store<Vec>(p, a)
      store<Vec>(p + apart, b)
      store<Vec>(p + 2 * apart, c)
      store<Vec>(p + 3 * apart, d)
    }
  }

  /** Writes lane 0 of a to d as four float32 at p, lane 1 two lane vectors on, and so on. For v128 only. */
  @inline static storeColumns(p: usize, a: Vec, b: Vec, c: Vec, d: Vec): void {
    if (isVector<Vec>()) {
      const ab0 = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
      const cd0 = i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
      const ab2 = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
      const cd2 = i8x16.shuffle(c, d, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
      v128.store(p, i8x16.shuffle(ab0, cd0, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23))
      v128.store(p, i8x16.shuffle(ab0, cd0, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 32)
      v128.store(p, i8x16.shuffle(ab2, cd2, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23), 64)
      v128.store(p, i8x16.shuffle(ab2, cd2, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 96)
    }
  }

  /** Writes the first `count` lanes of a and b, 0 < count <= lanes, as pairs a0 b0 a1 b1 ... at p. */
  @inline static storePairs(p: usize, a: Vec, b: Vec, count: u32): void {
    if (isVector<Vec>()) {
      const low = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
      const high = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
      if (count == 1) v128.store64_lane(p, low, 0)
      else v128.store(p, low)
      if (count == 3) v128.store64_lane(p, high, 0, 16)
      else if (count == 4) v128.store(p, high, 16)
    } else {
      store<Vec>(p, a)
      store<Vec>(p, b, 4)
    }
  }

  /** Writes the pairs a0 b0, a1 b1 ... at p and every `apart` bytes on. */
  @inline static storePairsApart(p: usize, apart: usize, a: Vec, b: Vec): void {
    if (isVector<Vec>()) {
      const low = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
      const high = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
      Lanes.storeHalves(p, p + apart, low)
      Lanes.storeHalves(p + 2 * apart, p + 3 * apart, high)
    } else {
      Lanes.storePairs(p, a, b, 1)
    }
  }

  /** Writes the first two lanes to p and the others to q. For v128 only. */
  @inline static storeHalves(p: usize, q: usize, a: Vec): void {
    if (isVector<Vec>()) {
      v128.store64_lane(p, a, 0)
      v128.store64_lane(q, a, 1)
    }
  }

  /** `loadPart` for 0 < count, whole where there are enough: a loop with it needs no second body for its tail. */
  @inline static loadUpTo(p: usize, count: u32): Vec {
    return count < lanes() ? Lanes.loadPart(p, count) : load<Vec>(p)
  }

  @inline static storeUpTo(p: usize, a: Vec, count: u32): void {
    if (count < lanes()) Lanes.storePart(p, a, count)
    else store<Vec>(p, a)
  }

  /** The first `count` lanes from p, the others 0; reads no byte beyond them. 0 < count < lanes, so never for f32. */
  static loadPart(p: usize, count: u32): Vec {
    if (isVector<Vec>()) {
      if (count == 1) return v128.load32_zero(p)
      const low = v128.load64_zero(p)
      return count == 2 ? low : v128.load32_lane(p + 8, low, 2)
    }
    return Lanes.zero()
  }

  /** Writes the first `count` lanes to p and no byte beyond them. 0 < count < lanes, so never for f32. */
  static storePart(p: usize, a: Vec, count: u32): void {
    if (isVector<Vec>()) {
      if (count == 1) {
        v128.store32_lane(p, a, 0)
      } else {
        v128.store64_lane(p, a, 0)
        if (count == 3) v128.store32_lane(p, a, 2, 8)
      }
    }
  }
}

/** How many float32 lanes Vec has: 4 or 1. */
export function lanes(): u32 {
  return <u32>(sizeof<Vec>() >> 2)
}
