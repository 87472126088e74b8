import { Lanes } from '../lanes'
import { Loss } from '../losses'
import { LaneMath } from '../math'
import { Sigmoid } from '../sigmoid'
import { Wide } from '../wide'
import { BLOCK, residualTile } from './linear'
import { Rows } from './rows'

/**
 * A mini-batch of a linear model: what its epochs (epoch.ts, optimizer-epoch.ts) share. A batch is m rows by index: the
 * addresses of its rows, their targets and weights, and z, which becomes r in place. They are looked up for a bunch of
 * batches at a time.
 *
 * slabs   table of slab addresses, 2^slabShift rows each; stride as in linear.ts
 * index   rows of the batches, one after the other: batch k takes index[k batchSize ...), the last one what is left
 * y, s    float32 by row number (s = 0: weights 1)
 */

/** Rows of a bunch, unless a batch has more: their lists stay in the nearest cache. */
const BUNCH: u32 = 512

/*
 * scratch: loss lanes [4] f64 | r lanes [4] f64 | product lanes [4] f32 | hinge lanes [4] f32 | factors u32, room to 128 bytes |
 *          shared[16] f32 | of a bunch: row pointers u32 | z f32 | y f32 | s f32
 */
/** 4 bytes for each of sixteen rows. */
const PART: usize = 64
const R_LANES: usize = 32
const PRODUCT: usize = 64
const HINGE: usize = 80
const FACTORS: usize = 96
const SHARED: usize = 128
const ROWS: usize = 192

@unmanaged
export abstract class Batch {
  /** Bytes of scratch, a multiple of 64. */
  static bytes(batchSize: u32): u32 {
    return <u32>ROWS + 4 * <u32>Batch.room(batchSize)
  }

  /** From one batch to the next in the lists of a bunch: whole fours of rows. */
  @inline static slot(batchSize: u32): u32 {
    return (batchSize + 3) & ~3
  }

  /** Batches of a bunch. */
  @inline static count(batchSize: u32): u32 {
    return max<u32>(1, BUNCH / Batch.slot(batchSize))
  }

  /** Bytes from one list of the scratch to the next. */
  @inline static room(batchSize: u32): usize {
    return (<usize>((Batch.count(batchSize) * Batch.slot(batchSize) + 15) & ~15)) << 2
  }

  /** Where the addresses of a bunch's rows are. */
  @inline static rows(scratch: usize): usize {
    return scratch + ROWS
  }

  /** For a new epoch: no losses yet, weights of 1. */
  static begin(scratch: usize, room: usize): void {
    memory.fill(scratch, 0, ROWS)
    store<Vec>(scratch, Lanes.splat(1), PRODUCT)
    const weights = scratch + ROWS + 3 * room
    for (let i: usize = 0; i < room; i += sizeof<Vec>()) store<Vec>(weights + i, Lanes.splat(1))
  }

  /** The losses since `begin`. */
  static losses(scratch: usize): f64 {
    Batch.takeLosses(scratch)
    return Wide.sum(scratch)
  }

  /**
   * z = X w + b for the batch of `m` rows whose list begins at `rows`, then r in its place; adds to the losses and returns the
   * sum of r. r is 0 behind the last row up to a multiple of four.
   */
  static forward(
    loss: u32,
    m: u32,
    rows: usize,
    bytes: usize,
    w: usize,
    b: f32,
    weighted: bool,
    scratch: usize,
    room: usize,
  ): f32 {
    let sum: f64 = 0
    // Float32 sums of at most 256 rows: in a large batch they would lose the small terms.
    for (; m > BLOCK; m -= BLOCK) {
      sum += <f64>Batch.block(loss, BLOCK, rows, bytes, w, b, weighted, scratch, room)
      rows += BLOCK << 2
    }
    return <f32>(sum + <f64>Batch.block(loss, m, rows, bytes, w, b, weighted, scratch, room))
  }

