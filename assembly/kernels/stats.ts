import { Lanes } from '../lanes'
import { Wide } from '../wide'
import { Slabs } from './rows'

/**
 * Weighted column sums in float64. Four rows are added up in float32 lanes and then widened, so a mean carries the
 * float32 rounding of single values only.
 */

/** What is summed: the value itself ... */
@final
@unmanaged
class Value {
  @inline of(x: Vec, center: Vec): Vec {
    return x
  }
}

/** ... or its squared distance from a center. */
@final
@unmanaged
class SquaredDistance {
  @inline of(x: Vec, center: Vec): Vec {
    const d = Lanes.sub(x, center)
    return Lanes.mul(d, d)
  }
}

@unmanaged
abstract class Fours {
  /** The sum over four rows, one after the other. */
  @inline static sum<F>(p: usize, bytes: usize, c: Vec): Vec {
    const f = changetype<F>(0)
    let sum = Lanes.add(f.of(load<Vec>(p), c), f.of(load<Vec>(p + bytes), c))
    sum = Lanes.add(f.of(load<Vec>(p + 2 * bytes), c), sum)
    return Lanes.add(f.of(load<Vec>(p + 3 * bytes), c), sum)
  }
}

/** sums[k] += sum over rows of s[i] f(X[i][k], center[k]); sums float64, center float32; s = 0: every weight is 1. */
function sumColumns<F>(rows: u32, x: usize, stride: u32, center: usize, s: usize, sums: usize): void {
  assert(stride % 4 == 0 && x % 16 == 0 && center % 16 == 0 && sums % 8 == 0)
  const f = changetype<F>(0)
  const bytes = (<usize>stride) << 2
  let i: u32 = 0
  // Sixteen rows at a time, the same fours of them: a fourth of the ways to float64. Meanwhile the next block is touched in
  // four places, where waiting for pages falls together.
  const block: u32 = 16 * max<u32>(1, 2048 / max<u32>(16, <u32>bytes))
  const quarter = (<usize>block * bytes) >> 2
  let ahead = x
  for (; s == 0 && i + 16 <= rows; i += 16) {
    let target = sums
    if (i % block == 0) ahead = i + 2 * block <= rows ? x + 4 * quarter : 0
    for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
      const c = load<Vec>(center + k)
      const p = x + k
      const a = Fours.sum<F>(p, bytes, c)
      const b = Fours.sum<F>(p + 4 * bytes, bytes, c)
      const d = Fours.sum<F>(p + 8 * bytes, bytes, c)
      Wide.addFour(target, a, b, d, Fours.sum<F>(p + 12 * bytes, bytes, c))
      target += 2 * sizeof<Vec>()
      if (isVector<Vec>() && ahead) {
        load<u8>(ahead)
        load<u8>(ahead + quarter)
        load<u8>(ahead + 2 * quarter)
        load<u8>(ahead + 3 * quarter)
        ahead += 64
      }
    }
    x += 16 * bytes
  }
  for (; i < rows; i += 4) {
    const m = min<u32>(4, rows - i)
    // Rows beyond the last are the first again, with weight 0.
    const w0 = Lanes.splat(s ? load<f32>(s) : 1)
    const w1 = Lanes.splat(m <= 1 ? 0 : s ? load<f32>(s, 4) : 1)
    const w2 = Lanes.splat(m <= 2 ? 0 : s ? load<f32>(s, 8) : 1)
    const w3 = Lanes.splat(m <= 3 ? 0 : s ? load<f32>(s, 12) : 1)
    const p1 = m > 1 ? x + bytes : x
    const p2 = m > 2 ? x + 2 * bytes : x
    const p3 = m > 3 ? x + 3 * bytes : x
    let target = sums
    for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
      const c = load<Vec>(center + k)
      let sum = Lanes.mul(w0, f.of(load<Vec>(x + k), c))
      sum = Lanes.madd(w1, f.of(load<Vec>(p1 + k), c), sum)
      sum = Lanes.madd(w2, f.of(load<Vec>(p2 + k), c), sum)
      sum = Lanes.madd(w3, f.of(load<Vec>(p3 + k), c), sum)
      Wide.add(target, sum)
      target += 2 * sizeof<Vec>()
    }
    x += 4 * bytes
    if (s) s += 16
  }
}

/** Sums of the columns; `center` is not looked at. */
export function columnSums(rows: u32, x: usize, stride: u32, center: usize, s: usize, sums: usize): void {
  sumColumns<Value>(rows, x, stride, center, s, sums)
}

/** Sums of squared distances from `center`. */
export function columnSquares(rows: u32, x: usize, stride: u32, center: usize, s: usize, sums: usize): void {
  sumColumns<SquaredDistance>(rows, x, stride, center, s, sums)
}

/** Copies rows by index, target[i] = source row index[i], from a table of slabs of 2^slabShift rows each. */
export function gatherRows(n: u32, index: usize, slabs: usize, slabShift: u32, stride: u32, target: usize): void {
  const bytes = (<usize>stride) << 2
  for (let i: u32 = 0; i < n; i++) {
    memory.copy(target, Slabs.row(slabs, slabShift, load<u32>(index), bytes), bytes)
    index += 4
    target += bytes
  }
}
