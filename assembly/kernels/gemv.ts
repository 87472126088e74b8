import { Lanes, lanes } from '../lanes'
import { Eighths } from './eighths'
import { BLOCK, backwardTile, forwardQuarters, forwardTile, groupOf, TILE } from './linear'
import { Rows } from './rows'

/** Products as they are. */
@final
@unmanaged
class Plain {
  @inline width(): usize {
    return 4
  }

  @inline at(out: usize, _sums: usize): usize {
    return out
  }

  @inline apart(apart: usize): usize {
    return apart
  }

  @inline finish(_out: usize, _apart: usize, _sums: usize, _bias: Vec, far: Vec): Vec {
    return far
  }
}

/** Bytes of a row up to which four streams take less time than eight: 0.6 of it on 2 columns (measured). */
const NARROW: usize = 32

/** z[i] = X[i] w + b for any number of rows: also the matrix-vector product (gemv), with b = 0. In eight streams (eighths.ts). */
export function gemv(rows: u32, x: usize, stride: u32, w: usize, z: usize, b: f32): void {
  assert(stride % 4 == 0 && x % 16 == 0 && w % 16 == 0)
  const bytes = (<usize>stride) << 2
  const group = groupOf(bytes)
  const bias = Lanes.splat(b)
  for (let row: u32 = 0; row < rows; row += group) {
    const m = min<u32>(group, rows - row)
    const isNarrow = bytes <= NARROW
    const whole = m & ~(isNarrow ? 3 : 7)
    if (isNarrow) forwardQuarters(m >> 2, x, bytes, w, z)
    else Eighths.run<Plain>(m >> 3, x, bytes, w, z, 0, bias, bias)
    x += <usize>whole * bytes
    forwardTile(m - whole, x, bytes, w, z + ((<usize>whole) << 2))
    x += <usize>(m - whole) * bytes
    if (b != 0) {
      for (let i: u32 = 0; i < m; i += lanes()) {
        const at = z + ((<usize>i) << 2)
        Lanes.storeUpTo(at, Lanes.add(Lanes.loadUpTo(at, m - i), bias), m - i)
      }
    }
    z += (<usize>m) << 2
  }
}

/** g[k] += sum over rows of r[i] X[i][k], g in float64; scratch stride float32. Same blocks as the fused pass. */
export function gemvTransposed(rows: u32, x: usize, stride: u32, r: usize, g: usize, scratch: usize): void {
  assert(stride % 4 == 0 && x % 16 == 0 && g % 8 == 0 && scratch % 16 == 0)
  const bytes = (<usize>stride) << 2
  memory.fill(scratch, 0, bytes)
  for (let block: u32 = 0; block < rows; block += BLOCK) {
    const m = min<u32>(BLOCK, rows - block)
    for (let tile: u32 = 0; tile < m; tile += TILE) {
      backwardTile(min<u32>(TILE, m - tile), x, bytes, r, scratch)
      x += <usize>TILE * bytes
      r += TILE << 2
    }
    Rows.flush(g, scratch, bytes)
  }
}
