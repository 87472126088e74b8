import { Lanes } from '../lanes'
import { Slabs } from './rows'

/**
 * Weighted column sums in float64. Four rows are added up in float32 lanes and then widened, so a mean carries the
 * float32 rounding of single values only.
 */

/** What is summed: the value itself ... */
@final
@unmanaged
export class Value {
  @inline of<V>(x: V, center: V): V {
    return x
  }
}

/** ... or its squared distance from a center. */
@final
@unmanaged
export class SquaredDistance {
  @inline of<V>(x: V, center: V): V {
    const d = Lanes.sub<V>(x, center)
    return Lanes.mul<V>(d, d)
  }
}

/** sums[k] += sum over rows of s[i] f(X[i][k], center[k]); sums float64, center float32; s = 0: every weight is 1. */
export function columnSumsOf<V, F>(rows: u32, x: usize, stride: u32, center: usize, s: usize, sums: usize): void {
  assert(stride % 4 == 0 && x % 16 == 0 && center % 16 == 0 && sums % 8 == 0)
  const f = changetype<F>(0)
  const bytes = (<usize>stride) << 2
  for (let i: u32 = 0; i < rows; i += 4) {
    const m = min<u32>(4, rows - i)
    // Rows beyond the last are the first again, with weight 0.
    const w0 = Lanes.splat<V>(s ? load<f32>(s) : 1)
    const w1 = Lanes.splat<V>(m <= 1 ? 0 : s ? load<f32>(s, 4) : 1)
    const w2 = Lanes.splat<V>(m <= 2 ? 0 : s ? load<f32>(s, 8) : 1)
    const w3 = Lanes.splat<V>(m <= 3 ? 0 : s ? load<f32>(s, 12) : 1)
    const p1 = m > 1 ? x + bytes : x
    const p2 = m > 2 ? x + 2 * bytes : x
    const p3 = m > 3 ? x + 3 * bytes : x
    let target = sums
    for (let k: usize = 0; k < bytes; k += sizeof<V>()) {
      const c = load<V>(center + k)
      let sum = Lanes.mul<V>(w0, f.of<V>(load<V>(x + k), c))
      sum = Lanes.madd<V>(w1, f.of<V>(load<V>(p1 + k), c), sum)
      sum = Lanes.madd<V>(w2, f.of<V>(load<V>(p2 + k), c), sum)
      sum = Lanes.madd<V>(w3, f.of<V>(load<V>(p3 + k), c), sum)
      Lanes.addWide<V>(target, sum)
      target += 2 * sizeof<V>()
    }
    x += 4 * bytes
    if (s) s += 16
  }
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
