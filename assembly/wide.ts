/** The part of the vocabulary that leads from float32 lanes to float64: wide sums lie in memory, one float64 a lane. */
@unmanaged
export abstract class Wide {
  /** Sets the 4 float64 at p to 0: by whole vectors, for those are read next, and not by an engine's call. */
  @inline static clear(p: usize): void {
    if (isVector<Vec>()) {
      v128.store(p, f64x2.splat(0))
      v128.store(p, f64x2.splat(0), 16)
    } else {
      for (let i: usize = 0; i < 32; i += 8) store<f64>(p + i, 0)
    }
  }

  /** Adds the lanes of a, widened, to as many float64 at p. */
  @inline static add(p: usize, a: Vec): void {
    if (isVector<Vec>()) {
      v128.store(p, f64x2.add(v128.load(p), f64x2.promote_low_f32x4(a)))
      v128.store(p, f64x2.add(v128.load(p, 16), f64x2.promote_low_f32x4(Wide.high(a))), 16)
    } else {
      store<f64>(p, load<f64>(p) + <f64>a)
    }
  }

  /** Adds a, b, c and d one after the other, as `add` would. */
  @inline static addFour(p: usize, a: Vec, b: Vec, c: Vec, d: Vec): void {
    if (isVector<Vec>()) {
      let low = f64x2.add(v128.load(p), f64x2.promote_low_f32x4(a))
      low = f64x2.add(low, f64x2.promote_low_f32x4(b))
      low = f64x2.add(low, f64x2.promote_low_f32x4(c))
      v128.store(p, f64x2.add(low, f64x2.promote_low_f32x4(d)))
      let high = f64x2.add(v128.load(p, 16), f64x2.promote_low_f32x4(Wide.high(a)))
      high = f64x2.add(high, f64x2.promote_low_f32x4(Wide.high(b)))
      high = f64x2.add(high, f64x2.promote_low_f32x4(Wide.high(c)))
      v128.store(p, f64x2.add(high, f64x2.promote_low_f32x4(Wide.high(d))), 16)
    } else {
      store<f64>(p, load<f64>(p) + <f64>a + <f64>b + <f64>c + <f64>d)
    }
  }

  /** Lanes 2 and 3 where 0 and 1 are. */
  @inline static high(a: Vec): Vec {
    if (isVector<Vec>()) return i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
    return a
  }

  /** Adds the products a b, multiplied wide, to as many float64 at p. */
  @inline static addProduct(p: usize, a: Vec, b: Vec): void {
    if (isVector<Vec>()) {
      const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b))
      v128.store(p, f64x2.add(v128.load(p), low))
      const high = f64x2.mul(f64x2.promote_low_f32x4(Wide.high(a)), f64x2.promote_low_f32x4(Wide.high(b)))
      v128.store(p, f64x2.add(v128.load(p, 16), high), 16)
    } else {
      store<f64>(p, load<f64>(p) + <f64>a * <f64>b)
    }
  }

  /** As many float64 at p as there are lanes, less those at s, rounded to float32; 8-byte aligned. */
  @inline static narrow(p: usize, s: usize): Vec {
    if (isVector<Vec>()) {
      const low = f32x4.demote_f64x2_zero(f64x2.sub(v128.load(p), v128.load(s)))
      const high = f32x4.demote_f64x2_zero(f64x2.sub(v128.load(p, 16), v128.load(s, 16)))
      return i64x2.shuffle(low, high, 0, 2)
    }
    return <Vec>(<f32>(load<f64>(p) - load<f64>(s)))
  }

  /** The sum of x[k] w[k] in float64: x float32, w float64, `bytes` of x, a multiple of 16. */
  @inline static dot(x: usize, w: usize, bytes: usize): f64 {
    const end = x + bytes
    if (isVector<Vec>()) {
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

  /** z[i] = b + the dot product of x + i * bytes and w, of four rows, each as by `dot`; z float64. */
  @inline static dot4(x: usize, w: usize, bytes: usize, z: usize, b: f64): void {
    if (!isVector<Vec>()) {
      for (let i: usize = 0; i < 32; i += 8) {
        store<f64>(z + i, b + Wide.dot(x, w, bytes))
        x += bytes
      }
      return
    }
    const p1 = x + bytes
    const p2 = p1 + bytes
    const p3 = p2 + bytes
    let l0 = f64x2.splat(0)
    let l1 = l0
    let l2 = l0
    let l3 = l0
    let h0 = l0
    let h1 = l0
    let h2 = l0
    let h3 = l0
    for (let k: usize = 0; k < bytes; k += 16) {
      const low = v128.load(w)
      l0 = f64x2.add(l0, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x + k)), low))
      l1 = f64x2.add(l1, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p1 + k)), low))
      l2 = f64x2.add(l2, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p2 + k)), low))
      l3 = f64x2.add(l3, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p3 + k)), low))
      const high = v128.load(w, 16)
      h0 = f64x2.add(h0, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x + k, 8)), high))
      h1 = f64x2.add(h1, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p1 + k, 8)), high))
      h2 = f64x2.add(h2, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p2 + k, 8)), high))
      h3 = f64x2.add(h3, f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p3 + k, 8)), high))
      w += 32
    }
    Wide.storeSum(z, f64x2.add(l0, h0), b)
    Wide.storeSum(z + 8, f64x2.add(l1, h1), b)
    Wide.storeSum(z + 16, f64x2.add(l2, h2), b)
    Wide.storeSum(z + 24, f64x2.add(l3, h3), b)
  }

  @inline private static storeSum(z: usize, sum: v128, b: f64): void {
    store<f64>(z, b + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)))
  }

  /**
   * g[k] += r0 p0[k] + r1 p1[k] + r2 p2[k] + r3 p3[k], in this order: p float32, r and g float64, `bytes` of p, a multiple
   * of 16.
   */
  @inline static addRows(
    g: usize,
    bytes: usize,
    p0: usize,
    p1: usize,
    p2: usize,
    p3: usize,
    r0: f64,
    r1: f64,
    r2: f64,
    r3: f64,
  ): void {
    // Two columns at a time, or one: rows are whole fours of them.
    const step: usize = isVector<Vec>() ? 8 : 4
    for (let k: usize = 0; k < bytes; k += step) {
      if (isVector<Vec>()) {
        let sum = v128.load(g)
        sum = f64x2.add(sum, f64x2.mul(f64x2.splat(r0), f64x2.promote_low_f32x4(v128.load64_zero(p0 + k))))
        sum = f64x2.add(sum, f64x2.mul(f64x2.splat(r1), f64x2.promote_low_f32x4(v128.load64_zero(p1 + k))))
        sum = f64x2.add(sum, f64x2.mul(f64x2.splat(r2), f64x2.promote_low_f32x4(v128.load64_zero(p2 + k))))
        sum = f64x2.add(sum, f64x2.mul(f64x2.splat(r3), f64x2.promote_low_f32x4(v128.load64_zero(p3 + k))))
        v128.store(g, sum)
      } else {
        let sum = load<f64>(g)
        sum += r0 * <f64>load<f32>(p0 + k)
        sum += r1 * <f64>load<f32>(p1 + k)
        sum += r2 * <f64>load<f32>(p2 + k)
        sum += r3 * <f64>load<f32>(p3 + k)
        store<f64>(g, sum)
      }
      g += 2 * step
    }
  }

  /** The sum of the 4 float64 that `add` keeps, whatever Vec is, in a fixed order. */
  @inline static sum(p: usize): f64 {
    return load<f64>(p) + load<f64>(p, 16) + (load<f64>(p, 8) + load<f64>(p, 24))
  }
}
