/**
 * How rows lie in kernel memory. These numbers are part of a fit's bits (they fix the order of its sums): changing one
 * is a change users see.
 *
 *   matrix   slabs of 2^k rows                              (a block of memory each, at most 128 MiB)
 *   slab     chunks of 256 to 4096 rows                     (partial sums in float64, added in chunk order)
 *   chunk    blocks of 256 rows, flushed to float64         (in the kernel)
 *   block    tiles of 16 rows                               (in the kernel)
 *   row      stride = columns, rounded up to a multiple of 4 floats, the rest zeros
 */
const MIB = 2 ** 20
const BLOCK_ROWS = 256
const MOST_CHUNK_ROWS = 4096
const CHUNK_BYTES = 4 * MIB

/** No part of the bits. */
const CACHED_BYTES = 28 * MIB
const MOST_STREAMED_STRIDE = 4096
const NARROW_STRIDE = 128
const NEAR_BYTES = MIB
const NEAR_STRIDE = 64

export const SLAB_BYTES = 128 * MIB
/** For rows that arrive one after the other, nobody knows how many. */
export const STREAM_SLAB_BYTES = 4 * MIB

/** Floats from row to row. */
export function strideOf(cols: number): number {
  return (cols + 3) & ~3
}

/** The power of two of rows that fits into `bytes`, at least one block. */
export function rowsWithin(bytes: number, stride: number): number {
  const fit = Math.max(BLOCK_ROWS, Math.floor(bytes / (stride * 4)))
  return 2 ** (31 - Math.clz32(fit))
}

/** Rows of a chunk, by the width of the matrix alone. */
export function chunkRowsOf(stride: number): number {
  return Math.min(MOST_CHUNK_ROWS, rowsWithin(CHUNK_BYTES, stride))
}

/**
 * In how many places at once a pass of a linear model reads X: 4 where rows are narrow, or where no cache holds all of X but
 * one holds a few blocks of its rows. The bits are the same. (Measured: 1.1 times as fast on 10 MB, 1.4 on 40, 1.2 there of
 * 2,048 columns and more; of 784 columns, slower on less than 25 MB; of 32 columns within the second cache, 1.1 times as fast
 * in one place.)
 */
export function streamsOf(rows: number, stride: number): 1 | 4 {
  const bytes = rows * stride * 4
  if (stride <= NEAR_STRIDE && bytes <= NEAR_BYTES) return 1
  if (stride <= NARROW_STRIDE) return 4
  return bytes > CACHED_BYTES && stride <= MOST_STREAMED_STRIDE ? 4 : 1
}

/** Rows that the float64 sums are flushed by. */
export const blockRows = BLOCK_ROWS
