import { describe, expect, test } from 'vitest'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import {
  type Batch,
  type BatchSource,
  LinearSVC,
  LogisticRegression,
  type LogisticRegressionOptions,
  RidgeClassifier,
  SGDClassifier,
} from '../../src/models/index.ts'
import { relative, sample, sampleOfClasses } from './sample.ts'

const two: { X: number[][]; y: string[] } = sample(1000, 6, 3)
const three = sampleOfClasses(3, 900, 5, 4)

interface Rows {
  X: number[][]
  y: string[]
  sampleWeight?: number[]
}

/** Batches of `size` rows, the last one shorter. */
function* inBatches({ X, y, sampleWeight }: Rows, size: number): Generator<Batch<string>> {
  for (let i = 0; i < X.length; i += size) {
    const end = i + size
    const weights = sampleWeight && { sampleWeight: sampleWeight.slice(i, end) }
    yield { X: X.slice(i, end), y: y.slice(i, end), ...weights }
  }
}

async function* later(batches: Iterable<Batch<string>>): AsyncGenerator<Batch<string>> {
  for (const batch of batches) {
    await null
    yield batch
  }
}

type Model = LogisticRegression<string> | LinearSVC<string> | RidgeClassifier<string>

/** Both ways to train agree: same steps, same parameters but for rounding. */
async function expectSame(make: () => Model, rows: Rows, source: BatchSource<string>, near = 1e-5): Promise<void> {
  const before = kernelInfo().liveBytes
  const { X, y, sampleWeight } = rows
  const whole = make().fitSync(X, y, sampleWeight ? { sampleWeight } : {})
  const model = make()
  expect(await model.fitBatches(source)).toBe(model)
  expect(kernelInfo().liveBytes).toBe(before)
  expect(model.classes).toEqual(whole.classes)
  expect(model.solver).toBe(whole.solver)
  expect(model.converged).toBe(true)
  expect(relative(model.loss, whole.loss)).toBeLessThan(1e-6)
  const size = Math.max(...whole.coef.map(Math.abs))
  model.coef.forEach((c, k) => {
    expect(Math.abs(c - whole.coef[k]!)).toBeLessThan(near * size)
  })
  expect(model.predict(X.slice(0, 50))).toEqual(whole.predict(X.slice(0, 50)))
  for (const key of ['mean', 'std'] as const) {
    model.columns[key].forEach((v, k) => {
      expect(Math.abs(v - whole.columns[key][k]!)).toBeLessThan(1e-6 * (1 + Math.abs(v)))
    })
  }
}

describe('gives what fit gives on all rows at once', () => {
  test.each<[string, () => Model]>([
    ['LogisticRegression', () => new LogisticRegression()],
    ['LogisticRegression by lbfgs', () => new LogisticRegression({ solver: 'lbfgs', tol: 1e-8 })],
    ['LogisticRegression by gd', () => new LogisticRegression({ solver: 'gd', l2: 0.1, tol: 1e-7, maxIter: 5000 })],
    ['LogisticRegression with l1', () => new LogisticRegression({ l1: 0.02, tol: 1e-8 })],
    ['LogisticRegression as it comes', () => new LogisticRegression({ standardize: false, classWeight: 'balanced' })],
    ['LogisticRegression without intercept', () => new LogisticRegression({ fitIntercept: false })],
    ['LogisticRegression, one against the rest', () => new LogisticRegression({ multiClass: 'ovr' })],
    ['LinearSVC', () => new LinearSVC()],
    ['LinearSVC by lbfgs', () => new LinearSVC({ solver: 'lbfgs', penalizeIntercept: true, tol: 1e-8 })],
    ['RidgeClassifier', () => new RidgeClassifier({ classWeight: 'balanced' })],
  ])('%s, two classes and three', async (name, make) => {
    await expectSame(make, two, () => inBatches(two, 300), name.endsWith('gd') ? 1e-4 : 1e-5)
    await expectSame(make, three, () => later(inBatches(three, 257)), name.endsWith('gd') ? 1e-3 : 1e-4)
  })

  test('whatever the batches, down to one row', async () => {
    const few = { X: two.X.slice(0, 60), y: two.y.slice(0, 60) }
    for (const size of [1, 7, 59, 60, 100]) {
      await expectSame(
        () => new LogisticRegression({ C: 0.1 }),
        few,
        () => inBatches(few, size),
      )
    }
  })

  test('with weights, a batch that weighs nothing among them', async () => {
    const sampleWeight = two.X.map((_, i) => (i < 300 ? 0 : i % 4))
    const rows = { ...two, sampleWeight }
    await expectSame(
      () => new LogisticRegression({ classWeight: { yes: 2 } }),
      rows,
      () => inBatches(rows, 150),
    )
  })

  test('of columns far from 0, and of a constant one', async () => {
    const far = { ...two, X: two.X.map((x) => [...x.map((v, k) => v + 1e6 * k), 7]) }
    await expectSame(
      () => new LogisticRegression({ l2: 1e-3 }),
      far,
      () => inBatches(far, 128),
    )
  })

  test('of matrices of the caller, whose shifts differ, and which stay alive', async () => {
    const far = { ...two, X: two.X.map((x) => x.map((v) => v + 1000)) }
    const matrices = [0, 400].map((i) => Matrix.from(far.X.slice(i, i ? 1000 : 400)))
    const source = () => [
      { X: matrices[0]!, y: two.y.slice(0, 400) },
      { X: matrices[1]!, y: two.y.slice(400) },
    ]
    await expectSame(() => new LogisticRegression({ l2: 1e-3 }), far, source)
    for (const matrix of matrices) {
      expect(matrix.disposed).toBe(false)
      matrix.dispose()
    }
  })

  test('a class that only one batch has', async () => {
    const sorted = [...three.y.keys()].sort((a, b) => (three.y[a]! < three.y[b]! ? -1 : 1))
    const rows = { X: sorted.map((i) => three.X[i]!), y: sorted.map((i) => three.y[i]!) }
    await expectSame(
      () => new LogisticRegression(),
      rows,
      () => inBatches(rows, 100),
      1e-4,
    )
  })
})

