import { Lanes, lanes } from '../lanes'
import { forwardQuarters, forwardTile, groupOf } from './linear'
import { Sides } from './pointwise'
import { Rows } from './rows'

/**
 * Both probabilities of every row of a linear model of two classes: out[2i] = 1 / (1 + e^z), out[2i + 1] = 1 / (1 + e^-z)
 * with z = X[i] w + b, by the same arithmetic as gemv and sigmoidPairs one after the other.
 *
 * X in four streams, as in linear.ts: a tile's probabilities are found while the next group of rows is read. If a z is
 * infinite or NaN (float32 overflowed on the way), out[0] is NaN.
 *
 * out 2 rows float32; scratch 8192 bytes, which linearScratchBytes has
 */
const NEXT_Z: usize = 4096

export function linearProba(rows: u32, x: usize, stride: u32, w: usize, out: usize, scratch: usize, b: f32): void {
  assert(stride % 4 == 0 && x % 16 == 0 && w % 16 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  const group = groupOf(bytes)
  const quarter = <usize>(group >> 2)
  const step = quarter * bytes
  const first = out
  let z = scratch
  let nextZ = scratch + NEXT_Z
  const bias = Lanes.splat(b)
  let bad = Lanes.zero()
  memory.fill(scratch, 0, 2 * NEXT_Z)
  if (rows >= group) forwardQuarters(group >> 2, x, bytes, w, z)
  else forwardTile(rows, x, bytes, w, z)
  for (let row: u32 = 0; row < rows; row += group) {
    const m = min<u32>(group, rows - row)
    const left = rows - row - m
    x += <usize>group * bytes
    if (left < group) {
      memory.fill(nextZ, 0, NEXT_Z)
      forwardTile(left, x, bytes, w, nextZ)
    }
    let q = x
    let to = nextZ
    let at = z
    for (let i: u32 = 0; i < m; i += 4) {
      bad = Lanes.add(bad, sidesOf(min<u32>(4, m - i), at, bias, out))
      at += 16
      out += 32
      if (left < group) continue
      Rows.dot4(to, quarter << 2, q, q + step, q + 2 * step, q + 3 * step, w, bytes, false, 0)
      q += bytes
      to += 4
    }
    const done = z
    z = nextZ
    nextZ = done
  }
  if (Lanes.sum(bad) != 0) store<f32>(first, NaN)
}

/** Adds the bias to up to 4 z and finds their probabilities. Returns lanes of 0, or of NaN if one z is not finite. */
function sidesOf(n: u32, z: usize, bias: Vec, out: usize): Vec {
  let bad = Lanes.zero()
  for (let i: u32 = 0; i < n; i += lanes()) {
    const zi = Lanes.add(load<Vec>(z), bias)
    Sides.store(out, zi, n - i)
    bad = Lanes.add(bad, Lanes.mul(zi, Lanes.zero()))
    z += sizeof<Vec>()
    out += 2 * sizeof<Vec>()
  }
  return bad
}
