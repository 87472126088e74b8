/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021),
 * seeded by splitmix32. Integers only, so every engine draws the same numbers; the kernel has the same generator in
 * assembly/kernels/random.ts and a test holds the two equal.
 */
export class Random {
  /** The four words of state; the kernel's generator reads and writes the same layout. */
  readonly state = new Uint32Array(4)

  constructor(seed: number) {
    let h = seed >>> 0
    // A seed above 2^32 still counts: its high bits are mixed in.
    h ^= Math.imul(Math.floor(seed / 4294967296) >>> 0, 0x9e3779b1)
    for (let i = 0; i < 4; i++) {
      h = (h + 0x9e3779b9) | 0
      let t = h ^ (h >>> 16)
      t = Math.imul(t, 0x21f0aaad)
      t ^= t >>> 15
      t = Math.imul(t, 0x735a2d97)
      this.state[i] = t ^ (t >>> 15)
    }
  }

  /** A uniform 32-bit unsigned integer. */
  uint32(): number {
    const s = this.state
    const s1 = s[1] as number
    const m = Math.imul(s1, 5)
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0
    const t = s1 << 9
    s[2] = (s[2] as number) ^ (s[0] as number)
    s[3] = (s[3] as number) ^ s1
    s[1] = s1 ^ (s[2] as number)
    s[0] = (s[0] as number) ^ (s[3] as number)
    s[2] = (s[2] as number) ^ t
    const s3 = s[3] as number
    s[3] = (s3 << 11) | (s3 >>> 21)
    return result
  }

  /** A uniform number in [0, 1) with 24 random bits (exact in float32). */
  uniform(): number {
    return (this.uint32() >>> 8) * 2 ** -24
  }

  /** A uniform integer in [0, n), 1 <= n <= 2^32, without bias: draws of as many high bits as n needs, until one fits. */
  below(n: number): number {
    const shift = Math.clz32(n - 1)
    if (n === 1) return 0
    for (;;) {
      const draw = this.uint32() >>> shift
      if (draw < n) return draw
    }
  }

  /** Shuffles in place (Fisher-Yates, from the end). */
  shuffle<T extends { [index: number]: unknown; readonly length: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const item = items[i]
      items[i] = items[j]
      items[j] = item
    }
    return items
  }
}
