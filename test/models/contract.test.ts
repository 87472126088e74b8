import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { testEstimator } from '../contract.ts'
import { sample } from './sample.ts'

testEstimator({
  name: 'LogisticRegression',
  make: (options) => new LogisticRegression(options as LogisticRegressionOptions),
  load: (json) => LogisticRegression.fromJSON(json),
  hasProba: true,
  makeData: (rows, seed) => sample(rows, 5, seed),
  fullBatch: [{ solver: 'newton' }, { solver: 'lbfgs', tol: 1e-8 }, { solver: 'gd', tol: 1e-7, maxIter: 10_000 }],
  sampled: { solver: 'sgd', epochs: 5 },
})
