import { chunkRowsOf, kernel, Matrix, NULL, type Pointer, streamsOf, Workspace } from '../../src/kernel/index.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import * as plain from '../baselines/plain.ts'
import * as tuned from '../baselines/tuned.ts'
import { checkAnswer } from '../check.ts'
import { type BenchData, blocksOf, logisticData, normalArray } from '../data.ts'
import type { Shape } from '../shapes.ts'
import type { Contender, OnKernel, Prepared, Workload } from '../workload.ts'

/** Loss and gradient of a logistic regression over all rows, one read of X. */
export function gradientWorkload({ rows, cols }: Shape): Workload {
  return {
    name: `gradient ${rows}x${cols}`,
    flops: 4 * rows * cols,
    prepare: () => prepare(logisticData(rows, cols)),
  }
}

/** lanefit's pass over a resident matrix; its answer is [loss, d/db, d/dw]. */
export function kernelGradient(X: Matrix, { y, cols }: BenchData, start: Float32Array, work: Workspace): OnKernel {
  const { kernels, memory } = kernel()
  const { rows, stride } = X
  const wAt = work.floats(stride)
  memory.f32(wAt, cols).set(start.subarray(0, cols))
  const yAt = work.floatsOf(y)
  const outAt = work.doubles(2 + stride)
  const scratch = work.bytes(kernels.linearScratchBytes(stride))
  const chunkRows = chunkRowsOf(stride)
  const streams = streamsOf(rows, stride)
  const runs = [...X.slabs.runs(0, rows, chunkRows)]
  return {
    run: () => {
      memory.f64(outAt, 2 + stride).fill(0)
      for (const { x, begin, rows } of runs) {
        const y = (yAt + begin * 4) as Pointer
        kernels.linearPass(
          LOSS.logistic,
          rows,
          chunkRows,
          x,
          stride,
          wAt,
          y,
          NULL,
          outAt,
          scratch,
          start[cols]!,
          streams,
        )
      }
    },
    // The kernel's order: loss, d/db, d/dw.
    answer: () => memory.f64(outAt, 2 + cols),
  }
}

/** Parameters [w (cols), b] at which logits are of size 1. */
export function gradientStart(cols: number): Float32Array {
  return normalArray(cols + 1, 7).map((value) => value / Math.sqrt(cols))
}

function prepare(data: BenchData): Prepared {
  const { rows, cols } = data
  const start = gradientStart(cols)
  const w = Float64Array.from(start)
  const X = Matrix.from({ data: data.X, rows, cols })
  const work = new Workspace(kernel().memory)
  const results = { plain: new Float64Array(cols + 2), tuned: new Float64Array(cols + 2) }
  const grad = new Float64Array(cols + 1)
  const contenders: Contender[] = [
    { name: 'lanefit', ...kernelGradient(X, data, start, work) },
    {
      name: 'plain',
      run: () => put(results.plain, plain.logisticGradient(rows, cols, data.X, data.y, w, grad), grad),
      answer: () => results.plain,
    },
    {
      name: 'tuned',
      run: () => put(results.tuned, tuned.logisticGradient(rows, cols, data.X, data.y, w, grad), grad),
      answer: () => results.tuned,
    },
  ]
  const expected = exactGradient(data, w)
  return {
    contenders,
    blocks: blocksOf(X),
    check: ({ name, answer }) => checkGradient(`gradient ${rows}x${cols}, ${name}`, answer(), expected),
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}

/** @throws AnswerError */
export function checkGradient(who: string, got: ArrayLike<number>, expected: Float64Array): void {
  checkAnswer(`${who}: loss`, [got[0]!], [expected[0]!], 1e-6)
  checkAnswer(`${who}: gradient`, Array.from(got).slice(1), Array.from(expected).slice(1), 1e-5)
}

function put(target: Float64Array, loss: number, grad: Float64Array): void {
  const cols = grad.length - 1
  target[0] = loss
  target[1] = grad[cols]!
  for (let k = 0; k < cols; k++) target[2 + k] = grad[k]!
}

/** [loss, d/db, d/dw], written once more in the plainest way, in float64: no baseline checks itself. */
export function exactGradient({ rows, cols, X, y }: BenchData, w: ArrayLike<number>): Float64Array {
  const out = new Float64Array(cols + 2)
  for (let i = 0; i < rows; i++) {
    const x = X.subarray(i * cols, (i + 1) * cols)
    const z = x.reduce((sum, value, k) => sum + value * w[k]!, w[cols]!)
    const t = y[i] === 1 ? z : -z
    const r = 1 / (1 + Math.exp(-z)) - y[i]!
    out[0]! += Math.log1p(Math.exp(-t))
    out[1]! += r
    for (let k = 0; k < cols; k++) out[2 + k]! += r * x[k]!
  }
  return out
}
