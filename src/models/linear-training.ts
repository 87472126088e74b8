import type { Label, Labels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { type MatrixLike, shapeOf, Workspace } from '../kernel/index.ts'
import { trainBinary } from './binary-training.ts'
import { type ColumnMoments, columnMoments } from './columns.ts'
import type { FitOptions } from './fit-options.ts'
import { FitRecord } from './fit-record.ts'
import type { LinearLoss } from './linear-data.ts'
import type { LinearFit } from './linear-fit.ts'
import type { LinearSolver, OwnSolvers, TrainingOptions } from './linear-solvers.ts'
import { trainOneVsRest } from './one-vs-rest.ts'
import { readSamples } from './read-samples.ts'
import { borrowMatrix, holdMatrix, type Rows } from './samples.ts'
import { setAside } from './set-aside.ts'
import { trainSoftmax } from './softmax-fit.ts'

/** What a model asks of training. */
export interface LinearPlan {
  readonly loss: LinearLoss
  readonly solver: LinearSolver
  readonly options: TrainingOptions
  /** The solver of a softmax over more than two classes, where the model is to have one; else it is one against the rest. */
  readonly softmax?: LinearSolver | 'auto' | undefined
}

/** X, y and weights, checked and in kernel memory. */
export interface TrainingSet {
  readonly matrix: Rows
  readonly classes: Label[]
  /** Places of the labels in `classes`. */
  readonly codes: Int32Array
  readonly sampleWeight: Float64Array | undefined
  /** Sample weights times class weights. */
  readonly weights: Float64Array | undefined
  /** The rows to learn from, where some are set aside; those have weight 0. */
  readonly train?: Uint32Array | undefined
  readonly moments: ColumnMoments
  readonly work: Workspace
  readonly ownSolvers?: OwnSolvers | undefined
}

/**
 * Trains a model; the result is a fit of its own, `previous` is only where a warm start starts.
 *
 * @param ownSolvers what the plan's solver may be beside those of every linear model; no part of the plan, which is posted
 *   to workers
 */
export function* fitLinear(
  X: MatrixLike,
  y: Labels,
  plan: LinearPlan,
  fitOptions: FitOptions,
  previous: LinearFit | undefined,
  ownSolvers?: OwnSolvers,
): Steps<LinearFit> {
  const { rows, cols } = shapeOf(X)
  using record = new FitRecord(fitOptions)
  using held = holdMatrix(X)
  const { classWeight } = plan.options
  const { classes, codes, sampleWeight, weights } = yield* readSamples(y, rows, { ...fitOptions, classWeight })
  yield* record.open(classes, cols)
  using borrowed = held ?? (yield* borrowMatrix(X))
  const { matrix } = borrowed
  using work = new Workspace(matrix.slabs.memory)
  const all: Omit<TrainingSet, 'moments'> = { matrix, classes, codes, sampleWeight, weights, work, ownSolvers }
  const { earlyStopping, seed = 0 } = plan.options
  const fraction = fitOptions.validation ? undefined : earlyStopping?.fraction
  const rest = fraction === undefined ? all : yield* setAside(all, record, fraction, seed)
  const set: TrainingSet = { ...rest, moments: yield* columnMoments(matrix, rest.sampleWeight) }
  const train = classes.length === 2 ? trainBinary : plan.softmax ? trainSoftmax : trainOneVsRest
  return yield* train(set, plan, record, previous)
}
