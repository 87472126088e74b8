import { expect, test } from 'vitest'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { MLPClassifier, type MLPClassifierOptions } from '../../src/models/index.ts'
import { sample } from './sample.ts'

/**
 * The simd kernel trains a network to the same bytes in every engine: these tests run in Node and in a browser. A change
 * that moves a hash moves the result of everyone's fits: it needs a line in CHANGELOG.md.
 */
const { X, y } = sample(1000, 13)
const three = y.map((label, i) => (i % 7 === 0 ? 'maybe' : label))

async function hashOf({ weights, biases, history }: MLPClassifier<string>): Promise<string> {
  const losses = history.flatMap(({ loss, validationLoss = 0 }) => [loss, validationLoss])
  const numbers = Float64Array.from([...weights, ...biases].flatMap((layer) => [...layer]).concat(losses))
  const digest = await crypto.subtle.digest('SHA-256', numbers)
  return Array.from(new Uint8Array(digest).slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

test.each<[string, MLPClassifierOptions, string[]]>([
  ['98d8dec34db1aeeb332952e60c80fc02', { hiddenSizes: [16], epochs: 5, seed: 42 }, y],
  [
    'ac60725da5cf0d43812cd2f944472b61',
    { hiddenSizes: [9, 7], activation: 'tanh', optimizer: 'nesterov', epochs: 5, l2: 0.01 },
    three,
  ],
  [
    'e51ec16892724d6886f4ec65c044d941',
    { hiddenSizes: [8], activation: 'sigmoid', optimizer: 'sgd', epochs: 5, schedule: { type: 'cosine' } },
    three,
  ],
  ['4bb70395dbcc0026929a23bd5d5574a4', { hiddenSizes: [200, 200], epochs: 2, batchSize: 1000, optimizer: 'adamw' }, y],
  [
    '0313105b53612ea6cea40baf546afdbc',
    { hiddenSizes: [32], earlyStopping: { patience: 3, fraction: 0.25 }, learningRate: 0.01 },
    three,
  ],
] as const)('%s: %o', async (hash, options, labels) => {
  const model = await new MLPClassifier<string>(options).fit(X, labels)
  expect(kernelInfo().variant).toBe('simd')
  expect(await hashOf(model)).toBe(hash)
})

test('live bytes return to where they were after hundreds of fits, and the memory does not grow', async () => {
  using matrix = Matrix.from(X)
  const fitOne = async (i: number): Promise<void> => {
    const model = new MLPClassifier<string>({ hiddenSizes: [3], epochs: 2, batchSize: 256 })
    const form = i % 2 === 0 ? matrix : X
    if (i % 5 === 0) await expect(model.fit(form, y.slice(1))).rejects.toThrow(RangeError)
    else if (i % 5 === 1) {
      const controller = new AbortController()
      const onProgress = () => controller.abort(new Error('enough'))
      const { signal } = controller
      await expect(model.fit(form, y, { signal, onProgress, validation: { X, y } })).rejects.toThrow('enough')
    } else if (i % 5 === 2) model.partialFit(form, y)
    else model.fitSync(form, y, { validation: { X: matrix, y } }).predictProba(X)
  }
  for (let i = 0; i < 20; i++) await fitOne(i)
  const before = kernelInfo()
  for (let i = 0; i < 200; i++) await fitOne(i)
  expect(kernelInfo()).toEqual(before)
})
