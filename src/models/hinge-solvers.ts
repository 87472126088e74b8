import type { Steps } from '../core/steps.ts'
import type { FitRecord } from './fit-record.ts'
import { hingeDual } from './hinge-dual.ts'
import { hingeInterior } from './hinge-interior.ts'
import type { LinearTask, Outcome, OwnSolvers, Watch } from './linear-solvers.ts'

/** The exact solvers of the hinge loss. Only models that have that loss import them. */
export const hingeSolvers: OwnSolvers = { dual: runDual, interiorPoint: runInterior }

function* runDual(task: LinearTask, record: FitRecord, watch: Watch): Steps<Outcome> {
  const { rows, cols } = task.data.X
  // Some ten seconds' work: on many rows with a weak penalty it would go on for hours.
  const most = Math.round(Math.min(10_000, Math.max(100, 2e9 / (rows * cols))))
  const { tol = 1e-4, maxIter = most, seed = 0 } = task.options
  record.begin(maxIter)
  return yield* hingeDual(task, { tol, maxIter, seed }, watch)
}

function* runInterior(task: LinearTask, record: FitRecord, watch: Watch): Steps<Outcome> {
  const { tol = 1e-8, maxIter = 100 } = task.options
  record.begin(maxIter)
  return yield* hingeInterior(task, { tol, maxIter }, watch)
}
