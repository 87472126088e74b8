import { Lanes } from '../lanes'
import { Rows } from './rows'

/**
 * Products of rows with w, read in eight streams: of eighth * 8 rows one from each eighth at a time. Where one stream comes to
 * the end of a page so do the others, and they wait together; what becomes of eight products is calculated beside the next,
 * so that of the few hundred instructions a CPU looks ahead many are loads. (Measured on 1,000,000x32 against four streams
 * and probabilities apart: 1.15 times as fast; 16 streams are no faster.) A row's bits do not depend on where its neighbours
 * are.
 *
 * S, a policy, says what becomes of them:
 *   width()                        bytes of a row's result; `out` has room for all rows
 *   at(out, sums), apart(apart)    where four products go, and how many bytes lie between them
 *   finish(out, apart, sums, ...)  what is done when eight are there; of the rows at `out` and every `apart` bytes on
 * bias and `far` are handed to `finish`, whose result is the next `far`. sums 32 bytes, 16-byte aligned, if S wants them.
 */
@unmanaged
export abstract class Eighths {
  @inline static run<S>(
    eighth: u32,
    x: usize,
    bytes: usize,
    w: usize,
    out: usize,
    sums: usize,
    bias: Vec,
    far: Vec,
  ): Vec {
    if (bytes == 8 * sizeof<Vec>()) return Eighths.ofEight<S>(eighth, x, w, out, sums, bias, far)
    return Eighths.ofAny<S>(eighth, x, bytes, w, out, sums, bias, far)
  }

  private static ofAny<S>(
    eighth: u32,
    x: usize,
    bytes: usize,
    w: usize,
    out: usize,
    sums: usize,
    bias: Vec,
    far: Vec,
  ): Vec {
    const s = changetype<S>(0)
    const step = <usize>eighth * bytes
    const apart = <usize>eighth * s.width()
    for (const end = out + apart; out < end; out += s.width()) {
      let y = x
      let to = s.at(out, sums)
      const last = s.at(out + 4 * apart, sums + 16)
      for (; ; to = last) {
        Rows.dot4(to, s.apart(apart), y, y + step, y + 2 * step, y + 3 * step, w, bytes, false, 0)
        if (to == last) break
        y += 4 * step
      }
      far = s.finish(out, apart, sums, bias, far)
      x += bytes
    }
    return far
  }

  /** The same for rows of exactly eight lane vectors, w in registers. */
  private static ofEight<S>(eighth: u32, x: usize, w: usize, out: usize, sums: usize, bias: Vec, far: Vec): Vec {
    const s = changetype<S>(0)
    const bytes: usize = 8 * sizeof<Vec>()
    const step = <usize>eighth * bytes
    const apart = <usize>eighth * s.width()
    const w0 = load<Vec>(w)
    const w1 = load<Vec>(w, 1 * sizeof<Vec>())
    const w2 = load<Vec>(w, 2 * sizeof<Vec>())
    const w3 = load<Vec>(w, 3 * sizeof<Vec>())
    const w4 = load<Vec>(w, 4 * sizeof<Vec>())
    const w5 = load<Vec>(w, 5 * sizeof<Vec>())
    const w6 = load<Vec>(w, 6 * sizeof<Vec>())
    const w7 = load<Vec>(w, 7 * sizeof<Vec>())
    for (const end = out + apart; out < end; out += s.width()) {
      const a0 = Rows.eight(x, w0, w1, w2, w3, w4, w5, w6, w7)
      const a1 = Rows.eight(x + step, w0, w1, w2, w3, w4, w5, w6, w7)
      const a2 = Rows.eight(x + 2 * step, w0, w1, w2, w3, w4, w5, w6, w7)
      const a3 = Rows.eight(x + 3 * step, w0, w1, w2, w3, w4, w5, w6, w7)
      Lanes.storeSums(s.at(out, sums), s.apart(apart), a0, a1, a2, a3)
      const y = x + 4 * step
      const b0 = Rows.eight(y, w0, w1, w2, w3, w4, w5, w6, w7)
      const b1 = Rows.eight(y + step, w0, w1, w2, w3, w4, w5, w6, w7)
      const b2 = Rows.eight(y + 2 * step, w0, w1, w2, w3, w4, w5, w6, w7)
      const b3 = Rows.eight(y + 3 * step, w0, w1, w2, w3, w4, w5, w6, w7)
      Lanes.storeSums(s.at(out + 4 * apart, sums + 16), s.apart(apart), b0, b1, b2, b3)
      far = s.finish(out, apart, sums, bias, far)
      x += bytes
    }
    return far
  }
}
