import { Lanes } from '../lanes'
import { Lookup } from '../lookup'
import { Sigmoid } from '../sigmoid'
import { Batch } from './batch'

/**
 * Mini-batch SGD of logistic regression without weights (epoch.ts) by batches of four rows, x0 to x3, in lanes. Each step waits
 * for the one before, so residuals stay in a register, and one pass over the columns makes a step and the products of the next
 * four rows with the w that it makes:
 *
 *   w = keep w + by (r0 x0 + r1 x1 + r2 x2 + r3 x3 - (r0 + r1 + r2 + r3) mean),     z = (next x - mean) w + b
 *
 * by = step scale, in memory. For v128 only.
 */
@unmanaged
export abstract class FourRows {
  /** Steps by `n` rows, a multiple of four, of the bunch in `scratch`; `intercept` is the step of b. */
  static descend(
    n: u32,
    bytes: usize,
    w: usize,
    by: usize,
    mean: usize,
    keep: f32,
    intercept: f32,
    scratch: usize,
    room: usize,
  ): void {
    const bAt = w + bytes
    const first = Batch.rows(scratch)
    const end = first + ((<usize>n) << 2)
    let b = load<f32>(bAt)
    let stay = Lanes.splat(1)
    let r = Lanes.zero()
    let center = Lanes.zero()
    let from = first
    let z = Lanes.zero()
    // The first pass moves nothing.
    for (let at = first; at <= end; at += 16) {
      if (at > first) {
        const y = load<Vec>(from + 2 * room)
        const e = Sigmoid.decay(z)
        const sum = Sigmoid.onePlus(e)
        r = Lanes.sub(Sigmoid.from(z, e, sum), y)
        const all = Lanes.sum(r)
        center = Lanes.splat(all)
        b += intercept * all
        stay = Lanes.splat(keep)
        Batch.addLosses(scratch, sum, Lanes.sub(Lanes.max(z, Lanes.zero()), Lanes.mul(y, z)), 4)
      }
      const next = at < end ? at : from
      const p0 = <usize>load<u32>(from)
      const p1 = <usize>load<u32>(from, 4)
      const p2 = <usize>load<u32>(from, 8)
      const p3 = <usize>load<u32>(from, 12)
      const q0 = <usize>load<u32>(next)
      const q1 = <usize>load<u32>(next, 4)
      const q2 = <usize>load<u32>(next, 8)
      const q3 = <usize>load<u32>(next, 12)
      from = next
      const r0 = Lookup.lane0(r)
      const r1 = Lookup.lane1(r)
      const r2 = Lookup.lane2(r)
      const r3 = Lookup.lane3(r)
      let a0 = Lanes.zero()
      let a1 = Lanes.zero()
      let a2 = Lanes.zero()
      let a3 = Lanes.zero()
      let m = Lanes.zero()
      for (let k: usize = 0; k < bytes; k += sizeof<Vec>()) {
        let g = Lanes.madd(r1, load<Vec>(p1 + k), Lanes.mul(r0, load<Vec>(p0 + k)))
        // In pairs: each batch waits for this sum.
        g = Lanes.add(g, Lanes.madd(r3, load<Vec>(p3 + k), Lanes.mul(r2, load<Vec>(p2 + k))))
        if (mean) g = Lanes.nmadd(center, load<Vec>(mean + k), g)
        const wk = Lanes.madd(load<Vec>(by + k), g, Lanes.mul(stay, load<Vec>(w + k)))
        store<Vec>(w + k, wk)
        if (mean) m = Lanes.madd(load<Vec>(mean + k), wk, m)
        a0 = Lanes.madd(load<Vec>(q0 + k), wk, a0)
        a1 = Lanes.madd(load<Vec>(q1 + k), wk, a1)
        a2 = Lanes.madd(load<Vec>(q2 + k), wk, a2)
        a3 = Lanes.madd(load<Vec>(q3 + k), wk, a3)
      }
      z = Lanes.add(Lanes.sums(a0, a1, a2, a3), Lanes.splat(b - (mean ? Lanes.sum(m) : 0)))
    }
    store<f32>(bAt, b)
  }
}
