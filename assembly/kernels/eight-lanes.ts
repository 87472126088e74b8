import { Lanes } from '../lanes'
import { Sigmoid } from '../sigmoid'
import { Batch } from './batch'
import { Rows } from './rows'

/**
 * Mini-batch SGD of logistic regression without weights (epoch.ts) where a row is exactly eight lane vectors: w is in registers
 * for sixteen rows, the gradient until it has moved w, and a bunch of batches is one function: each call costs what some rows do.
 */
@unmanaged
export abstract class EightLanes {
  /** Steps by the `n` rows in `scratch`, batches of `size`, which is a multiple of four; `intercept` is the step of b. */
  static descend(
    n: u32,
    size: u32,
    w: usize,
    scale: usize,
    mean: usize,
    keep: f32,
    step: f32,
    intercept: f32,
    scratch: usize,
    room: usize,
  ): void {
    const bAt = w + Rows.bytesOfEight()
    const last = Batch.rows(scratch) + ((<usize>n) << 2)
    let b = load<f32>(bAt)
    let rows = Batch.rows(scratch)
    while (rows < last) {
      const begin = rows
      const end = rows + ((<usize>size) << 2)
      const bias = Lanes.splat(b - (mean ? Rows.dot1(mean, w, Rows.bytesOfEight()) : 0))
      let product = Lanes.splat(1)
      let hinge = Lanes.zero()
      let rSum = Lanes.zero()
      while (rows < end) {
        // While the sigmoids of sixteen rows are in the making, the products of the next ones are.
        const next = min<usize>(end, rows + 64)
        Rows.dotsOfEight(rows, next, w, rows + room)
        for (; rows < next; rows += sizeof<Vec>()) {
          const z = Lanes.add(load<Vec>(rows + room), bias)
          const y = load<Vec>(rows + 2 * room)
          const e = Sigmoid.decay(z)
          const sum = Sigmoid.onePlus(e)
          const r = Lanes.sub(Sigmoid.from(z, e, sum), y)
          product = Lanes.mul(product, sum)
          hinge = Lanes.add(hinge, Lanes.sub(Lanes.max(z, Lanes.zero()), Lanes.mul(y, z)))
          rSum = Lanes.add(rSum, r)
          store<Vec>(rows + room, r)
        }
      }
      Batch.addLosses(scratch, product, hinge, size)
      const all = Lanes.sum(rSum)
      b += intercept * all
      let g0 = Lanes.zero()
      let g1 = g0
      let g2 = g0
      let g3 = g0
      let g4 = g0
      let g5 = g0
      let g6 = g0
      let g7 = g0
      for (let at = begin; at < end; at += 8) {
        const p = <usize>load<u32>(at)
        const ratio = Lanes.loadSplat(at + room)
        g0 = Lanes.madd(ratio, load<Vec>(p), g0)
        g1 = Lanes.madd(ratio, load<Vec>(p, sizeof<Vec>()), g1)
        g2 = Lanes.madd(ratio, load<Vec>(p, 2 * sizeof<Vec>()), g2)
        g3 = Lanes.madd(ratio, load<Vec>(p, 3 * sizeof<Vec>()), g3)
        g4 = Lanes.madd(ratio, load<Vec>(p, 4 * sizeof<Vec>()), g4)
        g5 = Lanes.madd(ratio, load<Vec>(p, 5 * sizeof<Vec>()), g5)
        g6 = Lanes.madd(ratio, load<Vec>(p, 6 * sizeof<Vec>()), g6)
        g7 = Lanes.madd(ratio, load<Vec>(p, 7 * sizeof<Vec>()), g7)
        const q = <usize>load<u32>(at, 4)
        const other = Lanes.loadSplat(at + room + 4)
        g0 = Lanes.madd(other, load<Vec>(q), g0)
        g1 = Lanes.madd(other, load<Vec>(q, sizeof<Vec>()), g1)
        g2 = Lanes.madd(other, load<Vec>(q, 2 * sizeof<Vec>()), g2)
        g3 = Lanes.madd(other, load<Vec>(q, 3 * sizeof<Vec>()), g3)
        g4 = Lanes.madd(other, load<Vec>(q, 4 * sizeof<Vec>()), g4)
        g5 = Lanes.madd(other, load<Vec>(q, 5 * sizeof<Vec>()), g5)
        g6 = Lanes.madd(other, load<Vec>(q, 6 * sizeof<Vec>()), g6)
        g7 = Lanes.madd(other, load<Vec>(q, 7 * sizeof<Vec>()), g7)
      }
      const kept = Lanes.splat(keep)
      const factor = Lanes.splat(step)
      const center = Lanes.splat(all)
      EightLanes.move(g0, 0, w, scale, mean, kept, factor, center)
      EightLanes.move(g1, 1 * sizeof<Vec>(), w, scale, mean, kept, factor, center)
      EightLanes.move(g2, 2 * sizeof<Vec>(), w, scale, mean, kept, factor, center)
      EightLanes.move(g3, 3 * sizeof<Vec>(), w, scale, mean, kept, factor, center)
      EightLanes.move(g4, 4 * sizeof<Vec>(), w, scale, mean, kept, factor, center)
      EightLanes.move(g5, 5 * sizeof<Vec>(), w, scale, mean, kept, factor, center)
      EightLanes.move(g6, 6 * sizeof<Vec>(), w, scale, mean, kept, factor, center)
      EightLanes.move(g7, 7 * sizeof<Vec>(), w, scale, mean, kept, factor, center)
    }
    store<f32>(bAt, b)
  }

  /** w = keep w + step scale (g - center mean), where there is a mean, for the lane vector at k. */
  @inline private static move(
    g: Vec,
    k: usize,
    w: usize,
    scale: usize,
    mean: usize,
    kept: Vec,
    factor: Vec,
    center: Vec,
  ): void {
    if (mean) g = Lanes.nmadd(center, load<Vec>(mean + k), g)
    const by = Lanes.mul(factor, load<Vec>(scale + k))
    store<Vec>(w + k, Lanes.madd(by, g, Lanes.mul(kept, load<Vec>(w + k))))
  }
}