test('no more than some batches are in kernel memory', async () => {
  const rows = Array.from({ length: 20 }, () => two.X).flat()
  const many = { X: rows, y: rows.map((_, i) => two.y[i % 1000]!) }
  const before = kernelInfo().liveBytes
  let most = 0
  function* watched(): Generator<Batch<string>> {
    for (const batch of inBatches(many, 1000)) {
      yield batch
      most = Math.max(most, kernelInfo().liveBytes - before)
    }
  }
  const options: LogisticRegressionOptions = { solver: 'newton' }
  const progress: number[] = []
  const model = new LogisticRegression<string>(options)
  // Where it is highest, in the middle of a batch, a callback of the labels sees it.
  const seen = () =>
    Array.from(watched(), ({ X, y }) => ({
      X,
      y: new Proxy(y as string[], {
        get: (target, key) => {
          most = Math.max(most, kernelInfo().liveBytes - before)
          return Reflect.get(target, key)
        },
      }),
    }))
  await model.fitBatches(seen, { onProgress: ({ iteration }) => progress.push(iteration) })
  expect(progress).toEqual(model.history.map(({ iteration }) => iteration))
  // X alone would be 640 kB, a batch is 32 kB.
  expect(most).toBeLessThan(3 * 1000 * 8 * 4)
  expect(kernelInfo().liveBytes).toBe(before)
})

test('opens the source once for each pass, and closes it', async () => {
  let [opened, closed] = [0, 0]
  const source = () => {
    opened++
    const batches = inBatches(two, 250)
    return {
      [Symbol.iterator]: () => ({
        next: () => batches.next(),
        return: () => {
          closed++
          return { done: true as const, value: undefined }
        },
      }),
    }
  }
  const model = await new LogisticRegression<string>({ solver: 'newton' }).fitBatches(source)
  // Statistics, values and Hessians of newton, the loss at the end.
  expect(opened).toBeGreaterThan(2 * model.nIter)
  expect(opened).toBeLessThan(4 * model.nIter + 5)
  expect(closed).toBe(0)
  const broken = new LogisticRegression<string>().fitBatches(source, { onProgress: () => { throw new RangeError('enough') } }) // biome-ignore format: one line
  await expect(broken).rejects.toThrow('enough')
  const unlucky = () => [...inBatches(two, 250), { X: [[Number.NaN, 1, 2, 3, 4, 5]], y: ['no'] }]
  await expect(new LogisticRegression<string>().fitBatches(unlucky)).rejects.toMatchObject({
    code: 'NON_FINITE',
    row: 1000,
    column: 0,
  })
})

describe('abort', () => {
  test('between iterations, leaves no byte and the model as it was', async () => {
    const model = new LogisticRegression<string>().fitSync(three.X, three.y)
    const [coef, before] = [model.coef, kernelInfo().liveBytes]
    const controller = new AbortController()
    const fitting = model.fitBatches(() => inBatches(two, 100), {
      signal: controller.signal,
      onProgress: () => controller.abort('stop'),
    })
    await expect(fitting).rejects.toBe('stop')
    expect(model.coef).toBe(coef)
    expect(kernelInfo().liveBytes).toBe(before)
    await expect(model.fitBatches(() => inBatches(two, 100), { signal: AbortSignal.abort('no') })).rejects.toBe('no')
  })

  test('while the source hangs', async () => {
    const controller = new AbortController()
    let closed = false
    async function* hanging(): AsyncGenerator<Batch<string>> {
      try {
        yield* inBatches(two, 500)
        controller.abort(new Error('enough'))
        await new Promise(() => {})
      } finally {
        closed = true
      }
    }
    await expect(new LinearSVC<string>().fitBatches(hanging, { signal: controller.signal })).rejects.toThrow('enough')
    expect(closed).toBe(false)
  })
})

