import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { testEstimator } from '../contract.ts'
import { sample, sampleOfClasses } from './sample.ts'

const solvers = {
  fullBatch: [
    { solver: 'newton' },
    { solver: 'sampledNewton' },
    { solver: 'lbfgs', tol: 1e-8 },
    { solver: 'gd', tol: 1e-7, maxIter: 10_000 },
  ],
  sampled: { solver: 'sgd', epochs: 5 },
}

testEstimator({
  ...solvers,
  name: 'LogisticRegression',
  make: (options) => new LogisticRegression(options as LogisticRegressionOptions),
  load: (json) => LogisticRegression.fromJSON(json),
  hasProba: true,
  makeData: (rows, seed) => sample(rows, 5, seed),
})

testEstimator({
  ...solvers,
  name: 'LogisticRegression',
  title: 'LogisticRegression of three classes',
  make: (options) => new LogisticRegression(options as LogisticRegressionOptions),
  load: (json) => LogisticRegression.fromJSON(json),
  hasProba: true,
  makeData: (rows, seed) => sampleOfClasses(3, rows, 5, seed),
})

testEstimator({
  ...solvers,
  name: 'LogisticRegression',
  title: 'LogisticRegression of three classes, one against the rest',
  make: (options) => new LogisticRegression({ multiClass: 'ovr', ...options } as LogisticRegressionOptions),
  load: (json) => LogisticRegression.fromJSON(json),
  hasProba: true,
  makeData: (rows, seed) => sampleOfClasses(3, rows, 5, seed),
})
