import { describe, expect, test } from 'vitest'
import { LogisticRegression, type LogisticRegressionOptions, SGDClassifier } from '../../src/models/index.ts'
import { relative, sample, sampleOfClasses } from './sample.ts'

/** What LogisticRegression's sgd has in common with SGDClassifier: schedules and early stopping, for softmax too. */
const sets = [
  ['two classes', sample(300, 5) as { X: number[][]; y: string[] }],
  ['three classes', sampleOfClasses(3, 300, 4)],
] as const

describe.each(sets)('%s', (_, { X, y }) => {
  const train = (options: LogisticRegressionOptions, fitOptions = {}) =>
    new LogisticRegression<string>({ solver: 'sgd', l2: 0.01, ...options }).fitSync(X, y, fitOptions)

  test('a schedule makes the steps smaller, and the end nearer to the optimum', () => {
    const best = new LogisticRegression<string>({ l2: 0.01 }).fitSync(X, y)
    const more = { epochs: 60, learningRate: 0.3, tol: 0 }
    const [plain, cosine] = [train(more), train({ ...more, schedule: { type: 'cosine' } })]
    expect(relative(cosine.loss, best.loss)).toBeLessThan(relative(plain.loss, best.loss))
    // The first epoch has the whole rate.
    expect(train({ epochs: 1, schedule: { type: 'step', every: 1, factor: 0.5 } }).coef).toEqual(
      train({ epochs: 1 }).coef,
    )
  })

  test('early stopping ends after its patience and restores the best epoch', () => {
    const validation = { X: X.slice(0, 250), y: y.slice(0, 250) }
    const [few, labels] = [X.slice(250), y.slice(250)]
    const options = { solver: 'sgd', l2: 0, epochs: 300, learningRate: 0.3, earlyStopping: { patience: 3 } } as const
    const model = new LogisticRegression<string>(options).fitSync(few, labels, { validation })
    expect(model.converged).toBe(true)
    const losses = model.history.map(({ validationLoss }) => validationLoss!)
    const best = losses.indexOf(Math.min(...losses))
    expect(losses.length - 1 - best).toBe(3)
    const { earlyStopping: _, ...plain } = options
    const again = new LogisticRegression<string>({ ...plain, epochs: best + 1 }).fitSync(few, labels)
    expect(model.coef).toEqual(again.coef)
  })

  test('a fraction of the rows is set aside by seed and not learned from', () => {
    const options = { l2: 0, epochs: 1, earlyStopping: { fraction: 0.2, restoreBest: false } } as const
    const model = train(options)
    expect(train(options).coef).toEqual(model.coef)
    expect(train({ ...options, seed: 1 }).coef).not.toEqual(model.coef)
    expect(model.history[0]!.validationLoss).toBeGreaterThan(0)
    // Whatever the rows set aside say, an epoch is the same: weights are 0 there.
    const sampleWeight = Array.from(X, () => 2)
    expect(relative(train(options, { sampleWeight }).loss, model.loss)).toBeLessThan(1e-5)
  })

  test('partialFit goes by the schedule, call by call', () => {
    const make = (schedule?: LogisticRegressionOptions['schedule']) => {
      const model = new LogisticRegression<string>({ l2: 0, ...(schedule ? { schedule } : {}) })
      return [1, 2].map(() => model.partialFit(X, y).coef.slice())
    }
    const [plain, halved] = [make(), make({ type: 'step', every: 1, factor: 0.5 })]
    expect(halved[0]).toEqual(plain[0])
    expect(halved[1]).not.toEqual(plain[1])
  })

  test('both are saved', () => {
    const model = train({ epochs: 2, schedule: { type: 'cosine' }, earlyStopping: { fraction: 0.2 } })
    const copy = LogisticRegression.fromJSON<string>(JSON.parse(JSON.stringify(model)))
    expect(copy.options.schedule).toEqual(model.options.schedule)
    expect(copy.options.earlyStopping).toEqual(model.options.earlyStopping)
    expect(copy.predict(X)).toEqual(model.predict(X))
  })
})

test('early stopping is for sgd, and needs something to measure on', () => {
  const [[, { X, y }]] = sets
  expect(() => new LogisticRegression({ earlyStopping: { fraction: 0.2 } })).toThrow(
    "earlyStopping: only for solver 'sgd'",
  )
  expect(() => new LogisticRegression({ solver: 'sgd', schedule: 'linear' as never })).toThrow(/schedule/)
  const model = new LogisticRegression<string>({ solver: 'sgd', earlyStopping: {} })
  expect(() => model.fitSync(X, y)).toThrow('earlyStopping: needs validation data')
  // As SGDClassifier says it.
  expect(() => new SGDClassifier<string>({ earlyStopping: {} }).fitSync(X, y)).toThrow(
    'earlyStopping: needs validation data',
  )
})
