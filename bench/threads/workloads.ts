import { runSync, type Steps } from '../../src/core/steps.ts'
import {
  at,
  chunkRowsOf,
  type Kernel,
  kernel,
  LOSS,
  Matrix,
  mapRows,
  NULL,
  streamsOf,
  sumRows,
  Workspace,
} from '../../src/kernel/index.ts'
import { LinearSVC, LogisticRegression, MLPClassifier } from '../../src/models/index.ts'
import { checkAnswer } from '../check.ts'
import { type BenchData, logisticData, normalArray } from '../data.ts'
import type { Prepared, Workload } from '../workload.ts'
import type { ThreadsTarget } from './report.ts'

type ThreadsWorkload = Workload & ThreadsTarget

/** Work on data: what a call computes. */
interface Work {
  call(): ArrayLike<number>
  dispose?(): void
}

/** The same call on all threads and on one, whose answer it must have to the last bit. */
function workload(name: string, prepare: () => Work, least?: number): ThreadsWorkload {
  const prepareBoth = (): Prepared => {
    const work = prepare()
    const here = kernel()
    const { pool } = here
    const contender = (who: 'lanefit' | 'reference', on: Kernel['pool']) => {
      let answer: ArrayLike<number> = []
      const run = () => {
        here.pool = on
        try {
          answer = work.call()
        } finally {
          here.pool = pool
        }
      }
      return { name: who, run, answer: () => answer }
    }
    const alone = contender('reference', undefined)
    alone.run()
    const expected = Float64Array.from(alone.answer())
    return {
      contenders: [contender('lanefit', pool), alone],
      check: ({ name: who, answer }) => checkAnswer(`${name}, ${who}`, answer(), expected, 0),
      dispose: () => work.dispose?.(),
    }
  }
  return { name, prepare: prepareBoth, ...(least !== undefined && { least }) }
}

/** A pass over a resident matrix. */
function pass(
  what: string,
  [rows, cols]: readonly [number, number],
  make: (X: Matrix, data: BenchData, work: Workspace) => () => Steps<Float32Array | Float64Array>,
  least?: number,
): ThreadsWorkload {
  return workload(
    `${what} ${rows}x${cols}`,
    () => {
      const data = logisticData(rows, cols)
      const X = Matrix.from({ data: data.X, rows, cols })
      const work = new Workspace(X.slabs.memory)
      const steps = make(X, data, work)
      const dispose = () => {
        work.dispose()
        X.dispose()
      }
      return { call: () => runSync(steps()), dispose }
    },
    least,
  )
}

function gradient({ slabs, rows, cols, stride }: Matrix, data: BenchData, work: Workspace) {
  const [w, y] = [work.floats(stride), work.floatsOf(data.y)]
  slabs.memory.f32(w, cols).fill(0.01)
  const chunkRows = chunkRowsOf(stride)
  const streams = streamsOf(rows, stride)
  const scratchBytes = slabs.kernel.kernels.linearScratchBytes(stride)
  return () =>
    sumRows({
      name: 'linearPass',
      ...{ slabs, rows, chunkRows, callRows: chunkRows, length: 2 + stride, work: 2 * stride, scratchBytes },
      args: (run, out, scratch) => {
        const target = at(y, run.begin * 4)
        return [LOSS.logistic, run.rows, chunkRows, run.x, stride, w, target, NULL, out, scratch, 0, streams]
      },
    })
}

function scores({ slabs, rows, cols, stride }: Matrix, _: BenchData, work: Workspace) {
  const { memory } = slabs
  const w = work.floats(stride)
  memory.f32(w, cols).fill(0.01)
  const z = new Float32Array(rows)
  return function* (): Steps<Float32Array> {
    yield* mapRows(
      {
        name: 'gemv',
        ...{ slabs, rows, chunkRows: chunkRowsOf(stride), rowBytes: 4, work: stride, scratchBytes: 0 },
        calls: (run, out) => [[run.rows, run.x, stride, w, out, 0]],
      },
      (run, out) => z.set(memory.f32(out, run.rows), run.begin),
    )
    return z
  }
}

