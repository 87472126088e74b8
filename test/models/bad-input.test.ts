import { describe, expect, test } from 'vitest'
import { kernelInfo } from '../../src/kernel/index.ts'
import { LinearSVC, LogisticRegression, MLPClassifier, RidgeClassifier, SGDClassifier } from '../../src/models/index.ts'
import { sample } from './sample.ts'

/** What every estimator says to the mistakes of an afternoon, with two classes and with three. */
type Options = Record<string, unknown>

const estimators: [string, (options?: Options) => LogisticRegression<string>][] = [
  ['LogisticRegression', (o) => new LogisticRegression(o as object)],
  ['LogisticRegression by gd', (o) => new LogisticRegression({ solver: 'gd', ...o })],
  ['LogisticRegression by sgd', (o) => new LogisticRegression({ solver: 'sgd', ...o })],
  ['LogisticRegression, one vs rest', (o) => new LogisticRegression({ multiClass: 'ovr', ...o })],
  ['LinearSVC', (o) => new LinearSVC(o as object) as never],
  ['LinearSVC of hinge', (o) => new LinearSVC({ loss: 'hinge', ...o }) as never],
  ['RidgeClassifier', (o) => new RidgeClassifier(o as object) as never],
  ['SGDClassifier', (o) => new SGDClassifier(o as object) as never],
  ['MLPClassifier', (o) => new MLPClassifier({ hiddenSizes: [8], epochs: 60, learningRate: 0.02, ...o }) as never],
]

const { X, y: two } = sample(90, 3, 4)
const three = two.map((label, i) => (i % 3 === 0 ? 'maybe' : label))
const cases = estimators.flatMap(([name, make]) => [
  { name, make, k: 2, y: two },
  { name, make, k: 3, y: three },
])

describe.each(cases)('$name, $k classes', ({ make, k, y }) => {
  const classes = [...new Set(y)].sort()
  const [first] = classes as [string]
  const strange = y.map((label, i) => (i === 5 ? 'never' : label))
  const unknown = new RegExp(`y\\[5\\]: "never" is not among the classes of the model \\("${classes.join('", "')}"\\)`)
  const allOfFirst = y.map(() => first)

  test('labels that it did not see are named, with those that it did', () => {
    const before = kernelInfo().liveBytes
    const model = make().fitSync(X, y)
    for (const call of [
      () => model.score(X, strange),
      () => make().fitSync(X, y, { validation: { X, y: strange } }),
      ...('partialFit' in model ? [() => make().partialFit(X, y).partialFit(X, strange)] : []),
      ...('partialFit' in model ? [() => make().partialFit(X, strange, { classes })] : []),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'UNKNOWN_LABEL', row: 5 }))
      expect(call).toThrow(unknown)
    }
    expect(kernelInfo().liveBytes).toBe(before)
  })

  test('a warm start from other labels is a fresh start', () => {
    // It goes on by partialFit only.
    if (make() instanceof SGDClassifier) return
    const renamed = y.map((label) => `${label}!`)
    const warm = make({ warmStart: true }).fitSync(X, y).fitSync(X, renamed)
    const cold = make().fitSync(X, renamed)
    expect(warm.classes).toEqual(classes.map((label) => `${label}!`))
    expect(warm.decisionFunction(X)).toEqual(cold.decisionFunction(X))
    const other = k === 2 ? three : two
    expect(make({ warmStart: true }).fitSync(X, y).fitSync(X, other).decisionFunction(X)).toEqual(
      make().fitSync(X, other).decisionFunction(X),
    )
  })

  test('a class may be missing in validation and in a part', () => {
    const some = y.flatMap((label, i) => (label === first ? [i] : [])).slice(0, 7)
    const part = { X: some.map((i) => X[i]!), y: some.map((i) => y[i]!) }
    const model = make().fitSync(X, y, { validation: part })
    expect(model.history.every(({ validationLoss }) => Number.isFinite(validationLoss))).toBe(true)
    if (!('partialFit' in model)) return
    const streamed = make().partialFit(part.X, part.y, { classes })
    for (let i = 0; i < 5; i++) streamed.partialFit(X, y).partialFit(part.X, part.y)
    expect(streamed.classes).toEqual(classes)
    expect(streamed.score(X, y)).toBeGreaterThan(1 / k)
    expect(() => make().partialFit(part.X, part.y)).toThrow(/every label is .*option classes/)
  })

  test('weights that leave a class nothing are said to', () => {
    const others = k === 2 ? 'ONE_CLASS' : 'ZERO_WEIGHTS'
    const text = k === 2 ? /only rows of class "yes" have a weight above 0/ : /every row of class "maybe" has weight 0/
    const sampleWeight = y.map((label) => (label === first ? 0 : 1))
    for (const call of [
      () => make().fitSync(X, y, { sampleWeight }),
      () => make({ classWeight: { [first]: 0 } }).fitSync(X, y),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: others }))
      expect(call).toThrow(text)
    }
    const none = Object.fromEntries(classes.map((label) => [label, 0]))
    for (const call of [
      () => make().fitSync(X, y, { sampleWeight: y.map(() => 0) }),
      () => make({ classWeight: none }).fitSync(X, y),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'ZERO_WEIGHTS' }))
    }
    expect(() => make({ classWeight: { never: 2 } }).fitSync(X, y)).toThrow(/classWeight: "never".*"yes"/)
    expect(() => make({ classWeight: { [first]: -1 } })).toThrow(RangeError)
    expect(() => make().fitSync(X, allOfFirst)).toThrow(expect.objectContaining({ code: 'ONE_CLASS' }))
  })

  test('more features than rows', () => {
    const wide = sample(20, 60, 5)
    const labels = wide.y.map((label, i) => (k === 3 && i % 3 === 0 ? 'maybe' : label))
    const model = make().fitSync(wide.X, labels)
    expect(model.score(wide.X, labels)).toBeGreaterThanOrEqual(0.95)
    expect(model.decisionFunction(wide.X).every(Number.isFinite)).toBe(true)
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a learning rate of %d', (learningRate) => {
    expect(() => make({ learningRate })).toThrow(/learningRate: expected a finite number > 0, got/)
  })

  test('columns of numbers where rows are expected', () => {
    expect(() => make().fitSync([1, 2, 3] as never, ['a', 'b', 'a'])).toThrow(
      /array of numbers.*\[\[1\], \[2\], \[3\]\]/,
    )
    expect(() => make().fitSync([], [])).toThrow(/X: expected at least one row, got 0/)
    expect(() => make().fitSync(X, y.slice(1))).toThrow(/y: expected 90 values \(rows of X\), got 89/)
    expect(() =>
      make().fitSync(
        X.map((x, i) => (i === 3 ? [Number.NaN, ...x.slice(1)] : x)),
        y,
      ),
    ).toThrow(/X: row 3, column 0 is NaN/)
  })
})

