import { checkWeights, type NumberArray } from '../core/arrays.ts'
import { checkOptionNames } from '../core/checks.ts'
import { type Label, type Labels, listLabels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { type MatrixLike, shapeOf, Workspace } from '../kernel/index.ts'
import { columnMoments, fromOriginal, toOriginal, transformOf } from './columns.ts'
import { checkTwoClasses, encodeLabels } from './labels.ts'
import { LinearData, targetsOf } from './linear-data.ts'
import { LinearEpochs, type Optimizer } from './linear-epochs.ts'
import { type LinearFit, outputOf, outputsOf } from './linear-fit.ts'
import { penaltiesOf } from './linear-options.ts'
import { defaultRate, diverged } from './linear-solvers.ts'
import { columnsOf, type LinearPlan } from './linear-training.ts'
import { borrowMatrix, classWeights, totalWeights } from './samples.ts'

/** Options of `partialFit`. */
export interface PartialFitOptions<L extends Label = Label> {
  /** Both classes, where the first rows may lack one. */
  classes?: readonly L[]
  /** A weight a row, at least 0. */
  sampleWeight?: NumberArray
}

/** One epoch over more rows, from where `previous` is. The plan's solver is an optimizer of mini-batches. */
export function* partialFitLinear(
  X: MatrixLike,
  y: Labels,
  { loss, solver, options }: LinearPlan & { solver: Optimizer },
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
  const { standardize = true, fitIntercept = true, batchSize = 32, seed = 0, schedule } = options
  const columns = previous?.columns ?? columnsOf(yield* columnMoments(matrix, checked), matrix.shift)
  const moments = {
    mean: columns.mean.map((mean, k) => mean - matrix.shift[k]!),
    variance: columns.std.map((std) => std * std),
  }
  const transform = transformOf(moments, matrix.shift, { standardize, fitIntercept })
  const data = new LinearData(work, matrix, targetsOf(loss, codes), weights)
  const penalties = penaltiesOf(options, data.weightSum)
  const start = previous
    ? fromOriginal(outputOf(previous, 0), transform, matrix.shift)
    : new Float64Array(matrix.cols + 1)
  const nIter = (previous?.nIter ?? 0) + 1
  const base = options.learningRate ?? defaultRate(solver)
  const learningRate = schedule ? schedule(nIter - 1, base) : base
  const settings = { ...options, ...penalties, optimizer: solver, batchSize, fitIntercept, seed: seed + nIter }
  const epochs = new LinearEpochs(loss, data, transform, settings, start, work)
  const { loss: value } = yield* epochs.epoch({ learningRate })
  if (!Number.isFinite(value)) throw diverged('call', nIter, learningRate)
  return {
    classes,
    ...outputsOf([toOriginal(epochs.params(), transform, matrix.shift)]),
    columns,
    featureNames: previous?.featureNames ?? matrix.featureNames,
    solver,
    nIter,
    converged: false,
    loss: value,
    history: [...(previous?.history ?? []), { iteration: nIter, loss: value }],
  }
}
