/**
 * node scripts/run-ts.mjs bench/threads.ts [threads]
 *
 * Times passes over rows and matrix products on one thread and on several, in turn; the answers must be the same to the last bit.
 */
import { runSync, type Steps } from '../src/core/steps.ts'
import {
  at,
  chunkRowsOf,
  init,
  kernel,
  LOSS,
  Matrix,
  mapRows,
  matmul,
  NULL,
  type Pointer,
  streamsOf,
  sumRows,
  Workspace,
} from '../src/kernel/index.ts'
import { MLPClassifier } from '../src/models/index.ts'
import { logisticData, normalArray } from './data.ts'
import { machine } from './machine.ts'

const ROUNDS = 15
const SHAPES = [
  [10_000, 32],
  [100_000, 32],
  [100_000, 100],
  [1_000_000, 32],
] as const
const NETWORKS = [
  [100_000, 20, 64],
  [10_000, 784, 128],
] as const
const PRODUCTS = [128, 256, 512, 1024]

const threads = Number(process.argv[2] ?? 2)
await init({ threads })
console.log(`${JSON.stringify(machine())}\n`)

for (const [rows, cols] of SHAPES) {
  const data = logisticData(rows, cols)
  using X = Matrix.from({ data: data.X, rows, cols })
  const { kernels, memory } = kernel()
  using work = new Workspace(memory)
  const { stride, slabs } = X
  const [w, y] = [work.floats(stride), work.floatsOf(data.y)]
  memory.f32(w, cols).fill(0.01)
  const chunkRows = chunkRowsOf(stride)
  const shared = { slabs, rows, chunkRows }
  compare(`gradient ${rows}x${cols}`, () =>
    sumRows({
      name: 'linearPass',
      ...{ ...shared, callRows: chunkRows, length: 2 + stride, work: 2 * stride },
      scratchBytes: kernels.linearScratchBytes(stride),
      args: (run, out, scratch) => [
        ...([
          LOSS.logistic,
          run.rows,
          chunkRows,
          run.x,
          stride,
          w,
          at(y, run.begin * 4),
          NULL,
          out,
          scratch,
          0,
          streamsOf(rows, stride),
        ] as const),
      ],
    }),
  )
  const z = new Float64Array(rows)
  compare(`scores ${rows}x${cols}`, function* () {
    yield* mapRows(
      {
        name: 'gemv',
        ...{ ...shared, rowBytes: 4, work: stride, scratchBytes: 0 },
        calls: (run, out) => [[run.rows, run.x, stride, w, out, 0]],
      },
      (run, out) => z.set(memory.f32(out, run.rows), run.begin),
    )
    return z
  })
}

for (const [rows, cols, width] of NETWORKS) {
  const data = logisticData(rows, cols)
  const some = { data: data.X.subarray(0, 1000 * cols), rows: 1000, cols }
  const network = await new MLPClassifier({ hiddenSizes: [width], epochs: 1 }).fit(some, data.y.slice(0, 1000))
  using X = Matrix.from({ data: data.X, rows, cols })
  // biome-ignore lint/correctness/useYield: predictions are synchronous
  compare(`scores of a network ${cols}-${width}-1, ${rows} rows`, function* () {
    return network.decisionFunction(X)
  })
}

for (const size of PRODUCTS) {
  const { memory } = kernel()
  using work = new Workspace(memory)
  const [a, b] = [1, 2].map((seed) => work.floatsOf(normalArray(size * size, seed))) as [Pointer, Pointer]
  const c = work.floats(size * size)
  const product = { m: size, n: size, k: size, a, lda: size, b, ldb: size, c, ldc: size }
  compare(`gemm ${size}`, function* () {
    yield* matmul(kernel(), product)
    return memory.f32(c, size * size)
  })
}

function compare(name: string, pass: () => Steps<Float32Array | Float64Array>): void {
  const here = kernel()
  const { pool } = here
  const run = (on: typeof pool): Float32Array | Float64Array => {
    here.pool = on
    try {
      return runSync(pass()).slice()
    } finally {
      here.pool = pool
    }
  }
  const time = (on: typeof pool): number => {
    for (let i = 0; i < 3; i++) run(on)
    const begin = performance.now()
    for (let i = 0; i < 3; i++) run(on)
    return (performance.now() - begin) / 3
  }
  const [alone, together] = [run(undefined), run(pool)]
  if ((alone as Float64Array).some((value, i) => value !== together[i]))
    throw new Error(`${name}: other bits on ${threads} threads`)
  const rounds = Array.from({ length: ROUNDS }, () => ({ one: time(undefined), more: time(pool) }))
  const median = (values: number[]) => values.sort((a, b) => a - b)[ROUNDS >> 1] as number
  const [one, more] = [median(rounds.map((r) => r.one)), median(rounds.map((r) => r.more))]
  const ratio = median(rounds.map((r) => r.one / r.more))
  console.log(
    `${name}: ${one.toFixed(2)} ms on one, ${more.toFixed(2)} on ${threads}: ${ratio.toFixed(2)} times as fast`,
  )
}
