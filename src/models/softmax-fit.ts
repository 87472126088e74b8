import type { Label } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { chunkRowsOf, sumRows, Workspace } from '../kernel/index.ts'
import { scheduleOf } from '../optim/index.ts'
import { type ColumnTransform, columnsOf, transformOf } from './columns.ts'
import { areFinite, diverged, overflow, separable } from './fit-errors.ts'
import type { FitRecord } from './fit-record.ts'
import { sameLabels } from './labels.ts'
import { EXACT_SCRATCH, LinearData } from './linear-data.ts'
import type { LinearFit, LinearOutputs } from './linear-fit.ts'
import { hasL1, type LinearOptions, penaltiesOf } from './linear-options.ts'
import {
  type LinearSolver,
  minds,
  type Outcome,
  runSmooth,
  type SmoothTask,
  type TrainingOptions,
  type Watch,
  watchEpochs,
} from './linear-solvers.ts'
import type { LinearPlan, TrainingSet } from './linear-training.ts'
import type { Rows } from './samples.ts'
import { scoreRows } from './scores.ts'
import {
  centerClasses,
  centerIntercepts,
  fromOriginalOutputs,
  softmaxPenalty,
  toOriginalOutputs,
} from './softmax-columns.ts'
import { SoftmaxEpochs } from './softmax-epochs.ts'
import { SoftmaxObjective } from './softmax-objective.ts'
import { isSampled, type Shape } from './solver-choice.ts'

/**
 * On fewer rows: up to so many parameters a Newton step costs little more than the gradients it saves: on correlated columns of scales 1
 * to 1000, as long as lbfgs at 44 parameters (7 steps against 54), three times as long at 210 (7 against 97).
 */
const NEWTON_MOST_PARAMETERS = 160

/** The greatest eigenvalue of the loss's Hessian in z: diag(p) - p p' with two classes at 1/2. */
export const MAX_CURVATURE = 0.5

/** The objective's terms for a task. */
interface Problem {
  readonly k: number
  readonly data: LinearData
  readonly transform: ColumnTransform
  readonly l1: number
  readonly l2: number
  readonly fitIntercept: boolean
  readonly work: Workspace
  readonly train?: Uint32Array | undefined
}

/** Trains on more than two classes; `previous` is where a warm start starts. */
export function* trainSoftmax(
  set: TrainingSet,
  { softmax = 'auto', options }: LinearPlan,
  record: FitRecord,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  const { matrix, classes, codes, weights } = set
  const k = classes.length
  const solver = softmax === 'auto' ? chooseSolver(options, k, matrix) : softmax
  const problem = problemOf(set, options, minds(solver))
  const { data, transform, l1, l2 } = problem
  const warm = options.warmStart ? startFrom(previous, set, transform) : undefined
  const start = warm ?? new Float64Array(k * (matrix.cols + 1))
  const watch = (iteration: number, loss: number, params: Float64Array): Steps<boolean> =>
    record.add(iteration, loss, () => toOriginalOutputs(params, k, transform, matrix.shift), meanSoftmaxLoss)

  const on = (some: LinearData, work: Workspace) =>
    new SoftmaxObjective(k, some, transform, { ...problem, isFlat: solver === 'owlqn' }, work)
  const outcome =
    minds(solver) || solver === 'gd'
      ? yield* runSmooth(
          on(data, problem.work),
          {
            ...softmaxTask(problem, options, start),
            sampling: { data, transform, outputs: k, on, metric: problem },
          },
          solver,
          record,
          watch,
        )
      : yield* runEpochs(problem, solver, options, start, record, watch)
  const params = l1 > 0 ? centerIntercepts(outcome.w, k, matrix.cols) : centerClasses(outcome.w, k, matrix.cols)
  const outputs = toOriginalOutputs(params, k, transform, matrix.shift)
  if (l1 === 0 && l2 === 0 && minds(solver) && areSeparated(matrix, outputs, codes, weights)) throw separable()
  const loss = (yield* meanSoftmaxLoss(data, outputs)) + softmaxPenalty(params, k, transform, { l1, l2 })
  const fits = areFinite(loss, outputs.coef, outputs.intercepts)
  // Steps that are too large may bounce without overflowing, far above where the loss started.
  const most =
    warm || !outcome.learningRate ? Number.MAX_VALUE : 2 * (yield* meanSoftmaxLoss(data, nothing(k, matrix.cols)))
  if (outcome.learningRate && !(fits && loss <= most)) {
    throw diverged(solver === 'gd' ? 'iteration' : 'epoch', outcome.nIter, outcome.learningRate, options)
  }
  if (!fits) throw overflow()
  return {
    classes,
    ...outputs,
    columns: columnsOf(set.moments, matrix.shift),
    featureNames: matrix.featureNames,
    solver,
    nIter: outcome.nIter,
    converged: outcome.converged,
    loss,
    history: record.history,
  }
}

/** The epoch numbered nIter over more rows, from where `previous` is. */
export function* softmaxEpoch(
  set: TrainingSet,
  { options }: LinearPlan,
  nIter: number,
  previous: LinearFit | undefined,
): Steps<LinearOutputs & { loss: number }> {
  const { matrix, classes } = set
  const { batchSize = 32, epochs: most = 50, seed = 0, schedule = 'constant' } = options
  const learningRate = scheduleOf(schedule, most)(nIter - 1, options.learningRate ?? 0.1)
  const k = classes.length
  const problem = problemOf(set, options, false)
  const { data, transform, work } = problem
  const start = startFrom(previous, set, transform) ?? new Float64Array(k * (matrix.cols + 1))
  const settings = { ...problem, batchSize, seed: seed + nIter }
  const epochs = new SoftmaxEpochs(k, data, transform, settings, start, work)
  const { loss } = yield* epochs.epoch({ learningRate })
  const outputs = toOriginalOutputs(centerClasses(epochs.params(), k, matrix.cols), k, transform, matrix.shift)
  // The last step of the epoch is in no loss yet.
  if (!areFinite(loss, outputs.coef, outputs.intercepts)) throw diverged('call', nIter, learningRate, options)
  return { ...outputs, loss }
}

