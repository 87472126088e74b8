import type { Matrix } from '../../src/kernel/index.ts'

/** What a matrix holds, as stored: float32, shifted, without the padding. */
export function stored(X: Matrix): Float32Array {
  const { slabs, stride, cols } = X
  const values = new Float32Array(X.rows * cols)
  for (const run of slabs.runs(0, X.rows, 2 ** slabs.shift)) {
    const rows = slabs.memory.f32(run.x, run.rows * stride)
    for (let i = 0; i < run.rows; i++) values.set(rows.subarray(i * stride, i * stride + cols), (run.begin + i) * cols)
  }
  return values
}

/** The padding behind the columns of every row. */
export function padding(X: Matrix): number[] {
  const { slabs, stride, cols } = X
  return [...slabs.runs(0, X.rows, 1)].flatMap((run) => [...slabs.memory.f32(run.x, stride).subarray(cols)])
}

/** All rows in original units. */
export function rowsOf(X: Matrix): number[][] {
  return Array.from({ length: X.rows }, (_, i) => [...X.row(i)])
}