  private static block(
    loss: u32,
    m: u32,
    rows: usize,
    bytes: usize,
    w: usize,
    b: f32,
    weighted: bool,
    scratch: usize,
    room: usize,
  ): f32 {
    const n = (m + 3) & ~3
    const end = rows + ((<usize>n) << 2)
    if (loss == Loss.Logistic) {
      // The weights of a part of four are needed for the 0 behind them.
      const whole = weighted ? rows : rows + ((<usize>(m & ~3)) << 2)
      return Batch.logistic(rows, whole, end, bytes, w, b, scratch, room)
    }
    for (let at = rows; at < end; at += 16) Batch.dots(at, bytes, w, room)
    const z = rows + room
    Wide.clear(scratch + R_LANES)
    residualTile(loss, n, z, b, z + room, z + 2 * room, scratch, scratch + R_LANES, scratch + SHARED)
    return <f32>Wide.sum(scratch + R_LANES)
  }

  /** X w of four rows, to their places behind `rows`. */
  @inline private static dots(rows: usize, bytes: usize, w: usize, room: usize): void {
    const p0 = <usize>load<u32>(rows)
    const p1 = <usize>load<u32>(rows, 4)
    const p2 = <usize>load<u32>(rows, 8)
    const p3 = <usize>load<u32>(rows, 12)
    Rows.dot4(rows + room, 4, p0, p1, p2, p3, w, bytes, false, 0)
  }

  /**
   * z and r of the logistic loss, sixteen rows at a time: while their sigmoids are in the making, the products of the next ones
   * are. Of max(z, 0) - y z + ln(1 + e^-|z|) it takes one logarithm for up to 512 rows: that of the product of their
   * 1 + e^-|z|, each at most 2, before float32 could overflow (in four lanes: where there is one, each row has its own). Rows
   * from `whole` on have weights.
   */
  private static logistic(
    rows: usize,
    whole: usize,
    end: usize,
    bytes: usize,
    w: usize,
    b: f32,
    scratch: usize,
    room: usize,
  ): f32 {
    const bias = Lanes.splat(b)
    let product = load<Vec>(scratch, PRODUCT)
    let hinge = load<Vec>(scratch, HINGE)
    let rSum = Lanes.zero()
    const count = <u32>(end - rows) >> 2
    while (rows < end) {
      const next = min<usize>(end, rows + PART)
      if (bytes == Rows.bytesOfEight()) Rows.dotsOfEight(rows, next, w, rows + room)
      else for (let at = rows; at < next; at += 16) Batch.dots(at, bytes, w, room)
      while (rows < next) {
        const z = Lanes.add(load<Vec>(rows + room), bias)
        const y = load<Vec>(rows + 2 * room)
        const e = Sigmoid.decay(z)
        const sum = Sigmoid.onePlus(e)
        let r = Lanes.sub(Sigmoid.from(z, e, sum), y)
        const rest = Lanes.sub(Lanes.max(z, Lanes.zero()), Lanes.mul(y, z))
        if (isVector<Vec>() && rows < whole) {
          product = Lanes.mul(product, sum)
          hinge = Lanes.add(hinge, rest)
        } else {
          const s = load<Vec>(rows + 3 * room)
          r = Lanes.mul(s, r)
          hinge = Lanes.madd(s, Lanes.add(rest, LaneMath.log1pUnit(e)), hinge)
        }
        rSum = Lanes.add(rSum, r)
        store<Vec>(rows + room, r)
        rows += sizeof<Vec>()
      }
    }
    Batch.keepLosses(scratch, product, hinge, count)
    return Lanes.sum(rSum)
  }

  /** Adds the losses of rows without weights, of which `logistic` has products of 1 + e^-|z| and sums of the rest. */
  @inline static addLosses(scratch: usize, product: Vec, hinge: Vec, rows: u32): void {
    product = Lanes.mul(load<Vec>(scratch, PRODUCT), product)
    Batch.keepLosses(scratch, product, Lanes.add(load<Vec>(scratch, HINGE), hinge), rows)
  }

