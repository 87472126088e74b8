import { expect, test } from 'vitest'
import { kernelInfo } from '../../src/kernel/index.ts'
import { LinearSVC, LogisticRegression, RidgeClassifier, SGDClassifier } from '../../src/models/index.ts'
import { parameterBytes, sample } from './sample.ts'

/** As bits.test.ts, for the other linear models: the same bytes in every engine. */
const { X, y } = sample(5000, 13)

test.each([
  ['LinearSVC', '', () => new LinearSVC().fit(X, y)],
  [
    'LinearSVC by lbfgs, penalised intercept',
    '',
    () => new LinearSVC({ solver: 'lbfgs', penalizeIntercept: true }).fit(X, y),
  ],
  ['LinearSVC of hinge', '', () => new LinearSVC({ loss: 'hinge', l2: 0.01, seed: 3 }).fit(X, y)],
  ['RidgeClassifier', '', () => new RidgeClassifier().fit(X, y)],
  ['LogisticRegression with l1', '', () => new LogisticRegression({ l1: 0.02, l2: 0.01 }).fit(X, y)],
  ['SGDClassifier by nesterov', '', () => new SGDClassifier({ loss: 'squaredErrorLogistic', optimizer: 'nesterov', epochs: 5, l1: 1e-3, schedule: { type: 'cosine' } }).fit(X, y)], // biome-ignore format: one line
  [
    'SGDClassifier by adamw',
    '',
    () => new SGDClassifier({ loss: 'hinge', optimizer: 'adamw', epochs: 5, batchSize: 7 }).fit(X, y),
  ],
] as const)('%s has the parameters it always had, to the last bit', async (_, hash, fit) => {
  const model = await fit()
  expect(kernelInfo().variant).toBe('simd')
  const digest = await crypto.subtle.digest('SHA-256', parameterBytes(model))
  expect(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(hash)
})
