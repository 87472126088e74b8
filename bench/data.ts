import { Random } from '../src/core/random.ts'
import { type Matrix, normals } from '../src/kernel/index.ts'
import type { Block } from './workload.ts'

/** A seeded set: X rows x cols, y 0 or 1 (or the numbers of more classes). */
export interface BenchData {
  readonly rows: number
  readonly cols: number
  readonly X: Float32Array
  readonly y: Float32Array
}

/** Numbers drawn at a time: what passes through kernel memory stays small. */
const CHUNK = 2 ** 18

/** Standard normal numbers in float32. */
export function normalArray(length: number, seed: number): Float32Array {
  const out = new Float32Array(length)
  for (let begin = 0; begin < length; begin += CHUNK) {
    normals(seed + begin / CHUNK, out.subarray(begin, Math.min(length, begin + CHUNK)))
  }
  return out
}

/**
 * Columns with standard deviation from 1 down to 1/4, each sharing something with its neighbour, and labels drawn from
 * a logistic model of them: a fit has something to do, and its optimum is finite.
 */
export function logisticData(rows: number, cols: number, seed = 1): BenchData {
  const X = normalArray(rows * cols, seed)
  const truth = normalArray(cols, seed + 1_000_003)
  const random = new Random(seed + 2)
  const y = new Float32Array(rows)
  for (let i = 0; i < rows; i++) {
    const row = i * cols
    let z = 0
    for (let k = 0; k < cols; k++) {
      const shared = k > 0 ? 0.5 * X[row + k - 1]! : 0
      X[row + k] = (X[row + k]! + shared) * (1 - (0.75 * k) / cols)
      z += X[row + k]! * truth[k]!
    }
    y[i] = random.uniform() < 1 / (1 + Math.exp((-2 * z) / Math.sqrt(cols))) ? 1 : 0
  }
  return { rows, cols, X, y }
}

/**
 * Labels 0 to classes - 1 drawn from the softmax of linear rules. With `scales` > 1 the columns are hard to fit: they
 * share most of their variance, and their deviations grow from 1 to `scales`.
 */
export function classData(rows: number, cols: number, classes: number, scales = 1, seed = 1): BenchData {
  const { X } = logisticData(rows, cols, seed)
  const rules = normalArray(classes * cols, seed + 1_000_003).map((rule) => rule / Math.sqrt(cols))
  const random = new Random(seed + 2)
  const y = new Float32Array(rows)
  for (let i = 0; i < rows; i++) {
    const x = X.subarray(i * cols, (i + 1) * cols)
    let best = Number.NEGATIVE_INFINITY
    for (let c = 0; c < classes; c++) {
      // The greatest of logits with Gumbel noise is a draw from their softmax.
      let z = -Math.log(-Math.log(random.uniform() || 0.5))
      for (let k = 0; k < cols; k++) z += 2 * x[k]! * rules[c * cols + k]!
      if (z > best) {
        best = z
        y[i] = c
      }
    }
    if (scales > 1) {
      const common = x[0]!
      for (let k = 0; k < cols; k++) x[k] = (x[k]! / 4 + common) * scales ** (k / Math.max(1, cols - 1))
    }
  }
  return { rows, cols, X, y }
}

/** Where a resident matrix lies. */
export function blocksOf({ slabs, rows, stride }: Matrix): Block[] {
  return Array.from(slabs.runs(0, rows, 2 ** slabs.shift), ({ x, rows }) => ({ at: x, bytes: rows * stride * 4 }))
}

/** Row numbers 0 to rows - 1 in a seeded random order. */
export function permutation(rows: number, seed: number): Uint32Array {
  return new Random(seed).shuffle(Uint32Array.from({ length: rows }, (_, i) => i))
}
