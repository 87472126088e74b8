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

/* scratch: loss lanes [4] f64 | r lanes [4] f64 | row pointers [m] u32 | z [m] f32 | y [m] f32 | s [m] f32, m rounded up to 16 */
const R_LANES: usize = 32
const ROWS: usize = 64

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

  /** Looks up the next `m` rows of the index. A last group of less than four repeats its first row. */
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
    const rows = Batch.rows(scratch)
    const yBatch = rows + 2 * room
    for (let i: u32 = 0; i < m; i++) {
      const row = load<u32>(index)
      const at = (<usize>i) << 2
      store<u32>(rows + at, <u32>Slabs.row(slabs, shift, row, bytes))
      store<f32>(yBatch + at, load<f32>(y + ((<usize>row) << 2)))
      store<f32>(yBatch + room + at, s ? load<f32>(s + ((<usize>row) << 2)) : 1)
      index += 4
    }
    for (let i = m; i & 3; i++) store<u32>(rows + ((<usize>i) << 2), load<u32>(rows + ((<usize>(m & ~3)) << 2)))
  }

  /**
   * z = X w + b, then r in its place; adds the losses to the loss lanes and returns the sum of r. Behind the last r are
   * zeros up to a multiple of four.
   */
  static forward(loss: u32, m: u32, bytes: usize, w: usize, b: f32, scratch: usize, room: usize): f32 {
    const z = Batch.residuals(scratch, room)
    for (let i: usize = 0; i < (<usize>m) << 2; i += 16) {
      const at = Batch.rows(scratch) + i
      Rows.dot4(z + i, 4, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12), w, bytes, false, 0)
    }
    for (let i = m; i & 3; i++) {
      const at = z + ((<usize>i) << 2)
      store<f32>(at, 0)
      store<f32>(at + room, 0)
      store<f32>(at + 2 * room, 0)
    }
    memory.fill(scratch + R_LANES, 0, 32)
    // Float32 sums of at most 256 rows: in a large batch they would lose the small terms.
    for (let i: u32 = 0; i < m; i += BLOCK) {
      const at = z + ((<usize>i) << 2)
      residualTile(loss, min<u32>(BLOCK, m - i), at, b, at + room, at + 2 * room, scratch, scratch + R_LANES)
    }
    return <f32>Wide.sum(scratch + R_LANES)
  }
}
