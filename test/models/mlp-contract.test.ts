import { MLPClassifier, type MLPClassifierOptions } from '../../src/models/index.ts'
import { type Description, testEstimator } from '../contract.ts'
import { sample, sampleOfClasses } from './sample.ts'

const description: Omit<Description, 'makeData'> = {
  name: 'MLPClassifier',
  make: (options) =>
    new MLPClassifier({
      hiddenSizes: [6],
      learningRate: 0.03,
      batchSize: 32,
      tol: 1e-3,
      ...(options as MLPClassifierOptions),
    }),
  load: (json) => MLPClassifier.fromJSON(json),
  hasProba: true,
  parameters: ['weights', 'biases'],
  fullBatch: [],
  oneBatch: { batchSize: 1000, epochs: 20, tol: false },
  sampled: { epochs: 5 },
}

testEstimator({ ...description, makeData: (rows, seed) => sample(rows, 5, seed) })

testEstimator({
  ...description,
  title: 'MLPClassifier of three classes',
  makeData: (rows, seed) => sampleOfClasses(3, rows, 5, seed),
})
