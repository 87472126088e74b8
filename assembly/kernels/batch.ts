import { Lanes } from '../lanes'
import { Loss } from '../losses'
import { LaneMath } from '../math'
import { Wide } from '../wide'
import { BLOCK, residualTile } from './linear'
import { Rows, Slabs } from './rows'

/**
 * A mini-batch of a linear model: what its epochs (epoch.ts, optimizer-epoch.ts) share. A batch is m rows by index: the
 * addresses of its rows, their targets and weights, and z, which becomes r in place. Forward, eight lane vectors of w stay
 * in registers while the rows pass by; on the way back eight of the gradient do.
 *
 * slabs   table of slab addresses, 2^slabShift rows each; stride as in linear.ts
 * index   rows of the batches, one after the other: batch k takes index[k batchSize ...), the last one what is left
 * y, s    float32 by row number (s = 0: weights 1)
 */

/*
 * scratch: loss lanes [4] f64 | r lanes [4] f64 | product lanes [4] f32 | its factors u32 | rows with weights in place
 *          u32, room to 128 bytes | shared[16] f32 | row pointers [m] u32 | z [m] f32 | y [m] f32 | s [m] f32, m rounded up to 16 |
 *          partial products of at most 256 rows
 */
const R_LANES: usize = 32
const PRODUCT: usize = 64
const FACTORS: usize = 80
const WEIGHED: usize = 84
const SHARED: usize = 128
const ROWS: usize = 192
/** Bytes of eight lane vectors. */
@unmanaged
abstract class Eight {
  @inline static bytes(): usize {
    return 8 * sizeof<Vec>()
  }
}

@unmanaged
export abstract class Batch {
  /** Bytes of scratch, a multiple of 64. */
  static bytes(batchSize: u32): u32 {
    const room = (batchSize + 15) & ~15
    return <u32>ROWS + room * 16 + min<u32>(room, BLOCK) * 16
  }

  /** Bytes from one list of the scratch to the next. */
  @inline static room(batchSize: u32): usize {
    return (<usize>((batchSize + 15) & ~15)) << 2
  }

  /** Where the addresses of the rows are, and their r. */
  @inline static rows(scratch: usize): usize {
    return scratch + ROWS
  }

  @inline static residuals(scratch: usize, room: usize): usize {
    return scratch + ROWS + room
  }

  /** Puts four float32 of four places side by side, in one store: a load of parts just written would wait for them. */
  @inline private static pack(to: usize, a: usize, b: usize, c: usize, d: usize): void {
    if (isVector<Vec>()) {
      const two = v128.load32_lane(b, v128.load32_zero(a), 1)
      v128.store(to, v128.load32_lane(d, v128.load32_lane(c, two, 2), 3))
    } else {
      store<f32>(to, load<f32>(a))
      store<f32>(to, load<f32>(b), 4)
      store<f32>(to, load<f32>(c), 8)
      store<f32>(to, load<f32>(d), 12)
    }
  }

  /** For a new epoch: no losses yet. */
  @inline static begin(scratch: usize): void {
    memory.fill(scratch, 0, ROWS)
    store<Vec>(scratch, Lanes.splat(1), PRODUCT)
  }

  /** The losses since `begin`. */
  @inline static losses(scratch: usize): f64 {
    Batch.takeLog(scratch)
    return Wide.sum(scratch)
  }

  /** Looks up the next `m` rows of the index. A last group of less than four repeats its last row with weight 0. */
  static gather(
    m: u32,
    slabs: usize,
    shift: u32,
    bytes: usize,
    index: usize,
    y: usize,
    s: usize,
    scratch: usize,
    room: usize,
  ): void {
    let rows = Batch.rows(scratch)
    const first = <usize>load<u32>(slabs)
    for (const last = index + ((<usize>m - 1) << 2); index <= last; index += 16) {
      const a = load<u32>(index)
      const b = load<u32>(min(index + 4, last))
      const c = load<u32>(min(index + 8, last))
      const d = load<u32>(min(index + 12, last))
      // Mostly there is but one slab.
      if ((a | b | c | d) >> shift) {
        store<u32>(rows, <u32>Slabs.row(slabs, shift, a, bytes))
        store<u32>(rows, <u32>Slabs.row(slabs, shift, b, bytes), 4)
        store<u32>(rows, <u32>Slabs.row(slabs, shift, c, bytes), 8)
        store<u32>(rows, <u32>Slabs.row(slabs, shift, d, bytes), 12)
      } else {
        store<u32>(rows, <u32>(first + <usize>a * bytes))
        store<u32>(rows, <u32>(first + <usize>b * bytes), 4)
        store<u32>(rows, <u32>(first + <usize>c * bytes), 8)
        store<u32>(rows, <u32>(first + <usize>d * bytes), 12)
      }
      const targets = rows + 2 * room
      Batch.pack(targets, y + (a << 2), y + (b << 2), y + (c << 2), y + (d << 2))
      if (s) Batch.pack(targets + room, s + (a << 2), s + (b << 2), s + (c << 2), s + (d << 2))
      rows += 16
    }
    if (s || m != load<u32>(scratch, WEIGHED)) Batch.weigh(m, !s, Batch.rows(scratch) + 3 * room)
    store<u32>(scratch, m, WEIGHED)
  }

