import { describe, expect, test } from 'vitest'
import { moons } from '../../src/data/index.ts'
import { Matrix } from '../../src/kernel/index.ts'
import {
  LogisticRegression,
  MLPClassifier,
  type MLPClassifierOptions,
  networkLossGradient,
} from '../../src/models/index.ts'
import { ACTIVATIONS, type Activation } from '../../src/models/mlp-options.ts'
import { referenceLoss } from './network-reference.ts'
import { sample } from './sample.ts'

/** The four corners of a square, each a small grid of points: opposite corners are of one class. */
const corners = Array.from({ length: 400 }, (_, i) => [(i & 1) + (i % 7) / 30, ((i >> 1) & 1) + (i % 11) / 50])
const xor = corners.map((_, i) => ((i & 1) === ((i >> 1) & 1) ? 'same' : 'different'))

/** Three classes in the plane by the angle, with a rim that overlaps. */
const { X: plane } = sample(600, 2, 4)
const thirds = plane.map(([a, b], i) => (i % 29 === 0 ? 'b' : a! < -1 ? 'a' : b! < 0 ? 'b' : 'c'))

describe('learns what no line separates', () => {
  test.each(['relu', 'tanh', 'sigmoid'] as const)('XOR, with %s', (activation) => {
    const model = new MLPClassifier({ hiddenSizes: [8], activation, learningRate: 0.05, epochs: 300, seed: 1 })
    expect(model.fitSync(corners, xor).score(corners, xor)).toBe(1)
    expect(new LogisticRegression().fitSync(corners, xor).score(corners, xor)).toBeLessThan(0.8)
  })

  test('two moons, on rows it has not seen', () => {
    using train = moons({ rows: 1000, noise: 0.15, seed: 1 })
    using unseen = moons({ rows: 1000, noise: 0.15, seed: 2 })
    const model = new MLPClassifier({ hiddenSizes: [16, 16], learningRate: 0.01, epochs: 60 })
    expect(model.fitSync(train.X, train.y).score(unseen.X, unseen.y)).toBeGreaterThan(0.97)
    expect(new LogisticRegression().fitSync(train.X, train.y).score(unseen.X, unseen.y)).toBeLessThan(0.92)
  })
})

describe('three classes', () => {
  const model = new MLPClassifier({ hiddenSizes: [12], learningRate: 0.02, epochs: 60 }).fitSync(plane, thirds)

  test('are learned; shapes are one logit and one probability a class', () => {
    expect(model.classes).toEqual(['a', 'b', 'c'])
    expect(model.layerSizes).toEqual([2, 12, 3])
    expect(model.weights.map(({ length }) => length)).toEqual([24, 36])
    expect(model.biases.map(({ length }) => length)).toEqual([12, 3])
    expect(model.score(plane, thirds)).toBeGreaterThan(0.94)
    expect(model.decisionFunction(plane).length).toBe(1800)
    const proba = model.predictProba(plane)
    expect(proba).toMatchObject({ rows: 600, cols: 3, classes: ['a', 'b', 'c'] })
    const labels = model.predict(plane)
    for (let i = 0; i < 600; i++) {
      const row = proba.data.slice(3 * i, 3 * i + 3)
      expect(row[0]! + row[1]! + row[2]!).toBeCloseTo(1, 5)
      expect(labels[i]).toBe(model.classes[row.indexOf(Math.max(...row))])
      const one = model.predictOne(plane[i]!)
      expect(one.label).toBe(labels[i])
      expect(Math.abs(one.proba - Math.max(...row))).toBeLessThan(1e-5)
    }
  })

  test('are saved with every bit', () => {
    const loaded = MLPClassifier.fromJSON(JSON.stringify(model))
    expect(loaded.weights).toEqual(model.weights)
    expect(loaded.biases).toEqual(model.biases)
    expect(loaded.decisionFunction(plane)).toEqual(model.decisionFunction(plane))
  })

  test('the loss is what float64 loops say of the weights', () => {
    const { mean, std } = model.columns
    const inputs = plane.map((x) => x.map((v, k) => (v - mean[k]!) / std[k]!))
    const network = { weights: model.weights.map((w) => [...w]), biases: model.biases.map((b) => [...b]) }
    const codes = thirds.map((label) => model.classes.indexOf(label))
    expect(model.loss).toBeCloseTo(referenceLoss(inputs, codes, network, 'relu'), 6)
  })
})

