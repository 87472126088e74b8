import { type NumberArray, readWeights } from '../core/arrays.ts'
import type { Labels } from '../core/labels.ts'
import { runAsync, type Steps } from '../core/steps.ts'
import {
  checkRow,
  type DenseData,
  kernelOrigin,
  kernelReady,
  Matrix,
  type MatrixLike,
  shapeOf,
} from '../kernel/index.ts'
import { version } from '../worker/generated/version.ts'
import type { WorkerPlace } from '../worker/pool.ts'
import type { RowLabels, TableHead, TableName } from '../worker/protocol.ts'
import { openSession } from '../worker/remote.ts'
import type { Session } from '../worker/session.ts'
import { type FitProgress, validationShape } from './fit-options.ts'
import { checkClasses, encodeLabels } from './labels.ts'
import type { BorrowedMatrix, Rows } from './samples.ts'
import type { WorkerTask } from './worker-fit.ts'

/** Numbers copied in one go: a millisecond's work, also where rows are arrays. */
const SLICE_NUMBERS = 2 ** 17
/** A table of fewer numbers is one thread's. */
const LEAST_SHARED = 2 ** 18

/**
 * The page's side of a fit in a worker. This thread encodes the labels and copies X and the weights over, in slices with
 * breaks; all other work and all other checks are the worker's, by the same code and the same kernel.
 */
export async function trainInWorker<F>({
  begin,
  task,
  X,
  y,
  plan,
  warmStart,
  options,
  previous,
  held,
  heldValidation,
  sharing,
}: WorkerTask<F>): Promise<F> {
  const { validation, signal } = options
  const head = headOf(X, shapeOf(X))
  if (!held && !heldValidation) await kernelReady()
  return await runAsync(
    (function* (): Steps<F> {
      const labels = yield* readLabels(y, head.rows, options.sampleWeight)
      checkClasses(labels.classes, head.rows)
      const tables: { [name in TableName]?: TableHead } = { X: head }
      const all: { [name in TableName]?: RowLabels } = { X: labels }
      if (validation) {
        tables.validation = headOf(validation.X, validationShape(validation.X, head.cols))
        all.validation = yield* readLabels(
          validation.y,
          tables.validation.rows,
          validation.sampleWeight,
          labels.classes,
        )
      }
      const { onProgress, budgetMs, worker } = options
      const since = () => performance.now() - begin
      const report = (progress: object) => onProgress?.({ ...(progress as FitProgress), elapsedMs: since() })
      const opening = openSession(worker as WorkerPlace, signal, onProgress && report)
      try {
        const session = (yield opening) as Session
        const origin = kernelOrigin()
        // Starting its threads takes longer than they would save on a small table.
        const isSmall = head.rows * head.cols < LEAST_SHARED
        const threads = isSmall ? 1 : Math.max(1, Math.floor(origin.threads / sharing()))
        session.post({ type: 'begin', version, kernel: { ...origin, threads }, tables })
        yield* sendRows(session, 'X', X, held)
        if (validation) yield* sendRows(session, 'validation', validation.X, heldValidation)
        held?.dispose()
        heldValidation?.dispose()
        session.post(
          {
            type: 'fit',
            task,
            labels: all,
            budgetMs: budgetMs === undefined ? undefined : Math.max(1e-3, budgetMs - since()),
            wantsProgress: onProgress !== undefined,
            plan,
            previous: warmStart ? previous : undefined,
          },
          Object.values(all).flatMap(({ codes, sampleWeight }) =>
            [codes, sampleWeight].flatMap((a) => a?.buffer ?? []),
          ),
        )
        return (yield session.result) as F
      } catch (error) {
        opening.then(
          (session) => session.fail(error),
          () => {},
        )
        throw error
      }
    })(),
    { signal },
  )
}

function headOf(X: MatrixLike, { rows, cols }: { rows: number; cols: number }): TableHead {
  if (!(X instanceof Matrix)) return { rows, cols, featureNames: undefined }
  const { featureNames, shift, stride } = X
  return { rows, cols, featureNames, stored: { shift, stride } }
}

/** Labels as codes, and weights, in arrays of their own. `of`: what error messages are about. */
function* readLabels(
  y: Labels,
  rows: number,
  weights: NumberArray | undefined,
  given?: RowLabels['classes'],
): Steps<RowLabels & { codes: Int32Array<ArrayBuffer>; sampleWeight: Float64Array<ArrayBuffer> | undefined }> {
  const { classes, codes } = yield* encodeLabels(y, rows, given, given && 'validation.y')
  const unit = given ? 'rows of validation.X' : 'rows of X'
  const sampleWeight = (yield* readWeights(weights, rows, unit)) as Float64Array<ArrayBuffer> | undefined
  return { classes, codes: codes as Int32Array<ArrayBuffer>, sampleWeight }
}

function* sendRows(session: Session, table: TableName, X: MatrixLike, held: BorrowedMatrix | undefined): Steps<void> {
  const buffer = (bytes: number) => session.buffer(bytes)
  for (const { values, rows } of held ? storedPieces(held.matrix, buffer) : pieces(X, buffer)) {
    session.post({ type: 'rows', table, values, rows }, [values.buffer])
    // Also where there is room: a break, if it is time for one.
    yield session.room()
  }
}

/** Gives a buffer of so many bytes. */
type Buffers = (bytes: number) => ArrayBuffer

interface Piece {
  readonly values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>
  readonly rows: number
}

/** The rows of a Matrix as they lie in kernel memory. */
function* storedPieces({ rows, stride, slabs }: Rows, buffer: Buffers): Generator<Piece> {
  // A power of two divides every slab, or is more than one.
  const most = 2 ** (31 - Math.clz32(Math.max(1, Math.floor(SLICE_NUMBERS / stride))))
  for (const run of slabs.runs(0, rows, most)) {
    const values = new Float32Array(buffer(run.rows * stride * 4))
    values.set(slabs.memory.f32(run.x, values.length))
    yield { values, rows: run.rows }
  }
}

/** The rows of anything else, as they were given. */
function* pieces(X: MatrixLike, buffer: Buffers): Generator<Piece> {
  const { rows, cols } = shapeOf(X)
  const slice = Math.max(1, Math.floor(SLICE_NUMBERS / cols))
  for (let begin = 0; begin < rows; begin += slice) {
    const end = Math.min(begin + slice, rows)
    const length = (end - begin) * cols
    if (Array.isArray(X)) {
      const values = new Float64Array(buffer(length * 8))
      for (let i = begin, o = 0; i < end; i++) {
        const row = X[i] as ArrayLike<number>
        checkRow(row, cols, i)
        for (let k = 0; k < cols; k++) values[o++] = row[k]!
      }
      yield { values, rows: end - begin }
    } else {
      const { data } = X as DenseData
      const values =
        data instanceof Float64Array ? new Float64Array(buffer(length * 8)) : new Float32Array(buffer(length * 4))
      values.set(data.subarray(begin * cols, end * cols))
      yield { values, rows: end - begin }
    }
  }
}
