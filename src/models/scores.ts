import {
  chunkRowsOf,
  type Kernel,
  Matrix,
  type MatrixLike,
  type Pointer,
  type RowRun,
  shapeOf,
  Workspace,
} from '../kernel/index.ts'
import type { LinearParameters } from './columns.ts'
import type { Rows } from './samples.ts'

/**
 * Calls `each` with z = X coef + intercept of some rows after the other, as float32 in kernel memory. A Matrix is read
 * where it is; anything else goes through kernel memory a few thousand rows at a time. A row's z does not depend on its
 * neighbours. `shift`: what to subtract from the columns of an X that is no Matrix before rounding to float32.
 */
export function forScores(
  X: MatrixLike,
  parameters: LinearParameters,
  shift: Float64Array,
  each: (kernel: Kernel, z: Pointer, begin: number, rows: number) => void,
): void {
  if (X instanceof Matrix) {
    scoreRows(X, parameters, 0, each)
    return
  }
  const { rows, cols } = shapeOf(X)
  const step = chunkRowsOf(cols)
  for (let begin = 0; begin < rows; begin += step) {
    const end = Math.min(rows, begin + step)
    const part =
      'data' in X ? { data: X.data.subarray(begin * cols, end * cols), rows: end - begin, cols } : X.slice(begin, end)
    using matrix = Matrix.from(part, { shift, firstRow: begin })
    scoreRows(matrix, parameters, begin, each)
  }
}

/** The same for rows that are in kernel memory; `offset` is added to the number of the first row. */
export function scoreRows(
  X: Rows,
  { coef, intercept }: LinearParameters,
  offset: number,
  each: (kernel: Kernel, z: Pointer, begin: number, rows: number) => void,
): void {
  const { slabs, stride } = X
  const { kernel } = slabs
  const step = chunkRowsOf(stride)
  using work = new Workspace(kernel.memory)
  const w = work.floats(stride)
  const z = work.bytes(Math.min(step, X.rows) * 4)
  kernel.memory.f32(w, coef.length).set(coef)
  // The stored columns are x - shift.
  const b = coef.reduce((sum, c, k) => sum + c * X.shift[k]!, intercept)
  for (const run of slabs.runs(0, X.rows, step) as Iterable<RowRun>) {
    kernel.kernels.gemv(run.rows, run.x, stride, w, z, b)
    each(kernel, z, offset + run.begin, run.rows)
  }
}