  /** Weights of 1 if `all`, and of 0 behind the last row. They stay for batches of the same size. */
  private static weigh(m: u32, all: bool, weights: usize): void {
    let i: u32 = all ? 0 : m
    for (; i < m; i++) store<f32>(weights + ((<usize>i) << 2), 1)
    for (; i & 3; i++) store<f32>(weights + ((<usize>i) << 2), 0)
  }

  /**
   * z = X w + b, then r in its place; adds the losses to the loss lanes and returns the sum of r. r is 0 behind the last
   * row up to a multiple of four.
   */
  static forward(loss: u32, m: u32, bytes: usize, w: usize, b: f32, s: usize, scratch: usize, room: usize): f32 {
    const z = Batch.residuals(scratch, room)
    Wide.clear(scratch + R_LANES)
    // Float32 sums of at most 256 rows: in a large batch they would lose the small terms.
    for (let i: u32 = 0; i < m; i += BLOCK) {
      const from = (<usize>i) << 2
      const n = (min<u32>(BLOCK, m - i) + 3) & ~3
      const rows = Batch.rows(scratch) + from
      const at = z + from
      if (m == 1 && isVector<Vec>()) store<Vec>(z, Lanes.splat(Rows.dot1(load<u32>(rows), w, bytes)))
      else Batch.products(n, rows, w, bytes, at, z + 3 * room)
      if (isVector<Vec>() && loss == Loss.Logistic && !s && !(m & 3)) Batch.logistic(n, at, b, at + room, scratch)
      else residualTile(loss, n, at, b, at + room, at + 2 * room, scratch, scratch + R_LANES, scratch + SHARED)
    }
    return <f32>Wide.sum(scratch + R_LANES)
  }

  /** z = X w for `n` rows, a multiple of four. */
  private static products(n: u32, rows: usize, w: usize, bytes: usize, z: usize, partials: usize): void {
    const end = rows + ((<usize>n) << 2)
    const whole = bytes & ~(Eight.bytes() - 1)
    const rest = bytes - whole
    const few = n == 4
    if (few || rest || !whole) {
      const skip: usize = few ? 0 : whole
      let to = z
      for (let at = rows; at < end; at += 16) {
        const p0 = <usize>load<u32>(at) + skip
        const p1 = <usize>load<u32>(at, 4) + skip
        const p2 = <usize>load<u32>(at, 8) + skip
        const p3 = <usize>load<u32>(at, 12) + skip
        Rows.dot4(to, 4, p0, p1, p2, p3, w + skip, bytes - skip, false, 0)
        to += 16
      }
    }
    if (few || !whole) return
    // Row by row, for so V8 keeps to the registers: all of it at once it would spread over more than there are.
    for (let k: usize = 0; k < whole; k += Eight.bytes()) {
      const w0 = load<Vec>(w + k)
      const w1 = load<Vec>(w + k, sizeof<Vec>())
      const w2 = load<Vec>(w + k, 2 * sizeof<Vec>())
      const w3 = load<Vec>(w + k, 3 * sizeof<Vec>())
      const w4 = load<Vec>(w + k, 4 * sizeof<Vec>())
      const w5 = load<Vec>(w + k, 5 * sizeof<Vec>())
      const w6 = load<Vec>(w + k, 6 * sizeof<Vec>())
      const w7 = load<Vec>(w + k, 7 * sizeof<Vec>())
      let to = partials
      for (let at = rows; at < end; at += 4) {
        const p = <usize>load<u32>(at) + k
        let sum = k ? load<Vec>(to) : Lanes.zero()
        sum = Lanes.madd(load<Vec>(p), w0, sum)
        sum = Lanes.madd(load<Vec>(p, sizeof<Vec>()), w1, sum)
        sum = Lanes.madd(load<Vec>(p, 2 * sizeof<Vec>()), w2, sum)
        sum = Lanes.madd(load<Vec>(p, 3 * sizeof<Vec>()), w3, sum)
        sum = Lanes.madd(load<Vec>(p, 4 * sizeof<Vec>()), w4, sum)
        sum = Lanes.madd(load<Vec>(p, 5 * sizeof<Vec>()), w5, sum)
        sum = Lanes.madd(load<Vec>(p, 6 * sizeof<Vec>()), w6, sum)
        sum = Lanes.madd(load<Vec>(p, 7 * sizeof<Vec>()), w7, sum)
        store<Vec>(to, sum)
        to += sizeof<Vec>()
      }
    }
    let from = partials
    for (const last = z + ((<usize>n) << 2); z < last; z += 16) {
      const a = load<Vec>(from)
      const b = load<Vec>(from, sizeof<Vec>())
      const c = load<Vec>(from, 2 * sizeof<Vec>())
      const d = load<Vec>(from, 3 * sizeof<Vec>())
      // Behind what the rest gave, where there is one.
      Lanes.storeSums(rest ? from : z, 4, a, b, c, d)
      if (rest) {
        for (let k: usize = 0; k < 16; k += sizeof<Vec>()) {
          store<Vec>(z + k, Lanes.add(load<Vec>(z + k), load<Vec>(from + k)))
        }
      }
      from += 4 * sizeof<Vec>()
    }
  }

