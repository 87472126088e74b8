import { Rng } from './random'

/**
 * The order in which an epoch takes the rows of a large matrix. Rows in uniformly random order come from afar one by one;
 * so the matrix is cut into as many stretches as there are streams, each stretch into blocks of neighbouring rows, and all
 * streams advance side by side, each through its blocks in random order:
 *
 *   stretch 0          stretch 1          ...  stretch 15
 *   |..|..|aa|..|..|   |bb|..|..|..|..|        |..|..|..|pp|..|      rows a0 b0 ... p0, then a1 b1 ... p1, and so on
 *
 * That is stratified sampling (Zhao and Zhang, "Accelerating minibatch stochastic gradient descent using stratified
 * sampling", arXiv 1405.3080) of blocks (as CorgiPile's, Xu et al., SIGMOD 2022): whatever varies slowly along the rows,
 * such as classes one after the other or a drift, is in every few rows in its share. The order of the streams changes
 * from row to row: any 4 rows that begin at a multiple of 4 are from four quarters of the matrix.
 */

export const STREAMS: u32 = 16
/** The numbers of four bits, their bits reversed: neighbours are far from each other. */
const FAR = memory.data<u8>([0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15])
/** Beyond every row. */
const NONE: u32 = 0x80000000

/** The first block of a stream, of `count` in all. */
@unmanaged
abstract class Stretch {
  @inline static begin(stream: u32, count: u32): u32 {
    return <u32>((<u64>stream * count) / STREAMS)
  }
}

/**
 * Writes what the rounds [from, to) take; a round is a block of every stream. Those streams which have a block less than
 * others begin with the second round. Returns the rows written.
 *
 * blocks  the numbers of the blocks of `block` rows, uint32, each stream's in the order in which it takes them
 * base    uint32: rows stands for these row numbers (0: for 0, 1, ...)
 * scratch 64 bytes
 */
export function layRows(
  rows: u32,
  block: u32,
  from: u32,
  to: u32,
  blocks: usize,
  base: usize,
  out: usize,
  state: usize,
  scratch: usize,
): u32 {
  const count = (rows + block - 1) / block
  const rounds = (count + STREAMS - 1) / STREAMS
  const begin = out
  for (let round = from; round < to; round++) {
    for (let q: u32 = 0; q < STREAMS; q++) {
      // Counted from the end, so that the last round is whole.
      const at = Stretch.begin(q + 1, count) + round - rounds
      const start = at >= Stretch.begin(q, count) ? load<u32>(blocks + ((<usize>at) << 2)) * block : NONE
      store<u32>(scratch + ((<usize>q) << 2), start)
    }
    for (let i: u32 = 0; i < block; i++) {
      const turn = <usize>(Rng.next(state) >>> 28)
      for (let j: usize = 0; j < STREAMS; j++) {
        const row = load<u32>(scratch + ((<usize>load<u8>(FAR + j) ^ turn) << 2)) + i
        if (row < rows) {
          store<u32>(out, base ? load<u32>(base + ((<usize>row) << 2)) : row)
          out += 4
        }
      }
    }
  }
  return <u32>(out - begin) >> 2
}
