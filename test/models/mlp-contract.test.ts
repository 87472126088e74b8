import { MLPClassifier, type MLPClassifierOptions } from '../../src/models/index.ts'
import { testEstimator } from '../contract.ts'
import { sample } from './sample.ts'

testEstimator({
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
  makeData: (rows, seed) => sample(rows, 5, seed),
  parameters: ['weights', 'biases'],
  fullBatch: [],
  sampled: { epochs: 5 },
})
