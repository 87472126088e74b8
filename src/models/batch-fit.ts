import type { Steps } from '../core/steps.ts'
import { BatchObjective } from './batch-objective.ts'
import { BatchRows, type BatchRun, type Side } from './batch-rows.ts'
import type { BatchSource } from './batches.ts'
import {
  absoluteSum,
  type ColumnTransform,
  columnsOf,
  fromOriginal,
  penaltyOf,
  toOriginal,
  transformOf,
} from './columns.ts'
import { areFinite, diverged, overflow, separable } from './fit-errors.ts'
import type { FitBatchesOptions } from './fit-options.ts'
import { FitRecord } from './fit-record.ts'
import { againstRest } from './labels.ts'
import { type LinearData, meanLoss, targetsOf } from './linear-data.ts'
import { type LinearFit, type LinearOutputs, outputOf, outputsOf } from './linear-fit.ts'
import { LinearObjective } from './linear-objective.ts'
import { penaltiesOf } from './linear-options.ts'
import { minds, type Outcome, runSmooth, smoothTask } from './linear-solvers.ts'
import type { LinearPlan } from './linear-training.ts'
import { isSeparated } from './separation.ts'
import { centerClasses, centerIntercepts, softmaxPenalty, toOriginalOutputs } from './softmax-columns.ts'
import {
  areSeparated,
  chooseSolver,
  MAX_CURVATURE,
  meanSoftmaxLoss,
  nothing,
  softmaxTask,
  startFrom,
} from './softmax-fit.ts'
import { SoftmaxObjective } from './softmax-objective.ts'

/**
 * Trains by passes over a source: the first one for classes and statistics, then one for every evaluation of the
 * objective. The result is that of a fit on all rows at once but for rounding.
 */
export function* fitBatches(
  source: BatchSource,
  plan: (nFeatures: number) => LinearPlan,
  options: FitBatchesOptions,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  // Before the first pass, which may take minutes. How many columns there are changes nothing about it.
  checked(plan(1))
  using record = new FitRecord(options)
  const rows = new BatchRows(source, options.signal)
  yield* rows.survey()
  yield* record.open(rows.classes, rows.cols)
  const chosen = plan(rows.cols)
  const k = rows.classes.length
  if (k > 2 && chosen.softmax) {
    return yield* softmax(rows, checked({ ...chosen, solver: softmaxSolver(chosen, rows) }), record, previous)
  }
  checked(chosen)
  if (k === 2) return yield* binary(rows, chosen, record, previous)
  record.expect(k)
  const fits: LinearFit[] = []
  for (const code of rows.classes.keys()) fits.push(yield* binary(rows, chosen, record, previous, code))
  return {
    ...fits[0]!,
    ...outputsOf(fits.map((fit) => outputOf(fit, 0))),
    nIter: fits.reduce((sum, { nIter }) => sum + nIter, 0),
    converged: fits.every(({ converged }) => converged),
    loss: fits.reduce((sum, { loss }) => sum + loss, 0) / k,
  }
}

function softmaxSolver({ softmax = 'auto', options }: LinearPlan, { classes, cols }: BatchRows): LinearPlan['solver'] {
  return softmax === 'auto' ? chooseSolver(options, classes.length, { rows: 0, cols }) : softmax
}

/** Only what needs sums over all rows can be had by passes. @throws RangeError */
function checked(plan: LinearPlan): LinearPlan {
  if (plan.solver === 'sampledNewton') {
    throw new RangeError("fitBatches: sampledNewton takes rows from all over the data; take 'newton' or 'lbfgs'")
  }
  if (minds(plan.solver) || plan.solver === 'gd') return plan
  throw new RangeError(
    plan.loss.name === 'hinge'
      ? "fitBatches: the hinge loss is not smooth; take loss 'squaredHinge', or SGDClassifier and partialFit"
      : `fitBatches: solver ${plan.solver} takes mini-batches; call partialFit for each batch, or take LogisticRegression by 'lbfgs'`,
  )
}

/** Two classes; of more, class `code` against the rest. */
function* binary(
  rows: BatchRows,
  { loss, solver, options }: LinearPlan,
  record: FitRecord,
  previous: LinearFit | undefined,
  code?: number,
): Steps<LinearFit> {
  const ofSide = (codes: Int32Array) => targetsOf(loss, code === undefined ? codes : againstRest(codes, code))
  record.setTargets(ofSide)
  const side: Side = { targets: ofSide, ofClass: sideWeights(rows, options.classWeight, code) }
  const { standardize = true, fitIntercept = true, penalizeIntercept } = options
  const { l1, l2 } = penaltiesOf(options, weightOf(rows, side))
  const ridge = minds(solver) ? l2 / loss.maxCurvature : undefined
  const transform = transformOf(rows.moments, rows.shift, { standardize, fitIntercept, penalizeIntercept, ridge })
  const nOutputs = code === undefined ? 1 : rows.classes.length
  const sameShape = previous?.intercepts.length === nOutputs && previous.coef.length === nOutputs * rows.cols
  const warm = options.warmStart && sameShape ? outputOf(previous, code ?? 0) : undefined
  const start = warm ? fromOriginal(warm, transform, rows.shift) : new Float64Array(rows.cols + 1)
  const strengths = [...transform.penalty, transform.interceptPenalty].map((p) => l2 * p)
  const objective = new BatchObjective(
    rows,
    side,
    transform,
    Float64Array.from(strengths.slice(0, rows.cols + (fitIntercept ? 1 : 0))),
    (run) => new LinearObjective(loss, run.data, run.transform, { l2: 0, fitIntercept }),
  )
  const task = smoothTask({ loss, transform, options, l1, l2, fitIntercept, start })
  const outcome = yield* runSmooth(objective, task, solver, record, (iteration, value, params) =>
    record.add(
      iteration,
      value,
      () => outputsOf([toOriginal(params, transform, rows.shift)]),
      (measured, outputs) => meanLoss(loss, measured, outputOf(outputs, 0)),
    ),
  )
  const parameters = toOriginal(outcome.w, transform, rows.shift)
  const unpenalized = l2 === 0 && l1 === 0 && loss.name === 'logistic' && minds(solver)
  const { value, separated } = yield* measure(
    rows,
    side,
    transform,
    (data) => meanLoss(loss, data, parameters),
    ({ matrix, codes, weights }) =>
      unpenalized && isSeparated(matrix, parameters, code === undefined ? codes : againstRest(codes, code), weights),
  )
  if (separated) throw separable()
  const total = value + penaltyOf(outcome.w, transform, l2) + (l1 > 0 ? l1 * absoluteSum(outcome.w, transform) : 0)
  if (!warm) checkDivergence(outcome, total, loss.atZero)
  return fitOf(rows, outputsOf([parameters]), solver, outcome, total, record)
}

