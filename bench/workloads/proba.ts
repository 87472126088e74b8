import { at, chunkRowsOf, kernel, Matrix, Workspace } from '../../src/kernel/index.ts'
import { checkAnswer } from '../check.ts'
import { blocksOf, logisticData } from '../data.ts'
import type { Shape } from '../shapes.ts'
import type { Prepared, Workload } from '../workload.ts'
import { gradientStart } from './gradient.ts'

/** What predictProba has the kernel do, into one place again and again: without a new array and the copies into it. */
export function probaWorkload({ rows, cols }: Shape): Workload {
  return { name: `its kernel ${rows}x${cols}`, flops: 2 * rows * cols, prepare: () => prepare(rows, cols) }
}

function prepare(rows: number, cols: number): Prepared {
  const data = logisticData(rows, cols)
  const X = Matrix.from({ data: data.X, rows, cols })
  const { kernels, memory } = kernel()
  const work = new Workspace(memory)
  const start = gradientStart(cols)
  const { stride } = X
  const w = work.floats(stride)
  memory.f32(w, cols).set(start.subarray(0, cols))
  const scratch = work.bytes(kernels.linearScratchBytes(stride))
  const step = chunkRowsOf(stride)
  const runs = [...X.slabs.runs(0, rows, step)]
  const out = work.bytes(step * 8)
  const last = runs.at(-1)!
  return {
    contenders: [
      {
        name: 'lanefit',
        run: () => {
          for (const { x, rows } of runs) kernels.linearProba(rows, x, stride, w, out, scratch, start[cols]!)
        },
        answer: () => memory.f32(at(out, 0), 2 * last.rows),
      },
    ],
    blocks: blocksOf(X),
    check: ({ answer }) => {
      const expected = Float64Array.from({ length: 2 * last.rows }, (_, i) => {
        const x = data.X.subarray((last.begin + (i >> 1)) * cols, (last.begin + (i >> 1) + 1) * cols)
        const z = x.reduce((sum, value, k) => sum + value * start[k]!, start[cols]!)
        return 1 / (1 + Math.exp(i % 2 ? -z : z))
      })
      checkAnswer(`linearProba ${rows}x${cols}`, answer(), expected, 2e-6)
    },
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}
