import { type NumberArray, readWeights } from '../core/arrays.ts'
import { checkOptionNames } from '../core/checks.ts'
import { type Label, type Labels, listLabels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { type MatrixLike, shapeOf, Workspace } from '../kernel/index.ts'
import { scheduleOf } from '../optim/index.ts'
import { columnMoments, columnsOf, fromOriginal, toOriginal, transformOf } from './columns.ts'
import { areFinite, diverged } from './fit-errors.ts'
import { refuseWorker } from './fit-options.ts'
import { againstRest, checkClasses, encodeLabels } from './labels.ts'
import { LinearData, targetsOf } from './linear-data.ts'
import { LinearEpochs, type Optimizer, type OptimizerState } from './linear-epochs.ts'
import { type LinearFit, type LinearOutputs, outputOf, outputsOf } from './linear-fit.ts'
import { penaltiesOf } from './linear-options.ts'
import { defaultRate } from './linear-solvers.ts'
import type { LinearPlan, TrainingSet } from './linear-training.ts'
import { borrowMatrix, classWeights, totalWeights } from './samples.ts'
import { softmaxEpoch } from './softmax-fit.ts'

/** Options of `partialFit`. */
export interface PartialFitOptions<L extends Label = Label> {
  /** All classes, where the first rows may lack one. */
  classes?: readonly L[]
  /** A weight a row, at least 0. */
  sampleWeight?: NumberArray
}

/** A plan whose solver is an optimizer of mini-batches. */
export type EpochPlan = LinearPlan & { solver: Optimizer }

/** What goes from call to call beside the fit: the optimiser's state of each output. */
export type Momenta = (OptimizerState | undefined)[]

/** One epoch over more rows, from where `previous` is. `momenta` are taken up and replaced. */
export function* partialFitLinear(
  X: MatrixLike,
  y: Labels,
  plan: EpochPlan,
  { classes: given, sampleWeight, ...rest }: PartialFitOptions,
  previous: LinearFit | undefined,
  momenta: Momenta = [],
): Steps<LinearFit> {
  refuseWorker('partialFit', rest)
  checkOptionNames('partialFit', rest, ['classes', 'sampleWeight'])
  const { rows } = shapeOf(X)
  const sorted = given && (yield* encodeLabels(given, given.length, undefined, 'classes')).classes
  if (previous && sorted?.some((label, code) => label !== previous.classes[code])) {
    throw new RangeError(`classes: expected ${listLabels(previous.classes)} as before, got ${listLabels(sorted)}`)
  }
  const { classes, codes } = yield* encodeLabels(y, rows, previous?.classes ?? sorted)
  checkClasses(classes, rows, true)
  const checked = yield* readWeights(sampleWeight, rows, 'rows of X')
  const ofClass = yield* classWeights(plan.options.classWeight, classes, codes, checked)
  const weights = yield* totalWeights(codes, checked, ofClass)
  using borrowed = yield* borrowMatrix(X)
  const { matrix } = borrowed
  using work = new Workspace(matrix.slabs.memory)
  const columns = previous?.columns ?? columnsOf(yield* columnMoments(matrix, checked), matrix.shift)
  const moments = {
    mean: columns.mean.map((mean, k) => mean - matrix.shift[k]!),
    variance: columns.std.map((std) => std * std),
  }
  const set = { matrix, classes, codes, sampleWeight: checked, weights, moments, work, momenta }
  const nIter = (previous?.nIter ?? 0) + 1
  const epoch = classes.length === 2 ? binaryEpoch : plan.softmax ? softmaxEpoch : oneVsRestEpoch
  const { loss, ...outputs } = yield* epoch(set, plan, nIter, previous)
  return {
    classes,
    ...outputs,
    columns,
    featureNames: previous?.featureNames ?? matrix.featureNames,
    solver: plan.solver,
    nIter,
    converged: false,
    loss,
    history: [...(previous?.history ?? []), { iteration: nIter, loss }],
  }
}

/** What an epoch came to. */
export type EpochOutcome = LinearOutputs & { loss: number }

interface EpochSet extends TrainingSet {
  readonly momenta: Momenta
}

/** The epoch numbered nIter, on two classes; of more, class `code` against the rest. */
function* binaryEpoch(
  { matrix, codes: all, weights, moments, work: given, momenta }: EpochSet,
  { loss, solver, options }: EpochPlan,
  nIter: number,
  previous: LinearFit | undefined,
  code?: number,
): Steps<EpochOutcome> {
  using work = new Workspace(given.memory)
  const codes = code === undefined ? all : againstRest(all, code)
  const { standardize = true, fitIntercept = true, batchSize = 32, epochs: most = 50, seed = 0 } = options
  const transform = transformOf(moments, matrix.shift, { standardize, fitIntercept })
  const data = new LinearData(work, matrix, targetsOf(loss, codes), weights)
  const penalties = penaltiesOf(options, data.weightSum)
  const start = previous
    ? fromOriginal(outputOf(previous, code ?? 0), transform, matrix.shift)
    : new Float64Array(matrix.cols + 1)
  const base = options.learningRate ?? defaultRate(solver)
  const learningRate = scheduleOf(options.schedule ?? 'constant', most)(nIter - 1, base)
  const state = momenta[code ?? 0]
  const settings = { ...options, ...penalties, optimizer: solver, batchSize, fitIntercept, seed: seed + nIter, state }
  const epochs = new LinearEpochs(loss, data, transform, settings, start, work)
  const { loss: value } = yield* epochs.epoch({ learningRate })
  const parameters = toOriginal(epochs.params(), transform, matrix.shift)
  // The last step of the epoch is in no loss yet.
  if (!areFinite(value, parameters.coef, [parameters.intercept])) throw diverged('call', nIter, learningRate, options)
  momenta[code ?? 0] = epochs.state()
  return { ...outputsOf([parameters]), loss: value }
}

/** One for each of several classes; the loss is their mean. */
function* oneVsRestEpoch(
  set: EpochSet,
  plan: EpochPlan,
  nIter: number,
  previous: LinearFit | undefined,
): Steps<EpochOutcome> {
  const epochs: EpochOutcome[] = []
  for (const code of set.classes.keys()) epochs.push(yield* binaryEpoch(set, plan, nIter, previous, code))
  const loss = epochs.reduce((sum, epoch) => sum + epoch.loss, 0) / epochs.length
  return { ...outputsOf(epochs.map((epoch) => outputOf(epoch, 0))), loss }
}
