import type { Steps } from '../core/steps.ts'
import { mapRows, NULL, type Pointer } from '../kernel/index.ts'
import type { NetworkRows } from './mlp-network.ts'

/** Rows that are passed through the network together where no batch size is asked for. */
export const PASS_ROWS = 128

/**
 * The logits of all rows of a network, on all threads; see `NetworkRows.logits`. Calls make no breaks: the pieces are
 * small, and it is a worker that is busy where there is a page.
 */
export function logitsOfAll(net: NetworkRows, each: (z: Pointer, begin: number, rows: number) => void): Steps<void> {
  const { X, layers, sizes, mean, scale, params, activation, outputs } = net
  return mapRows(
    {
      name: 'mlpForward',
      ...{ slabs: X.slabs, rows: X.rows, chunkRows: net.rowsAtOnce(), rowBytes: outputs * 4, work: net.rowWork },
      scratchBytes: net.scratchBytes(PASS_ROWS),
      calls: ({ x, rows }, z, scratch) => [
        [rows, PASS_ROWS, layers, sizes, x, X.stride, mean, scale, params, z, scratch, NULL, activation, 0],
      ],
    },
    ({ begin, rows }, z) => each(z, begin, rows),
  )
}
