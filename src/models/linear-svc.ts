import { checkOneOf } from '../core/checks.ts'
import type { Label } from '../core/labels.ts'
import { hingeSolvers } from './hinge-solvers.ts'
import { linearLosses } from './linear-data.ts'
import { LinearEstimator } from './linear-estimator.ts'
import { checkLinearOptions, hasL1, type LinearOptions } from './linear-options.ts'
import type { OwnSolvers } from './linear-solvers.ts'
import type { LinearPlan } from './linear-training.ts'
import { checkL1Solver, chooseSmoothSolver, type Shape } from './solver-choice.ts'

const LOSSES = ['squaredHinge', 'hinge'] as const
const SOLVERS = ['auto', 'newton', 'sampledNewton', 'lbfgs', 'owlqn', 'dual', 'interiorPoint', 'sgd'] as const
export type LinearSVCSolver = (typeof SOLVERS)[number]

/**
 * Up to this width the interior-point method, whose steps grow with the square of it, is the faster one: 100,000 rows of
 * 20 and of 100 columns take it 1.5 and 5 s; dual coordinate descent is far from the optimum after 1000 passes, in 2.5 and 18 s.
 */
const INTERIOR_MOST_FEATURES = 256

/** Options of `LinearSVC`. */
export interface LinearSVCOptions extends LinearOptions {
  /** max(0, 1 - t z) squared, or as it is. Default 'squaredHinge'. */
  loss?: (typeof LOSSES)[number]
  /**
   * 'auto': for squaredHinge as LogisticRegression: sampledNewton, on few rows newton up to 64 features and lbfgs above, owlqn
   * where there is an l1 penalty; for hinge, which
   * is not smooth, the interior-point method up to 256 features, dual coordinate descent above, or sgd where there is an
   * l1 penalty.
   */
  solver?: LinearSVCSolver
  /**
   * When to stop. newton, sampledNewton: estimated gap <= tol |F| (1e-10; 1e-12); lbfgs, owlqn: max|gradient| <= tol (1e-6);
   * interiorPoint: duality gap <= tol |F| (1e-8); dual: the projected gradients, differences of margins, lie within tol
   * (1e-4); sgd: see SGDClassifier.
   */
  tol?: number
  /**
   * Most iterations of newton and interiorPoint (100), of sampledNewton, lbfgs and owlqn (1000), passes of dual (10,000; beyond 200,000
   * numbers in X fewer, but 100: some ten seconds). On many rows with a weak penalty dual takes long to converge.
   */
  maxIter?: number
}

const NAMES = [
  'loss',
  'solver',
  'C',
  'l2',
  'l1',
  'l1Ratio',
  'classWeight',
  'fitIntercept',
  'penalizeIntercept',
  'standardize',
  'tol',
  'maxIter',
  'learningRate',
  'batchSize',
  'epochs',
  'seed',
  'warmStart',
]

/**
 * The linear support vector classifier, as scikit-learn's LinearSVC
 * (https://scikit-learn.org/stable/modules/svm.html#linearsvc):
 *
 *   minimise  1/S sum of s_i max(0, 1 - t_i z_i)^p + l2/2 |coef|^2,   z = X coef + intercept,   t in {-1, +1}
 *
 * with p = 2 (squaredHinge) or 1 (hinge), sample weights times class weights s, S their sum, and l2 = 1 / (C S), so that
 * C is scikit-learn's. The intercept is free; `penalizeIntercept` adds l2/2 intercept^2 as liblinear does (on the
 * standardised columns, where `standardize`). It has no probabilities: calibrate decisionFunction, or take
 * LogisticRegression.
 */
export class LinearSVC<L extends Label = Label> extends LinearEstimator<L, LinearSVCOptions> {
  protected readonly kind = 'LinearSVC'
  readonly options: Readonly<LinearSVCOptions>

  /** Only stores the options. @throws TypeError for an unknown option or a wrong kind, RangeError for a wrong value */
  constructor(options: LinearSVCOptions = {}) {
    super()
    this.options = checkLinearSVCOptions(options)
  }

  protected plan(shape: Shape): LinearPlan {
    const { loss = 'squaredHinge', solver = 'auto' } = this.options
    const exact = shape.cols <= INTERIOR_MOST_FEATURES ? 'interiorPoint' : 'dual'
    const ofHinge = hasL1(this.options) ? 'sgd' : exact
    const chosen =
      loss === 'hinge' && solver === 'auto' ? ofHinge : chooseSmoothSolver({ ...this.options, solver }, shape)
    return { loss: linearLosses[loss], solver: chosen, options: this.options }
  }

  protected override get ownSolvers(): OwnSolvers {
    return hingeSolvers
  }

  /** A new, unfitted model with the same options. */
  clone(): LinearSVC<L> {
    return new LinearSVC(this.options)
  }

  /** A saved model, from the object or its JSON text. @throws ModelFormatError if it is none, damaged or too new */
  static fromJSON<L extends Label = Label>(json: unknown): LinearSVC<L> {
    const { options, fit } = LinearEstimator.load(json, 'LinearSVC', checkLinearSVCOptions)
    const model = new LinearSVC<L>(options)
    model.fitted = fit
    return model
  }
}

function checkLinearSVCOptions(given: LinearSVCOptions): LinearSVCOptions {
  const o = checkLinearOptions('LinearSVC', given, NAMES)
  if (o.loss !== undefined) checkOneOf('loss', o.loss, LOSSES)
  if (o.solver !== undefined) checkOneOf('solver', o.solver, SOLVERS)
  checkL1Solver(o)
  const { loss = 'squaredHinge', solver = 'auto' } = o
  if (loss === 'hinge' && ['newton', 'sampledNewton', 'lbfgs', 'owlqn'].includes(solver)) {
    throw new RangeError(
      `solver: ${solver} cannot minimise the hinge loss, which is not smooth; take 'interiorPoint', 'dual' or 'sgd'`,
    )
  }
  if (loss === 'squaredHinge' && (solver === 'dual' || solver === 'interiorPoint')) {
    throw new RangeError(`solver: ${solver} is for loss 'hinge'; take 'newton' or 'lbfgs'`)
  }
  const isSgd = solver === 'sgd' || (loss === 'hinge' && solver === 'auto' && hasL1(o))
  if (isSgd && o.penalizeIntercept) throw new RangeError('penalizeIntercept: sgd cannot; take another solver')
  if (loss === 'hinge' && !isSgd && (o.l2 === 0 || o.l1Ratio === 1)) {
    throw new RangeError("l2: the exact solvers of hinge need a penalty above 0; take solver 'sgd' for none")
  }
  return o
}
