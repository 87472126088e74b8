import type { Steps } from '../core/steps.ts'
import { takeRows } from '../kernel/index.ts'
import type { EarlyStoppingOptions } from '../optim/index.ts'
import type { FitOptions } from './fit-options.ts'
import type { FitRecord } from './fit-record.ts'
import type { TrainingSet } from './linear-training.ts'
import { holdOut } from './mlp-samples.ts'

/** Early stopping goes by rows to measure on. @throws TypeError where there are none */
export function checkMeasured(
  { earlyStopping }: { earlyStopping?: EarlyStoppingOptions | undefined },
  { validation }: FitOptions,
): void {
  if (earlyStopping && !validation && earlyStopping.fraction === undefined) {
    throw new TypeError('earlyStopping: needs validation data: give fit `validation`, or earlyStopping a `fraction`')
  }
}

/**
 * Sets a share of the rows of every class aside, drawn by seed, for `record` to measure on (a copy), and takes their
 * weight in `set`: what sums over rows by weight passes over them, mini-batches are drawn from `train`.
 */
export function* setAside(
  set: Omit<TrainingSet, 'moments'>,
  record: FitRecord,
  fraction: number,
  seed: number,
): Steps<Omit<TrainingSet, 'moments'>> {
  const { matrix, classes, codes, sampleWeight, weights } = set
  const { train, held } = yield* holdOut(codes, classes.length, fraction, seed)
  const codesHeld = Int32Array.from(held, (row) => codes[row]!)
  const weightsHeld = weights && Float64Array.from(held, (row) => weights[row]!)
  record.measureOn(takeRows(matrix, held), codesHeld, weightsHeld)
  yield
  const left = without(held, weights, matrix.rows)
  yield
  const same = weights === sampleWeight
  return { ...set, train, weights: left, sampleWeight: same ? left : without(held, sampleWeight, matrix.rows) }
}

/** Weights with 0 for the rows set aside. */
function without(held: Uint32Array, weights: Float64Array | undefined, rows: number): Float64Array {
  const left = weights?.slice() ?? new Float64Array(rows).fill(1)
  for (const row of held) left[row] = 0
  return left
}
