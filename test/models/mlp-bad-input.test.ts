import { describe, expect, test } from 'vitest'
import { DataError, ModelFormatError } from '../../src/core/errors.ts'
import { MLPClassifier, type MLPClassifierOptions } from '../../src/models/index.ts'
import { checksum } from '../../src/persist/index.ts'
import { sample } from './sample.ts'

const { X, y } = sample(200, 3, 21)

describe('options', () => {
  test.each([
    [{ hiddenSizes: 64 }, TypeError, /hiddenSizes/],
    [{ hiddenSizes: ['64'] }, TypeError, /hiddenSizes\[0\]/],
    [{ hiddenSizes: [0] }, RangeError, /hiddenSizes\[0\].*>= 1.*0/],
    [{ hiddenSizes: [64, 0] }, RangeError, /hiddenSizes\[1\]/],
    [{ hiddenSizes: [2.5] }, RangeError, /hiddenSizes\[0\].*integer.*2.5/],
    [{ hiddenSizes: [-3] }, RangeError, /hiddenSizes\[0\]/],
    [{ hiddenSizes: [Number.NaN] }, RangeError, /hiddenSizes\[0\]/],
    [{ hiddenSizes: [1e9] }, RangeError, /hiddenSizes\[0\]/],
    [{ hiddenSizes: Array(65).fill(1) }, RangeError, /64 layers/],
    [{ hiddenLayerSizes: [64] }, TypeError, /unknown option/],
    [{ activation: 'logistic' }, RangeError, /relu, tanh, sigmoid, identity/],
    [{ optimizer: 'lbfgs' }, RangeError, /optimizer/],
    [{ learningRate: 0 }, RangeError, /learningRate/],
    [{ learningRate: Number.POSITIVE_INFINITY }, RangeError, /learningRate/],
    [{ schedule: 'cosine' }, RangeError, /schedule/],
    [{ batchSize: 0 }, RangeError, /batchSize/],
    [{ epochs: 0.5 }, RangeError, /epochs/],
    [{ l2: -1 }, RangeError, /l2/],
    [{ momentum: 1 }, RangeError, /momentum/],
    [{ beta1: 1 }, RangeError, /beta1/],
    [{ beta2: -0.1 }, RangeError, /beta2/],
    [{ epsilon: 0 }, RangeError, /epsilon/],
    [{ weightDecay: -1 }, RangeError, /weightDecay/],
    [{ seed: 1.5 }, RangeError, /seed/],
    [{ init: 'zeros' }, RangeError, /init/],
    [{ standardize: 1 }, TypeError, /standardize/],
    [{ classWeight: 'heavy' }, TypeError, /classWeight/],
    [{ warmStart: 'yes' }, TypeError, /warmStart/],
    [{ tol: -1 }, RangeError, /tol/],
    [{ earlyStopping: true }, TypeError, /earlyStopping/],
  ])('%o', (options, kind, message) => {
    expect(() => new MLPClassifier(options as MLPClassifierOptions)).toThrow(kind)
    expect(() => new MLPClassifier(options as MLPClassifierOptions)).toThrow(message)
  })

  test('what is not given is not stored', () => {
    expect(new MLPClassifier({ hiddenSizes: [3], seed: undefined as never }).options).toEqual({ hiddenSizes: [3] })
  })
})

describe('a learning rate that is too large', () => {
  test.each<MLPClassifierOptions>([
    { optimizer: 'sgd', learningRate: 1e6 },
    { optimizer: 'momentum', learningRate: 1e4, activation: 'identity' },
    { optimizer: 'adam', learningRate: 1e30 },
    { optimizer: 'adam', learningRate: 1e3, activation: 'identity', epochs: 3 },
    { optimizer: 'sgd', learningRate: 1e4, hiddenSizes: [], epochs: 3 },
  ])('%o is named, with the epoch and what to try', (options) => {
    const fit = () => new MLPClassifier({ hiddenSizes: [8], activation: 'identity', ...options }).fitSync(X, y)
    expect(fit).toThrow(expect.objectContaining({ code: 'DIVERGED' }))
    expect(fit).toThrow(new RegExp(`epoch [1-3] with learning rate ${options.learningRate}`.replaceAll('+', '\\+')))
    expect(fit).toThrow(/Try a learning rate of/)
  })

  test('in partialFit too', () => {
    const model = new MLPClassifier({ optimizer: 'sgd', learningRate: 1e30, activation: 'identity' })
    expect(() => model.partialFit(X, y)).toThrow(expect.objectContaining({ code: 'DIVERGED' }))
  })

  test('a start that is bad already, and gets better, is none', () => {
    const big = X.map((x) => x.map((v) => 1000 * v))
    const model = new MLPClassifier({ standardize: false, epochs: 1, hiddenSizes: [8], learningRate: 1e-5 })
    expect(model.fitSync(big, y).loss).toBeGreaterThan(2)
  })
})

