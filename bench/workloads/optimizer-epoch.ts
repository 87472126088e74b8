import { kernel, LOSS, Matrix, NULL, OPTIMIZER, slabTable, Workspace } from '../../src/kernel/index.ts'
import { OptimizerEpoch, type OptimizerSettings } from '../baselines/optimizers.ts'
import { checkAnswer } from '../check.ts'
import { type BenchData, blocksOf, logisticData } from '../data.ts'
import type { OptimizerShape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'
import { batchGradient, checkEpoch, drawnOrder, exactEpoch, kernelEpoch } from './epoch.ts'

const L2 = 1e-3
const SETTINGS = {
  momentum: { rate: 0.01, first: 0.9, second: 0, epsilon: 0 },
  adam: { rate: 0.001, first: 0.9, second: 0.999, epsilon: 1e-8 },
} as const

/** An optimiser that keeps a gradient is to take so many times plain SGD's time at most. */
const MOST = 1.5

/** One epoch of mini-batches by momentum or Adam over permuted rows, from w = 0, beside one of plain SGD. */
export function optimizerWorkload({ rows, cols, batchSize, optimizer }: OptimizerShape): Workload {
  return {
    name: `${optimizer} epoch ${rows}x${cols} batch ${batchSize}`,
    flops: 4 * rows * cols,
    reference: { what: "plain SGD's epoch", most: MOST },
    prepare: () => prepare(logisticData(rows, cols), batchSize, optimizer),
  }
}

function prepare(data: BenchData, batchSize: number, optimizer: OptimizerShape['optimizer']): Prepared {
  const { rows, cols } = data
  const options = SETTINGS[optimizer]
  const { kernels, memory } = kernel()
  const X = Matrix.from({ data: data.X, rows, cols })
  const { stride } = X
  const work = new Workspace(memory)
  const y = work.floatsOf(data.y)
  const indexAt = drawnOrder(X, work).index
  const index = memory.u32(indexAt, rows).slice()
  const scale = work.floatsOf(new Float32Array(stride).fill(1))
  const [params, m, v] = [work.floats(stride + 1), work.floats(stride + 1), work.floats(stride + 1)]
  const settings = work.doubles(11)
  const out = work.doubles(1)
  const scratch = work.bytes(kernels.optimizerScratchBytes(batchSize, stride))
  const table = work.adopt(slabTable(X.slabs))
  const { shift } = X.slabs

  const loops = new OptimizerEpoch(data, batchSize, index, L2, options)
  const own = { plain: new Float64Array(cols + 1), tuned: new Float64Array(cols + 1) }
  const run = (name: 'plain' | 'tuned') => () => loops[name](own[name], optimizer)
  const contenders: Contender[] = [
    {
      name: 'lanefit',
      run: () => {
        for (const block of [params, m, v]) memory.f32(block, stride + 1).fill(0)
        const { rate, first, second, epsilon } = options
        memory.f64(settings, 7).set([rate, first, second, epsilon, 0, 1, 1])
        kernels.optimizerEpoch(
          LOSS.logistic,
          OPTIMIZER[optimizer],
          rows,
          batchSize,
          table,
          shift,
          stride,
          indexAt,
          y,
          NULL,
          scale,
          NULL,
          params,
          m,
          v,
          settings,
          out,
          scratch,
          L2,
          0,
          true,
        )
      },
      answer: () => {
        const all = memory.f32(params, stride + 1)
        return [...all.subarray(0, cols), all[stride]!]
      },
    },
    { name: 'plain', run: run('plain'), answer: () => own.plain },
    { name: 'tuned', run: run('tuned'), answer: () => own.tuned },
    { name: 'reference', ...kernelEpoch(X, data.y, indexAt, batchSize, work) },
  ]
  const sgd = exactEpoch(data, batchSize, index)
  const expected = exact(data, batchSize, index, optimizer, options)
  return {
    contenders,
    blocks: blocksOf(X),
    check: ({ name, answer }) => {
      if (name === 'reference') checkEpoch(`epoch ${rows}x${cols}`, answer(), sgd)
      else checkAnswer(`${optimizer} ${rows}x${cols}, ${name}`, answer(), expected, 1e-4)
    },
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}

/** [w, b] after the epoch in float64, as the papers have it. */
function exact(
  data: BenchData,
  batchSize: number,
  index: Uint32Array,
  optimizer: OptimizerShape['optimizer'],
  { rate, first, second, epsilon }: OptimizerSettings,
): Float64Array {
  const { cols } = data
  const [w, m, v] = [new Float64Array(cols + 1), new Float64Array(cols + 1), new Float64Array(cols + 1)]
  let steps = 0
  for (let begin = 0; begin < index.length; begin += batchSize) {
    const grad = batchGradient(data, index.subarray(begin, begin + batchSize), w)
    steps++
    for (let k = 0; k <= cols; k++) {
      const g = grad[k]! + (k < cols ? L2 * w[k]! : 0)
      if (optimizer === 'momentum') {
        m[k] = first * m[k]! + g
        w[k]! -= rate * m[k]!
      } else {
        m[k] = first * m[k]! + (1 - first) * g
        v[k] = second * v[k]! + (1 - second) * g * g
        w[k]! -= (rate * m[k]!) / (1 - first ** steps) / (Math.sqrt(v[k]! / (1 - second ** steps)) + epsilon)
      }
    }
  }
  return w
}
