import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { networkLossGradient } from '../../src/models/index.ts'
import type { Activation } from '../../src/models/mlp-options.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { type ReferenceNetwork, referenceGradient, referenceLoss } from './network-reference.ts'
import { relative } from './sample.ts'

const random = new Random(7)
/** Uniform in [-1, 1), exact in float32. */
const draws = (n: number): number[] => Array.from({ length: n }, () => 2 * random.uniform() - 1)

function networkOf(sizes: readonly number[]): ReferenceNetwork {
  const weights = sizes.slice(1).map((size, l) => draws(sizes[l]! * size))
  return { weights, biases: sizes.slice(1).map(draws) }
}

/** max|a - b| over max|b| */
function distance(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  const [flatA, flatB] = [a, b].map((layers) => layers.flatMap((layer) => Array.from(layer)))
  expect(flatA!.length).toBe(flatB!.length)
  const size = Math.max(...flatB!.map(Math.abs))
  return Math.max(...flatB!.map((v, i) => Math.abs(flatA![i]! - v))) / size
}

test('equals PyTorch: one hidden layer of relu, binary cross-entropy', () => {
  const { loss, ...expected } = golden.expected.mlp_relu_bce
  const parameters = {
    weights: [golden.W1.flat(), golden.W2.flat()],
    biases: [golden.b1, [golden.b2]],
  }
  const result = networkLossGradient(golden.X, golden.y, parameters)
  expect(Math.abs(result.loss - loss)).toBeLessThan(1e-6 * loss)
  const { dW1, db1, dW2, db2 } = expected
  const pairs = [
    [result.weights[0]!, dW1.flat()],
    [result.biases[0]!, db1],
    [result.weights[1]!, dW2.flat()],
    [result.biases[1]!, [db2].flat()],
  ] as const
  // Each number by itself: the largest says nothing about the small ones.
  for (const [actual, wanted] of pairs) {
    expect(actual).toHaveLength(wanted.length)
    wanted.forEach((value, i) => {
      expect(relative(actual[i]!, value)).toBeLessThan(1e-5)
    })
  }
})

describe.each<Activation>(['relu', 'tanh', 'sigmoid', 'identity'])('%s', (activation) => {
  test.each([
    { sizes: [3, 1] },
    { sizes: [5, 4, 1] },
    { sizes: [4, 7, 3] },
    { sizes: [3, 5, 6, 1] },
    { sizes: [6, 4, 3, 5, 4] },
    { sizes: [17, 9, 2] },
  ])('layers of $sizes: the gradient is the slope of the loss', ({ sizes }) => {
    const rows = 37
    const X = Array.from({ length: rows }, () => draws(sizes[0]!))
    const classes = Math.max(2, sizes.at(-1)!)
    const y = X.map((_, i) => i % classes)
    const network = networkOf(sizes)
    for (const options of [{}, { l2: 0.3, sampleWeight: X.map((_, i) => (i % 5) / 4) }]) {
      const result = networkLossGradient(X, y, network, { activation, ...options })
      const loss = referenceLoss(X, y, network, activation, options)
      expect(Math.abs(result.loss - loss)).toBeLessThan(1e-6 * loss)
      const expected = referenceGradient(X, y, network, activation, options)
      expect(distance(result.weights, expected.weights)).toBeLessThan(1e-5)
      expect(distance(result.biases, expected.biases)).toBeLessThan(1e-5)
    }
  })
})

test('many rows, in one Matrix or as arrays; nothing stays behind', () => {
  const X = Array.from({ length: 1000 }, () => draws(4))
  const y = X.map(([a, b]) => (a! > b! ? 1 : 0))
  const network = networkOf([4, 6, 1])
  const before = kernelInfo().liveBytes
  const result = networkLossGradient(X, y, network)
  expect(Math.abs(result.loss - referenceLoss(X, y, network, 'relu'))).toBeLessThan(1e-6 * result.loss)
  {
    using matrix = Matrix.from(X)
    expect(networkLossGradient(matrix, y, network)).toEqual(result)
  }
  expect(kernelInfo().liveBytes).toBe(before)
})

test('logits of 1e30 do not overflow', () => {
  for (const sign of [1, -1]) {
    const network = { weights: [[sign * 1e30]], biases: [[0]] }
    const { loss, weights } = networkLossGradient([[1], [1]], [0, 1], network)
    expect(loss / 5e29).toBeCloseTo(1, 6)
    expect(weights[0]![0]).toBeCloseTo(sign / 2, 6)
  }
  const { loss } = networkLossGradient([[1], [1]], [0, 1], { weights: [[1e30, 0, -1e30]], biases: [[0, 0, 0]] })
  expect(loss / 5e29).toBeCloseTo(1, 6)
})

test('a gradient that float32 cannot hold is said to be one, not handed out', () => {
  const before = kernelInfo().liveBytes
  const deep = { weights: [[1e30], [1e30]], biases: [[0], [0]] }
  expect(() => networkLossGradient([[1], [2]], [0, 1], deep)).toThrow(
    expect.objectContaining({ code: 'FLOAT32_OVERFLOW', hint: expect.stringMatching(/[Ss]cale/) }),
  )
  expect(() => networkLossGradient([[1e30], [2]], [0, 1], { weights: [[1], [1e20]], biases: [[0], [0]] })).toThrow(
    expect.objectContaining({ code: 'FLOAT32_OVERFLOW' }),
  )
  expect(kernelInfo().liveBytes).toBe(before)
})

test('what does not fit together is refused', () => {
  const X = [
    [1, 2],
    [3, 4],
  ]
  const network = { weights: [[1, 2]], biases: [[0]] }
  expect(networkLossGradient(X, [0, 1], network).loss).toBeGreaterThan(0)
  const call =
    (y: unknown, parameters: unknown, options = {}) =>
    () =>
      networkLossGradient(X, y as number[], parameters as ReferenceNetwork, options)
  expect(call([0, 2], network)).toThrow(/y\[1\].*0 to 1.*2/)
  expect(call([0, 0.5], network)).toThrow(RangeError)
  expect(call([0], network)).toThrow(RangeError)
  expect(call(['a', 'b'], network)).toThrow(TypeError)
  expect(call([0, 1], undefined)).toThrow(TypeError)
  expect(call([0, 1], { weights: [] })).toThrow(TypeError)
  expect(call([0, 1], { weights: [[1, 2]], biases: [] })).toThrow(TypeError)
  expect(call([0, 1], { weights: [[1, 2, 3]], biases: [[0]] })).toThrow(/weights\[0\].*2 x 1/)
  expect(call([0, 1], { weights: [[1, Number.NaN]], biases: [[0]] })).toThrow(/weights\[0\]\[1\]/)
  expect(call([0, 1], { weights: [[1, 2]], biases: [[]] })).toThrow(RangeError)
  expect(call([0, 1], network, { activation: 'softplus' })).toThrow(RangeError)
  expect(call([0, 1], network, { l2: -1 })).toThrow(RangeError)
  expect(call([0, 1], network, { sampleWeight: [1] })).toThrow(RangeError)
  expect(call([0, 1], network, { sampleWeights: [1, 1] })).toThrow(TypeError)
})
