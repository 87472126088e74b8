import { at, chunkRowsOf, kernel, LOSS, Matrix, NULL, Workspace } from '../../src/kernel/index.ts'
import { checkAnswer } from '../check.ts'
import { blocksOf, logisticData } from '../data.ts'
import type { Shape } from '../shapes.ts'
import type { Prepared, Workload } from '../workload.ts'
import { gradientStart } from './gradient.ts'

/** The Hessian of a logistic regression: X^T diag(q) X, of which the triangle counts, with logits and X^T q. */
export function hessianWorkload({ rows, cols }: Shape): Workload {
  return {
    name: `hessian ${rows}x${cols}`,
    flops: rows * cols * (cols + 1) + 4 * rows * cols,
    prepare: () => prepare(rows, cols),
  }
}

function prepare(rows: number, cols: number): Prepared {
  const data = logisticData(rows, cols)
  const X = Matrix.from({ data: data.X, rows, cols })
  const { kernels, memory } = kernel()
  const work = new Workspace(memory)
  const start = gradientStart(cols)
  const { stride } = X
  const [w, y] = [work.floats(stride), work.floatsOf(data.y)]
  memory.f32(w, cols).set(start.subarray(0, cols))
  const scratch = work.bytes(kernels.hessianScratchBytes(stride))
  const length = 2 + stride + stride * stride
  const out = work.doubles(length)
  const runs = [...X.slabs.runs(0, rows, chunkRowsOf(stride))]
  return {
    contenders: [
      {
        name: 'lanefit',
        run: () => {
          memory.f64(out, length).fill(0)
          for (const { x, begin, rows: here } of runs) {
            const targets = at(y, begin * 4)
            kernels.linearHessian(LOSS.logistic, here, x, stride, w, targets, NULL, out, scratch, start[cols]!)
          }
        },
        answer: () => {
          const sums = memory.f64(out, length)
          return triangle(cols, (i, j) => sums[2 + stride + i * stride + j]!)
        },
      },
    ],
    blocks: blocksOf(X),
    check: ({ answer }) => checkAnswer(`hessian ${rows}x${cols}`, answer(), exact(data.X, rows, cols, start), 1e-5),
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}

function triangle(cols: number, of: (i: number, j: number) => number): Float64Array {
  const values: number[] = []
  for (let i = 0; i < cols; i++) for (let j = i; j < cols; j++) values.push(of(i, j))
  return Float64Array.from(values)
}

function exact(X: Float32Array, rows: number, cols: number, start: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(cols * cols)
  for (let r = 0; r < rows; r++) {
    const x = X.subarray(r * cols, (r + 1) * cols)
    const p = 1 / (1 + Math.exp(-x.reduce((sum, value, k) => sum + value * start[k]!, start[cols]!)))
    for (let i = 0; i < cols; i++) {
      const u = p * (1 - p) * x[i]!
      for (let j = i; j < cols; j++) sums[i * cols + j]! += u * x[j]!
    }
  }
  return triangle(cols, (i, j) => sums[i * cols + j]!)
}
