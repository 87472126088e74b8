import {
  LinearSVC,
  type LinearSVCOptions,
  RidgeClassifier,
  type RidgeClassifierOptions,
  SGDClassifier,
  type SGDClassifierOptions,
} from '../../src/models/index.ts'
import { testEstimator } from '../contract.ts'
import { sample, sampleOfClasses } from './sample.ts'

testEstimator({
  name: 'LinearSVC',
  make: (options) => new LinearSVC(options as LinearSVCOptions),
  load: (json) => LinearSVC.fromJSON(json),
  hasProba: false,
  makeData: (rows, seed) => sample(rows, 5, seed),
  fullBatch: [
    { solver: 'newton' },
    { solver: 'sampledNewton' },
    { solver: 'lbfgs', tol: 1e-8, penalizeIntercept: true },
    { loss: 'hinge', solver: 'dual', l2: 0.1, tol: 1e-9, maxIter: 100_000 },
    { loss: 'hinge', solver: 'dual', l2: 0.1, tol: 1e-9, maxIter: 100_000, penalizeIntercept: true },
    { loss: 'hinge', solver: 'interiorPoint', l2: 0.1, tol: 1e-12 },
    { loss: 'hinge', solver: 'interiorPoint', l2: 0.1, tol: 1e-12, penalizeIntercept: true },
  ],
  sampled: { loss: 'hinge', solver: 'sgd', learningRate: 0.01, epochs: 5 },
})

testEstimator({
  name: 'RidgeClassifier',
  make: (options) => new RidgeClassifier(options as RidgeClassifierOptions),
  load: (json) => RidgeClassifier.fromJSON(json),
  hasProba: false,
  makeData: (rows, seed) => sample(rows, 5, seed),
  fullBatch: [{ solver: 'cholesky' }, { solver: 'lbfgs', tol: 1e-8 }, { solver: 'gd', tol: 1e-7, maxIter: 10_000 }],
})

testEstimator({
  name: 'SGDClassifier',
  make: (options) => new SGDClassifier({ epochs: 200, ...options } as SGDClassifierOptions),
  load: (json) => SGDClassifier.fromJSON(json),
  hasProba: true,
  makeData: (rows, seed) => sample(rows, 5, seed),
  // Never the same steps in another order: there is no full-batch solver.
  fullBatch: [],
  oneBatch: { optimizer: 'nesterov', batchSize: 1000, epochs: 20, tol: 0 },
  sampled: { optimizer: 'adam', epochs: 5 },
})

testEstimator({
  name: 'LinearSVC',
  title: 'LinearSVC of three classes',
  make: (options) => new LinearSVC(options as LinearSVCOptions),
  load: (json) => LinearSVC.fromJSON(json),
  hasProba: false,
  makeData: (rows, seed) => sampleOfClasses(3, rows, 5, seed),
  fullBatch: [
    { solver: 'newton' },
    { loss: 'hinge', solver: 'dual', l2: 0.1, tol: 1e-9, maxIter: 100_000 },
    { loss: 'hinge', solver: 'interiorPoint', l2: 0.1, tol: 1e-12 },
  ],
  sampled: { loss: 'hinge', solver: 'sgd', learningRate: 0.01, epochs: 5 },
})

testEstimator({
  name: 'RidgeClassifier',
  title: 'RidgeClassifier of three classes',
  make: (options) => new RidgeClassifier(options as RidgeClassifierOptions),
  load: (json) => RidgeClassifier.fromJSON(json),
  hasProba: false,
  makeData: (rows, seed) => sampleOfClasses(3, rows, 5, seed),
  fullBatch: [{ solver: 'cholesky' }, { solver: 'lbfgs', tol: 1e-8 }],
})

testEstimator({
  name: 'SGDClassifier',
  title: 'SGDClassifier of three classes',
  make: (options) => new SGDClassifier({ epochs: 200, ...options } as SGDClassifierOptions),
  load: (json) => SGDClassifier.fromJSON(json),
  hasProba: true,
  makeData: (rows, seed) => sampleOfClasses(3, rows, 5, seed),
  fullBatch: [],
  oneBatch: { batchSize: 1000, epochs: 20, tol: 0 },
  sampled: { optimizer: 'momentum', l1: 1e-4, epochs: 5 },
})