describe('without hidden layers it is logistic regression', () => {
  const { X, y } = sample(400, 4, 3)
  test.each<MLPClassifierOptions>([
    { optimizer: 'nesterov', learningRate: 0.1, batchSize: 400 },
    { optimizer: 'momentum', learningRate: 0.1, batchSize: 400 },
    { optimizer: 'sgd', learningRate: 1, batchSize: 400 },
    { optimizer: 'adam', learningRate: 0.05, batchSize: 400 },
    { optimizer: 'adamw', learningRate: 0.05, batchSize: 400, weightDecay: 0 },
  ])('%o comes to the same optimum', (options) => {
    const l2 = 0.01
    const best = new LogisticRegression({ l2 }).fitSync(X, y)
    const model = new MLPClassifier({ hiddenSizes: [], l2, tol: false, epochs: 500, ...options }).fitSync(X, y)
    expect(Math.abs(model.loss - best.loss)).toBeLessThan(1e-5 * best.loss)
    const coef = model.weights[0]!.map((w, k) => w / model.columns.std[k]!)
    for (const [k, c] of coef.entries()) expect(c).toBeCloseTo(best.coef[k]!, 2)
  })
})

describe('batches', () => {
  const { X, y } = sample(500, 4, 6)
  const base = { hiddenSizes: [5], epochs: 3, tol: false } as const

  test('full-batch steps do not depend on the order of rows or on who counts twice', () => {
    const twice = X.flatMap((_, i) => (i % 3 === 0 ? [i, i] : [i]))
    const sampleWeight = X.map((_, i) => (i % 3 === 0 ? 2 : 1))
    const full = { ...base, epochs: 20, batchSize: 10 ** 6, activation: 'tanh', learningRate: 0.01 } as const
    const weighted = new MLPClassifier(full).fitSync(X, y, { sampleWeight })
    const repeated = new MLPClassifier({ ...full, standardize: true }).fitSync(twice.map((i) => X[i]!), twice.map((i) => y[i]!)) // biome-ignore format: two lists
    expect(weighted.loss).toBeCloseTo(repeated.loss, 4)
    const scaled = new MLPClassifier(full).fitSync(X, y, { sampleWeight: sampleWeight.map((s) => 8 * s) })
    expect(scaled.weights).toEqual(weighted.weights)
  })

  test.each([
    { hiddenSizes: [6], name: 'in one call' },
    // 1,500 rows of 48,000 weights are more than one call takes.
    { hiddenSizes: [200, 200], name: 'in several calls' },
  ])('a full batch $name: its step is the gradient of the objective', ({ hiddenSizes }) => {
    const wide = sample(1500, 40, 2)
    const sampleWeight = wide.X.map((_, i) => 1 + (i % 3))
    const train = (learningRate: number) => {
      const options = { hiddenSizes, epochs: 1, batchSize: 1500, l2: 0.01, standardize: false } as const
      const model = new MLPClassifier({ ...options, optimizer: 'sgd', learningRate, activation: 'tanh' })
      return model.fitSync(wide.X, wide.y, { sampleWeight })
    }
    const [start, end] = [train(1e-30), train(2 ** -6)]
    const codes = wide.y.map((label) => (label === 'yes' ? 1 : 0))
    const gradient = networkLossGradient(wide.X, codes, start, { activation: 'tanh', sampleWeight, l2: 0.01 })
    expect(start.loss).toBeCloseTo(gradient.loss, 6)
    for (const [l, layer] of start.weights.entries()) {
      const steps = Array.from(layer, (w, i) => (w - end.weights[l]![i]!) * 64)
      const off = steps.map((step, i) => Math.abs(step - gradient.weights[l]![i]!))
      expect(Math.max(...off)).toBeLessThan(1e-5)
    }
  })

  test('the last batch may be small, and one row is a batch', () => {
    for (const batchSize of [1, 7, 499, 500]) {
      const model = new MLPClassifier({ ...base, batchSize, epochs: 10 }).fitSync(X, y)
      expect(model.loss).toBeLessThan(0.7)
    }
  })

  test('class weights move the decisions towards the heavy class', () => {
    const count = (classWeight: MLPClassifierOptions['classWeight']) => {
      const options = { ...base, epochs: 40, learningRate: 0.01, ...(classWeight && { classWeight }) }
      return new MLPClassifier(options)
        .fitSync(X, y)
        .predict(X)
        .filter((label) => label === 'yes').length
    }
    expect(count({ yes: 10 })).toBeGreaterThan(count(undefined))
    expect(count({ no: 10 })).toBeLessThan(count(undefined))
    expect(count(new Map([['yes', 10]]))).toBe(count({ yes: 10 }))
  })
})

