import { Lanes } from '../lanes'
import { Wide } from '../wide'
import { BLOCK, residualTile } from './linear'
import { Rows, Slabs } from './rows'

/**
 * A mini-batch of a linear model: what its epochs (epoch.ts, optimizer-epoch.ts) share. A batch is m rows by index: the
 * addresses of its rows, their targets and weights, and z, which becomes r in place.
 *
 * slabs   table of slab addresses, 2^slabShift rows each; stride as in linear.ts
 * index   rows of the batches, one after the other: batch k takes index[k batchSize ...), the last one what is left
 * y, s    float32 by row number (s = 0: weights 1)
 */

/*
 * scratch: loss lanes [4] f64 | r lanes [4] f64 | end of what is touched u32, room to 64 bytes | shared[16] f32 |
 *          row pointers [m] u32 | z [m] f32 | y [m] f32 | s [m] f32, m rounded up to 16
 */
const R_LANES: usize = 32
const TOUCHED: usize = 64
const SHARED: usize = 128
const ROWS: usize = 192
/** Bytes of rows that are touched at once (2 kB are too few to hide the wait; with 4 to 16 kB it makes no difference). */
const BURST: usize = 8192
/** Bytes of a row from which on it is left to the CPU, which sees that lines follow each other. */
const LONG: usize = 1024
/** Rows of a batch from which on it has enough of them on their way itself (measured: no gain with 32). */
const FEW: u32 = 16
/** A weight of 1, and one of 0. */
const UNITS = memory.data<f32>([1, 0])

@unmanaged
export abstract class Batch {
  /** Bytes of scratch, a multiple of 64. */
  static bytes(batchSize: u32): u32 {
    return <u32>ROWS + ((batchSize + 15) & ~15) * 16
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

  /** Where the weight of a row is. */
  @inline private static weight(s: usize, row: usize): usize {
    return s ? s + (row << 2) : UNITS
  }

  /** For a new epoch: no losses yet, nothing touched. */
  @inline static begin(scratch: usize): void {
    memory.fill(scratch, 0, ROWS)
  }

  /** Looks up the next `m` rows of the index. A last group of less than four repeats its first row with weight 0. */
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
    for (const end = index + ((<usize>m) << 2); index < end; index += 16) {
      const left = end - index
      const a = <usize>load<u32>(index)
      const b = left > 4 ? <usize>load<u32>(index, 4) : a
      const c = left > 8 ? <usize>load<u32>(index, 8) : a
      const d = left > 12 ? <usize>load<u32>(index, 12) : a
      store<u32>(rows, <u32>Slabs.row(slabs, shift, <u32>a, bytes))
      store<u32>(rows, <u32>Slabs.row(slabs, shift, <u32>b, bytes), 4)
      store<u32>(rows, <u32>Slabs.row(slabs, shift, <u32>c, bytes), 8)
      store<u32>(rows, <u32>Slabs.row(slabs, shift, <u32>d, bytes), 12)
      const targets = rows + 2 * room
      Batch.pack(targets, y + (a << 2), y + (b << 2), y + (c << 2), y + (d << 2))
      Batch.pack(
        targets + room,
        Batch.weight(s, a),
        left > 4 ? Batch.weight(s, b) : UNITS + 4,
        left > 8 ? Batch.weight(s, c) : UNITS + 4,
        left > 12 ? Batch.weight(s, d) : UNITS + 4,
      )
      rows += 16
    }
  }

  /**
   * Reads a byte of every 64 of the next rows of the index, and returns where in the index those end. Rows in random order
   * come from afar one after the other, for a wait fills the CPU's window with what follows it; in a loop of nothing but
   * loads, many are on their way at the same time.
   */
  static touch(slabs: usize, shift: u32, bytes: usize, index: usize, end: usize): usize {
    if (bytes > LONG) return end
    const to = min<usize>(end, index + ((BURST / max<usize>(bytes, 16)) << 2))
    for (; index < to; index += 4) {
      const p = Slabs.row(slabs, shift, load<u32>(index), bytes)
      for (let line = p & ~63; line < p + bytes; line += 64) load<u8>(line)
    }
    return to
  }

  /**
   * z = X w + b, then r in its place; adds the losses to the loss lanes and returns the sum of r. r is 0 behind the last
   * row up to a multiple of four. The index goes on to `end`: rows beyond the batch are touched before they are wanted.
   */
  static forward(
    loss: u32,
    m: u32,
    slabs: usize,
    shift: u32,
    bytes: usize,
    index: usize,
    end: usize,
    w: usize,
    b: f32,
    scratch: usize,
    room: usize,
  ): f32 {
    const z = Batch.residuals(scratch, room)
    const whole = (m + 3) & ~3
    for (let i: usize = 0; i < (<usize>m) << 2; i += 16) {
      const at = Batch.rows(scratch) + i
      if (isVector<Vec>() && m < FEW && index + i >= <usize>load<u32>(scratch, TOUCHED)) {
        store<u32>(scratch, <u32>Batch.touch(slabs, shift, bytes, index + i, end), TOUCHED)
      }
      // In place of four times the same row.
      if (isVector<Vec>() && m == 1) {
        store<Vec>(z, Lanes.splat(Rows.dot1(load<u32>(at), w, bytes)))
        break
      }
      Rows.dot4(z + i, 4, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12), w, bytes, false, 0)
    }
    Wide.clear(scratch + R_LANES)
    // Float32 sums of at most 256 rows: in a large batch they would lose the small terms.
    for (let i: u32 = 0; i < whole; i += BLOCK) {
      const at = z + ((<usize>i) << 2)
      residualTile(
        loss,
        min<u32>(BLOCK, whole - i),
        at,
        b,
        at + room,
        at + 2 * room,
        scratch,
        scratch + R_LANES,
        scratch + SHARED,
      )
    }
    return <f32>Wide.sum(scratch + R_LANES)
  }
}
