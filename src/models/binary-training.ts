import type { Steps } from '../core/steps.ts'
import { Workspace } from '../kernel/index.ts'
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
import type { FitRecord } from './fit-record.ts'
import { againstRest, sameLabels } from './labels.ts'
import { LinearData, meanLoss, targetsOf } from './linear-data.ts'
import { type LinearFit, outputOf, outputsOf } from './linear-fit.ts'
import { penaltiesOf } from './linear-options.ts'
import { type LinearTask, minds, solve, type Watch } from './linear-solvers.ts'
import type { LinearPlan, TrainingSet } from './linear-training.ts'
import { isSeparated } from './separation.ts'

/** Trains on two classes; of more, class `code` against the rest. */
export function* trainBinary(
  { matrix, classes, codes: all, weights, train, moments, work: given, ownSolvers }: TrainingSet,
  { loss, solver, options }: LinearPlan,
  record: FitRecord,
  previous: LinearFit | undefined,
  code?: number,
): Steps<LinearFit> {
  using work = new Workspace(given.memory)
  const codes = code === undefined ? all : againstRest(all, code)
  record.setTargets((seen) => targetsOf(loss, code === undefined ? seen : againstRest(seen, code)))
  const { standardize = true, fitIntercept = true, penalizeIntercept } = options
  const data = new LinearData(work, matrix, targetsOf(loss, codes), weights)
  const { l1, l2 } = penaltiesOf(options, data.weightSum)
  const ridge = minds(solver) ? l2 / loss.maxCurvature : undefined
  const transform = transformOf(moments, matrix.shift, { standardize, fitIntercept, penalizeIntercept, ridge })
  const nOutputs = code === undefined ? 1 : classes.length
  const fitsOn = previous?.coef.length === nOutputs * matrix.cols && sameLabels(previous.classes, classes)
  const warm = options.warmStart && fitsOn ? outputOf(previous, code ?? 0) : undefined
  const start = warm ? fromOriginal(warm, transform, matrix.shift) : new Float64Array(matrix.cols + 1)
  const isWarm = warm !== undefined
  const task: LinearTask = { loss, data, transform, options, l1, l2, fitIntercept, train, work, start, isWarm }

  const watch: Watch = (iteration, value, params) =>
    record.add(
      iteration,
      value,
      () => outputsOf([toOriginal(params, transform, matrix.shift)]),
      (rows, outputs) => meanLoss(loss, rows, outputOf(outputs, 0)),
    )
  const outcome = yield* solve(task, solver, record, watch, ownSolvers)
  const parameters = toOriginal(outcome.w, transform, matrix.shift)
  const unpenalized = l2 === 0 && l1 === 0 && loss.name === 'logistic'
  if (unpenalized && minds(solver) && isSeparated(matrix, parameters, codes, weights)) throw separable()
  const value = (yield* meanLoss(loss, data, parameters)) + penalties(outcome.w, transform, l1, l2)
  const fits = areFinite(value, parameters.coef, [parameters.intercept])
  // Steps that are too large may bounce without overflowing, far above where the loss started.
  if (outcome.learningRate && !(fits && (isWarm || value <= 2 * loss.atZero))) {
    throw diverged(solver === 'gd' ? 'iteration' : 'epoch', outcome.nIter, outcome.learningRate, options)
  }
  if (!fits) throw overflow()
  return {
    classes,
    ...outputsOf([parameters]),
    columns: columnsOf(moments, matrix.shift),
    featureNames: matrix.featureNames,
    solver,
    nIter: outcome.nIter,
    converged: outcome.converged,
    loss: value,
    history: record.history,
  }
}

/** What the penalties add to the mean loss. */
function penalties(params: Float64Array, transform: ColumnTransform, l1: number, l2: number): number {
  const ofSquares = penaltyOf(params, transform, l2)
  return l1 > 0 ? ofSquares + l1 * absoluteSum(params, transform) : ofSquares
}