test('validation, budget, warm start, names', async () => {
  const validation = { X: two.X.slice(0, 100), y: two.y.slice(0, 100) }
  const model = await new LogisticRegression<string>({ warmStart: true }).fitBatches(() => inBatches(two, 200), { validation }) // biome-ignore format: one line
  const alone = new LogisticRegression<string>().fitSync(two.X, two.y, { validation })
  expect(model.history.at(-1)!.validationLoss).toBeCloseTo(alone.history.at(-1)!.validationLoss!, 6)
  const cold = model.nIter
  await model.fitBatches(() => inBatches(two, 200))
  expect(model.nIter).toBeLessThan(cold)
  const featureNames = two.X[0]!.map((_, k) => `c${k}`)
  await model.fitBatches(() => [{ X: two.X, y: two.y, featureNames }], { budgetMs: 1e-6 })
  expect(model.featureNames).toEqual(featureNames)
  const long = new LogisticRegression<string>({ solver: 'lbfgs', tol: 0 })
  await long.fitBatches(() => inBatches(two, 200), { budgetMs: 1e-6 })
  expect(long.converged).toBe(false)
  expect(long.nIter).toBe(1)
})

describe('refuses', () => {
  const fit = (source: unknown, options = {}) => new LogisticRegression<string>().fitBatches(source as never, options)

  test.each<[string, unknown, RegExp]>([
    ['a list', [{ X: two.X, y: two.y }], /source.*function/],
    ['what opens nothing', () => undefined, /iterable.*undefined/],
    ['a text', () => 'batches', /iterable/],
    ['batches that are none', () => [two.X], /batches.*Array/],
    ['batches without labels', () => [{ X: two.X }], /batches/],
  ])('%s as a source', async (_, source, message) => {
    await expect(fit(source)).rejects.toThrow(TypeError)
    await expect(fit(source)).rejects.toThrow(message)
  })

  test('no batch, no row, other columns, fewer labels', async () => {
    await expect(fit(() => [])).rejects.toThrow(/at least one batch/)
    await expect(fit(() => [{ X: [], y: [] }])).rejects.toThrow(RangeError)
    await expect(fit(() => [two, { X: [[1]], y: ['no'] }])).rejects.toThrow(/6 columns.*1/)
    await expect(fit(() => [{ X: two.X, y: ['no'] }])).rejects.toThrow(/y: expected 1000.*1/)
  })

  test('one class, weights that are nothing', async () => {
    const one = () => [{ X: two.X, y: two.y.map(() => 'no') }]
    await expect(fit(one)).rejects.toMatchObject({ code: 'ONE_CLASS' })
    const nothing = () => [{ ...two, sampleWeight: two.y.map(() => 0) }]
    await expect(fit(nothing)).rejects.toMatchObject({ code: 'ZERO_WEIGHTS' })
    const noYes = () => [{ ...two, sampleWeight: two.y.map((word) => (word === 'yes' ? 0 : 1)) }]
    await expect(fit(noYes)).rejects.toThrow(/"yes" has weight 0/)
  })

  test('a source that changes from pass to pass', async () => {
    let pass = 0
    const growing = () => inBatches({ X: [...two.X, ...two.X.slice(0, pass)], y: [...two.y, ...two.y.slice(0, pass++)] }, 400) // biome-ignore format: one line
    await expect(fit(growing)).rejects.toThrow(/1000 rows.*more/)
    // A stream that was read has nothing more.
    const once = inBatches(two, 100)
    await expect(fit(() => once)).rejects.toThrow(/1000 rows.*0/)
  })

  test('what cannot be had by passes, before anything is read', async () => {
    const source = () => expect.unreachable()
    await expect(new LinearSVC<string>({ loss: 'hinge' }).fitBatches(source)).rejects.toThrow(/squaredHinge/)
    await expect(new SGDClassifier<string>().fitBatches(source)).rejects.toThrow(/partialFit/)
    await expect(new LogisticRegression<string>({ solver: 'sgd' }).fitBatches(source)).rejects.toThrow(/partialFit/)
    await expect(fit(source, { sampleWeight: [1] })).rejects.toThrow(/sampleWeight/)
  })

  test('separable classes without a penalty', async () => {
    const source = () => [
      { X: [[1], [2]], y: ['a', 'a'] },
      { X: [[3], [4]], y: ['b', 'b'] },
    ]
    await expect(new LogisticRegression<string>({ l2: 0 }).fitBatches(source)).rejects.toMatchObject({ code: 'SEPARABLE' }) // biome-ignore format: one line
  })
})
