import { describe, expect, test } from 'vitest'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { seal } from '../../src/persist/index.ts'
import { sample } from './sample.ts'

const { X, y } = sample(1200, 4)
const chunk = (k: number) => [X.slice(k * 200, (k + 1) * 200), y.slice(k * 200, (k + 1) * 200)] as const

/** All chunks, `epochs` times over. */
function stream(model: LogisticRegression<'no' | 'yes'>, epochs = 1): LogisticRegression<'no' | 'yes'> {
  for (let epoch = 0; epoch < epochs; epoch++) for (let k = 0; k < 6; k++) model.partialFit(...chunk(k))
  return model
}

describe('partialFit', () => {
  test('returns the model, fitted, one epoch further', () => {
    const model = new LogisticRegression<'no' | 'yes'>()
    expect(model.partialFit(...chunk(0))).toBe(model)
    expect(model.nIter).toBe(1)
    expect(model.converged).toBe(false)
    expect(model.classes).toEqual(['no', 'yes'])
    model.partialFit(...chunk(1))
    expect(model.nIter).toBe(2)
    expect(model.history.map(({ iteration }) => iteration)).toEqual([1, 2])
    expect(model.history.at(-1)!.loss).toBe(model.loss)
  })

  test.each<LogisticRegressionOptions>([
    {},
    { standardize: false },
    { fitIntercept: false },
    { batchSize: 1, learningRate: 0.01 },
    { batchSize: 1000, learningRate: 1 },
  ])('over chunks is about as good as fit with sgd over all rows (%o)', (options) => {
    const whole = new LogisticRegression({ l2: 1e-3, ...options, solver: 'sgd', epochs: 20, tol: 0 }).fitSync(X, y)
    const parts = stream(new LogisticRegression<'no' | 'yes'>({ l2: 1e-3, ...options }), 20)
    expect(parts.score(X, y)).toBeGreaterThan(whole.score(X, y) - 0.02)
    expect(parts.score(X, y)).toBeGreaterThan(0.8)
  })

  test('is the same for the same calls, and depends on the seed', () => {
    const bits = (options: LogisticRegressionOptions) =>
      stream(new LogisticRegression<'no' | 'yes'>({ standardize: false, ...options })).coef.join()
    expect(bits({ seed: 1 })).toBe(bits({ seed: 1 }))
    expect(bits({ seed: 1 })).not.toBe(bits({ seed: 2 }))
  })

  test('takes the rows in another order at every call', () => {
    const saved = JSON.parse(JSON.stringify(new LogisticRegression().partialFit(...chunk(0))))
    const later = seal('LogisticRegression', { ...saved.body, fit: { ...saved.body.fit, nIter: 2 } })
    const next = (json: unknown) =>
      LogisticRegression.fromJSON(json)
        .partialFit(...chunk(1))
        .coef.join()
    expect(next(saved)).toBe(next(saved))
    expect(next(saved)).not.toBe(next(later))
  })

  test('goes on after fit, and after loading, where the model is', () => {
    const model = new LogisticRegression<'no' | 'yes'>({ learningRate: 0.01 }).fitSync(X, y)
    const before = model.score(X, y)
    const nIter = model.nIter
    const loaded = LogisticRegression.fromJSON<'no' | 'yes'>(JSON.stringify(model))
    stream(model)
    stream(loaded)
    expect(model.nIter).toBe(nIter + 6)
    expect(model.score(X, y)).toBeGreaterThan(before - 0.01)
    expect(loaded.coef).toEqual(model.coef)
    expect(loaded.intercept).toBe(model.intercept)
  })

  test('keeps mean and deviation of the first call', () => {
    const model = new LogisticRegression<'no' | 'yes'>().partialFit(...chunk(0))
    const { mean, std } = model.columns
    const alone = new LogisticRegression().fitSync(...chunk(0)).columns
    expect(mean).toEqual(alone.mean)
    stream(model)
    expect(model.columns).toEqual({ mean, std })
  })

  test('takes a Matrix and weights; a weight of 2 pulls harder than 1', () => {
    const [rows, labels] = chunk(0)
    using matrix = Matrix.from(rows)
    const fit = (sampleWeight?: number[], form: Matrix | number[][] = rows) =>
      new LogisticRegression<'no' | 'yes'>().partialFit(form, labels, sampleWeight ? { sampleWeight } : {})
    expect(fit(undefined, matrix).coef).toEqual(fit().coef)
    const heavyYes = labels.map((label) => (label === 'yes' ? 4 : 1))
    expect(fit(heavyYes).intercept).toBeGreaterThan(fit().intercept)
  })

  test('leaves no byte behind, and the model as it was when it fails', () => {
    const before = kernelInfo().liveBytes
    const model = stream(new LogisticRegression<'no' | 'yes'>())
    const coef = [...model.coef]
    const bad = X.slice(0, 10).map((x, i) => (i === 9 ? [1, 2, 3, Number.NaN] : x))
    expect(() => model.partialFit(bad, y.slice(0, 10))).toThrow(/row 9, column 3/)
    expect([...model.coef]).toEqual(coef)
    expect(kernelInfo().liveBytes).toBe(before)
  })

  test('diverges with the call named', () => {
    const wild = new LogisticRegression<'no' | 'yes'>({ learningRate: 1e30 })
    expect(() => stream(wild, 3)).toThrow(expect.objectContaining({ code: 'DIVERGED' }))
    expect(() => stream(wild, 3)).toThrow(/call \d.*1e\+30/)
  })
})

