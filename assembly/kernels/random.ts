import { DoubleMath } from '../math'

/**
 * xoshiro128** 1.1 (Blackman and Vigna, ACM TOMS 47, 2021), the same as src/core/random.ts, held equal by a test. The
 * state is 4 words in memory, seeded by the caller: kernels keep no state.
 */
@unmanaged
export abstract class Rng {
  @inline static next(state: usize): u32 {
    const s0 = load<u32>(state)
    const s1 = load<u32>(state, 4)
    const s2 = load<u32>(state, 8) ^ s0
    const s3 = load<u32>(state, 12) ^ s1
    store<u32>(state, s0 ^ s3)
    store<u32>(state, s1 ^ s2, 4)
    store<u32>(state, s2 ^ (s1 << 9), 8)
    store<u32>(state, rotl<u32>(s3, 11), 12)
    return rotl<u32>(s1 * 5, 7) * 9
  }

  /** Uniform in [0, n), n >= 1: draws of as many high bits as n needs, until one fits. */
  @inline static below(state: usize, n: u32): u32 {
    if (n == 1) return 0
    const shift = clz<u32>(n - 1)
    let draw: u32
    do {
      draw = Rng.next(state) >>> shift
    } while (draw >= n)
    return draw
  }

  /** Uniform in [0, 1), 24 random bits. */
  @inline static uniform(state: usize): f32 {
    return <f32>(Rng.next(state) >>> 8) * <f32>5.9604644775390625e-8
  }
}

/**
 * Shuffles n uint32 in place (Fisher-Yates, from the end), all but the first `rest`: a call with n = rest goes on from
 * there. rest = 0 for all at once.
 */
export function shuffle(n: u32, rest: u32, items: usize, state: usize): void {
  for (let i = n; i > 1 && i > rest; i--) {
    const a = items + ((<usize>(i - 1)) << 2)
    const b = items + ((<usize>Rng.below(state, i)) << 2)
    const item = load<u32>(a)
    store<u32>(a, load<u32>(b))
    store<u32>(b, item)
  }
}

/** n float32, uniform in [low, high). */
export function uniform(n: u32, out: usize, state: usize, low: f32, high: f32): void {
  for (let i: u32 = 0; i < n; i++) {
    store<f32>(out, low + (high - low) * Rng.uniform(state))
    out += 4
  }
}

/**
 * n float32 from the normal distribution, by Marsaglia and Bray's polar method ("A convenient method for generating
 * normal variables", SIAM Review 6, 1964) in float64: only log and sqrt, which are the same in every engine here.
 */
export function normal(n: u32, out: usize, state: usize, mean: f64, std: f64): void {
  for (let i: u32 = 0; i < n; i += 2) {
    let u: f64
    let v: f64
    let s: f64
    do {
      u = (2 * <f64>Rng.next(state)) / 4294967296.0 - 1
      v = (2 * <f64>Rng.next(state)) / 4294967296.0 - 1
      s = u * u + v * v
    } while (s >= 1 || s == 0)
    const factor = std * sqrt<f64>((-2 * DoubleMath.log(s)) / s)
    store<f32>(out, <f32>(mean + u * factor))
    if (i + 1 < n) store<f32>(out, <f32>(mean + v * factor), 4)
    out += 8
  }
}
