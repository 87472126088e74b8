import { checkWeights } from '../core/arrays.ts'
import { DataError } from '../core/errors.ts'
import type { Label, Labels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { type MatrixLike, shapeOf, Workspace } from '../kernel/index.ts'
import type { Schedule } from '../optim/index.ts'
import {
  absoluteSum,
  type ColumnMoments,
  type ColumnTransform,
  columnMoments,
  fromOriginal,
  penaltyOf,
  toOriginal,
  transformOf,
} from './columns.ts'
import type { FitOptions } from './fit-options.ts'
import { FitRecord } from './fit-record.ts'
import { checkTwoClasses, encodeLabels } from './labels.ts'
import { LinearData, type LinearLoss, meanLoss, targetsOf } from './linear-data.ts'
import { type LinearFit, outputOf, outputsOf } from './linear-fit.ts'
import { type LinearOptions, penaltiesOf } from './linear-options.ts'
import { diverged, type LinearSolver, type LinearTask, minds, solve } from './linear-solvers.ts'
import { borrowMatrix, classWeights, holdMatrix, totalWeights } from './samples.ts'
import { isSeparated } from './separation.ts'

/** What a model asks of training. */
export interface LinearPlan {
  readonly loss: LinearLoss
  readonly solver: LinearSolver
  readonly options: LinearOptions & { schedule?: Schedule | undefined }
}

/** Trains a model of two classes; the result is a fit of its own, `previous` is only where a warm start starts. */
export function* fitLinear(
  X: MatrixLike,
  y: Labels,
  { loss, solver, options }: LinearPlan,
  fitOptions: FitOptions,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  const { rows, cols } = shapeOf(X)
  using record = new FitRecord(fitOptions, (codes) => targetsOf(loss, codes))
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

  const { standardize = true, fitIntercept = true, penalizeIntercept } = options
  const moments = yield* columnMoments(matrix, sampleWeight)
  const data = new LinearData(work, matrix, targetsOf(loss, codes), weights)
  const { l1, l2 } = penaltiesOf(options, data.weightSum)
  const ridge = minds(solver) ? l2 / loss.maxCurvature : undefined
  const transform = transformOf(moments, matrix.shift, { standardize, fitIntercept, penalizeIntercept, ridge })
  const warm = options.warmStart && previous?.coef.length === matrix.cols ? previous : undefined
  const start = warm ? fromOriginal(outputOf(warm, 0), transform, matrix.shift) : new Float64Array(matrix.cols + 1)
  const isWarm = warm !== undefined
  const task: LinearTask = { loss, data, transform, options, l1, l2, fitIntercept, work, start, isWarm }

  const outcome = yield* solve(task, solver, record, (iteration, value, params) =>
    record.add(iteration, value, (rows) => meanLoss(loss, rows, toOriginal(params, transform, matrix.shift))),
  )
  const parameters = toOriginal(outcome.w, transform, matrix.shift)
  const unpenalized = l2 === 0 && l1 === 0 && loss.name === 'logistic'
  if (unpenalized && minds(solver) && isSeparated(matrix, parameters, codes, weights)) {
    throw new DataError(
      'SEPARABLE',
      'the classes can be separated exactly, so without a penalty no best coefficients exist',
      {
        hint: 'Give a penalty: l2 above 0, or C',
      },
    )
  }
  const value = (yield* meanLoss(loss, data, parameters)) + penalties(outcome.w, transform, l1, l2)
  // Steps that are too large may bounce without overflowing, far above where the loss started.
  if (outcome.learningRate && !isWarm && !(value <= 2 * loss.atZero)) {
    throw diverged(solver === 'gd' ? 'iteration' : 'epoch', outcome.nIter, outcome.learningRate)
  }
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

/** Mean and deviation in original units. */
export function columnsOf({ mean, variance }: ColumnMoments, shift: Float64Array): LinearFit['columns'] {
  return { mean: mean.map((m, k) => m + shift[k]!), std: variance.map(Math.sqrt) }
}

/** Both classes must weigh something, in the float32 that the kernel sums. */
export function checkWeightedClasses(
  classes: readonly Label[],
  codes: Int32Array,
  weights: Float64Array | undefined,
): void {
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