describe.each(['newton', 'lbfgs'] as const)('%s with more features than rows', (solver) => {
  const { X, y } = sample(20, 60, 5)
  test('finds the optimum of the penalised objective', () => {
    for (const Model of [LogisticRegression, LinearSVC]) {
      const model = new Model({ solver }).fitSync(X, y)
      const other = new Model({ solver: solver === 'newton' ? 'lbfgs' : 'newton' }).fitSync(X, y)
      expect(model.converged).toBe(true)
      expect(Math.abs(model.loss / other.loss - 1)).toBeLessThan(1e-6)
    }
  })
})

describe('early stopping', () => {
  test.each([
    [{ patience: -1 }, /patience: expected an integer >= 1, got -1/],
    [{ patience: 0 }, /patience: expected an integer >= 1, got 0/],
    [{ patience: 1.5 }, /patience/],
    [{ minDelta: -1 }, /minDelta: expected a finite number >= 0, got -1/],
    [{ fraction: 0 }, /fraction: expected a finite number > 0 and <= 0.9, got 0/],
    [{ fraction: 1 }, /fraction: expected .*, got 1/],
  ])('%o', (earlyStopping, message) => {
    expect(() => new SGDClassifier({ earlyStopping })).toThrow(message)
    expect(() => new MLPClassifier({ earlyStopping })).toThrow(message)
  })
})

describe('a learning rate that is far too large', () => {
  const huge = { learningRate: 1e30 }
  test.each([
    ['gd', () => new LogisticRegression({ solver: 'gd', ...huge }), /in iteration 1 .* 1e\+30\. Try a learning rate of 0\.1, or solver 'lbfgs'$/], // biome-ignore format: one line
    ['sgd', () => new LogisticRegression({ solver: 'sgd', ...huge }), /in epoch 1 .* 1e\+30\. Try a learning rate of 0\.1$/], // biome-ignore format: one line
    ['SGDClassifier', () => new SGDClassifier({ ...huge, standardize: false }), /Try a learning rate of 0\.1, or standardize$/], // biome-ignore format: one line
    ['MLPClassifier', () => new MLPClassifier(huge), /in epoch \d+ .* 1e\+30\. Try a learning rate of 0\.001, or a schedule/], // biome-ignore format: one line
  ])('%s: what to try is a rate that is usual, not the next smaller one', (_, make, message) => {
    for (const labels of [two, three]) {
      expect(() => make().fitSync(X, labels)).toThrow(expect.objectContaining({ code: 'DIVERGED' }))
      expect(() => make().fitSync(X, labels)).toThrow(message)
    }
  })
})
