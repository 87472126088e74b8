import { kernel, strideOf, Workspace } from '../../src/kernel/index.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import { drawnOrder, kernelEpoch } from '../workloads/epoch.ts'
import { gradientStart, kernelGradient } from '../workloads/gradient.ts'
import { BLOCK_ROWS, drawBlock, drawLabels, fillMatrix } from './data.ts'

/** Nanoseconds for each number of X (padding not counted as one). */
export interface ScalePoint {
  readonly rows: number
  readonly cols: number
  readonly mib: number
  /** Share of the bytes that rows are padded with. */
  readonly padding: number
  readonly gradient: number
  readonly epoch: number
  readonly predict: number
}

const BATCH = 32

/** Samples of at least 20 ms, the least of several: what else the machine does only adds to them. */
const SAMPLE_MS = 20
const BUDGET_MS = 900

function fastest(run: () => void): number {
  const begin = performance.now()
  run()
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3 || (round < 15 && performance.now() - begin < BUDGET_MS); round++) {
    let calls = 0
    const start = performance.now()
    do {
      run()
      calls++
    } while (performance.now() - start < SAMPLE_MS)
    least = Math.min(least, (performance.now() - start) / calls)
  }
  return least
}

/** One fused gradient pass, one epoch of SGD in batches of 32 in the order of a fit, and one prediction of all rows. */
export function measurePoint(rows: number, cols: number): ScalePoint {
  const block = drawBlock(cols, Math.min(rows, BLOCK_ROWS))
  const model = new LogisticRegression({ l2: 0.01 })
  const few = Math.min(rows, 2000)
  model.fitSync({ data: block.data.subarray(0, few * cols), rows: few, cols }, drawLabels(block, 0, few))
  using X = fillMatrix(block, rows)
  const y = drawLabels(block, 0, rows)
  const perElement = (ms: number) => Number(((1e6 * ms) / (rows * cols)).toPrecision(4))
  using work = new Workspace(kernel().memory)
  const start = gradientStart(cols)
  const data = { rows, cols, X: block.data, y }
  const gradient = kernelGradient(X, data, start, work)
  const epoch = kernelEpoch(X, y, drawnOrder(X, work).index, BATCH, work)
  const stride = strideOf(cols)
  return {
    rows,
    cols,
    mib: (rows * stride * 4) / 2 ** 20,
    padding: 1 - cols / stride,
    gradient: perElement(fastest(() => gradient.run())),
    epoch: perElement(fastest(() => epoch.run())),
    predict: perElement(fastest(() => model.decisionFunction(X))),
  }
}
