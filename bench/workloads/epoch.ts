import { kernel, Matrix, NULL, slabTable, Workspace } from '../../src/kernel/index.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import * as plain from '../baselines/plain.ts'
import * as tuned from '../baselines/tuned.ts'
import { checkAnswer } from '../check.ts'
import { type BenchData, logisticData, permutation } from '../data.ts'
import type { EpochShape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'

const RATE = 0.1
const L2 = 1e-3

/** One epoch of mini-batch SGD over permuted rows, from w = 0. */
export function epochWorkload({ rows, cols, batchSize }: EpochShape): Workload {
  return {
    name: `epoch ${rows}x${cols} batch ${batchSize}`,
    flops: 4 * rows * cols,
    prepare: () => prepare(logisticData(rows, cols), batchSize),
  }
}

function prepare(data: BenchData, batchSize: number): Prepared {
  const { rows, cols } = data
  const index = permutation(rows, 5)

  const { kernels, memory } = kernel()
  const X = Matrix.from({ data: data.X, rows, cols })
  const { stride } = X
  const work = new Workspace(memory)
  const yAt = work.floatsOf(data.y)
  const indexAt = work.bytes(index.byteLength)
  memory.u32(indexAt, rows).set(index)
  const scaleAt = work.floatsOf(new Float32Array(stride).fill(1))
  const wAt = work.floats(stride + 1)
  const outAt = work.doubles(1)
  const scratch = work.bytes(kernels.epochScratchBytes(batchSize))
  const table = work.adopt(slabTable(X.slabs))
  const { shift } = X.slabs

  const residuals = new Float64Array(batchSize)
  const w = { plain: new Float64Array(cols + 1), tuned: new Float64Array(cols + 1) }
  const contenders: Contender[] = [
    {
      name: 'lanefit',
      run: () => {
        memory.f32(wAt, stride + 1).fill(0)
        memory.f64(outAt, 1)[0] = 0
        kernels.sgdEpoch(
          LOSS.logistic,
          rows,
          batchSize,
          table,
          shift,
          stride,
          indexAt,
          yAt,
          NULL,
          scaleAt,
          NULL,
          wAt,
          outAt,
          scratch,
          RATE,
          L2,
          true,
        )
      },
      answer: () => {
        const all = memory.f32(wAt, stride + 1)
        return [...all.subarray(0, cols), all[stride]!]
      },
    },
    {
      name: 'plain',
      run: () => {
        w.plain.fill(0)
        plain.sgdEpoch(rows, cols, batchSize, data.X, data.y, index, w.plain, residuals, RATE, L2)
      },
      answer: () => w.plain,
    },
    {
      name: 'tuned',
      run: () => {
        w.tuned.fill(0)
        tuned.sgdEpoch(rows, cols, batchSize, data.X, data.y, index, w.tuned, residuals, RATE, L2)
      },
      answer: () => w.tuned,
    },
  ]
  const expected = exact(data, batchSize, index)
  return {
    contenders,
    check: ({ name, answer }) => checkAnswer(`epoch ${rows}x${cols}, ${name}`, answer(), expected, 2e-5),
    dispose: () => {
      work[Symbol.dispose]()
      X.dispose()
    },
  }
}

/** [w, b] after the epoch in float64, with a gradient that is added up and then applied. */
function exact({ rows, cols, X, y }: BenchData, batchSize: number, index: Uint32Array): Float64Array {
  const w = new Float64Array(cols + 1)
  for (let begin = 0; begin < rows; begin += batchSize) {
    const batch = index.subarray(begin, begin + batchSize)
    const grad = new Float64Array(cols + 1)
    for (const i of batch) {
      const x = X.subarray(i * cols, (i + 1) * cols)
      const z = x.reduce((sum, value, k) => sum + value * w[k]!, w[cols]!)
      const r = 1 / (1 + Math.exp(-z)) - y[i]!
      for (let k = 0; k < cols; k++) grad[k]! += (r * x[k]!) / batch.length
      grad[cols]! += r / batch.length
    }
    for (let k = 0; k <= cols; k++) w[k]! -= RATE * (grad[k]! + (k < cols ? L2 * w[k]! : 0))
  }
  return w
}
