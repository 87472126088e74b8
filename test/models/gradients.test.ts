import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { lossGradient, networkLossGradient } from '../../src/models/index.ts'
import { layersOf, paramCount } from '../../src/models/mlp-network.ts'
import { checkGradient, type ValueAndGradient } from '../../src/optim/index.ts'
import { referenceLogits } from './network-reference.ts'

/** Every loss and network with every penalty: the gradient is that of differences. Numbers are exact in float32, none 0. */
const random = new Random(5)
const draws = (n: number) => Float64Array.from({ length: n }, () => (2 * random.below(128) - 127) / 64)
const rows = 8
const X = Array.from({ length: rows }, () => draws(3))
const sampleWeight = X.map((_, i) => [1, 0.5, 0, 3][i % 4]!)

/** A penalty is l2/2 |coef|^2, known to the library, and l1 |coef|_1, added here where it has a slope: away from 0. */
const penalties = [
  { name: 'no penalty', l1: 0, l2: 0 },
  { name: 'l2', l1: 0, l2: 0.3 },
  { name: 'l1', l1: 0.2, l2: 0 },
  { name: 'elastic net', l1: 0.2, l2: 0.3 },
]

/** The same objective with l1 on the parameters that are penalised. */
function withL1(objective: ValueAndGradient, l1: number, isPenalised: (k: number) => boolean): ValueAndGradient {
  return (params, grad) => {
    let value = objective(params, grad)
    for (let k = 0; k < params.length; k++) {
      if (!isPenalised(k)) continue
      value += l1 * Math.abs(params[k]!)
      grad[k]! += l1 * Math.sign(params[k]!)
    }
    return value
  }
}

/** Parameters at which no relu is nearer to its corner than a difference goes. */
function drawAwayFromKinks(sizes: readonly number[]): Float64Array {
  for (;;) {
    const params = draws(paramCount(sizes))
    const { weights, biases } = layersOf(params, sizes)
    const isNear = sizes.slice(2).some((_, l) => {
      const upTo = (layers: Float64Array[]) => layers.slice(0, l + 1).map((layer) => Array.from(layer))
      const network = { weights: upTo(weights), biases: upTo(biases) }
      return X.some((x) => referenceLogits(x, network, 'relu').some((z) => Math.abs(z) < 0.02))
    })
    if (!isNear) return params
  }
}

describe.each(penalties)('$name', ({ l1, l2 }) => {
  describe.each([{ l2 }, { l2, sampleWeight }])('%o', (options) => {
    test.each(['logistic', 'squaredError', 'squaredErrorLogistic', 'hinge', 'squaredHinge'] as const)('%s', (loss) => {
      const y = X.map((_, i) => i % 2)
      const objective: ValueAndGradient = (params, grad) => {
        const at = lossGradient(loss, X, y, { coef: params.subarray(0, 3), intercept: params[3]! }, options)
        grad.set([...at.coef, at.intercept])
        return at.loss
      }
      const params = [0.75, -0.5, 0.3125, 0.125]
      expect(
        checkGradient(
          withL1(objective, l1, (k) => k < 3),
          params,
        ).maxError,
      ).toBeLessThan(1e-5)
    })

    test.each([2, 4])('softmax of %d classes', (k) => {
      const y = X.map((_, i) => i % k)
      const objective: ValueAndGradient = (params, grad) => {
        const at = lossGradient(
          'softmax',
          X,
          y,
          { coef: params.subarray(0, 3 * k), intercept: params.subarray(3 * k) },
          options,
        )
        grad.set([...at.coef, ...at.intercept])
        return at.loss
      }
      const params = draws(4 * k)
      expect(
        checkGradient(
          withL1(objective, l1, (i) => i < 3 * k),
          params,
        ).maxError,
      ).toBeLessThan(1e-5)
    })

    const outputs = [
      { output: 'sigmoid', units: 1 },
      { output: 'softmax', units: 3 },
    ]
    test.each(
      (['relu', 'tanh', 'sigmoid', 'identity'] as const).flatMap((activation) =>
        outputs.flatMap((output) => [[], [5], [4, 3]].map((hidden) => ({ activation, ...output, hidden }))),
      ),
    )('network: $activation, hidden layers of $hidden, $output', ({ activation, units, hidden }) => {
      const sizes = [3, ...hidden, units]
      const y = X.map((_, i) => i % Math.max(2, units))
      const isWeight: boolean[] = []
      for (let l = 1; l < sizes.length; l++) {
        isWeight.push(...Array(sizes[l - 1]! * sizes[l]!).fill(true), ...Array(sizes[l]!).fill(false))
      }
      const objective: ValueAndGradient = (params, grad) => {
        const parameters = layersOf(params, sizes)
        const at = networkLossGradient(X, y, parameters, { activation, ...options })
        grad.set(at.weights.flatMap((W, l) => [...W, ...at.biases[l]!]))
        return at.loss
      }
      // The kernel's parameters and logits are float32: the step is as large as their noise asks for.
      const params = drawAwayFromKinks(sizes)
      const check = checkGradient(
        withL1(objective, l1, (k) => isWeight[k]!),
        params,
        { step: 2 ** -8 },
      )
      expect(check.maxError).toBeLessThan(3e-4)
    })
  })
})
