import { expect, test } from 'vitest'
import { kernelInfo } from '../../src/kernel/index.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import { diagnosis, raw } from './breast-cancer.ts'
import { parameterBytes, sample, sampleOfClasses } from './sample.ts'

/**
 * The simd kernel gives the same bytes in every engine: these tests run in Node and in a browser. A change that moves a
 * hash moves the result of everyone's fits: it needs a line in CHANGELOG.md.
 */
const { X, y } = sample(5000, 13)
const four = sampleOfClasses(4, 5000, 13)
const six = sampleOfClasses(6, 3000, 30)

test.each([
  [
    'newton',
    'c2a4cc59a9eb1ddfc8710b7dda71470844c4b3dbd8955632919c6da74e186bc8',
    () => new LogisticRegression({ solver: 'newton' }).fit(X, y),
  ],
  [
    'sampledNewton',
    '2caf212c2e4098d39f6c59c109f4f0e131b564ca69dc808e193f8532f308475d',
    () => new LogisticRegression().fit(X, y),
  ],
  [
    'four classes by sampledNewton',
    'ecb4f31fd93363a7772f80058b5c840df026f62dd3953a96952a7ec6df0c9068',
    () => new LogisticRegression().fit(four.X, four.y),
  ],
  [
    'six classes of 30 columns by sampledNewton',
    '0c84f736d605831c42fc0665295a36c5a723a93f2cff772a94dfceb18a07a141',
    () => new LogisticRegression().fit(six.X, six.y),
  ],
  [
    'lbfgs',
    '8419b4e70e6b4ab4bd4828c153e824754e9c8f7c870d9a4cd916bc5f852027d8',
    () => new LogisticRegression({ solver: 'lbfgs' }).fit(X, y),
  ],
  [
    'sgd',
    '674abde501f5182edddb743d9f0d5a4a1a40c0ec7937a0a9cc5f81099f81bf00',
    () => new LogisticRegression({ solver: 'sgd', epochs: 7, seed: 42 }).fit(X, y),
  ],
  [
    'breast cancer',
    '8839ceec8b64828ac2cd47da79db7a49c4c791b6549bde98d43340675451c68e',
    () => new LogisticRegression().fit(raw, diagnosis),
  ],
  [
    'breast cancer by lbfgs',
    '3c50d3bff0f4e5f5250d7a8b0665cf5fbaaa336b49e883d7a807171ca791a44b',
    () => new LogisticRegression({ solver: 'lbfgs', C: 10 }).fit(raw, diagnosis),
  ],
  [
    'four classes by newton',
    '8fdfdcaf14a321fde1c0cad44f0129d1b6259362fa743999a21f3f0d93e04064',
    () => new LogisticRegression({ solver: 'newton' }).fit(four.X, four.y),
  ],
  [
    'four classes by lbfgs',
    '95dd3a12859d6a1df1a713e9c29ace61f98758c1aab9f5c0e5e9c28d8380615f',
    () => new LogisticRegression({ solver: 'lbfgs' }).fit(four.X, four.y),
  ],
  [
    'four classes by sgd',
    '93892d33a9985a48def97a622c4942c84b50ccfc91d18955bb20d35dcc4a94f5',
    () => new LogisticRegression({ solver: 'sgd', epochs: 3, seed: 42 }).fit(four.X, four.y),
  ],
] as const)('%s has the parameters it always had, to the last bit', async (_, hash, fit) => {
  const model = await fit()
  expect(kernelInfo().variant).toBe('simd')
  const digest = await crypto.subtle.digest('SHA-256', parameterBytes(model))
  expect(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(hash)
})
