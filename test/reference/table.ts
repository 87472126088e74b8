/** A table of float32 in the kernels' layout: row i begins at i * stride, what is beyond cols is 0. */
export interface Table {
  readonly data: Float32Array
  readonly rows: number
  readonly cols: number
  readonly stride: number
}

export type Numbers = ArrayLike<number>

/** Element (i, k). */
export function cell(X: Table, i: number, k: number): number {
  return X.data[i * X.stride + k]!
}

/** The table of absolute values: with it a reference sums up |terms|, the scale of the rounding errors. */
export function magnitude(X: Table): Table {
  return { ...X, data: X.data.map(Math.abs) }
}

export function magnitudes(x: Numbers): Float64Array {
  return Float64Array.from(x, Math.abs)
}
