import { expect, test } from 'vitest'
import { kernelInfo } from '../../src/kernel/index.ts'
import { LinearSVC, LogisticRegression, SGDClassifier } from '../../src/models/index.ts'
import { parameterBytes, sample, sampleOfClasses } from './sample.ts'

/**
 * As bits.test.ts, where rows are wide enough for the loops that take 32 columns at a time and leave a rest, and the table
 * large enough for epochs by blocks of rows.
 */
const { X, y } = sample(6000, 45)
const three = sampleOfClasses(3, 1000, 45)
const sgd = (batchSize: number) => new LogisticRegression({ solver: 'sgd', epochs: 3, seed: 5, batchSize }).fit(X, y)

test.each([
  ['newton', '2b5bf25f31fade84b20b254effad4a0a', () => new LogisticRegression({ solver: 'newton' }).fit(X, y)],
  [
    'sampledNewton',
    '6e3ca204663c208dc798f54fa2134861',
    () => new LogisticRegression({ solver: 'sampledNewton' }).fit(X, y),
  ],
  ['lbfgs', 'd0930d7bb334d1b29789e2a939eff69b', () => new LogisticRegression({ solver: 'lbfgs' }).fit(X, y)],
  [
    'squared hinge',
    '9ce6ca3502cca78619ed26ade029352e',
    () => new LinearSVC({ loss: 'squaredHinge', solver: 'lbfgs' }).fit(X, y),
  ],
  ['three classes', '3438c62a95ce9831fed7b7cd2f6ec331', () => new LogisticRegression().fit(three.X, three.y)],
  ['sgd by batches of 32', 'bc1346a95a6d6470d077ae3b0324d74c', () => sgd(32)],
  ['sgd by batches of 300', '8448ed08e5a2996817a97babb57fc69a', () => sgd(300)],
  ['sgd by batches of 4', '9b06b29bd6f95eab4d875faf62c5cfe7', () => sgd(4)],
  ['sgd by batches of 3', '6cb4855c08abbd5eb7fcb92da7154b5d', () => sgd(3)],
  ['sgd by single rows', '1500dfeaa1c735d64c074df073966f4c', () => sgd(1)],
  [
    'hinge by momentum',
    '8d11f94ce06346f758da340b53abcf05',
    () => new SGDClassifier({ loss: 'hinge', optimizer: 'momentum', epochs: 3 }).fit(X, y),
  ],
  ['adam', 'bcdff2b1b0fef9290ea669b82a4cd2c7', () => new SGDClassifier({ optimizer: 'adam', epochs: 3 }).fit(X, y)],
] as const)('%s has the parameters it always had, to the last bit', async (_, hash, fit) => {
  const model = await fit()
  expect(kernelInfo().variant).toBe('simd')
  const digest = await crypto.subtle.digest('SHA-256', parameterBytes(model))
  expect(Array.from(new Uint8Array(digest.slice(0, 16)), (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(
    hash,
  )
})
