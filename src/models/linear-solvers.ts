import type { Steps } from '../core/steps.ts'
import type { Workspace } from '../kernel/index.ts'
import {
  EarlyStopping,
  type EarlyStoppingOptions,
  type EpochRunner,
  gradientDescent,
  type IterationInfo,
  lbfgs,
  newton,
  type Objective,
  owlqn,
  type ScheduleOptions,
  type SolverResult,
  type StopAnswer,
  sampledNewton,
  scheduleOf,
  sgd,
} from '../optim/index.ts'
import type { ColumnTransform } from './columns.ts'
import { diverged, overflow } from './fit-errors.ts'
import type { FitRecord } from './fit-record.ts'
import type { LinearData, LinearLoss } from './linear-data.ts'
import { LinearEpochs, type Optimizer } from './linear-epochs.ts'
import { LinearObjective } from './linear-objective.ts'
import type { LinearOptions } from './linear-options.ts'
import { LinearSample, type Sampling } from './linear-sample.ts'

/** How a linear model may be trained; 'cholesky' is the closed form of squared error, 'dual' and 'interiorPoint' are for the hinge. */
export type LinearSolver =
  | 'newton'
  | 'sampledNewton'
  | 'cholesky'
  | 'lbfgs'
  | 'owlqn'
  | 'gd'
  | 'dual'
  | 'interiorPoint'
  | Optimizer

/** Solvers that choose their steps by curvature, so that columns may be scaled to suit them. */
export function minds(solver: LinearSolver): boolean {
  return ['newton', 'sampledNewton', 'cholesky', 'lbfgs', 'owlqn'].includes(solver)
}

/** Options of solvers; estimators let users set those that theirs have. */
export interface TrainingOptions extends LinearOptions {
  schedule?: ScheduleOptions
  earlyStopping?: EarlyStoppingOptions
  momentum?: number
  beta2?: number
  epsilon?: number
}

/** A fit on its way: what solvers work on and what they are asked. */
export interface LinearTask {
  readonly loss: LinearLoss
  readonly data: LinearData
  readonly transform: ColumnTransform
  readonly options: TrainingOptions
  readonly l1: number
  readonly l2: number
  readonly fitIntercept: boolean
  /** The rows to draw mini-batches from; default all. */
  readonly train?: Uint32Array | undefined
  readonly work: Workspace
  /** D coefficients on the transformed columns and the intercept. */
  readonly start: Float64Array
  readonly isWarm: boolean
}

/** What a solver of an objective has to know beside it. */
export interface SmoothTask {
  readonly options: TrainingOptions
  /** As many parameters as the objective has, and maybe more. */
  readonly start: Float64Array
  /** Strength of the penalty on the absolute value of each parameter, for owlqn. */
  readonly absolutes: ArrayLike<number>
  /** The greatest curvature of the objective, for gradient descent. */
  readonly curvature: number
  /** How to sample its rows, for sampledNewton. */
  readonly sampling?: Sampling
}

/** What a solver came to, on parameters of the transformed columns, and its step size if that is fixed. */
export type Outcome = Pick<SolverResult, 'w' | 'nIter' | 'converged'> & { learningRate?: number }

/** Told after every iteration; true stops. */
export type Watch = (iteration: number, loss: number, params: Float64Array) => Steps<boolean>

/** Solvers that a model brings along, by name: their code is only where such a model is. */
export type OwnSolvers = {
  readonly [name in LinearSolver]?: (task: LinearTask, record: FitRecord, watch: Watch) => Steps<Outcome>
}

/** Runs the solver. @throws DataError DIVERGED, FLOAT32_OVERFLOW */
export function* solve(
  task: LinearTask,
  solver: LinearSolver,
  record: FitRecord,
  watch: Watch,
  own: OwnSolvers = {},
): Steps<Outcome> {
  if (minds(solver) || solver === 'gd') {
    const { data, transform } = task
    const on = (some: LinearData) => new LinearObjective(task.loss, some, transform, task)
    const sampling = { data, transform, outputs: 1, on }
    return yield* runSmooth(on(data), { ...smoothTask(task), sampling }, solver, record, watch)
  }
  const run = own[solver]
  return run ? yield* run(task, record, watch) : yield* runEpochs(task, solver as Optimizer, record, watch)
}

