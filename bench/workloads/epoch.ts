import { Random } from '../../src/core/random.ts'
import { runSync } from '../../src/core/steps.ts'
import { kernel, Matrix, NULL, type Pointer, slabTable, Workspace } from '../../src/kernel/index.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import { RowOrder } from '../../src/models/row-order.ts'
import * as plain from '../baselines/plain.ts'
import { sgdEpoch as tunedEpoch } from '../baselines/tuned-epoch.ts'
import { checkAnswer } from '../check.ts'
import { type BenchData, blocksOf, logisticData, permutation } from '../data.ts'
import type { EpochShape } from '../shapes.ts'
import type { Contender, OnKernel, Prepared, Workload } from '../workload.ts'
import { checkGradient, exactGradient, gradientStart, kernelGradient } from './gradient.ts'

const RATE = 0.1
const L2 = 1e-3

const NAMES = { drawn: '', 'and drawing': ' with its order', uniform: ' in uniform order' } as const

/**
 * One epoch of mini-batch SGD over permuted rows, from w = 0, beside one fused gradient pass over the same rows. The order
 * of the rows is what a fit draws, drawn before; drawn anew within lanefit's time; or uniformly random.
 */
export function epochWorkload({ rows, cols, batchSize, most, order = 'drawn' }: EpochShape): Workload {
  return {
    name: `epoch ${rows}x${cols} batch ${batchSize}${NAMES[order]}`,
    flops: 4 * rows * cols,
    reference: { what: 'one gradient pass', ...(most !== undefined && { most }) },
    prepare: () => prepare(logisticData(rows, cols), batchSize, order),
  }
}

/** A fit's order of the rows, drawn once. */
export function drawnOrder(X: Matrix, work: Workspace): RowOrder {
  const random = work.bytes(16)
  work.memory.u32(random, 4).set(new Random(5).state)
  const order = new RowOrder(kernel(), X, random, work)
  runSync(order.draw())
  return order
}

/** lanefit's epoch over a resident matrix; its answer is [w, b]. */
export function kernelEpoch(
  X: Matrix,
  y: Float32Array,
  indexAt: Pointer,
  batchSize: number,
  work: Workspace,
): OnKernel {
  const { kernels, memory } = kernel()
  const { rows, cols, stride } = X
  const yAt = work.floatsOf(y)
  const scaleAt = work.floatsOf(new Float32Array(stride).fill(1))
  const wAt = work.floats(stride + 1)
  const outAt = work.doubles(1)
  const scratch = work.bytes(kernels.epochScratchBytes(batchSize, stride))
  const table = work.adopt(slabTable(X.slabs))
  const { shift } = X.slabs
  return {
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
  }
}

function prepare(data: BenchData, batchSize: number, order: NonNullable<EpochShape['order']>): Prepared {
  const { rows, cols } = data
  const X = Matrix.from({ data: data.X, rows, cols })
  const { memory } = kernel()
  const work = new Workspace(memory)
  const drawn = drawnOrder(X, work)
  if (order === 'uniform') memory.u32(drawn.index, rows).set(permutation(rows, 5))
  const index = memory.u32(drawn.index, rows).slice()
  const own = kernelEpoch(X, data.y, drawn.index, batchSize, work)
  const drawing = () => {
    runSync(drawn.draw())
    own.run()
  }
  const start = gradientStart(cols)

  const residuals = new Float64Array(batchSize)
  const w = { plain: new Float64Array(cols + 1), tuned: new Float64Array(cols + 1) }
  const contenders: Contender[] = [
    { name: 'lanefit', ...own, run: order === 'and drawing' ? drawing : own.run },
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
        tunedEpoch(rows, cols, batchSize, data.X, data.y, index, w.tuned, residuals, RATE, L2)
      },
      answer: () => w.tuned,
    },
    { name: 'reference', ...kernelGradient(X, data, start, work) },
  ]
  const expected = exactEpoch(data, batchSize, index)
  const gradient = exactGradient(data, start)
  return {
    contenders,
    blocks: blocksOf(X),
    check: ({ name, answer }) => {
      if (name === 'reference') checkGradient(`gradient ${rows}x${cols}`, answer(), gradient)
      else if (name !== 'lanefit') checkEpoch(`epoch ${rows}x${cols}, ${name}`, answer(), expected)
      // In the order of its last epoch.
      else checkEpoch(`epoch ${rows}x${cols}`, answer(), exactEpoch(data, batchSize, memory.u32(drawn.index, rows)))
    },
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}

/** @throws AnswerError */
export function checkEpoch(who: string, got: ArrayLike<number>, expected: Float64Array): void {
  checkAnswer(who, got, expected, 2e-5)
}

/** [w, b] after the epoch in float64, with a gradient that is added up and then applied. */
export function exactEpoch(data: BenchData, batchSize: number, index: Uint32Array): Float64Array {
  const { rows, cols } = data
  const w = new Float64Array(cols + 1)
  for (let begin = 0; begin < rows; begin += batchSize) {
    const grad = batchGradient(data, index.subarray(begin, begin + batchSize), w)
    for (let k = 0; k <= cols; k++) w[k]! -= RATE * (grad[k]! + (k < cols ? L2 * w[k]! : 0))
  }
  return w
}

/** The mean of the logistic loss's gradient in [w, b] over the rows of a batch, in float64. */
export function batchGradient({ cols, X, y }: BenchData, batch: Uint32Array, w: Float64Array): Float64Array {
  const grad = new Float64Array(cols + 1)
  for (const i of batch) {
    const x = X.subarray(i * cols, (i + 1) * cols)
    const z = x.reduce((sum, value, k) => sum + value * w[k]!, w[cols]!)
    const r = 1 / (1 + Math.exp(-z)) - y[i]!
    for (let k = 0; k < cols; k++) grad[k]! += (r * x[k]!) / batch.length
    grad[cols]! += r / batch.length
  }
  return grad
}
