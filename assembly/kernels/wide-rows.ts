import { Wide } from '../wide'

/**
 * Passes over the rows of X with vectors in float64, for solvers whose rows must not differ by the rounding of float32.
 *
 * X      rows x stride float32, as in linear.ts
 * w, g   stride float64;  z, r: rows float64
 */

/** z[i] = X[i] w + b */
export function wideGemv(rows: u32, x: usize, stride: u32, w: usize, z: usize, b: f64): void {
  assert(stride % 4 == 0 && x % 16 == 0 && w % 8 == 0 && z % 8 == 0)
  const bytes = (<usize>stride) << 2
  for (let i: u32 = 0; i < rows; i++) {
    store<f64>(z, Wide.dot(x, w, bytes) + b)
    x += bytes
    z += 8
  }
}

/** g[k] += sum over rows of r[i] X[i][k], row after row. */
export function wideGemvTransposed(rows: u32, x: usize, stride: u32, r: usize, g: usize): void {
  assert(stride % 4 == 0 && x % 16 == 0 && r % 8 == 0 && g % 8 == 0)
  const bytes = (<usize>stride) << 2
  for (let i: u32 = 0; i < rows; i += 4) {
    const m = rows - i
    // Rows beyond the last are the first again, times 0.
    const p1 = m > 1 ? x + bytes : x
    const p2 = m > 2 ? x + 2 * bytes : x
    const p3 = m > 3 ? x + 3 * bytes : x
    const r0 = load<f64>(r)
    const r1 = m > 1 ? load<f64>(r, 8) : 0
    const r2 = m > 2 ? load<f64>(r, 16) : 0
    const r3 = m > 3 ? load<f64>(r, 24) : 0
    Wide.addRows(g, bytes, x, p1, p2, p3, r0, r1, r2, r3)
    x += 4 * bytes
    r += 32
  }
}
