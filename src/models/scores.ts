import { Resource } from '../core/dispose.ts'
import { runSync, type Steps } from '../core/steps.ts'
import {
  at,
  chunkRowsOf,
  type Kernel,
  type MapPass,
  Matrix,
  type MatrixLike,
  mapRows,
  type Pointer,
  type RowRun,
  shapeOf,
  Workspace,
} from '../kernel/index.ts'
import type { LinearOutputs } from './linear-fit.ts'
import type { Rows } from './samples.ts'

/** The greatest float32. */
const GREATEST = (2 - 2 ** -23) * 2 ** 127

/** Whether there is neither an infinity nor a NaN: scores of data as large as float32 goes may overflow it on their way. */
export function allFinite(values: Float32Array): boolean {
  // Four sums, which do not wait for each other.
  let [a, b, c, d] = [0, 0, 0, 0]
  const whole = values.length & ~3
  for (let i = 0; i < whole; i += 4) {
    a += values[i]! * 0
    b += values[i + 1]! * 0
    c += values[i + 2]! * 0
    d += values[i + 3]! * 0
  }
  for (let i = whole; i < values.length; i++) a += values[i]! * 0
  return a + b + c + d === 0
}

/**
 * Replaces the scores of a row, one for each of n outputs at its place, if not all are finite: by those in float64, scaled
 * down together to what float32 holds, so that they keep their order.
 */
export function saturate(
  scores: Float32Array,
  n: number,
  place: (c: number) => number,
  exact: (c: number) => number,
): void {
  let bad = 0
  for (let c = 0; c < n; c++) bad += scores[place(c)]! * 0
  if (bad === 0) return
  const z = Array.from({ length: n }, (_, c) => exact(c))
  const factor = Math.min(1, GREATEST / Math.max(...z.map(Math.abs)))
  for (let c = 0; c < n; c++) scores[place(c)] = z[c]! * factor
}

/** What is computed of some rows, as float32 in kernel memory: row `begin` and the `rows - 1` after it. */
export type EachScore = (kernel: Kernel, z: Pointer, begin: number, rows: number) => void

/**
 * Calls `each` with rows in kernel memory and the number of the first. A Matrix is read where it is; anything else goes
 * through kernel memory a few thousand rows at a time. `shift`: what to subtract from the columns of an X that is no
 * Matrix before rounding to float32.
 */
export function forRows(X: MatrixLike, shift: Float64Array, each: (X: Rows, offset: number) => void): void {
  if (X instanceof Matrix) {
    each(X, 0)
    return
  }
  const { rows, cols } = shapeOf(X)
  const step = chunkRowsOf(cols)
  for (let begin = 0; begin < rows; begin += step) {
    const end = Math.min(rows, begin + step)
    const part =
      'data' in X ? { data: X.data.subarray(begin * cols, end * cols), rows: end - begin, cols } : X.slice(begin, end)
    using matrix = Matrix.from(part, { shift, firstRow: begin })
    each(matrix, begin)
  }
}

/**
 * Calls `each` with z = X coef + intercept of some rows after the other: output by output, `rows` of each. A row's z
 * does not depend on its neighbours. `offset` is added to the number of the first row.
 */
export function scoreRows(X: Rows, outputs: LinearOutputs, offset: number, each: EachScore): void {
  runSync(scoreRowsInSteps(X, outputs, offset, each))
}

/** The same with breaks. */
export function* scoreRowsInSteps(X: Rows, outputs: LinearOutputs, offset: number, each: EachScore): Steps<void> {
  using placed = new PlacedOutputs(X, outputs)
  const { step, w, stride, nOutputs, intercepts } = placed
  const { slabs, rows } = X
  const pass: MapPass<'gemv'> = {
    name: 'gemv',
    ...{ slabs, rows, chunkRows: step, rowBytes: 4 * nOutputs, work: nOutputs * stride, scratchBytes: 0 },
    calls: (run, z) =>
      Array.from(intercepts, (b, c) => [run.rows, run.x, stride, at(w, c * stride * 4), at(z, c * run.rows * 4), b]),
  }
  const finish = (run: RowRun, z: Pointer) => {
    const scores = slabs.memory.f32(z, run.rows * nOutputs)
    if (!allFinite(scores)) {
      for (let i = 0; i < run.rows; i++) {
        const place = (c: number) => c * run.rows + i
        saturate(scores, nOutputs, place, (c) => placed.score(X, run, i, c))
      }
    }
    each(slabs.kernel, z, offset + run.begin, run.rows)
  }
  yield* mapRows(pass, finish)
}

