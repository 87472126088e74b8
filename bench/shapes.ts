/**
 * The shapes that are measured and what each stands for. Names are what `--only` takes and what the tables show.
 * `target` is the least ratio of times, plain loops over lanefit, that the simd variant should reach on one thread.
 */
export interface Shape {
  readonly rows: number
  readonly cols: number
  readonly target?: number
}

/** Square matrix products: from one that fits the nearest cache to one that fits none of the private ones. */
export const gemmShapes: readonly { readonly size: number; readonly target?: number }[] = [
  { size: 64 },
  { size: 128 },
  { size: 256 },
  { size: 512, target: 30 },
  { size: 1024 },
]

/** Passes of a logistic regression over its training data. */
export const gradientShapes: readonly Shape[] = [
  // a small tabular set, wholly in the second cache
  { rows: 1_000, cols: 32 },
  // handwritten digits of 28 x 28 pixels
  { rows: 1_000, cols: 784, target: 12 },
  { rows: 100_000, cols: 32 },
  // a wide tabular set: 40 MB
  { rows: 100_000, cols: 100, target: 10 },
  // 128 MB: from main memory
  { rows: 1_000_000, cols: 32 },
]

/** One epoch of mini-batch SGD over permuted rows. */
export const epochShapes: readonly (Shape & { readonly batchSize: number })[] = [
  { rows: 100_000, cols: 32, batchSize: 32, target: 5 },
]

/** A whole fit by L-BFGS, to 1e-6 of the optimum: from a matrix in kernel memory, and from a typed array. */
export const fitShapes: readonly Shape[] = [{ rows: 50_000, cols: 50, target: 5 }]

/** Probabilities for every row of a matrix in kernel memory. */
export const predictProbaShapes: readonly Shape[] = [{ rows: 100_000, cols: 100, target: 6 }]

/** One row that arrives as a plain array. Slower than a bare loop it must not be by more than a half. */
export const predictOneShapes: readonly Shape[] = [{ rows: 1, cols: 100, target: 1 / 1.5 }]
