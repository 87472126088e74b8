import { Lanes, lanes } from '../lanes'
import { Wide } from '../wide'

/**
 * Rows as they are given into rows as they are stored: to[i][k] = from[i][k] - shift[k], subtracted in float64 and rounded
 * once. Returns whether all of them are finite numbers.
 *
 * from   rows x cols float64, row-major; shift: cols float64
 * to     rows x stride float32, padded with zeros
 */
export function placeRows(rows: u32, cols: u32, from: usize, shift: usize, to: usize, stride: u32): bool {
  let bad = Lanes.zero()
  let rest: f32 = 0
  for (let i: u32 = 0; i < rows; i++) {
    const end = to + ((<usize>stride) << 2)
    let s = shift
    let k = lanes()
    for (; k <= cols; k += lanes()) {
      const x = Wide.narrow(from, s)
      store<Vec>(to, x)
      bad = Lanes.add(bad, Lanes.mul(x, Lanes.zero()))
      from += 2 * sizeof<Vec>()
      s += 2 * sizeof<Vec>()
      to += sizeof<Vec>()
    }
    for (k -= lanes(); k < cols; k++) {
      const x = <f32>(load<f64>(from) - load<f64>(s))
      store<f32>(to, x)
      rest += x * 0
      from += 8
      s += 8
      to += 4
    }
    for (; to < end; to += 4) store<f32>(to, 0)
  }
  return Lanes.sum(bad) + rest == 0
}
