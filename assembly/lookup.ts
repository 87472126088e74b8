/** What finds things by numbers in lanes, and lanes by their number. For v128 only: beside Lanes where there is one lane. */
@unmanaged
export abstract class Lookup {
  /** All lanes the bits of n. */
  @inline static splatBits(n: u32): Vec {
    if (isVector<Vec>()) return i32x4.splat(n)
    return <Vec>0
  }

  /** Per lane: the address `first` + `bytes` times the whole number at p. */
  @inline static addresses(p: usize, bytes: Vec, first: Vec): Vec {
    if (isVector<Vec>()) return i32x4.add(i32x4.mul(v128.load(p), bytes), first)
    return first
  }

  /** Per lane: the float32 whose number is the whole number at p. */
  @inline static pick(from: usize, p: usize): Vec {
    if (isVector<Vec>()) {
      let a = v128.load32_zero(from + ((<usize>load<u32>(p)) << 2))
      a = v128.load32_lane(from + ((<usize>load<u32>(p, 4)) << 2), a, 1)
      a = v128.load32_lane(from + ((<usize>load<u32>(p, 8)) << 2), a, 2)
      return v128.load32_lane(from + ((<usize>load<u32>(p, 12)) << 2), a, 3)
    }
    return <Vec>0
  }

  /** Whether a bit of a is set from bit `shift` on of some lane. */
  @inline static reach(a: Vec, shift: u32): bool {
    if (isVector<Vec>()) return v128.any_true(i32x4.shr_u(a, shift))
    return false
  }

  /** One of four lanes in every lane. */
  @inline static lane0(a: Vec): Vec {
    if (isVector<Vec>()) return i8x16.shuffle(a, a, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3)
    return a
  }

  @inline static lane1(a: Vec): Vec {
    if (isVector<Vec>()) return i8x16.shuffle(a, a, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7)
    return a
  }

  @inline static lane2(a: Vec): Vec {
    if (isVector<Vec>()) return i8x16.shuffle(a, a, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11)
    return a
  }

  @inline static lane3(a: Vec): Vec {
    if (isVector<Vec>()) return i8x16.shuffle(a, a, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15)
    return a
  }
}