function problemOf(
  { matrix, classes, codes, weights, train, moments, work }: TrainingSet,
  options: LinearOptions,
  precondition: boolean,
): Problem {
  const { standardize = true, fitIntercept = true } = options
  const data = new LinearData(work, matrix, codes, weights)
  const { l1, l2 } = penaltiesOf(options, data.weightSum)
  const ridge = precondition ? l2 / MAX_CURVATURE : undefined
  const transform = transformOf(moments, matrix.shift, { standardize, fitIntercept, ridge })
  return { k: classes.length, data, transform, l1, l2, fitIntercept, train, work }
}

/** Parameters that are all 0. */
export function nothing(k: number, cols: number): LinearOutputs {
  return { coef: new Float64Array(k * cols), intercepts: new Float64Array(k) }
}

/** The last fit's parameters, if it is of the same shape. */
export function startFrom(
  previous: LinearFit | undefined,
  { matrix, classes }: { matrix: Pick<Rows, 'cols' | 'shift'>; classes: readonly Label[] },
  transform: ColumnTransform,
): Float64Array | undefined {
  const [k, cols] = [classes.length, matrix.cols]
  if (previous?.coef.length !== k * cols || !sameLabels(previous.classes, classes)) return undefined
  return centerClasses(fromOriginalOutputs(previous, transform, matrix.shift), k, cols)
}

export function chooseSolver(options: LinearOptions, k: number, { rows, cols }: Shape): LinearSolver {
  const parameters = k * (cols + 1)
  if (hasL1(options)) return 'owlqn'
  if (isSampled(rows, parameters, k)) return 'sampledNewton'
  return parameters <= NEWTON_MOST_PARAMETERS ? 'newton' : 'lbfgs'
}

/** What the objective is to its solver. */
export function softmaxTask(
  { k, transform, l1, l2, fitIntercept }: Omit<Problem, 'data' | 'work'>,
  options: LinearOptions,
  start: Float64Array,
): SmoothTask {
  const { penalty, meanSquare } = transform
  const absolutes = new Float64Array(start.length)
  for (let i = 0; i < k * penalty.length; i++) absolutes[i] = l1 * Math.sqrt(penalty[i % penalty.length]!)
  return { options, start, absolutes, curvature: MAX_CURVATURE * (meanSquare + (fitIntercept ? 1 : 0)) + l2 }
}

function* runEpochs(
  problem: Problem,
  solver: LinearSolver,
  options: TrainingOptions,
  start: Float64Array,
  record: FitRecord,
  watch: Watch,
): Steps<Outcome> {
  const { k, data, transform, l1, work } = problem
  const { batchSize = 32, learningRate = 0.1, seed = 0 } = options
  if (solver !== 'sgd' || l1 > 0) {
    const what = l1 > 0 ? 'an l1 penalty with mini-batches' : `solver ${solver}`
    throw new RangeError(`${what}: not for the softmax of more than two classes; take owlqn or multiClass 'ovr'`)
  }
  const runner = new SoftmaxEpochs(k, data, transform, { ...problem, batchSize, seed }, start, work)
  return yield* watchEpochs(runner, { ...options, learningRate }, record, watch)
}

/** The mean of weighted losses of all rows at parameters in original units, in float64. */
export function* meanSoftmaxLoss(data: LinearData, outputs: LinearOutputs): Steps<number> {
  const { X, kernel, weightSum } = data
  using work = new Workspace(kernel.memory)
  const { cols, stride } = X
  const k = outputs.intercepts.length
  const [w, b] = [work.doubles(k * stride), work.doubles(k)]
  const { memory } = kernel
  for (let c = 0; c < k; c++) {
    const row = outputs.coef.subarray(c * cols, (c + 1) * cols)
    memory.f64(w, k * stride).set(row, c * stride)
    memory.f64(b, k)[c] = row.reduce((sum, v, j) => sum + v * X.shift[j]!, outputs.intercepts[c]!)
  }
  const chunkRows = chunkRowsOf(stride * k)
  const sums = yield* sumRows({
    name: 'softmaxLoss',
    ...{ slabs: X.slabs, rows: X.rows, chunkRows, callRows: chunkRows, length: 1 },
    ...{ work: 2 * stride * k, scratchBytes: k * EXACT_SCRATCH },
    args: (run, out, scratch) => {
      const [y, s] = [data.targetsAt(run), data.weightsAt(run)]
      return [run.rows, k, run.x, stride, w, b, y, s, out, scratch]
    },
  })
  return sums[0]! / weightSum
}

/** Whether every row that weighs something has its own class strictly above all others. */
export function areSeparated(
  X: Rows,
  outputs: LinearOutputs,
  codes: Int32Array,
  weights: Float64Array | undefined,
): boolean {
  const k = outputs.intercepts.length
  let separated = true
  scoreRows(X, outputs, 0, ({ memory }, z, begin, rows) => {
    const scores = memory.f32(z, k * rows)
    for (let i = 0; i < rows && separated; i++) {
      if (weights?.[begin + i] === 0) continue
      const code = codes[begin + i]!
      for (let c = 0; c < k; c++) if (c !== code && scores[c * rows + i]! >= scores[code * rows + i]!) separated = false
    }
  })
  return separated
}