describe('a dead network', () => {
  test('is an error that says so', () => {
    // Rows of positive numbers, mostly of one class: one large step puts the only unit's sum far below 0 for all of them.
    const rows = X.map((x) => x.map((v) => Math.abs(v) + 5))
    const rare = X.map((_, i) => i % 10 === 0)
    const options: MLPClassifierOptions = { hiddenSizes: [1], standardize: false, optimizer: 'sgd', learningRate: 2 }
    const attempts = Array.from({ length: 10 }, (_, seed) => {
      try {
        return new MLPClassifier<boolean>({ ...options, seed }).fitSync(rows, rare)
      } catch (error) {
        return error
      }
    })
    const dead = attempts.find((error) => error instanceof DataError && error.code === 'DEAD_NETWORK') as DataError
    expect(dead).toBeDefined()
    expect(dead.message).toMatch(/relu unit.*gradient.*0/)
    expect(dead.hint).toMatch(/learning rate.*tanh/)
  })

  test.each(['relu', 'tanh'] as const)('one of %s that has nothing to tell rows apart by is none', (activation) => {
    const same = X.map(() => [1, 2, 3])
    const model = new MLPClassifier({ hiddenSizes: [4], activation, learningRate: 0.01 }).fitSync(same, y)
    expect(new Set(model.decisionFunction(same)).size).toBe(1)
    const share = y.filter((label) => label === 'yes').length / y.length
    expect(model.predictProba(same).of('yes')[0]).toBeCloseTo(share, 1)
  })
})

describe('samples', () => {
  test('one class, no weight', () => {
    const model = new MLPClassifier<string>()
    const fit =
      (labels: string[], options = {}) =>
      () =>
        model.fitSync(X, labels, options)
    expect(fit(X.map(() => 'one'))).toThrow(expect.objectContaining({ code: 'ONE_CLASS' }))
    expect(fit(y, { sampleWeight: X.map(() => 0) })).toThrow(expect.objectContaining({ code: 'ZERO_WEIGHTS' }))
    const onlyYes = y.map((label) => (label === 'yes' ? 1 : 0))
    expect(fit(y, { sampleWeight: onlyYes })).toThrow(expect.objectContaining({ code: 'ONE_CLASS' }))
    expect(() => new MLPClassifier({ classWeight: { no: 0, yes: 0 } }).fitSync(X, y)).toThrow(
      expect.objectContaining({ code: 'ZERO_WEIGHTS' }),
    )
  })

  test('a class that is missing in most mini-batches is learned all the same', () => {
    const rare = X.map((_, i) => (i % 20 === 0 ? 'rare' : y[i]!))
    const rows = X.map((x, i) => (i % 20 === 0 ? x.map((v) => v + 20) : x))
    const model = new MLPClassifier<string>({ batchSize: 4, hiddenSizes: [8], epochs: 40 }).fitSync(rows, rare)
    expect(model.predict(rows).filter((label) => label === 'rare')).toHaveLength(10)
  })
})

describe('saved models', () => {
  const model = new MLPClassifier({ hiddenSizes: [2], epochs: 1 }).fitSync(X, y)
  type Saved = { version: number; checksum: string; body: { options: object; fit: Record<string, unknown> } }
  const altered = (change: (saved: Saved) => void, sealed = true): Saved => {
    const saved = JSON.parse(JSON.stringify(model)) as Saved
    change(saved)
    if (sealed) saved.checksum = checksum(saved.body)
    return saved
  }

  test('load when they are as they were', () => {
    expect(MLPClassifier.fromJSON(altered(() => {})).weights).toEqual(model.weights)
  })

  test.each<[string, (saved: Saved) => void]>([
    ['a newer version', (saved) => Object.assign(saved, { version: 99 })],
    ['an unknown part', ({ body }) => Object.assign(body, { extra: 1 })],
    ['an unknown part of the fit', ({ body }) => Object.assign(body.fit, { extra: 1 })],
    ['an unknown option', ({ body }) => Object.assign(body.options, { dropout: 0.5 })],
    ['a bad option', ({ body }) => Object.assign(body.options, { hiddenSizes: [0] })],
    ['a parameter too few', ({ body }) => (body.fit.params as number[]).pop()],
    ['a parameter too many', ({ body }) => (body.fit.params as number[]).push(1)],
    ['a parameter that is none', ({ body }) => Object.assign(body.fit.params as object, { 3: null })],
    ['a parameter beyond float32', ({ body }) => Object.assign(body.fit.params as object, { 3: 1e39 })],
    ['sizes that do not fit', ({ body }) => Object.assign(body.fit, { sizes: [3, 3, 1] })],
    ['sizes of nothing', ({ body }) => Object.assign(body.fit, { sizes: [] })],
    ['sizes of 0', ({ body }) => Object.assign(body.fit, { sizes: [3, 0, 1] })],
    ['huge sizes', ({ body }) => Object.assign(body.fit, { sizes: [3, 1e15, 1] })],
    ['two outputs', ({ body }) => Object.assign(body.fit, { sizes: [3, 2, 2] })],
    ['an unknown activation', ({ body }) => Object.assign(body.fit, { activation: 'gelu' })],
    ['another number of classes', ({ body }) => Object.assign(body.fit, { classes: ['a', 'b', 'c'] })],
    ['no inputs', ({ body }) => Object.assign(body.fit, { inputs: null })],
    ['inputs of another length', ({ body }) => Object.assign(body.fit, { inputs: { mean: [1], scale: [1] } })],
    ['no columns', ({ body }) => Object.assign(body.fit, { columns: undefined })],
  ])('%s is refused', (_, change) => {
    expect(() => MLPClassifier.fromJSON(altered(change))).toThrow(ModelFormatError)
  })

  test('an altered weight is noticed', () => {
    const saved = altered(({ body }) => Object.assign(body.fit.params as object, { 0: 0.5 }), false)
    expect(() => MLPClassifier.fromJSON(saved)).toThrow(/checksum/)
  })
})