/** More than two classes at once. */
function* softmax(
  rows: BatchRows,
  { solver, options }: LinearPlan,
  record: FitRecord,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  const { cols, shift, classes } = rows
  const k = classes.length
  const side: Side = { targets: (codes) => codes, ofClass: sideWeights(rows, options.classWeight) }
  const { standardize = true, fitIntercept = true } = options
  const { l1, l2 } = penaltiesOf(options, weightOf(rows, side))
  const ridge = minds(solver) ? l2 / MAX_CURVATURE : undefined
  const transform = transformOf(rows.moments, shift, { standardize, fitIntercept, ridge })
  const matrix = { cols, shift }
  const warm = options.warmStart ? startFrom(previous, { matrix, classes }, transform) : undefined
  const start = warm ?? new Float64Array(k * (cols + 1))
  const strengths = new Float64Array(k * (cols + (fitIntercept ? 1 : 0)))
  for (let i = 0; i < k * cols; i++) strengths[i] = l2 * transform.penalty[i % cols]!
  const objective = new BatchObjective(
    rows,
    side,
    transform,
    strengths,
    (run) => new SoftmaxObjective(k, run.data, run.transform, { l2: 0, fitIntercept }, run.work),
  )
  const task = softmaxTask({ k, transform, l1, l2, fitIntercept }, options, start)
  const outcome = yield* runSmooth(objective, task, solver, record, (iteration, value, params) =>
    record.add(iteration, value, () => toOriginalOutputs(params, k, transform, shift), meanSoftmaxLoss),
  )
  const params = l1 > 0 ? centerIntercepts(outcome.w, k, cols) : centerClasses(outcome.w, k, cols)
  const outputs = toOriginalOutputs(params, k, transform, shift)
  const unpenalized = l1 === 0 && l2 === 0 && minds(solver)
  const { value, separated } = yield* measure(
    rows,
    side,
    transform,
    (data) => meanSoftmaxLoss(data, outputs),
    (run) => unpenalized && areSeparated(run.matrix, outputs, run.codes, run.weights),
  )
  if (separated) throw separable()
  const total = value + softmaxPenalty(params, k, transform, { l1, l2 })
  if (!warm && outcome.learningRate) {
    const none = nothing(k, cols)
    const atZero = yield* measure(rows, side, transform, (data) => meanSoftmaxLoss(data, none), () => false) // biome-ignore format: one line
    checkDivergence(outcome, total, atZero.value)
  }
  return fitOf(rows, outputs, solver, outcome, total, record)
}

/** One against the rest, 'balanced' balances the two sides. */
function sideWeights(
  rows: BatchRows,
  classWeight: LinearPlan['options']['classWeight'],
  code?: number,
): Float64Array | undefined {
  if (classWeight !== 'balanced' || code === undefined) return rows.classWeights(classWeight)
  const total = rows.classTotals.reduce((a, b) => a + b)
  return rows.classTotals.map((own, c) => total / (2 * (c === code ? own : total - rows.classTotals[code]!)))
}

function weightOf({ classTotals }: BatchRows, { ofClass }: Side): number {
  return classTotals.reduce((sum, weight, c) => sum + weight * (ofClass?.[c] ?? 1), 0)
}

/** The mean of weighted losses in float64, and whether every batch is separated: one more pass. */
function* measure(
  rows: BatchRows,
  side: Side,
  transform: ColumnTransform,
  loss: (data: LinearData) => Steps<number>,
  isApart: (run: BatchRun) => boolean,
): Steps<{ value: number; separated: boolean }> {
  let [sum, total, separated] = [0, 0, true]
  yield* rows.each(side, transform, function* (run) {
    sum += run.data.weightSum * (yield* loss(run.data))
    total += run.data.weightSum
    separated &&= isApart(run)
  })
  return { value: sum / total, separated }
}

/** Steps that are too large may bounce without overflowing, far above where the loss started. */
function checkDivergence({ learningRate, nIter }: Outcome, value: number, atZero: number): void {
  if (learningRate && !(value <= 2 * atZero)) throw diverged('iteration', nIter, learningRate)
}

function fitOf(
  { classes, moments, shift, featureNames }: BatchRows,
  outputs: LinearOutputs,
  solver: string,
  { nIter, converged, learningRate }: Outcome,
  loss: number,
  { history }: FitRecord,
): LinearFit {
  if (!areFinite(loss, outputs.coef, outputs.intercepts)) {
    throw learningRate ? diverged('iteration', nIter, learningRate) : overflow()
  }
  return { classes, ...outputs, columns: columnsOf(moments, shift), featureNames, solver, nIter, converged, loss, history } // biome-ignore format: one line
}
