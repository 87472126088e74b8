import { Lanes } from '../lanes'
import { LogisticLoss } from '../losses'
import { LaneMath } from '../math'
import { Wide } from '../wide'

const R_LANES: usize = 32
const Q: usize = 64
const E: usize = 80

/**
 * Residuals and value of the logistic loss without weights, for whole tiles of 16 rows, as `residualTile` has them but for
 * the logarithms: of the values max(z, 0) - y z + ln(1 + e), e = e^-|z|, it adds up the first two, and gathers the factors
 * 1 + e of a single logarithm (measured: two thirds of the time). They are kept as q = product - 1, which grows by
 * e (1 + q), so that small e keep their digits: first those of a tile, then of up to four tiles, for in one chain over 256
 * equal rows roundings pile up (measured: to 2e-6 of the loss). `takeLog` comes every 64 rows; a single lane takes its
 * logarithms by itself, every tile.
 *
 * sums   loss lanes [4] f64 | r lanes [4] f64 | q lanes [4] f32 | e[64] f32, scratch
 */
@unmanaged
export abstract class LogisticTiles {
  /** Rows at most in one call. */
  static readonly MOST: u32 = 64

  /** z becomes r in place for `m` rows, a multiple of 16. */
  static residuals(m: u32, z: usize, b: f32, y: usize, sums: usize): void {
    const l = changetype<LogisticLoss>(0)
    const bias = Lanes.splat(b)
    const end = z + ((<usize>m) << 2)
    // In two steps, as there.
    let e = sums + E
    for (let at = z; at < end; at += sizeof<Vec>()) {
      const zi = Lanes.add(load<Vec>(at), bias)
      store<Vec>(at, zi)
      store<Vec>(e, l.shared(zi))
      e += sizeof<Vec>()
    }
    e = sums + E
    const one = Lanes.splat(1)
    while (z < end) {
      let hinge = Lanes.zero()
      let rSum = Lanes.zero()
      let q = Lanes.zero()
      for (const tileEnd = z + 64; z < tileEnd; z += sizeof<Vec>()) {
        const zi = load<Vec>(z)
        const yi = load<Vec>(y)
        const ei = load<Vec>(e)
        hinge = Lanes.add(hinge, Lanes.sub(Lanes.max(zi, Lanes.zero()), Lanes.mul(yi, zi)))
        q = Lanes.madd(q, Lanes.add(one, ei), ei)
        const r = l.gradient(zi, yi, ei)
        rSum = Lanes.add(rSum, r)
        store<Vec>(z, r)
        y += sizeof<Vec>()
        e += sizeof<Vec>()
      }
      Wide.add(sums, hinge)
      Wide.add(sums + R_LANES, rSum)
      if (isVector<Vec>()) store<Vec>(sums, Lanes.madd(load<Vec>(sums, Q), Lanes.add(one, q), q), Q)
      else Wide.add(sums, LaneMath.log1p(q))
    }
  }

  /** Adds the logarithm of the factors to the loss. */
  static takeLog(sums: usize): void {
    Wide.add(sums, LaneMath.log1p(load<Vec>(sums, Q)))
    store<Vec>(sums, Lanes.zero(), Q)
  }
}
