import { chunkRowsOf, kernel, Matrix, NULL, Workspace } from '../../src/kernel/index.ts'
import { checkAnswer } from '../check.ts'
import { blocksOf, logisticData } from '../data.ts'
import type { Shape } from '../shapes.ts'
import type { Prepared, Workload } from '../workload.ts'

/** What `standardize` asks of the columns: their sums, then their squared distances from a center. X is read twice. */
export function statisticsWorkload({ rows, cols }: Shape): Workload {
  return { name: `column statistics ${rows}x${cols}`, flops: 4 * rows * cols, prepare: () => prepare(rows, cols) }
}

function prepare(rows: number, cols: number): Prepared {
  const { X: data } = logisticData(rows, cols)
  const X = Matrix.from({ data, rows, cols })
  const { kernels, memory } = kernel()
  const work = new Workspace(memory)
  const { stride } = X
  const [center, sums, squares] = [work.floats(stride), work.doubles(stride), work.doubles(stride)]
  memory.f32(center, cols).fill(0.25)
  const runs = [...X.slabs.runs(0, rows, chunkRowsOf(stride))]
  const blocks = blocksOf(X)
  return {
    contenders: [
      {
        name: 'lanefit',
        run: () => {
          for (const out of [sums, squares]) memory.f64(out, stride).fill(0)
          for (const { x, rows: here } of runs) kernels.columnSums(here, x, stride, center, NULL, sums)
          for (const { x, rows: here } of runs) kernels.columnSquares(here, x, stride, center, NULL, squares)
        },
        answer: () => [...memory.f64(sums, cols), ...memory.f64(squares, cols)],
      },
    ],
    blocks: [...blocks, ...blocks],
    check: ({ answer }) => {
      const expected = new Float64Array(2 * cols)
      for (const [i, value] of data.entries()) {
        expected[i % cols]! += value
        expected[cols + (i % cols)]! += (value - 0.25) ** 2
      }
      checkAnswer(`column statistics ${rows}x${cols}`, answer(), expected, 1e-5)
    },
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}
