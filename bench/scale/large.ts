import { kernelInfo } from '../../src/kernel/index.ts'
import { Memory } from '../../src/kernel/memory.ts'
import { type Batch, LogisticRegression, SGDClassifier } from '../../src/models/index.ts'
import { drawBlock, drawLabels, fillMatrix, type ScaleBlock } from './data.ts'

/** A training on much data. */
export interface LargeFit {
  readonly what: string
  readonly rows: number
  readonly cols: number
  /** Of X as float32. */
  readonly gib: number
  readonly seconds: number
  readonly iterations: number
  readonly loss: number
  readonly accuracy: number
  /** Most bytes that were live in the kernel, as a share of X; and of the whole process. */
  readonly liveShare: number
  readonly rssGib: number
}

const COLS = 128
const GIB = 2 ** 30

/** Watches the kernel's memory and the process's while something runs. */
async function watch<T>(run: () => Promise<T>): Promise<{ result: T; seconds: number; live: number; rss: number }> {
  let [live, rss] = [kernelInfo().liveBytes, process.memoryUsage().rss]
  const { alloc } = Memory.prototype
  Memory.prototype.alloc = function (bytes) {
    const pointer = alloc.call(this, bytes)
    live = Math.max(live, this.liveBytes)
    return pointer
  }
  const timer = setInterval(() => {
    rss = Math.max(rss, process.memoryUsage().rss)
  }, 100)
  const begin = performance.now()
  try {
    const result = await run()
    rss = Math.max(rss, process.memoryUsage().rss)
    return { result, seconds: (performance.now() - begin) / 1e3, live, rss }
  } finally {
    clearInterval(timer)
    Memory.prototype.alloc = alloc
  }
}

/** 2 GiB in 16 slabs: full batches by lbfgs, and one epoch of SGD. */
export async function resident(): Promise<LargeFit[]> {
  const block = drawBlock(COLS)
  const rows = (2 * GIB) / (COLS * 4)
  using X = fillMatrix(block, rows)
  const y = drawLabels(block, 0, rows)
  const test = sampleOf(block, y)
  const models = [
    ['lbfgs, X resident', new LogisticRegression<number>({ solver: 'lbfgs', l2: 1e-3 })],
    [
      'sgd, one epoch, X resident',
      new LogisticRegression<number>({ solver: 'sgd', l2: 1e-3, epochs: 1, learningRate: 0.01 }),
    ],
  ] as const
  const fits: LargeFit[] = []
  for (const [what, model] of models) {
    const { seconds, live, rss } = await watch(() => model.fit(X, y))
    fits.push(entry(what, rows, { model, test, seconds, live, rss }))
  }
  return fits
}

/** 4.25 GiB, more than WebAssembly memory can hold, in batches of 65,536 rows. */
function large(block: ScaleBlock): { rows: number; test: Fitted['test']; source: () => Generator<Batch<number>> } {
  const count = 136
  const labels = Array.from({ length: count }, (_, b) => drawLabels(block, b * block.rows, block.rows))
  function* source(): Generator<Batch<number>> {
    for (const y of labels) yield { X: block, y }
  }
  return { rows: count * block.rows, test: sampleOf(block, labels[0]!), source }
}

/** Full batches by passes over the source. */
export async function batches(): Promise<LargeFit[]> {
  const { rows, test, source } = large(drawBlock(COLS))
  const model = new LogisticRegression<number>({ solver: 'lbfgs', l2: 1e-3 })
  const watched = await watch(() => model.fitBatches(source))
  return [entry('lbfgs to convergence, fitBatches', rows, { model, test, ...watched })]
}

/** One pass of mini-batches. */
export async function stream(): Promise<LargeFit[]> {
  const { rows, test, source } = large(drawBlock(COLS))
  const model = new SGDClassifier<number>({ l2: 1e-3, learningRate: 0.01 })
  const watched = await watch(async () => {
    for (const { X, y } of source()) model.partialFit(X, y)
  })
  return [entry('sgd, one pass, partialFit', rows, { model, test, ...watched })]
}

interface Fitted {
  model: LogisticRegression<number> | SGDClassifier<number>
  test: { X: { data: Float32Array; rows: number; cols: number }; y: Float32Array }
  seconds: number
  live: number
  rss: number
}

function entry(what: string, rows: number, { model, test, seconds, live, rss }: Fitted): LargeFit {
  const bytes = rows * COLS * 4
  return {
    what,
    rows,
    cols: COLS,
    gib: bytes / GIB,
    seconds,
    iterations: model.nIter,
    loss: model.loss,
    accuracy: model.score(test.X, test.y),
    liveShare: live / bytes,
    rssGib: rss / GIB,
  }
}

function sampleOf(block: ScaleBlock, y: Float32Array): Fitted['test'] {
  const rows = 20_000
  return { X: { data: block.data.subarray(0, rows * COLS), rows, cols: COLS }, y: y.subarray(0, rows) }
}
