import { Lanes } from '../lanes'
import { forwardQuarters, forwardTile, groupOf, TILE } from './linear'
import { sigmoidPairs } from './pointwise'
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
    for (let tile: u32 = 0; tile < m; tile += TILE) {
      const n = min<u32>(TILE, m - tile)
      const at = z + ((<usize>tile) << 2)
      bad = Lanes.add(bad, addBias(n, at, b))
      sigmoidPairs(n, at, out)
      out += (<usize>n) << 3
      if (left < group) continue
      for (let i: u32 = 0; i < TILE; i += 4) {
        Rows.dot4(to, quarter << 2, q, q + step, q + 2 * step, q + 3 * step, w, bytes, false, 0)
        q += bytes
        to += 4
      }
    }
    const done = z
    z = nextZ
    nextZ = done
  }
  if (Lanes.sum(bad) != 0) store<f32>(first, NaN)
}

/** Adds b to n z, and returns lanes of 0, or of NaN if one of them is not finite. */
function addBias(n: u32, z: usize, b: f32): Vec {
  const bias = Lanes.splat(b)
  let bad = Lanes.zero()
  for (const end = z + ((<usize>n) << 2); z < end; z += sizeof<Vec>()) {
    const zi = Lanes.add(load<Vec>(z), bias)
    store<Vec>(z, zi)
    bad = Lanes.add(bad, Lanes.mul(zi, Lanes.zero()))
  }
  return bad
}