  /**
   * `residualTile` of the logistic loss without weights. Of the loss max(z, 0) - y z + ln(1 + e^-|z|) it takes one logarithm
   * for up to 512 rows: that of the product of their 1 + e^-|z|, each at most 2, before float32 could overflow.
   */
  private static logistic(n: u32, z: usize, b: f32, y: usize, scratch: usize): void {
    const bias = Lanes.splat(b)
    const one = Lanes.splat(1)
    let product = load<Vec>(scratch, PRODUCT)
    let hinge = Lanes.zero()
    let rSum = Lanes.zero()
    for (const end = z + ((<usize>n) << 2); z < end; z += sizeof<Vec>()) {
      const zi = Lanes.add(load<Vec>(z), bias)
      const yi = load<Vec>(y)
      const e = LaneMath.expNegative(Lanes.neg(Lanes.abs(zi)))
      const r = Lanes.sub(LaneMath.sigmoidFrom(zi, e), yi)
      product = Lanes.mul(product, Lanes.add(one, e))
      hinge = Lanes.add(hinge, Lanes.sub(Lanes.max(zi, Lanes.zero()), Lanes.mul(yi, zi)))
      rSum = Lanes.add(rSum, r)
      store<Vec>(z, r)
      y += sizeof<Vec>()
    }
    Wide.add(scratch, hinge)
    Wide.add(scratch + R_LANES, rSum)
    store<Vec>(scratch, product, PRODUCT)
    const factors = load<u32>(scratch, FACTORS) + n
    store<u32>(scratch, factors, FACTORS)
    // At most 64 factors now and 64 by the next call.
    if (factors >= BLOCK) Batch.takeLog(scratch)
  }

  private static takeLog(scratch: usize): void {
    Wide.add(scratch, LaneMath.log1p(Lanes.sub(load<Vec>(scratch, PRODUCT), Lanes.splat(1))))
    store<Vec>(scratch, Lanes.splat(1), PRODUCT)
    store<u32>(scratch, 0, FACTORS)
  }

  /** g = X^T r for `m` rows, r 0 behind the last up to a multiple of four. */
  static gradient(m: u32, rows: usize, r: usize, g: usize, bytes: usize): void {
    const end = rows + ((<usize>((m + 3) & ~3)) << 2)
    let k: usize = 0
    for (; k + Eight.bytes() <= bytes; k += Eight.bytes()) {
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
        const factor = Lanes.loadSplat(ri)
        g0 = Lanes.madd(factor, load<Vec>(p), g0)
        g1 = Lanes.madd(factor, load<Vec>(p, sizeof<Vec>()), g1)
        g2 = Lanes.madd(factor, load<Vec>(p, 2 * sizeof<Vec>()), g2)
        g3 = Lanes.madd(factor, load<Vec>(p, 3 * sizeof<Vec>()), g3)
        g4 = Lanes.madd(factor, load<Vec>(p, 4 * sizeof<Vec>()), g4)
        g5 = Lanes.madd(factor, load<Vec>(p, 5 * sizeof<Vec>()), g5)
        g6 = Lanes.madd(factor, load<Vec>(p, 6 * sizeof<Vec>()), g6)
        g7 = Lanes.madd(factor, load<Vec>(p, 7 * sizeof<Vec>()), g7)
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
    memory.fill(g + k, 0, bytes - k)
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
