import type { Labels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { type MatrixLike, shapeOf } from '../kernel/index.ts'
import type { FitOptions } from './fit-options.ts'
import { logisticLoss } from './linear-data.ts'
import type { LinearFit } from './linear-fit.ts'
import { type PartialFitOptions, partialFitLinear } from './linear-partial.ts'
import { fitLinear, type LinearPlan } from './linear-training.ts'
import type { LogisticRegressionOptions } from './logistic-options.ts'
import { chooseSmoothSolver, type Shape } from './solver-choice.ts'

/** Trains logistic regression. */
export function* fitLogistic(
  X: MatrixLike,
  y: Labels,
  options: LogisticRegressionOptions,
  fitOptions: FitOptions,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  return yield* fitLinear(X, y, planLogistic(options, shapeOf(X)), fitOptions, previous)
}

/** The loss and the solver for data of this shape. */
export function planLogistic(options: LogisticRegressionOptions, shape: Shape): LinearPlan {
  const solver = chooseSmoothSolver(options, shape)
  return { loss: logisticLoss, solver, options, softmax: softmaxOf(options) }
}

/** Trains on with one epoch over more rows. */
export function* partialFitLogistic(
  X: MatrixLike,
  y: Labels,
  options: LogisticRegressionOptions,
  partial: PartialFitOptions,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  const plan = { loss: logisticLoss, solver: 'sgd', options, softmax: softmaxOf(options) } as const
  return yield* partialFitLinear(X, y, plan, partial, previous)
}

function softmaxOf({ multiClass = 'multinomial', solver = 'auto' }: LogisticRegressionOptions) {
  return multiClass === 'multinomial' ? solver : undefined
}
