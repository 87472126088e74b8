import { ACTIVATION, kernel, Matrix, NULL, OPTIMIZER, slabTable, Workspace } from '../../src/kernel/index.ts'
import { NetworkEpoch } from '../baselines/network.ts'
import { checkAnswer } from '../check.ts'
import { type BenchData, blocksOf, logisticData, normalArray, permutation } from '../data.ts'
import type { NetworkShape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'

const RATE = 0.05
/** Of the largest parameter: a neuron whose input rounds to the other side of 0 moves a weight by RATE / batch. */
const TOLERANCE = 5e-3

/** One epoch of mini-batch SGD of a network with one hidden ReLU layer and one output, over permuted rows. */
export function networkWorkload({ rows, cols, width, batchSize }: NetworkShape): Workload {
  return {
    name: `network ${cols}-${width}-1, ${rows} rows, batch ${batchSize}`,
    // A first layer forwards and collects its gradient, the second also passes back.
    flops: rows * (4 * cols * width + 6 * width),
    prepare: () => prepare(logisticData(rows, cols), width, batchSize),
  }
}

/** [W1, b1, w2, b2], He normal, biases 0. */
function initial(cols: number, width: number): Float32Array {
  const params = new Float32Array((cols + 2) * width + 1)
  const [first, second] = [Math.sqrt(2 / cols), Math.sqrt(2 / width)]
  params.set(normalArray(cols * width, 11).map((w) => w * first))
  params.set(
    normalArray(width, 12).map((w) => w * second),
    (cols + 1) * width,
  )
  return params
}

function prepare(data: BenchData, width: number, batchSize: number): Prepared {
  const { rows, cols } = data
  const index = permutation(rows, 5)
  const start = initial(cols, width)
  const { kernels, memory } = kernel()
  const X = Matrix.from({ data: data.X, rows, cols })
  const { stride } = X
  const work = new Workspace(memory)
  const layers = 2
  const sizes = work.bytes(12)
  memory.u32(sizes, 3).set([cols, width, 1])
  const y = work.floatsOf(data.y)
  const indexAt = work.bytes(index.byteLength)
  memory.u32(indexAt, rows).set(index)
  const mean = work.floats(stride)
  const scale = work.floatsOf(new Float32Array(stride).fill(1))
  const params = work.floats(start.length)
  const grads = work.floats(start.length)
  const settings = work.doubles(11)
  memory.f64(settings, 1)[0] = RATE
  const out = work.doubles(1)
  const scratch = work.bytes(kernels.mlpScratchBytes(batchSize, stride, layers, sizes))
  const table = work.adopt(slabTable(X.slabs))
  const { shift } = X.slabs

  const loops = new NetworkEpoch(cols, width)
  const own = { plain: Float64Array.from(start), tuned: Float64Array.from(start) }
  const run = (name: 'plain' | 'tuned') => () => {
    own[name].set(start)
    loops[name](data.X, data.y, index, batchSize, own[name], RATE)
  }
  const contenders: Contender[] = [
    {
      name: 'lanefit',
      run: () => {
        memory.f32(params, start.length).set(start)
        kernels.mlpEpoch(
          rows,
          batchSize,
          layers,
          sizes,
          table,
          shift,
          stride,
          indexAt,
          y,
          NULL,
          mean,
          scale,
          params,
          grads,
          NULL,
          NULL,
          settings,
          out,
          scratch,
          NULL,
          OPTIMIZER.sgd,
          ACTIVATION.relu,
          0,
          0,
        )
      },
      answer: () => [...memory.f32(params, start.length)],
    },
    { name: 'plain', run: run('plain'), answer: () => own.plain },
    { name: 'tuned', run: run('tuned'), answer: () => own.tuned },
  ]
  const expected = exact(data, width, batchSize, index, start)
  return {
    contenders,
    blocks: blocksOf(X),
    check: ({ name, answer }) => checkAnswer(`network ${cols}-${width}-1, ${name}`, answer(), expected, TOLERANCE),
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}

/** The parameters after the epoch in float64, neuron by neuron, each with its weights side by side. */
function exact({ cols, X, y }: BenchData, width: number, batchSize: number, index: Uint32Array, start: Float32Array) {
  // Neuron j: its cols weights, its bias, its weight in the output.
  const neurons = Array.from({ length: width }, (_, j) =>
    Float64Array.from({ length: cols + 2 }, (_, k) => start[k * width + j]!),
  )
  let bias = 0
  for (let begin = 0; begin < index.length; begin += batchSize) {
    const batch = index.subarray(begin, begin + batchSize)
    const outputs = neurons.map((w) => {
      const of = new Float64Array(batch.length)
      for (let i = 0; i < batch.length; i++) {
        const row = batch[i]! * cols
        let z = w[cols]!
        for (let k = 0; k < cols; k++) z += X[row + k]! * w[k]!
        of[i] = Math.max(z, 0)
      }
      return of
    })
    const r = Array.from(batch, (row, i) => {
      const z = neurons.reduce((sum, w, j) => sum + w[cols + 1]! * outputs[j]![i]!, bias)
      return (1 / (1 + Math.exp(-z)) - y[row]!) / batch.length
    })
    for (const [j, w] of neurons.entries()) {
      const top = w[cols + 1]!
      for (let i = 0; i < batch.length; i++) {
        const a = outputs[j]![i]!
        w[cols + 1]! -= RATE * r[i]! * a
        if (a === 0) continue
        const step = RATE * r[i]! * top
        const row = batch[i]! * cols
        for (let k = 0; k < cols; k++) w[k]! -= step * X[row + k]!
        w[cols]! -= step
      }
    }
    bias -= RATE * r.reduce((sum, ri) => sum + ri, 0)
  }
  const params = new Float64Array(start.length)
  for (const [j, w] of neurons.entries()) for (let k = 0; k < cols + 2; k++) params[k * width + j] = w[k]!
  params[start.length - 1] = bias
  return params
}
