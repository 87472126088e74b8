/**
 * What runs in a worker: a whole fit, for the page that has posted its data. Made into one script by
 * scripts/build-worker.mjs. Kernels come from the page as compiled modules; only the one in JavaScript is in the script.
 */
import { runAsync } from './core/steps.ts'
import { init, kernelInfo, Matrix, MatrixBuilder } from './kernel/index.ts'
import type { FitOptions } from './models/fit-options.ts'
import { hingeSolvers } from './models/hinge-solvers.ts'
import { knownLabels } from './models/labels.ts'
import { fitLinear, type LinearPlan } from './models/linear-training.ts'
import { fitMlp } from './models/mlp-fit.ts'
import type { MLPClassifierOptions } from './models/mlp-options.ts'
import { version } from './worker/generated/version.ts'
import { packError } from './worker/packed-error.ts'
import type { FromWorker, RowLabels, TableHead, TableName, ToWorker } from './worker/protocol.ts'

const port = globalThis as unknown as {
  onmessage: (event: { data: ToWorker }) => void
  postMessage(message: FromWorker, transfer?: Transferable[]): void
}

/** Nobody waits for this thread's breaks: a message that comes meanwhile is for later, an abort ends the thread. */
const SLICE_MS = 200

/** A table that is being filled. */
class Table {
  readonly #head: TableHead
  readonly #builder: MatrixBuilder

  constructor(head: TableHead) {
    this.#head = head
    const { rows, cols, stored } = head
    // What was in kernel memory is taken as it was: already shifted and rounded, padding included.
    this.#builder = stored
      ? new MatrixBuilder(stored.stride, { rows, shift: new Float64Array(stored.stride) })
      : new MatrixBuilder(cols, { rows })
  }

  async reserve(): Promise<void> {
    await this.#builder.reserve(this.#head.rows)
  }

  append(values: Float32Array | Float64Array, rows: number): void {
    this.#builder.append(values, rows)
  }

  finish(): Matrix {
    const { rows, cols, stored, featureNames } = this.#head
    const built = this.#builder.finish()
    const matrix = stored ? new Matrix(built.slabs, rows, cols, stored.shift) : built
    matrix.featureNames = featureNames
    return matrix
  }

  dispose(): void {
    this.#builder.dispose()
  }
}

type Tables = { [name in TableName]?: Table }

let tables: Tables | undefined
/** Bytes that the kernel's memory had grown to: afterwards it may have been dropped, and wait for the collector. */
let kernelBytes = 0
/** Of the fit before; there may be fewer. */
let threadsAsked = 1
let order: Promise<void> = Promise.resolve()

port.onmessage = ({ data }) => {
  // One after the other, whatever each waits for.
  order = order.then(() => handle(data))
}

async function handle(message: ToWorker): Promise<void> {
  try {
    if (message.type === 'begin') await begin(message)
    // After a failure the page may have posted more before it heard of it.
    else if (!tables) return
    else if (message.type === 'rows') {
      tables[message.table]?.append(message.values, message.rows)
      const { buffer } = message.values
      port.postMessage({ type: 'taken', buffer }, [buffer])
    } else {
      const fit = await train(message, tables)
      tables = undefined
      port.postMessage({ type: 'done', fit, kernelBytes })
    }
  } catch (error) {
    kernelBytes = Math.max(kernelBytes, kernelInfo().totalBytes)
    for (const table of Object.values(tables ?? {})) table.dispose()
    tables = undefined
    port.postMessage({ type: 'failed', error: packError(error), kernelBytes })
  }
}

async function begin({ version: wanted, kernel, tables: heads }: Extract<ToWorker, { type: 'begin' }>): Promise<void> {
  if (wanted !== version) {
    throw new RangeError(`worker: the worker's file is of lanefit ${version}, the page has ${wanted}`)
  }
  if (kernelInfo().variant !== kernel.variant || kernel.threads !== threadsAsked) await init(kernel)
  threadsAsked = kernel.threads
  tables = {}
  for (const [name, head] of Object.entries(heads)) {
    const table = new Table(head)
    tables[name as TableName] = table
    await table.reserve()
  }
}

async function train(
  { task, plan, previous, labels, budgetMs, wantsProgress }: Extract<ToWorker, { type: 'fit' }>,
  filled: Tables,
): Promise<unknown> {
  const matrices: Matrix[] = []
  const finish = (name: TableName) => {
    const matrix = filled[name]!.finish()
    matrices.push(matrix)
    return matrix
  }
  try {
    const X = finish('X')
    const y = labels.X as RowLabels
    const ofValidation = labels.validation
    const options: FitOptions = {
      ...weightsOf(y),
      ...(ofValidation && {
        validation: { X: finish('validation'), y: knownLabels(ofValidation), ...weightsOf(ofValidation) },
      }),
      ...(budgetMs !== undefined && { budgetMs }),
      ...(wantsProgress && { onProgress: (progress: object) => port.postMessage({ type: 'progress', progress }) }),
    }
    const known = knownLabels(y)
    const steps =
      task === 'mlp'
        ? fitMlp(X, known, plan as MLPClassifierOptions, options, previous as Parameters<typeof fitMlp>[4])
        : fitLinear(X, known, plan as LinearPlan, options, previous as Parameters<typeof fitLinear>[4], hingeSolvers)
    return await runAsync<unknown>(steps, { sliceMs: SLICE_MS })
  } finally {
    kernelBytes = kernelInfo().totalBytes
    for (const matrix of matrices) matrix.dispose()
  }
}

function weightsOf({ sampleWeight }: RowLabels): { sampleWeight?: Float64Array } {
  return sampleWeight ? { sampleWeight } : {}
}
