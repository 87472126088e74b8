import { checkWeights, type NumberArray } from '../core/arrays.ts'
import { checkOptionNames } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import { type Label, type Labels, listLabels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { type MatrixLike, shapeOf, Workspace } from '../kernel/index.ts'
import { gradientDescent, lbfgs, newton, type SolverResult, type StopAnswer, sgd } from '../optim/index.ts'
import { type ColumnTransform, columnMoments, fromOriginal, penaltyOf, toOriginal, transformOf } from './columns.ts'
import type { FitOptions } from './fit-options.ts'
import { FitRecord } from './fit-record.ts'
import { checkTwoClasses, encodeLabels } from './labels.ts'
import { LinearData, logisticLoss, meanLoss } from './linear-data.ts'
import { LinearEpochs } from './linear-epochs.ts'
import { type LinearFit, outputOf, outputsOf } from './linear-fit.ts'
import { LinearObjective } from './linear-objective.ts'
import type { LogisticRegressionOptions, LogisticSolver } from './logistic-options.ts'
import { borrowMatrix, classWeights, holdMatrix, totalWeights } from './samples.ts'
import { isSeparated } from './separation.ts'

/** Up to this width a Newton step costs little more than the few gradients it saves. */
const NEWTON_MOST_FEATURES = 64

/** A fit on its way: what solvers work on and what they are asked. */
interface Task {
  readonly data: LinearData
  readonly transform: ColumnTransform
  readonly options: LogisticRegressionOptions
  readonly l2: number
  readonly fitIntercept: boolean
  readonly work: Workspace
}

/** What a solver came to, on parameters of the transformed columns, and its step size if that is fixed. */
type Outcome = Pick<SolverResult, 'w' | 'nIter' | 'converged'> & { learningRate?: number }

/** Trains; the result is a fit of its own, `previous` is only where a warm start starts. */
export function* fitLogistic(
  X: MatrixLike,
  y: Labels,
  options: LogisticRegressionOptions,
  fitOptions: FitOptions,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  const { rows, cols } = shapeOf(X)
  using record = new FitRecord(fitOptions)
  using held = holdMatrix(X)
  const { classes, codes } = yield* encodeLabels(y, rows)
  checkTwoClasses(classes)
  // Each pass over a million rows takes some 10 ms.
  const sampleWeight = checkWeights(fitOptions.sampleWeight, rows, 'rows of X')
  yield
  const ofClass = classWeights(options.classWeight, classes, codes, sampleWeight)
  yield
  const weights = totalWeights(codes, sampleWeight, ofClass)
  yield
  checkWeightedClasses(classes, codes, weights)
  yield
  yield* record.open(classes, cols)
  using borrowed = held ?? (yield* borrowMatrix(X))
  const { matrix } = borrowed
  using work = new Workspace(matrix.slabs.memory)

  const { standardize = true, fitIntercept = true } = options
  const moments = yield* columnMoments(matrix, sampleWeight)
  const solver = chooseSolver(options.solver, matrix.cols)
  const secondOrder = solver === 'newton' || solver === 'lbfgs'
  const data = new LinearData(work, matrix, codes, weights)
  const l2 = options.l2 ?? 1 / ((options.C ?? 1) * data.weightSum)
  const ridge = secondOrder ? l2 / logisticLoss.maxCurvature : undefined
  const transform = transformOf(moments, matrix.shift, { standardize, fitIntercept, ridge })
  const task: Task = { data, transform, options, l2, fitIntercept, work }
  const warm = options.warmStart && previous?.coef.length === matrix.cols ? previous : undefined
  const start = warm ? fromOriginal(outputOf(warm, 0), transform, matrix.shift) : new Float64Array(matrix.cols + 1)
  const watch = (iteration: number, loss: number, params: Float64Array): Steps<boolean> =>
    record.add(iteration, loss, (rows) => meanLoss(logisticLoss, rows, toOriginal(params, transform, matrix.shift)))

  const outcome = yield* solver === 'sgd'
    ? runSgd(task, start, record, watch)
    : runSmooth(task, solver, start, record, watch)
  const parameters = toOriginal(outcome.w, transform, matrix.shift)
  if (l2 === 0 && secondOrder && isSeparated(matrix, parameters, codes, weights)) {
    throw new DataError(
      'SEPARABLE',
      'the classes can be separated exactly, so without a penalty no best coefficients exist',
      {
        hint: 'Give a penalty: l2 above 0, or C',
      },
    )
  }
  const loss = (yield* meanLoss(logisticLoss, data, parameters)) + penaltyOf(outcome.w, transform, l2)
  // Steps that are too large may bounce without overflowing, far above ln 2, where the loss started.
  if (outcome.learningRate && !warm && !(loss <= 2 * Math.LN2)) {
    throw diverged(solver === 'sgd' ? 'epoch' : 'iteration', outcome.nIter, outcome.learningRate)
  }
  return {
    classes,
    ...outputsOf([parameters]),
    columns: columnsOf(moments, matrix.shift),
    featureNames: matrix.featureNames,
    solver,
    nIter: outcome.nIter,
    converged: outcome.converged,
    loss,
    history: record.history,
  }
}

function chooseSolver(solver: LogisticSolver = 'auto', nFeatures: number): Exclude<LogisticSolver, 'auto'> {
  if (solver !== 'auto') return solver
  return nFeatures <= NEWTON_MOST_FEATURES ? 'newton' : 'lbfgs'
}

type Watch = (iteration: number, loss: number, params: Float64Array) => Steps<boolean>

function* runSmooth(
  { data, transform, options, l2, fitIntercept, work }: Task,
  solver: 'newton' | 'lbfgs' | 'gd',
  start: Float64Array,
  record: FitRecord,
  watch: Watch,
): Steps<Outcome> {
  const objective = new LinearObjective(logisticLoss, data, transform, { l2, fitIntercept }, work)
  const { tol, maxIter = solver === 'newton' ? 100 : 1000 } = options
  record.begin(maxIter)
  const onIteration = ({ iteration, loss, w }: { iteration: number; loss: number; w: Float64Array }): StopAnswer =>
    watch(iteration, loss, w)
  const from = start.subarray(0, objective.size)
  if (solver === 'gd') {
    const greatest = logisticLoss.maxCurvature * (transform.meanSquare + (fitIntercept ? 1 : 0)) + l2
    const learningRate = options.learningRate ?? 1 / greatest
    const result = yield* gradientDescent(objective, from, { tol, maxIter, learningRate, onIteration })
    if (result.reason === 'diverged') throw diverged('iteration', result.nIter, learningRate)
    return { ...result, learningRate }
  }
  const result = yield* (solver === 'newton' ? newton : lbfgs)(objective, from, { tol, maxIter, onIteration })
  if (result.reason === 'diverged') {
    throw new DataError('FLOAT32_OVERFLOW', 'the loss overflows float32: values of X or weights are too large', {
      hint: 'Scale the columns, or standardize',
    })
  }
  return result
}

function* runSgd(
  { data, transform, options, l2, fitIntercept, work }: Task,
  start: Float64Array,
  record: FitRecord,
  watch: Watch,
): Steps<Outcome> {
  const { batchSize = 32, epochs = 50, learningRate = 0.1, tol = 1e-4, seed = 0 } = options
  record.begin(epochs)
  const runner = new LinearEpochs(logisticLoss, data, transform, { batchSize, l2, fitIntercept, seed }, start, work)
  const result = yield* sgd(runner, {
    epochs,
    learningRate,
    tol,
    onEpoch: ({ epoch, loss }) => watch(epoch + 1, loss, runner.params()),
  })
  if (result.reason === 'diverged') throw diverged('epoch', result.nIter, learningRate)
  return { w: runner.params(), nIter: result.nIter, converged: result.converged, learningRate }
}

/** Options of `partialFit`. */
export interface PartialFitOptions<L extends Label = Label> {
  /** Both classes, where the first rows may lack one. */
  classes?: readonly L[]
  /** A weight a row, at least 0. */
  sampleWeight?: NumberArray
}

/** One epoch over more rows, from where `previous` is. */
export function* partialFitLogistic(
  X: MatrixLike,
  y: Labels,
  options: LogisticRegressionOptions,
  { classes: given, sampleWeight, ...rest }: PartialFitOptions,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  checkOptionNames('partialFit', rest, ['classes', 'sampleWeight'])
  const { rows } = shapeOf(X)
  const sorted = given && (yield* encodeLabels(given, given.length, undefined, 'classes')).classes
  if (previous && sorted?.some((label, code) => label !== previous.classes[code])) {
    throw new RangeError(`classes: expected ${listLabels(previous.classes)} as before, got ${listLabels(sorted)}`)
  }
  const { classes, codes } = yield* encodeLabels(y, rows, previous?.classes ?? sorted)
  checkTwoClasses(classes)
  const checked = checkWeights(sampleWeight, rows, 'rows of X')
  const weights = totalWeights(codes, checked, classWeights(options.classWeight, classes, codes, checked))
  using borrowed = yield* borrowMatrix(X)
  const { matrix } = borrowed
  using work = new Workspace(matrix.slabs.memory)
  const { standardize = true, fitIntercept = true, batchSize = 32, learningRate = 0.1, seed = 0 } = options
  const columns = previous?.columns ?? columnsOf(yield* columnMoments(matrix, checked), matrix.shift)
  const moments = {
    mean: columns.mean.map((mean, k) => mean - matrix.shift[k]!),
    variance: columns.std.map((std) => std * std),
  }
  const transform = transformOf(moments, matrix.shift, { standardize, fitIntercept })
  const data = new LinearData(work, matrix, codes, weights)
  const l2 = options.l2 ?? 1 / ((options.C ?? 1) * data.weightSum)
  const start = previous
    ? fromOriginal(outputOf(previous, 0), transform, matrix.shift)
    : new Float64Array(matrix.cols + 1)
  const nIter = (previous?.nIter ?? 0) + 1
  const epochs = new LinearEpochs(
    logisticLoss,
    data,
    transform,
    { batchSize, l2, fitIntercept, seed: seed + nIter },
    start,
    work,
  )
  const { loss } = yield* epochs.epoch({ learningRate })
  if (!Number.isFinite(loss)) throw diverged('call', nIter, learningRate)
  return {
    classes,
    ...outputsOf([toOriginal(epochs.params(), transform, matrix.shift)]),
    columns,
    featureNames: previous?.featureNames ?? matrix.featureNames,
    solver: 'sgd',
    nIter,
    converged: false,
    loss,
    history: [...(previous?.history ?? []), { iteration: nIter, loss }],
  }
}

/** Mean and deviation in original units. */
function columnsOf(
  { mean, variance }: { mean: Float64Array; variance: Float64Array },
  shift: Float64Array,
): LinearFit['columns'] {
  return { mean: mean.map((m, k) => m + shift[k]!), std: variance.map(Math.sqrt) }
}

/** Both classes must weigh something, in the float32 that the kernel sums. */
function checkWeightedClasses(classes: readonly Label[], codes: Int32Array, weights: Float64Array | undefined): void {
  if (!weights) return
  const present = new Set<number>()
  for (let i = 0; i < codes.length; i++) {
    const weight = Math.fround(weights[i]!)
    if (weight === Number.POSITIVE_INFINITY) {
      throw new DataError('FLOAT32_OVERFLOW', `sampleWeight[${i}]: ${weights[i]} is beyond float32`, { row: i })
    }
    if (weight > 0) present.add(codes[i]!)
  }
  if (present.size === 0) throw new DataError('ZERO_WEIGHTS', 'every row has weight 0')
  checkTwoClasses(classes.filter((_, code) => present.has(code)))
}

function diverged(unit: string, at: number, learningRate: number): DataError {
  return new DataError('DIVERGED', `training diverged in ${unit} ${at} with learning rate ${learningRate}`, {
    hint: `Try a learning rate of ${learningRate / 10}${unit === 'iteration' ? ", or solver 'lbfgs'" : ', or standardize'}`,
  })
}