/** Blocks of columns of C, whole panels of them, two for each thread: B is packed once, and A read where it lies. */
function product(size: number, least?: number): ThreadsWorkload {
  const prepare = (): Work => {
    const { kernels, memory, pool } = kernel()
    const work = new Workspace(memory)
    const [a, b] = [work.floatsOf(normalArray(size * size, 1)), work.floatsOf(normalArray(size * size, 2))]
    const c = work.floats(size * size)
    const scratchBytes = 128 * Math.ceil(kernels.gemmScratchBytes() / 128 + 1)
    const most = pool?.threads ?? 1
    const scratch = work.bytes(most * scratchBytes)
    const call = (): Float32Array => {
      const now = kernel().pool
      const step = now ? 32 * Math.ceil(size / (2 * most) / 32) : size
      const tasks: number[][] = []
      for (let col = 0; col < size; col += step) {
        const from = 4 * col
        tasks.push([size, Math.min(step, size - col), size, a, size, b + from, size, c + from, size, scratch, 0, 0, 0])
      }
      if (now) runSync(now.run({ name: 'gemm', tasks, scratchAt: 9, scratchBytes }))
      else for (const task of tasks) (kernels.gemm as unknown as (...args: number[]) => void)(...task)
      return memory.f32(c, size * size)
    }
    return { call, dispose: () => work.dispose() }
  }
  return workload(`gemm ${size}`, prepare, least)
}

/** A whole fit of some epochs, with all that belongs to one. */
function networkFit(rows: number, cols: number, width: number, batchSize: number, epochs: number): ThreadsWorkload {
  return workload(`network ${cols}-${width}-1, ${rows} rows, batch ${batchSize}: ${epochs} epochs`, () => {
    const { X: data, y } = logisticData(rows, cols)
    const X = Matrix.from({ data, rows, cols })
    const call = () => {
      const model = new MLPClassifier({ hiddenSizes: [width], batchSize, epochs, tol: false }).fitSync(X, y)
      return [...model.weights, ...model.biases].flatMap((layer) => Array.from(layer))
    }
    return { call, dispose: () => X.dispose() }
  })
}

/** Scores of a resident matrix, or of a typed array. */
function networkScores(rows: number, cols: number, width: number, resident: boolean): ThreadsWorkload {
  const what = `scores of a network ${cols}-${width}-1, ${rows} rows${resident ? '' : ' in a typed array'}`
  return workload(what, () => {
    const { X: data, y } = logisticData(rows, cols)
    const some = { data: data.subarray(0, 1000 * cols), rows: 1000, cols }
    const model = new MLPClassifier({ hiddenSizes: [width], epochs: 1 }).fitSync(some, y.slice(0, 1000))
    const dense = { data, rows, cols }
    const X = resident ? Matrix.from(dense) : undefined
    return { call: () => model.decisionFunction(X ?? dense), dispose: () => X?.dispose() }
  })
}

function linearFit(
  name: string,
  rows: number,
  cols: number,
  make: () => LinearSVC | LogisticRegression,
): ThreadsWorkload {
  return workload(`${name} ${rows}x${cols}`, () => {
    const { X: data, y } = logisticData(rows, cols)
    const X = Matrix.from({ data, rows, cols })
    const call = () => {
      const { coef, intercept } = make().fitSync(X, y)
      return [...coef, intercept]
    }
    return { call, dispose: () => X.dispose() }
  })
}

/** What is measured on all threads and on one. */
export const threadsWorkloads: readonly ThreadsWorkload[] = [
  pass('gradient', [10_000, 32], gradient),
  pass('gradient', [100_000, 32], gradient),
  pass('gradient', [100_000, 100], gradient),
  pass('gradient', [1_000_000, 32], gradient, 1.7),
  pass('scores', [100_000, 100], scores),
  pass('scores', [1_000_000, 32], scores),
  product(256),
  product(512),
  product(1024, 1.7),
  linearFit('fit by lbfgs', 100_000, 50, () => new LogisticRegression({ solver: 'lbfgs' })),
  linearFit('fit by newton', 100_000, 50, () => new LogisticRegression({ solver: 'newton' })),
  linearFit('fit of hinge', 20_000, 50, () => new LinearSVC({ loss: 'hinge' })),
  networkFit(10_000, 784, 128, 64, 2),
  networkFit(10_000, 784, 128, 512, 2),
  networkFit(50_000, 20, 64, 512, 3),
  networkScores(10_000, 784, 128, true),
  networkScores(100_000, 20, 64, true),
  networkScores(10_000, 784, 128, false),
  networkScores(100_000, 20, 64, false),
]
