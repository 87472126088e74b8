import { Lanes } from '../lanes'
import { backwardTile, TILE } from './linear'

/**
 * A tile of at most 16 rows of X and several classes (softmax.ts): two classes at a time, so that a load of x serves both.
 * For each class there are 16 floats z or r, 64 bytes from one class to the next, and a row of w or g.
 */
const Z_BYTES: usize = 64

/** g_c += X^T r_c for `m` rows, row after row for every class as `backwardTile` does it. */
export function classGradients(m: u32, x: usize, bytes: usize, k: u32, r: usize, g: usize): void {
  let c: u32 = 0
  if (m == TILE) {
    for (; c + 2 <= k; c += 2) {
      let p = x
      for (let i: usize = 0; i < Z_BYTES; i += 16) {
        addPair(bytes, p, p + bytes, p + 2 * bytes, p + 3 * bytes, r + i, g)
        p += 4 * bytes
      }
      r += 2 * Z_BYTES
      g += 2 * bytes
    }
  }
  for (; c < k; c++) {
    backwardTile(m, x, bytes, r, g)
    r += Z_BYTES
    g += bytes
  }
}

/** Four rows times their r, to g of a class and g of the next. */
function addPair(bytes: usize, p0: usize, p1: usize, p2: usize, p3: usize, r: usize, g: usize): void {
  const r0 = Lanes.loadSplat(r)
  const r1 = Lanes.loadSplat(r + 4)
  const r2 = Lanes.loadSplat(r + 8)
  const r3 = Lanes.loadSplat(r + 12)
  const s0 = Lanes.loadSplat(r + Z_BYTES)
  const s1 = Lanes.loadSplat(r + Z_BYTES + 4)
  const s2 = Lanes.loadSplat(r + Z_BYTES + 8)
  const s3 = Lanes.loadSplat(r + Z_BYTES + 12)
  for (const end = g + bytes; g < end; g += sizeof<Vec>()) {
    const h = g + bytes
    let x = load<Vec>(p0)
    let a = Lanes.madd(r0, x, load<Vec>(g))
    let b = Lanes.madd(s0, x, load<Vec>(h))
    x = load<Vec>(p1)
    a = Lanes.madd(r1, x, a)
    b = Lanes.madd(s1, x, b)
    x = load<Vec>(p2)
    a = Lanes.madd(r2, x, a)
    b = Lanes.madd(s2, x, b)
    x = load<Vec>(p3)
    a = Lanes.madd(r3, x, a)
    b = Lanes.madd(s3, x, b)
    store<Vec>(g, a)
    store<Vec>(h, b)
    p0 += sizeof<Vec>()
    p1 += sizeof<Vec>()
    p2 += sizeof<Vec>()
    p3 += sizeof<Vec>()
  }
}
