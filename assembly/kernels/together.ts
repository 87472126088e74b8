import { Lanes } from '../lanes'
import { Rows } from './rows'

@unmanaged
abstract class Together {
  /**
   * Four rows of one group on the way back and four of the next on the way forward, in turn: the arithmetic of one goes on
   * while the other waits for memory.
   *
   * x       `m` rows, a multiple of four; r: m float32; g += X^T r, float32
   * q       rows of the next group: of four together one is `across` rows from the other, and from four to the next four
   *         it is `onward` rows
   * to      z = Q w, each at the number of its row
   * touch   whether rows are touched `ahead` bytes in advance (rows.ts)
   */
  @inline static run(
    m: u32,
    x: usize,
    r: usize,
    g: usize,
    q: usize,
    across: usize,
    onward: usize,
    w: usize,
    to: usize,
    bytes: usize,
    touch: bool,
    ahead: usize,
  ): void {
    const step = across * bytes
    for (const last = r + ((<usize>m) << 2); r < last; r += 16) {
      Rows.dot4(to, across << 2, q, q + step, q + 2 * step, q + 3 * step, w, bytes, touch, q + ahead)
      Rows.axpy4(g, x, x + bytes, x + 2 * bytes, x + 3 * bytes, r, bytes, touch, q + ahead + 2 * bytes)
      x += 4 * bytes
      q += onward * bytes
      to += onward << 2
    }
  }
}

/** In any number of streams. */
export function together(
  m: u32,
  x: usize,
  r: usize,
  g: usize,
  q: usize,
  across: usize,
  onward: usize,
  w: usize,
  to: usize,
  bytes: usize,
): void {
  Together.run(m, x, r, g, q, across, onward, w, to, bytes, false, 0)
}

/** In one stream, which is touched ahead. */
export function togetherTouching(
  m: u32,
  x: usize,
  r: usize,
  g: usize,
  q: usize,
  w: usize,
  to: usize,
  bytes: usize,
  ahead: usize,
): void {
  Together.run(m, x, r, g, q, 1, 4, w, to, bytes, true, ahead)
}

/**
 * As `together`, for rows of exactly eight lane vectors, m a multiple of eight: w and g stay in registers for eight rows, and
 * fewer instructions let the CPU look further ahead (measured: 1.15 times as fast in cache). The bits are the same.
 */
export function together8(
  m: u32,
  x: usize,
  r: usize,
  g: usize,
  q: usize,
  across: usize,
  onward: usize,
  w: usize,
  to: usize,
): void {
  const bytes: usize = 8 * sizeof<Vec>()
  const step = across * bytes
  for (const last = r + ((<usize>m) << 2); r < last; ) {
    const middle = r + 32
    const w0 = load<Vec>(w)
    const w1 = load<Vec>(w, 1 * sizeof<Vec>())
    const w2 = load<Vec>(w, 2 * sizeof<Vec>())
    const w3 = load<Vec>(w, 3 * sizeof<Vec>())
    const w4 = load<Vec>(w, 4 * sizeof<Vec>())
    const w5 = load<Vec>(w, 5 * sizeof<Vec>())
    const w6 = load<Vec>(w, 6 * sizeof<Vec>())
    const w7 = load<Vec>(w, 7 * sizeof<Vec>())
    for (let i: u32 = 0; i < 2; i++) {
      const a0 = Rows.eight(q, w0, w1, w2, w3, w4, w5, w6, w7)
      const a1 = Rows.eight(q + step, w0, w1, w2, w3, w4, w5, w6, w7)
      const a2 = Rows.eight(q + 2 * step, w0, w1, w2, w3, w4, w5, w6, w7)
      const a3 = Rows.eight(q + 3 * step, w0, w1, w2, w3, w4, w5, w6, w7)
      Lanes.storeSums(to, across << 2, a0, a1, a2, a3)
      q += onward * bytes
      to += onward << 2
    }
    let g0 = load<Vec>(g)
    let g1 = load<Vec>(g, 1 * sizeof<Vec>())
    let g2 = load<Vec>(g, 2 * sizeof<Vec>())
    let g3 = load<Vec>(g, 3 * sizeof<Vec>())
    let g4 = load<Vec>(g, 4 * sizeof<Vec>())
    let g5 = load<Vec>(g, 5 * sizeof<Vec>())
    let g6 = load<Vec>(g, 6 * sizeof<Vec>())
    let g7 = load<Vec>(g, 7 * sizeof<Vec>())
    while (r < middle) {
      const f = Lanes.loadSplat(r)
      g0 = Lanes.madd(f, load<Vec>(x), g0)
      g1 = Lanes.madd(f, load<Vec>(x, 1 * sizeof<Vec>()), g1)
      g2 = Lanes.madd(f, load<Vec>(x, 2 * sizeof<Vec>()), g2)
      g3 = Lanes.madd(f, load<Vec>(x, 3 * sizeof<Vec>()), g3)
      g4 = Lanes.madd(f, load<Vec>(x, 4 * sizeof<Vec>()), g4)
      g5 = Lanes.madd(f, load<Vec>(x, 5 * sizeof<Vec>()), g5)
      g6 = Lanes.madd(f, load<Vec>(x, 6 * sizeof<Vec>()), g6)
      g7 = Lanes.madd(f, load<Vec>(x, 7 * sizeof<Vec>()), g7)
      x += bytes
      r += 4
    }
    store<Vec>(g, g0)
    store<Vec>(g, g1, 1 * sizeof<Vec>())
    store<Vec>(g, g2, 2 * sizeof<Vec>())
    store<Vec>(g, g3, 3 * sizeof<Vec>())
    store<Vec>(g, g4, 4 * sizeof<Vec>())
    store<Vec>(g, g5, 5 * sizeof<Vec>())
    store<Vec>(g, g6, 6 * sizeof<Vec>())
    store<Vec>(g, g7, 7 * sizeof<Vec>())
  }
}