/** What a linear objective is to its solver. */
export function smoothTask(
  task: Pick<LinearTask, 'loss' | 'transform' | 'options' | 'l1' | 'l2' | 'fitIntercept' | 'start'>,
): SmoothTask {
  const { loss, transform, options, l1, l2, fitIntercept, start } = task
  const { penalty, interceptPenalty, meanSquare } = transform
  return {
    options,
    start,
    absolutes: [...penalty, interceptPenalty].map((p) => l1 * Math.sqrt(p)),
    curvature: loss.maxCurvature * (meanSquare + (fitIntercept ? 1 : 0)) + l2,
  }
}

/** Runs a solver that needs values and gradients only, and for newton a Hessian. */
export function* runSmooth(
  objective: Objective,
  { options, start, absolutes, curvature, sampling }: SmoothTask,
  solver: LinearSolver,
  record: FitRecord,
  watch: Watch,
): Steps<Outcome> {
  const isNewton = solver === 'newton' || solver === 'cholesky'
  const { tol, maxIter = isNewton ? 100 : 1000 } = options
  record.begin(maxIter)
  const onIteration = ({ iteration, loss, w }: IterationInfo): StopAnswer => watch(iteration, loss, w)
  const from = start.subarray(0, objective.size)
  if (solver === 'gd') {
    const learningRate = options.learningRate ?? 1 / curvature
    const result = yield* gradientDescent(objective, from, { tol, maxIter, learningRate, onIteration })
    if (result.reason === 'diverged') throw diverged('iteration', result.nIter, learningRate, options)
    return { ...result, learningRate }
  }
  const how = { tol, maxIter, onIteration }
  using sample = sampling && solver === 'sampledNewton' ? new LinearSample(sampling, objective.size) : undefined
  const result = yield* solver === 'owlqn'
    ? owlqn(objective, from, { ...how, l1: absolutes })
    : sample
      ? sampledNewton(objective, sample, from, how)
      : (isNewton ? newton : lbfgs)(objective, from, how)
  if (result.reason === 'diverged') throw overflow()
  return result
}

function* runEpochs(task: LinearTask, optimizer: Optimizer, record: FitRecord, watch: Watch): Steps<Outcome> {
  const { data, transform, options, start, work } = task
  const { batchSize = 32, seed = 0 } = options
  const learningRate = options.learningRate ?? defaultRate(optimizer)
  const settings = { ...task, ...options, optimizer, batchSize, seed, l1: task.l1, l2: task.l2 }
  const runner = new LinearEpochs(task.loss, data, transform, settings, start, work)
  return yield* watchEpochs(runner, { ...options, learningRate }, record, watch)
}

/** Epoch after epoch, until they bring nothing any more. @throws DataError DIVERGED */
export function* watchEpochs(
  runner: EpochRunner & { params(): Float64Array },
  options: TrainingOptions & { learningRate: number },
  record: FitRecord,
  watch: Watch,
): Steps<Outcome> {
  const { learningRate, epochs = 50, tol = 1e-4, schedule = 'constant', earlyStopping } = options
  record.begin(epochs)
  const early = earlyStopping && new EarlyStopping<Float64Array>(earlyStopping)
  let isEarly = false
  const result = yield* sgd(runner, {
    epochs,
    learningRate,
    schedule: scheduleOf(schedule, epochs),
    // Losses on other rows decide where they are asked to.
    tol: early ? Number.NEGATIVE_INFINITY : tol,
    *onEpoch({ epoch, loss }) {
      const stop = yield* watch(epoch + 1, loss, runner.params())
      const { validationLoss = Number.NaN } = record.history.at(-1)!
      isEarly = early?.add(epoch + 1, validationLoss, () => runner.params()) ?? false
      return stop || isEarly
    },
  })
  if (result.reason === 'diverged') throw diverged('epoch', result.nIter, learningRate, options)
  const converged = result.converged || isEarly
  return { w: early?.best ?? runner.params(), nIter: result.nIter, converged, learningRate }
}

/** Adam's steps are of the size of the rate; momentum's are ten times as long as the gradient's in the end. */
export function defaultRate(optimizer: Optimizer): number {
  return optimizer === 'sgd' ? 0.1 : 0.01
}
