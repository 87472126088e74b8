import { Lanes } from '../lanes'
import { Lookup } from '../lookup'
import { Batch } from './batch'
import { Slabs } from './rows'

/** Fills the lists of a bunch of batches (batch.ts): addresses of rows, their targets and weights. */
@unmanaged
export abstract class Gather {
  /** Looks up `rows` rows of the index, which are batches, the last one maybe short. */
  static batches(
    rows: u32,
    batchSize: u32,
    slabs: usize,
    shift: u32,
    bytes: usize,
    index: usize,
    y: usize,
    s: usize,
    scratch: usize,
    room: usize,
  ): void {
    const slot = (<usize>Batch.slot(batchSize)) << 2
    // Batches of whole fours are one list.
    const step = slot == (<usize>batchSize) << 2 ? rows : batchSize
    let to = Batch.rows(scratch)
    for (let i: u32 = 0; i < rows; i += step) {
      const m = min<u32>(step, rows - i)
      Gather.look(m, slabs, shift, bytes, index, y, s, to, room)
      index += (<usize>m) << 2
      to += slot
    }
  }

  /** `m` rows. A last group of less than four repeats its last row with weight 0. */
  private static look(
    m: u32,
    slabs: usize,
    shift: u32,
    bytes: usize,
    index: usize,
    y: usize,
    s: usize,
    to: usize,
    room: usize,
  ): void {
    const first = <usize>load<u32>(slabs)
    const last = index + ((<usize>m) << 2)
    if (isVector<Vec>()) {
      // As if there were but one slab, as mostly there is.
      const firsts = Lookup.splatBits(<u32>first)
      const length = Lookup.splatBits(<u32>bytes)
      const from = index
      let all = Lanes.zero()
      for (; index + 16 <= last; index += 16) {
        all = Lanes.or(all, load<Vec>(index))
        store<Vec>(to, Lookup.addresses(index, length, firsts))
        store<Vec>(to + 2 * room, Lookup.pick(y, index))
        if (s) store<Vec>(to + 3 * room, Lookup.pick(s, index))
        to += 16
      }
      if (Lookup.reach(all, shift)) {
        to -= index - from
        index = from
      }
    }
    while (index < last) {
      const row = load<u32>(index)
      const at = row >> shift ? Slabs.row(slabs, shift, row, bytes) : first + <usize>row * bytes
      store<u32>(to, <u32>at)
      store<f32>(to + 2 * room, load<f32>(y + ((<usize>row) << 2)))
      if (s) store<f32>(to + 3 * room, load<f32>(s + ((<usize>row) << 2)))
      index += 4
      to += 4
    }
    for (; m & 3; m++) {
      store<u32>(to, load<u32>(to - 4))
      store<f32>(to + 2 * room, load<f32>(to + 2 * room - 4))
      store<f32>(to + 3 * room, 0)
      to += 4
    }
  }
}