describe('the classes of partialFit', () => {
  const onlyYes = X.filter((_, i) => y[i] === 'yes').slice(0, 50)
  const allYes = onlyYes.map(() => 'yes' as const)

  test('are those of the first rows, or given where these lack one; sorted in any case', () => {
    expect(() => new LogisticRegression<'no' | 'yes'>().partialFit(onlyYes, allYes)).toThrow(
      expect.objectContaining({ code: 'ONE_CLASS' }),
    )
    const model = new LogisticRegression<'no' | 'yes'>()
    model.partialFit(onlyYes, allYes, { classes: ['yes', 'no'] })
    expect(model.classes).toEqual(['no', 'yes'])
    expect(model.predict(onlyYes.slice(0, 1))).toEqual(['yes'])
    stream(model, 2)
    expect(model.score(X, y)).toBeGreaterThan(0.8)
    // Later rows may lack one, too.
    model.partialFit(onlyYes, allYes)
    model.partialFit(onlyYes, allYes, { classes: ['no', 'yes'] })
  })

  test('do not change: an unknown label is a DataError with its row, other classes a RangeError', () => {
    const model = stream(new LogisticRegression<'no' | 'yes'>())
    const labels: string[] = [...chunk(0)[1]]
    labels[7] = 'maybe'
    const call = () => model.partialFit(chunk(0)[0], labels as never)
    expect(call).toThrow(expect.objectContaining({ code: 'UNKNOWN_LABEL', row: 7 }))
    expect(call).toThrow(/y\[7\].*"maybe"/)
    expect(() => model.partialFit(...chunk(0), { classes: ['a', 'b'] as never })).toThrow(RangeError)
    expect(() => model.partialFit(...chunk(0), { classes: ['a', 'b'] as never })).toThrow(/"no", "yes".*"a", "b"/)
  })

  test('are two distinct labels of one kind', () => {
    const start = (classes: unknown) => () =>
      new LogisticRegression<'no' | 'yes'>().partialFit(...chunk(0), { classes: classes as never })
    expect(start(['no'])).toThrow(/class/)
    expect(start(['no', 1])).toThrow(TypeError)
    expect(start([])).toThrow(RangeError)
    expect(start('no')).toThrow(TypeError)
    expect(start(['a', 'b'])).toThrow(expect.objectContaining({ code: 'UNKNOWN_LABEL' }))
  })

  test('columns, options and lengths are checked', () => {
    const model = stream(new LogisticRegression<'no' | 'yes'>())
    expect(() => model.partialFit([[1, 2, 3]], ['no'])).toThrow(/4.*3/)
    expect(() => model.partialFit(...chunk(0), { epochs: 3 } as never)).toThrow(/"epochs"/)
    expect(() => model.partialFit(chunk(0)[0], y.slice(0, 3))).toThrow(/200.*3/)
    expect(() => model.partialFit(...chunk(0), { sampleWeight: [1] })).toThrow(/sampleWeight/)
  })
})
