import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { init, kernelInfo } from '../../src/kernel/index.ts'
import { VARIANTS, whyNot } from '../../src/kernel/variants.ts'
import { MLPClassifier, type MLPClassifierOptions, networkLossGradient } from '../../src/models/index.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { sample } from './sample.ts'

const { X, y } = sample(300, 5)
const three = y.map((label, i) => (i % 7 === 0 ? 'maybe' : label))

afterAll(() => init({ variant: 'simd' }))

describe.each(VARIANTS.filter((variant) => whyNot(variant) === undefined))('with the %s kernel', (variant) => {
  beforeAll(() => init({ variant }))

  test.each<MLPClassifierOptions>([
    { hiddenSizes: [9], epochs: 5 },
    { hiddenSizes: [7, 5], activation: 'tanh', optimizer: 'sgd', epochs: 5 },
    { hiddenSizes: [120, 120], activation: 'sigmoid', optimizer: 'momentum', batchSize: 1000, epochs: 3 },
  ])('%o takes the course of the simd kernel', async (options) => {
    const model = await new MLPClassifier<string>(options).fit(X, three)
    expect(kernelInfo().variant).toBe(variant)
    await init({ variant: 'simd' })
    const bySimd = await new MLPClassifier<string>(options).fit(X, three)
    expect(Math.abs(model.loss - bySimd.loss)).toBeLessThan(1e-4)
    const scores = bySimd.decisionFunction(X)
    const off = model.decisionFunction(X).map((z, i) => Math.abs(z - scores[i]!))
    expect(Math.max(...off)).toBeLessThan(1e-2)
    await init({ variant })
  })

  test('the gradient is that of PyTorch', () => {
    const parameters = { weights: [golden.W1.flat(), golden.W2.flat()], biases: [golden.b1, [golden.b2]] }
    const { loss, weights } = networkLossGradient(golden.X, golden.y, parameters)
    const expected = golden.expected.mlp_relu_bce
    expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-6 * expected.loss)
    const flat = expected.dW1.flat()
    const size = Math.max(...flat.map(Math.abs))
    for (const [i, g] of flat.entries()) expect(Math.abs(weights[0]![i]! - g)).toBeLessThan(1e-5 * size)
  })
})
