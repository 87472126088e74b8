import type { Steps } from '../core/steps.ts'
import { trainBinary } from './binary-training.ts'
import type { FitRecord } from './fit-record.ts'
import { againstRest } from './labels.ts'
import { type LinearFit, outputOf, outputsOf } from './linear-fit.ts'
import type { LinearPlan, TrainingSet } from './linear-training.ts'
import { classWeights, totalWeights } from './samples.ts'

/**
 * Trains one binary model for each of several classes, that class against the rest (scikit-learn's OneVsRestClassifier).
 * Iterations and history are those of all models, one after the other; the loss is their mean. Class weights are those of
 * a row's own class; 'balanced' balances the two sides of each model.
 */
export function* trainOneVsRest(
  set: TrainingSet,
  plan: LinearPlan,
  record: FitRecord,
  previous: LinearFit | undefined,
): Steps<LinearFit> {
  const { classes, codes, sampleWeight } = set
  record.expect(classes.length)
  const fits: LinearFit[] = []
  for (const code of classes.keys()) {
    const balanced = plan.options.classWeight === 'balanced'
    const weights = balanced ? yield* balancedWeights(againstRest(codes, code), sampleWeight) : set.weights
    fits.push(yield* trainBinary({ ...set, weights }, plan, record, previous, code))
  }
  return joined(fits)
}

function* balancedWeights(codes: Int32Array, sampleWeight: Float64Array | undefined): Steps<Float64Array | undefined> {
  const ofClass = yield* classWeights('balanced', [false, true], codes, sampleWeight)
  return yield* totalWeights(codes, sampleWeight, ofClass)
}

/** The fits of the classes in order as one. */
function joined(fits: readonly LinearFit[]): LinearFit {
  return {
    ...fits[0]!,
    ...outputsOf(fits.map((fit) => outputOf(fit, 0))),
    nIter: fits.reduce((sum, { nIter }) => sum + nIter, 0),
    converged: fits.every(({ converged }) => converged),
    loss: fits.reduce((sum, { loss }) => sum + loss, 0) / fits.length,
  }
}
