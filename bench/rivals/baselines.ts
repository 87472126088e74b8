/** What the JavaScript contender is made of, bundled for its process. */
import { Random } from '../../src/core/random.ts'
import { runSync } from '../../src/core/steps.ts'
import { lbfgs } from '../../src/optim/index.ts'
import * as plain from '../baselines/plain.ts'
import { plainSoftmax } from '../baselines/softmax.ts'
import * as tunedLoops from '../baselines/tuned.ts'
import { sgdEpoch } from '../baselines/tuned-epoch.ts'
import { tunedSoftmax } from '../baselines/tuned-softmax.ts'

export { NetworkEpoch } from '../baselines/network.ts'
export { plain, Random }
export const tuned = { ...tunedLoops, sgdEpoch }

/** L-BFGS on the mean loss + l2/2 |w|^2 of one class or several; w: a class after the other, [weights, intercept]. */
export function solve(
  variant: 'plain' | 'tuned',
  { rows, cols, classes = 1, l2 }: { rows: number; cols: number; classes?: number; l2: number },
  { X, y }: { X: Float32Array; y: Float32Array },
  tol: number,
): Float64Array {
  const { logisticGradient } = { plain, tuned }[variant]
  const softmax = { plain: plainSoftmax, tuned: tunedSoftmax }[variant]
  const size = classes * (cols + 1)
  const evaluate = (w: Float64Array, grad: Float64Array): number => {
    const sum =
      classes === 1 ? logisticGradient(rows, cols, X, y, w, grad) : softmax(rows, cols, classes, X, y, w, grad)
    let value = sum / rows
    for (let k = 0; k < size; k++) {
      grad[k]! /= rows
      if (k % (cols + 1) === cols) continue
      value += (l2 / 2) * w[k]! * w[k]!
      grad[k]! += l2 * w[k]!
    }
    return value
  }
  return runSync(lbfgs({ size, evaluate }, new Float64Array(size), { tol, maxIter: 20_000 })).w
}

/** [W1, b1, w2, b2] of a network with one hidden layer: He normal, biases 0. */
export function initialNetwork(cols: number, width: number): Float64Array {
  const params = new Float64Array((cols + 2) * width + 1)
  const random = new Random(11)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  for (let k = 0; k < cols * width; k++) params[k] = normal() * Math.sqrt(2 / cols)
  for (let j = 0; j < width; j++) params[(cols + 1) * width + j] = normal() * Math.sqrt(2 / width)
  return params
}

/** Probabilities of class 1 of the first rows. */
export function networkProba(rows: number, cols: number, width: number, X: Float32Array, params: Float64Array) {
  return Float64Array.from({ length: rows }, (_, i) => {
    let z = params[(cols + 2) * width]!
    for (let j = 0; j < width; j++) {
      let a = params[cols * width + j]!
      for (let k = 0; k < cols; k++) a += X[i * cols + k]! * params[k * width + j]!
      z += Math.max(0, a) * params[(cols + 1) * width + j]!
    }
    return 1 / (1 + Math.exp(-z))
  })
}