  /** The product and the sum so far, to which `rows` rows have been added. */
  @inline private static keepLosses(scratch: usize, product: Vec, hinge: Vec, rows: u32): void {
    store<Vec>(scratch, product, PRODUCT)
    store<Vec>(scratch, hinge, HINGE)
    const factors = load<u32>(scratch, FACTORS) + rows
    store<u32>(scratch, factors, FACTORS)
    // At most 64 in a lane now and 64 by the next call.
    if (factors >= BLOCK) Batch.takeLosses(scratch)
  }

  private static takeLosses(scratch: usize): void {
    Wide.add(scratch, LaneMath.log1p(Lanes.sub(load<Vec>(scratch, PRODUCT), Lanes.splat(1))))
    Wide.add(scratch, load<Vec>(scratch, HINGE))
    store<Vec>(scratch, Lanes.splat(1), PRODUCT)
    store<Vec>(scratch, Lanes.zero(), HINGE)
    store<u32>(scratch, 0, FACTORS)
  }

  /** g = X^T r for `m` rows, r 0 behind the last up to a multiple of four. */
  static gradient(m: u32, rows: usize, r: usize, g: usize, bytes: usize): void {
    const end = rows + ((<usize>((m + 3) & ~3)) << 2)
    let k: usize = 0
    for (; k + Rows.bytesOfEight() <= bytes; k += Rows.bytesOfEight()) {
      let g0 = Lanes.zero()
      let g1 = Lanes.zero()
      let g2 = Lanes.zero()
      let g3 = Lanes.zero()
      let g4 = Lanes.zero()
      let g5 = Lanes.zero()
      let g6 = Lanes.zero()
      let g7 = Lanes.zero()
      let ri = r
      for (let at = rows; at < end; at += 4) {
        const p = <usize>load<u32>(at) + k
        const ratio = Lanes.loadSplat(ri)
        g0 = Lanes.madd(ratio, load<Vec>(p), g0)
        g1 = Lanes.madd(ratio, load<Vec>(p, sizeof<Vec>()), g1)
        g2 = Lanes.madd(ratio, load<Vec>(p, 2 * sizeof<Vec>()), g2)
        g3 = Lanes.madd(ratio, load<Vec>(p, 3 * sizeof<Vec>()), g3)
        g4 = Lanes.madd(ratio, load<Vec>(p, 4 * sizeof<Vec>()), g4)
        g5 = Lanes.madd(ratio, load<Vec>(p, 5 * sizeof<Vec>()), g5)
        g6 = Lanes.madd(ratio, load<Vec>(p, 6 * sizeof<Vec>()), g6)
        g7 = Lanes.madd(ratio, load<Vec>(p, 7 * sizeof<Vec>()), g7)
        ri += 4
      }
      const to = g + k
      store<Vec>(to, g0)
      store<Vec>(to, g1, sizeof<Vec>())
      store<Vec>(to, g2, 2 * sizeof<Vec>())
      store<Vec>(to, g3, 3 * sizeof<Vec>())
      store<Vec>(to, g4, 4 * sizeof<Vec>())
      store<Vec>(to, g5, 5 * sizeof<Vec>())
      store<Vec>(to, g6, 6 * sizeof<Vec>())
      store<Vec>(to, g7, 7 * sizeof<Vec>())
    }
    if (k == bytes) return
    for (let i = k; i < bytes; i += sizeof<Vec>()) store<Vec>(g + i, Lanes.zero())
    for (let at = rows; at < end; at += 16) {
      const p0 = <usize>load<u32>(at) + k
      const p1 = <usize>load<u32>(at, 4) + k
      const p2 = <usize>load<u32>(at, 8) + k
      const p3 = <usize>load<u32>(at, 12) + k
      Rows.axpy4(g + k, p0, p1, p2, p3, r, bytes - k, false, 0)
      r += 16
    }
  }
}