/** Both probabilities of rows of a model of two classes, into rows of two of `data` from row `offset` on. */
export function bothSidesOfRows(X: Rows, outputs: LinearOutputs, offset: number, data: Float32Array): void {
  using placed = new PlacedOutputs(X, outputs)
  const { step, w, stride, intercepts } = placed
  const { slabs, rows } = X
  const scratchBytes = slabs.kernel.kernels.linearScratchBytes(stride)
  const pass: MapPass<'linearProba'> = {
    name: 'linearProba',
    ...{ slabs, rows, chunkRows: step, rowBytes: 8, work: stride, scratchBytes },
    calls: (run, out, scratch) => [[run.rows, run.x, stride, w, out, scratch, intercepts[0]!]],
  }
  const finish = (run: RowRun, out: Pointer) => {
    const both = slabs.memory.f32(out, 2 * run.rows)
    // So the kernel says that a z has overflown.
    if (Number.isNaN(both[0]!)) {
      for (let i = 0; i < run.rows; i++) {
        if (!Number.isNaN(both[2 * i]!)) continue
        const z = placed.score(X, run, i, 0)
        both[2 * i] = 1 / (1 + Math.exp(z))
        both[2 * i + 1] = 1 / (1 + Math.exp(-z))
      }
    }
    data.set(both, 2 * (offset + run.begin))
  }
  runSync(mapRows(pass, finish))
}

/** The same with the softmax of z: rows x nOutputs, row-major. */
export function softmaxOfRows(X: Rows, outputs: LinearOutputs, offset: number, each: EachScore): void {
  using placed = new PlacedOutputs(X, outputs)
  const { work, step, w, stride, nOutputs, intercepts } = placed
  const { slabs, rows } = X
  const b = work.floatsOf(intercepts)
  const scratchBytes = slabs.kernel.kernels.softmaxScratchBytes(nOutputs, stride)
  const pass: MapPass<'softmaxForward'> = {
    name: 'softmaxForward',
    ...{ slabs, rows, chunkRows: step, rowBytes: 4 * nOutputs, work: nOutputs * stride, scratchBytes },
    calls: (run, proba, scratch) => [[run.rows, nOutputs, run.x, stride, w, b, proba, scratch]],
  }
  const finish = (run: RowRun, proba: Pointer) => {
    const shares = slabs.memory.f32(proba, run.rows * nOutputs)
    if (!allFinite(shares)) {
      for (let i = 0; i < run.rows; i++) {
        if (allFinite(shares.subarray(i * nOutputs, (i + 1) * nOutputs))) continue
        const z = Array.from(intercepts, (_, c) => placed.score(X, run, i, c))
        const top = Math.max(...z)
        const parts = z.map((score) => Math.exp(score - top))
        const sum = parts.reduce((a, v) => a + v)
        shares.set(parts.map((part) => part / sum), i * nOutputs) // biome-ignore format: one line
      }
    }
    each(slabs.kernel, proba, offset + run.begin, run.rows)
  }
  runSync(mapRows(pass, finish))
}

/** Outputs in kernel memory, for the columns as they are stored: x - shift. */
class PlacedOutputs extends Resource {
  readonly work: Workspace
  readonly stride: number
  readonly nOutputs: number
  /** nOutputs x stride float32. */
  readonly w: Pointer
  readonly intercepts: Float64Array
  /** Rows of one call. */
  readonly step: number

  constructor({ slabs, stride, cols, shift }: Rows, { coef, intercepts }: LinearOutputs) {
    super()
    this.work = new Workspace(slabs.memory)
    this.stride = stride
    this.nOutputs = intercepts.length
    this.step = chunkRowsOf(stride * this.nOutputs)
    this.w = this.work.floats(this.nOutputs * stride)
    const w = slabs.memory.f32(this.w, this.nOutputs * stride)
    this.intercepts = intercepts.map((intercept, c) => {
      const row = coef.subarray(c * cols, (c + 1) * cols)
      w.set(row, c * stride)
      return row.reduce((sum, v, k) => sum + v * shift[k]!, intercept)
    })
  }

  /** z of row i of a run and output c in float64, in which nothing overflows that float32 holds. */
  score({ slabs }: Rows, run: RowRun, i: number, c: number): number {
    const { stride } = this
    const x = slabs.memory.f32((run.x + i * stride * 4) as Pointer, stride)
    const w = slabs.memory.f32((this.w + c * stride * 4) as Pointer, stride)
    let z = this.intercepts[c]!
    for (let k = 0; k < stride; k++) z += x[k]! * w[k]!
    return z
  }

  dispose(): void {
    this.work.dispose()
  }
}
