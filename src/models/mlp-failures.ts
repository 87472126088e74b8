import { DataError } from '../core/errors.ts'
import { lowerRate } from './fit-errors.ts'
import { layerOf, layersOf, type NetworkInputs, type NetworkShape } from './mlp-network.ts'
import { LEARNING_RATE, type MLPClassifierOptions } from './mlp-options.ts'
import type { Rows } from './samples.ts'

/** Rows that are looked at to find out whether a layer is dead. */
const MOST_ROWS = 256

export function diverged(epoch: number, learningRate: number, options: MLPClassifierOptions): DataError {
  const { standardize = true, optimizer = 'adam' } = options
  const others = [
    ...(standardize ? [] : ['standardize: true']),
    ...(optimizer === 'adam' || optimizer === 'adamw' ? [] : ["optimizer: 'adam'"]),
    "a schedule of type 'warmUp'",
  ]
  return new DataError('DIVERGED', `training diverged in epoch ${epoch} with learning rate ${learningRate}`, {
    hint: `Try a learning rate of ${lowerRate(learningRate, LEARNING_RATE[optimizer])}, or ${others.join(', or ')}`,
  })
}

export function deadNetwork(
  learningRate: number,
  { init = 'auto', optimizer = 'adam' }: MLPClassifierOptions,
): DataError {
  return new DataError(
    'DEAD_NETWORK',
    'every relu unit of a layer is 0 for every row: the gradient behind it is 0, and the loss does not move',
    {
      hint: `Try a learning rate of ${lowerRate(learningRate, LEARNING_RATE[optimizer])}, or activation 'tanh', or another seed${init === 'auto' ? '' : ", or init: 'auto'"}`,
    },
  )
}

/**
 * Whether some hidden layer of relu units gives 0 for every row that is looked at (in float64, without the kernel). To be
 * asked only where all rows have the same logits, so that a few rows are enough to tell why.
 */
export function isDead(
  X: Rows,
  { sizes, activation }: NetworkShape,
  params: Float32Array,
  inputs: NetworkInputs,
): boolean {
  if (activation !== 'relu' || sizes.length < 3) return false
  const alive = new Set<number>()
  const { weights, biases } = layersOf(params, sizes)
  for (const run of X.slabs.runs(0, Math.min(MOST_ROWS, X.rows), 1)) {
    const stored = X.slabs.memory.f32(run.x, X.cols)
    let a = Float64Array.from(stored, (x, k) => (x + X.shift[k]! - inputs.mean[k]!) * inputs.scale[k]!)
    for (let l = 0; l + 2 < sizes.length; l++) {
      a = layerOf(a, weights[l]!, biases[l]!).map((z) => Math.max(0, z))
      if (a.some((out) => out > 0)) alive.add(l)
    }
  }
  return alive.size < sizes.length - 2
}
