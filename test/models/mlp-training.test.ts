import { describe, expect, test } from 'vitest'
import { moons } from '../../src/data/index.ts'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { MLPClassifier, type MLPClassifierOptions } from '../../src/models/index.ts'
import { sample } from './sample.ts'

const { X, y } = sample(300, 4, 11)
const validation = sample(150, 4, 12)
const fit = (options: MLPClassifierOptions, fitOptions = {}) =>
  new MLPClassifier({ hiddenSizes: [8], ...options }).fitSync(X, y, fitOptions)

describe('validation', () => {
  test('history has loss and accuracy on it; it does not change what is learned', () => {
    const model = fit({ epochs: 7, tol: false }, { validation })
    expect(model.history).toHaveLength(7)
    expect(model.history.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4, 5, 6, 7])
    const last = model.history.at(-1)!
    expect(last.validationAccuracy).toBeCloseTo(model.score(validation.X, validation.y), 12)
    const proba = model.predictProba(validation.X)
    const logs = validation.y.map((label, i) => -Math.log(proba.of(label)[i]!))
    expect(last.validationLoss).toBeCloseTo(logs.reduce((a, b) => a + b) / logs.length, 5)
    expect(model.weights).toEqual(fit({ epochs: 7, tol: false }).weights)
    expect(fit({ epochs: 1 }).history[0]).toEqual({ iteration: 1, loss: model.history[0]!.loss })
  })

  test('may lack a class, but not have a new one', () => {
    const some = validation.y.flatMap((label, i) => (label === 'no' ? [i] : []))
    const part = { X: some.map((i) => validation.X[i]!), y: some.map(() => 'no') }
    const model = fit({ epochs: 2 }, { validation: part })
    expect(model.history[1]!.validationAccuracy).toBeCloseTo(model.score(part.X, part.y as 'no'[]), 12)
    const unseen = { X: part.X, y: some.map(() => 'maybe') }
    expect(() => fit({}, { validation: unseen })).toThrow(expect.objectContaining({ code: 'UNKNOWN_LABEL' }))
  })

  test('by weight', () => {
    const sampleWeight = validation.y.map((_, i) => (i < 50 ? 1 : 0))
    const model = fit({ epochs: 2 }, { validation: { ...validation, sampleWeight } })
    const part = { X: validation.X.slice(0, 50), y: validation.y.slice(0, 50) }
    const other = fit({ epochs: 2 }, { validation: part })
    expect(model.history[1]!.validationLoss).toBeCloseTo(other.history[1]!.validationLoss!, 12)
    expect(model.history[1]!.validationAccuracy).toBe(other.history[1]!.validationAccuracy)
  })
})

describe('early stopping', () => {
  const overfit = { hiddenSizes: [64], learningRate: 0.02, epochs: 200 }

  test('stops, and gives the model of the best epoch', () => {
    const model = fit({ ...overfit, earlyStopping: { patience: 5 } }, { validation })
    expect(model.nIter).toBeLessThan(200)
    expect(model.converged).toBe(true)
    const losses = model.history.map(({ validationLoss }) => validationLoss!)
    const best = losses.indexOf(Math.min(...losses))
    expect(best).toBe(model.nIter - 6)
    const again = fit({ ...overfit, epochs: best + 1, tol: false }, { validation })
    expect(again.weights).toEqual(model.weights)
    expect(again.loss).toBe(model.loss)
  })

  test('without restoreBest it is the model of the last epoch', () => {
    const model = fit({ ...overfit, earlyStopping: { patience: 5, restoreBest: false } }, { validation })
    expect(model.weights).toEqual(fit({ ...overfit, epochs: model.nIter, tol: false }).weights)
  })

  test('minDelta asks for progress worth mentioning', () => {
    const lenient = fit({ ...overfit, earlyStopping: { patience: 3 } }, { validation })
    const strict = fit({ ...overfit, earlyStopping: { patience: 3, minDelta: 0.1 } }, { validation })
    expect(strict.nIter).toBeLessThan(lenient.nIter)
  })

  test('a fraction is set aside by seed, from every class, and not learned from', () => {
    const options = { ...overfit, earlyStopping: { patience: 5, fraction: 0.2 } }
    const model = fit(options)
    expect(model.history[0]!.validationLoss).toBeGreaterThan(0)
    expect(model.nIter).toBeLessThan(200)
    expect(fit(options).weights).toEqual(model.weights)
    expect(fit({ ...options, seed: 5 }).history).not.toEqual(model.history)
    using matrix = Matrix.from(X)
    const before = kernelInfo().liveBytes
    expect(new MLPClassifier({ ...options }).fitSync(matrix, y).weights).toEqual(model.weights)
    expect(kernelInfo().liveBytes).toBe(before)
  })

  test('with nothing to measure on it is refused', () => {
    expect(() => fit({ earlyStopping: {} })).toThrow(/validation/)
    const few = { X: X.slice(0, 4), y: y.slice(0, 4).map((_, i) => i % 2) }
    const tiny = new MLPClassifier({ earlyStopping: { fraction: 0.01 } })
    expect(() => tiny.fitSync(few.X, few.y)).toThrow(expect.objectContaining({ code: 'TOO_FEW_ROWS' }))
  })
})

