import type { Labels } from '../core/labels.ts'
import type { MatrixLike } from '../kernel/index.ts'
import type { FitOptions } from './fit-options.ts'
import { loadWorkerTraining } from './on-demand.ts'
import { type BorrowedMatrix, holdMatrix } from './samples.ts'

/** Fits that have been asked for and are not done: they share the threads. */
let fits = 0

/** A fit for a worker. */
export interface WorkerTask<F> {
  /** When it was asked for, by performance.now. */
  readonly begin: number
  /** What trains: fitLinear with a LinearPlan as `plan`, or fitMlp with the model's options. */
  readonly task: 'linear' | 'mlp'
  readonly X: MatrixLike
  readonly y: Labels
  readonly plan: object
  readonly warmStart: boolean | undefined
  readonly options: FitOptions
  readonly previous: F | undefined
  readonly held: BorrowedMatrix | undefined
  readonly heldValidation: BorrowedMatrix | undefined
  /** How many fits share the threads: as many as there were when this one was asked for, or as there are now. */
  readonly sharing: () => number
}

/** Runs a fit in a worker; see worker-training.ts, which is loaded for it. */
export async function fitInWorker<F>(
  task: WorkerTask<F>['task'],
  X: MatrixLike,
  y: Labels,
  plan: object,
  { warmStart }: { warmStart?: boolean },
  options: FitOptions,
  previous: F | undefined,
): Promise<F> {
  const begin = performance.now()
  const { validation } = options
  // From the call on, so that they may be disposed of.
  using held = holdMatrix(X)
  using heldValidation = validation && holdMatrix(validation.X)
  const beside = ++fits
  const sharing = () => Math.max(beside, fits)
  try {
    const { trainInWorker } = await loadWorkerTraining()
    return await trainInWorker({ begin, task, X, y, plan, warmStart, options, previous, held, heldValidation, sharing })
  } finally {
    fits--
  }
}
