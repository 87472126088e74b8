import { expect, test } from 'vitest'
import { kernelInfo } from '../../src/kernel/index.ts'
import { LinearSVC, LogisticRegression, RidgeClassifier, SGDClassifier } from '../../src/models/index.ts'
import { parameterBytes, sample } from './sample.ts'

/** As bits.test.ts, for the other linear models: the same bytes in every engine. */
const { X, y } = sample(5000, 13)

test.each([
  ['LinearSVC', '5903f1df913c8d822e150daeea56053bec49b9116c093e72470ecd3c945aa1ef', () => new LinearSVC().fit(X, y)],
  ['LinearSVC by newton', '8ceb0422fada319df47d0c22d9379535e5f330b0b2b37b3b0a10cf0aa93009d3', () => new LinearSVC({ solver: 'newton' }).fit(X, y)], // biome-ignore format: one line
  [
    'LinearSVC by lbfgs, penalised intercept',
    'e27e825dedfc377befe3a9b7f7ff776caf7c3bb8dd3ff1b3d02f4ca5e380ed43',
    () => new LinearSVC({ solver: 'lbfgs', penalizeIntercept: true }).fit(X, y),
  ],
  [
    'LinearSVC of hinge by dual coordinate descent',
    '9d8f996fe505b614c2b8a3fbdb90723b7fadae13f51b670b52b061878542f803',
    () => new LinearSVC({ loss: 'hinge', solver: 'dual', l2: 0.01, seed: 3 }).fit(X, y),
  ],
  [
    'LinearSVC of hinge',
    '42d828a845b21ea1cbaccfcf7a087fbad590116ce74d8070ff0de4dac37979e2',
    () => new LinearSVC({ loss: 'hinge', l2: 0.01 }).fit(X, y),
  ],
  [
    'RidgeClassifier',
    '7367434dc65ce2106451487b7b0f3b96ba11b1b3aae4fc7bbaae3d4e9cfee0f8',
    () => new RidgeClassifier().fit(X, y),
  ],
  [
    'LogisticRegression with l1',
    'c85fb41a6ffa032c29382295376c9efc7fbec23825ae188091bd2be131059810',
    () => new LogisticRegression({ l1: 0.02, l2: 0.01 }).fit(X, y),
  ],
  ['SGDClassifier by nesterov', 'f3d7d92af86d541a7754292bb249d57f0194251b4c9ad4d9b467c57d0e149c96', () => new SGDClassifier({ loss: 'squaredErrorLogistic', optimizer: 'nesterov', epochs: 5, l1: 1e-3, schedule: { type: 'cosine' } }).fit(X, y)], // biome-ignore format: one line
  [
    'SGDClassifier by adamw',
    '1e9ebce4296c80f7ca9f10d14881a949137ebfb4094b122d451b09f3ca28249e',
    () => new SGDClassifier({ loss: 'hinge', optimizer: 'adamw', epochs: 5, batchSize: 7 }).fit(X, y),
  ],
] as const)('%s has the parameters it always had, to the last bit', async (_, hash, fit) => {
  const model = await fit()
  expect(kernelInfo().variant).toBe('simd')
  const digest = await crypto.subtle.digest('SHA-256', parameterBytes(model))
  expect(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(hash)
})