describe('the end of training', () => {
  test('tol: ten epochs without progress', () => {
    const model = fit({ tol: 1e3 })
    expect(model.nIter).toBe(11)
    expect(model.converged).toBe(true)
    expect(fit({ tol: false, epochs: 12, learningRate: 1e-30 }).nIter).toBe(12)
  })

  test('a budget', async () => {
    const model = new MLPClassifier({ epochs: 10 ** 9, tol: false })
    await model.fit(X, y, { budgetMs: 30 })
    expect(model.converged).toBe(false)
    expect(model.nIter).toBe(model.history.length)
  })

  test('schedules: a rate that falls to nothing changes nothing more', () => {
    const falling = { type: 'step', every: 3, factor: 1e-30 } as const
    const model = fit({ epochs: 8, tol: false, schedule: falling, optimizer: 'sgd' })
    expect(model.weights).toEqual(fit({ epochs: 3, tol: false, optimizer: 'sgd' }).weights)
    for (const schedule of [
      { type: 'cosine' },
      { type: 'inverse', decay: 1 },
      { type: 'warmUp', epochs: 3 },
    ] as const) {
      const other = fit({ epochs: 8, tol: false, schedule })
      expect(other.weights).not.toEqual(fit({ epochs: 8, tol: false }).weights)
      expect(MLPClassifier.fromJSON(JSON.stringify(other)).options.schedule).toEqual(schedule)
    }
  })
})

describe('partialFit', () => {
  const halves = [0, 150].map((begin) => ({ X: X.slice(begin, begin + 150), y: y.slice(begin, begin + 150) }))

  test('learns from a stream, and the optimiser remembers', () => {
    const stream = new MLPClassifier({ hiddenSizes: [8], learningRate: 0.01 })
    for (let epoch = 0; epoch < 20; epoch++) for (const part of halves) stream.partialFit(part.X, part.y)
    expect(stream.nIter).toBe(40)
    expect(stream.history).toHaveLength(40)
    expect(stream.score(X, y)).toBeGreaterThan(0.8)
    const [a, b] = [1, 2].map(() => new MLPClassifier({ hiddenSizes: [8] }).partialFit(halves[0]!.X, halves[0]!.y))
    const loaded = MLPClassifier.fromJSON<'no' | 'yes'>(JSON.stringify(a))
    expect(loaded.partialFit(X, y).weights).not.toEqual(a!.partialFit(X, y).weights)
    expect(b!.partialFit(X, y).weights).toEqual(a!.weights)
  })

  test('classes may come later if they are named; others are refused', () => {
    const first = y.indexOf('no')
    const model = new MLPClassifier<string>()
    expect(() => model.partialFit([X[first]!], ['no'])).toThrow(expect.objectContaining({ code: 'ONE_CLASS' }))
    model.partialFit(X.slice(0, 2), ['no', 'no'], { classes: ['yes', 'no', 'maybe'] })
    expect(model.classes).toEqual(['maybe', 'no', 'yes'])
    model.partialFit(X, y)
    expect(() => model.partialFit(X, y.map(() => 'never'))).toThrow(expect.objectContaining({ code: 'UNKNOWN_LABEL' })) // biome-ignore format: one line
    expect(() => model.partialFit(X, y, { classes: ['no', 'yes'] })).toThrow(RangeError)
    expect(() => model.partialFit(X.map((x) => x.slice(1)), y)).toThrow(RangeError) // biome-ignore format: one line
  })
})

test('warm start: goes on where it was if the shape is the same, else begins anew', () => {
  const model = new MLPClassifier<string>({ hiddenSizes: [8], epochs: 5, warmStart: true, tol: false }).fitSync(X, y)
  const first = model.loss
  expect(model.fitSync(X, y).loss).toBeLessThan(first)
  const three = y.map((label, i) => (i % 5 === 0 ? 'perhaps' : label))
  const cold = new MLPClassifier<string>({ hiddenSizes: [8], epochs: 5, tol: false }).fitSync(X, three)
  expect(model.fitSync(X, three).weights).toEqual(cold.weights)
})

test('long epochs give way: no stretch of work is much longer than 8 ms', async () => {
  using data = moons({ rows: 20_000, seed: 1 })
  let turns = 0
  let running = true
  const watch = async () => {
    while (running) {
      turns++
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
  const watching = watch()
  await new MLPClassifier({ hiddenSizes: [128, 128], epochs: 2, batchSize: 4096 }).fit(data.X, data.y)
  running = false
  await watching
  // Some 4 GFLOP a fit: far more than ten slices anywhere.
  expect(turns).toBeGreaterThan(10)
})
