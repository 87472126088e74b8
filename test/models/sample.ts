import { Random } from '../../src/core/random.ts'

/** Rows to learn from and the label of each. */
export interface Sample {
  readonly X: number[][]
  readonly y: ('no' | 'yes')[]
}

/**
 * Two classes that overlap: labels by a linear rule with noise. Made of whole numbers only, so the same in every engine,
 * and exact in float32. Columns have means around 0 and deviations around 2.3; every third leans on its neighbour.
 */
export function sample(rows: number, cols: number, seed = 1): Sample {
  const random = new Random(seed)
  const draw = () => random.below(256) + random.below(256) + random.below(256) + random.below(256) - 510
  const X: number[][] = []
  const y: Sample['y'] = []
  for (let i = 0; i < rows; i++) {
    const x = Array.from({ length: cols }, draw)
    for (let k = 1; k < cols; k += 3) x[k]! += x[k - 1]!
    const score = x.reduce((sum, v, k) => sum + v * (k % 4 === 3 ? 0 : 2 - (k % 4)), 2 * draw())
    X.push(x.map((v) => v / 64))
    y.push(score > 0 ? 'yes' : 'no')
  }
  // Whatever the seed, there are two classes.
  y[0] = 'no'
  y[rows - 1] = 'yes'
  return { X, y }
}

/** The same for k classes, 'a', 'b', 'c' ...: the greatest of k linear rules with noise. */
export function sampleOfClasses(k: number, rows: number, cols: number, seed = 1): { X: number[][]; y: string[] } {
  const random = new Random(seed)
  const draw = () => random.below(256) + random.below(256) + random.below(256) + random.below(256) - 510
  const X: number[][] = []
  const y: string[] = []
  const rules = Array.from({ length: k }, () => Array.from({ length: cols }, () => random.below(7) - 3))
  for (let i = 0; i < rows; i++) {
    const x = Array.from({ length: cols }, draw)
    for (let j = 1; j < cols; j += 3) x[j]! += x[j - 1]!
    const scores = rules.map((rule) => x.reduce((sum, v, j) => sum + v * rule[j]!, draw()))
    // Whatever the seed, there are k classes.
    const code = i < k ? i : scores.indexOf(Math.max(...scores))
    X.push(x.map((v) => v / 64))
    y.push('abcdefghijklmnopqrstuvwxyz'[code]!)
  }
  return { X, y }
}

/** k classes of correlated columns with scales from 1 to 1000. */
export function illConditioned(k: number, rows: number, cols: number): { X: number[][]; y: string[] } {
  const { X, y } = sampleOfClasses(k, rows, cols, 7)
  const scale = (j: number) => Math.round(1000 ** (j / (cols - 1)))
  return { X: X.map((x) => x.map((v, j) => (v / 4 + x[0]!) * scale(j))), y }
}

/** 1 for the second class. */
export function targets(y: readonly unknown[], positive: unknown = 'yes'): number[] {
  return y.map((label) => (label === positive ? 1 : 0))
}

/** A table in one array, as float64 or float32. */
export function flat(X: readonly ArrayLike<number>[]): { data: Float64Array; rows: number; cols: number } {
  const cols = X[0]!.length
  return { data: Float64Array.from(X.flatMap((x) => Array.from(x))), rows: X.length, cols }
}

export function flat32(X: readonly ArrayLike<number>[]): { data: Float32Array; rows: number; cols: number } {
  const { data, rows, cols } = flat(X)
  return { data: Float32Array.from(data), rows, cols }
}

/** The bytes of fitted parameters. */
export function parameterBytes({
  coef,
  intercepts,
}: {
  coef: Float64Array
  intercepts: Float64Array
}): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Float64Array.of(...coef, ...intercepts).buffer)
}

/** |a - b| / |b| */
export function relative(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(b)
}
