import { Random } from '../../src/core/random.ts'
import { Matrix, MatrixBuilder } from '../../src/kernel/index.ts'
import { normalArray } from '../data.ts'

/** Rows that are drawn; larger sets repeat them, with labels of their own. */
export const BLOCK_ROWS = 2 ** 16

/** Standard normal rows, and what their labels are drawn by. */
export interface ScaleBlock {
  readonly rows: number
  readonly cols: number
  readonly data: Float32Array
  /** Logits of the model that labels come from. */
  readonly z: Float32Array
}

export function drawBlock(cols: number, rows = BLOCK_ROWS): ScaleBlock {
  const data = normalArray(rows * cols, 11)
  const truth = normalArray(cols, 12)
  const z = new Float32Array(rows)
  for (let i = 0; i < rows; i++) {
    let sum = 0
    for (let k = 0; k < cols; k++) sum += data[i * cols + k]! * truth[k]!
    z[i] = (2 * sum) / Math.sqrt(cols)
  }
  return { rows, cols, data, z }
}

/** Labels 0 and 1 of `rows` rows from row `begin` on. */
export function drawLabels({ z }: ScaleBlock, begin: number, rows: number): Float32Array {
  const random = new Random(begin + 1)
  return Float32Array.from({ length: rows }, (_, i) =>
    random.uniform() < 1 / (1 + Math.exp(-z[(begin + i) % z.length]!)) ? 1 : 0,
  )
}

/** A resident matrix of any size, filled block by block. */
export function fillMatrix({ data, cols, rows: most }: ScaleBlock, rows: number): Matrix {
  if (rows <= most) return Matrix.from({ data: data.subarray(0, rows * cols), rows, cols })
  const builder = new MatrixBuilder(cols, { rows })
  for (let begin = 0; begin < rows; begin += most) {
    const n = Math.min(most, rows - begin)
    builder.append(data.subarray(0, n * cols), n)
  }
  return builder.finish()
}
