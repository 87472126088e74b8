import { chunkRowsOf, kernel, Matrix, NULL, type Pointer, Workspace } from '../../src/kernel/index.ts'
import { plainSoftmax } from '../baselines/softmax.ts'
import { tunedSoftmax } from '../baselines/tuned-softmax.ts'
import { checkAnswer } from '../check.ts'
import { type BenchData, blocksOf, logisticData, normalArray } from '../data.ts'
import type { SoftmaxShape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'

/** Loss and gradient of a multinomial logistic regression over all rows. */
export function softmaxWorkload({ rows, cols, classes }: SoftmaxShape): Workload {
  return {
    name: `softmax gradient ${rows}x${cols}, ${classes} classes`,
    flops: 4 * rows * cols * classes,
    prepare: () => prepare(logisticData(rows, cols), classes),
  }
}

function prepare({ rows, cols, X: values }: BenchData, k: number): Prepared {
  const y = Float32Array.from({ length: rows }, (_, i) => (i * 7919) % k)
  const w = normalArray(k * (cols + 1), 3).map((wk) => wk / Math.sqrt(cols))
  const { kernels, memory } = kernel()
  const X = Matrix.from({ data: values, rows, cols })
  const { stride } = X
  const work = new Workspace(memory)
  const [yAt, wAt, bAt] = [work.floatsOf(y), work.floats(k * stride), work.floats(k)]
  for (let c = 0; c < k; c++) {
    memory.f32(wAt, k * stride).set(w.subarray(c * (cols + 1), c * (cols + 1) + cols), c * stride)
    memory.f32(bAt, k)[c] = w[c * (cols + 1) + cols]!
  }
  const length = 2 + k * (2 + stride)
  const out = work.doubles(length)
  const scratch = work.bytes(kernels.softmaxScratchBytes(k, stride))
  const chunk = chunkRowsOf(stride)
  const runs = [...X.slabs.runs(0, rows, chunk)]

  const own = Float64Array.from(w)
  const grads = { plain: new Float64Array(w.length), tuned: new Float64Array(w.length) }
  const contenders: Contender[] = [
    {
      name: 'lanefit',
      run: () => {
        memory.f64(out, length).fill(0)
        for (const { x, begin, rows: here } of runs) {
          const at = (yAt + begin * 4) as Pointer
          kernels.softmaxPass(here, chunk, k, x, stride, wAt, bAt, at, NULL, out, scratch)
        }
      },
      answer: () => {
        const sums = memory.f64(out, length)
        return Array.from({ length: k }, (_, c) => {
          const at = 2 + c * (2 + stride)
          return [...sums.subarray(at + 2, at + 2 + cols), sums[at]!]
        }).flat()
      },
    },
    { name: 'plain', run: () => plainSoftmax(rows, cols, k, values, y, own, grads.plain), answer: () => grads.plain },
    { name: 'tuned', run: () => tunedSoftmax(rows, cols, k, values, y, own, grads.tuned), answer: () => grads.tuned },
  ]
  const expected = exact(rows, cols, k, values, y, own)
  return {
    contenders,
    blocks: blocksOf(X),
    check: ({ name, answer }) => checkAnswer(`softmax ${rows}x${cols}, ${name}`, answer(), expected, 1e-5),
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}

/** The gradient row by row in float64, without a shift by the greatest logit: these are small. */
function exact(rows: number, cols: number, k: number, X: Float32Array, y: Float32Array, w: Float64Array): Float64Array {
  const grad = new Float64Array(w.length)
  for (let i = 0; i < rows; i++) {
    const x = [...X.subarray(i * cols, (i + 1) * cols), 1]
    const e = Array.from({ length: k }, (_, c) =>
      Math.exp(x.reduce((sum, value, j) => sum + value * w[c * (cols + 1) + j]!, 0)),
    )
    const total = e.reduce((sum, value) => sum + value, 0)
    for (let c = 0; c < k; c++) {
      const r = e[c]! / total - (y[i] === c ? 1 : 0)
      for (let j = 0; j <= cols; j++) grad[c * (cols + 1) + j]! += r * x[j]!
    }
  }
  return grad
}