describe('columns', () => {
  const { X, y } = sample(200, 3, 5)
  const options = { hiddenSizes: [4], epochs: 5 } as const

  test('standardised by default, so their scale does not matter', () => {
    const far = X.map(([a, b, c]) => [1000 * a!, b! / 1024 + 3, c!])
    const [model, other] = [X, far].map((rows) => new MLPClassifier(options).fitSync(rows, y))
    expect(other!.loss).toBeCloseTo(model!.loss, 5)
  })

  test('as they are with standardize: false; a constant column does nothing with it', () => {
    const model = new MLPClassifier({ ...options, standardize: false }).fitSync(X, y)
    expect(model.loss).not.toBe(new MLPClassifier(options).fitSync(X, y).loss)
    using matrix = Matrix.from(X)
    expect(new MLPClassifier({ ...options, standardize: false }).fitSync(matrix, y).loss).toBe(model.loss)
    const constant = X.map((x) => [...x, 7])
    const with7 = new MLPClassifier(options).fitSync(constant, y)
    const with9 = with7.decisionFunction(X.map((x) => [...x, 9]))
    expect(with9).toEqual(with7.decisionFunction(constant))
  })

  test('more of them than rows', () => {
    const { X: wide, y: labels } = sample(12, 100, 3)
    const model = new MLPClassifier({ hiddenSizes: [8], learningRate: 0.01, epochs: 100 }).fitSync(wide, labels)
    expect(model.score(wide, labels)).toBe(1)
  })
})

describe('first weights', () => {
  const { X, y } = sample(40, 50, 8)
  // A rate so small that the weights stay where they were drawn.
  const drawn = (options: MLPClassifierOptions) =>
    new MLPClassifier({ epochs: 1, optimizer: 'sgd', learningRate: 1e-30, hiddenSizes: [200], ...options }).fitSync(
      X,
      y,
    )
  const deviation = (w: Float32Array) => Math.sqrt(w.reduce((sum, v) => sum + v * v, 0) / w.length)

  test.each(Object.keys(ACTIVATIONS) as Activation[])('auto with %s', (activation) => {
    const { weights, biases } = drawn({ activation })
    const [first, last] = weights as [Float32Array, Float32Array]
    const he = Math.sqrt(2 / 50)
    const glorot = Math.sqrt(6 / 250)
    if (activation === 'relu') {
      expect(Math.abs(deviation(first) / he - 1)).toBeLessThan(0.03)
      expect(Math.max(...first)).toBeGreaterThan(3 * he)
    } else {
      expect(Math.abs(deviation(first) / (glorot / Math.sqrt(3)) - 1)).toBeLessThan(0.03)
      expect(Math.max(...first.map(Math.abs))).toBeLessThanOrEqual(glorot)
    }
    expect(Math.max(...last.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / 201))
    expect(biases.every((layer) => layer.every((b) => Math.abs(b) < 1e-20))).toBe(true)
  })

  test('as asked for, and by seed', () => {
    expect(Math.max(...drawn({ init: 'glorotUniform' }).weights[0]!)).toBeLessThanOrEqual(Math.sqrt(6 / 250))
    expect(deviation(drawn({ init: 'heNormal', activation: 'tanh' }).weights[1]!) / Math.sqrt(2 / 200)).toBeCloseTo(
      1,
      0,
    )
    expect(drawn({ seed: 1 }).weights).toEqual(drawn({ seed: 1 }).weights)
    expect(drawn({ seed: 1 }).weights).not.toEqual(drawn({ seed: 2 }).weights)
  })
})
