import { afterAll, expect, test, vi } from 'vitest'
import { init, kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { Pool } from '../../src/kernel/pool.ts'
import type { Job } from '../../src/kernel/pool-jobs.ts'
import {
  LinearSVC,
  LogisticRegression,
  lossGradient,
  MLPClassifier,
  networkLossGradient,
  RidgeClassifier,
} from '../../src/models/index.ts'
import { flat32, parameterBytes, sample, sampleOfClasses, targets } from './sample.ts'

/** Any number of threads gives the bytes of one. Enough rows that it is worth their while, and not whole chunks of them. */
const { X, y } = sample(101_000, 23)
const dense = flat32(X)
const classes = sampleOfClasses(3, 60_001, 17)
const denseClasses = flat32(classes.X)
const weights = Float64Array.from(y, (_, i) => 0.5 + (i % 7) / 4)
const jobs = vi.spyOn(Pool.prototype, 'run')

afterAll(async () => {
  await init({ threads: 1, variant: 'simd' })
})

interface Fitted {
  coef: Float64Array
  intercepts: Float64Array
  loss: number
  columns: { mean: Float64Array; std: Float64Array }
}

const all = (model: Fitted, ...more: (Float32Array | Float64Array)[]): number[] => [
  ...parameterBytes(model),
  model.loss,
  ...model.columns.mean,
  ...model.columns.std,
  ...more.flatMap((values) => Array.from(values.subarray(0, 5000))),
]

const tasks: Record<string, () => Promise<number[]>> = {
  'logistic by newton, and its predictions': async () => {
    const model = await new LogisticRegression({ solver: 'newton' }).fit(dense, y)
    using matrix = Matrix.from(dense)
    return all(model, model.predictProba(matrix).data, model.decisionFunction(matrix))
  },
  'logistic by lbfgs with weights': async () =>
    all(await new LogisticRegression({ solver: 'lbfgs', maxIter: 8 }).fit(dense, y, { sampleWeight: weights })),
  'logistic by owlqn': async () => all(await new LogisticRegression({ l1: 0.01, maxIter: 8 }).fit(dense, y)),
  'logistic by gradient descent, synchronously': async () =>
    all(new LogisticRegression({ solver: 'gd', maxIter: 5 }).fitSync(dense, y)),
  'logistic by sampledNewton': async () => all(await new LogisticRegression().fit(dense, y)),
  'softmax by sampledNewton': async () => all(await new LogisticRegression().fit(denseClasses, classes.y)),
  'linear SVC': async () => all(await new LinearSVC().fit(dense, y)),
  'linear SVC of hinge, some rows without weight': async () => {
    const sampleWeight = weights.map((weight, i) => (i % 11 === 0 ? 0 : weight))
    return all(await new LinearSVC({ loss: 'hinge', maxIter: 5 }).fit(dense, y, { sampleWeight }))
  },
  ridge: async () => all(await new RidgeClassifier().fit(dense, y)),
  'softmax by lbfgs, and its predictions': async () => {
    const model = await new LogisticRegression({ solver: 'lbfgs', maxIter: 8 }).fit(denseClasses, classes.y)
    using matrix = Matrix.from(denseClasses)
    return all(model, model.predictProba(matrix).data, model.decisionFunction(matrix))
  },
  'softmax by newton': async () =>
    all(await new LogisticRegression({ solver: 'newton', maxIter: 3 }).fit(denseClasses, classes.y)),
  'a network: the loss at the end': async () => {
    const model = new MLPClassifier({ hiddenSizes: [24], epochs: 1, batchSize: 2000 })
    await model.fit(denseClasses, classes.y)
    return [model.loss, ...model.weights.flatMap((layer) => Array.from(layer))]
  },
  'predictions of a network, synchronously': async () => {
    const some = { data: denseClasses.data.subarray(0, 500 * denseClasses.cols), rows: 500, cols: denseClasses.cols }
    const model = new MLPClassifier({ hiddenSizes: [300, 30], epochs: 1 })
    await model.fit(some, classes.y.slice(0, 500))
    using matrix = Matrix.from(denseClasses)
    const codes = model.predict(matrix).map((label) => model.classes.indexOf(label))
    return [...codes, ...model.decisionFunction(denseClasses), ...model.predictProba(matrix).data]
  },
  ...Object.fromEntries(
    (
      [
        ['batches of 64 by sgd', { batchSize: 64, optimizer: 'sgd', l2: 1e-3, learningRate: 0.05 }, [200, 40]],
        ['odd batches by adamw', { batchSize: 333, optimizer: 'adamw', activation: 'tanh' }, [50, 30, 20]],
        ['batches in pieces by nesterov', { batchSize: 3001, optimizer: 'nesterov', l2: 0.01 }, [301]],
        ['batches in pieces by sgd', { batchSize: 2000, optimizer: 'sgd', activation: 'sigmoid' }, [257, 9]],
        ['no hidden layer', { batchSize: 5000 }, []],
      ] as const
    ).flatMap(([name, options, hiddenSizes]) =>
      (['softmax', 'two classes'] as const).map((kind) => [
        `a network, ${kind}: ${name}`,
        async () => {
          const isTwo = kind === 'two classes'
          const given = isTwo ? dense : denseClasses
          const some = { ...given, data: given.data.subarray(0, 7001 * given.cols), rows: 7001 }
          const labels: readonly unknown[] = isTwo ? y : classes.y
          const model = new MLPClassifier({ ...options, hiddenSizes: [...hiddenSizes], epochs: 2 })
          await model.fit(some, labels.slice(0, 7001) as string[], {
            ...(isTwo && { sampleWeight: weights.slice(0, 7001) }),
          })
          const losses = model.history.map(({ loss }) => loss)
          return [...losses, model.loss, ...[...model.weights, ...model.biases].flatMap((layer) => Array.from(layer))]
        },
      ]),
    ),
  ),
  'partialFit of a network, synchronously': async () => {
    const model = new MLPClassifier({ hiddenSizes: [64], batchSize: 512 })
    for (let i = 0; i < 2; i++) model.partialFit(denseClasses, classes.y)
    return [...model.weights, ...model.biases].flatMap((layer) => Array.from(layer))
  },
  'networkLossGradient, synchronously': async () => {
    // Wide enough for a piece of its rows to be worth sharing.
    const sizes = [23, 2600, 1]
    const some = { data: dense.data.subarray(0, 1000 * dense.cols), rows: 1000, cols: dense.cols }
    const layers = (length: (l: number) => number) =>
      [1, 2].map((l) => Float64Array.from({ length: length(l) }, (_, i) => Math.sin(i + l) / 5))
    const at = { weights: layers((l) => sizes[l - 1]! * sizes[l]!), biases: layers((l) => sizes[l]!) }
    const { loss, ...gradient } = networkLossGradient(some, targets(y.slice(0, 1000)), at, {
      sampleWeight: weights.slice(0, 1000),
      l2: 0.1,
    })
    return [loss, ...[...gradient.weights, ...gradient.biases].flatMap((layer) => Array.from(layer))]
  },
  lossGradient: async () => {
    const point = { coef: new Float64Array(23).fill(0.01), intercept: 0.1 }
    const { loss, coef, intercept } = lossGradient('squaredHinge', dense, targets(y), point)
    return [loss, intercept, ...coef]
  },
}

const onOne = new Map<string, number[]>()

test.each(Object.entries(tasks))('on one thread: %s', async (name, run) => {
  await init({ variant: 'simd', threads: 1 })
  onOne.set(name, await run())
  expect(jobs).not.toHaveBeenCalled()
})

test.each(Object.entries(tasks).flatMap(([name, run]) => [2, 3, 7].map((threads) => [name, threads, run] as const)))(
  '%s on %d threads: the same bytes',
  async (name, threads, run) => {
    await init({ variant: 'simd', threads })
    expect(kernelInfo().threads).toBe(threads)
    jobs.mockClear()
    expect(await run()).toEqual(onOne.get(name))
    // A page may not wait, so what is synchronous stays on its own thread.
    const isPage = 'document' in globalThis
    const mayWait = !(isPage && /lossGradient|synchronously/.test(name))
    if (mayWait) expect(jobs).toHaveBeenCalled()
    const functions = jobs.mock.calls.flatMap((all: unknown[]) => all.map((job) => (job as Job).name))
    if (mayWait && /a network, |partialFit|networkLoss/.test(name)) expect(functions).toContain('networkStep')
    expect(kernelInfo().threads).toBe(threads)
  },
)

test('relaxed runs on threads too, with the bytes it has on one', async () => {
  const fit = async () => {
    const network = new MLPClassifier({ hiddenSizes: [45, 10], epochs: 1, batchSize: 250 })
    await network.fit(X.slice(0, 5000), y.slice(0, 5000))
    const model = await new LogisticRegression({ solver: 'newton' }).fit(dense, y)
    return [...all(model), ...network.weights.flatMap((layer) => Array.from(layer))]
  }
  await init({ variant: 'relaxed', threads: 1 }).catch(() => {})
  if (kernelInfo().variant !== 'relaxed') return // Node 20 has no relaxed SIMD
  const expected = await fit()
  await init({ threads: 2 })
  expect(kernelInfo()).toMatchObject({ variant: 'relaxed', threads: 2 })
  expect(await fit()).toEqual(expected)
})

test('fits on a page or in a program may run side by side', async () => {
  await init({ variant: 'simd', threads: 3 })
  const [newton, lbfgs] = Object.keys(tasks).slice(0, 2) as [string, string]
  const both = await Promise.all([tasks[newton]!(), tasks[lbfgs]!()])
  expect(both).toEqual([onOne.get(newton), onOne.get(lbfgs)])
})

test('a small fit leaves the threads alone', async () => {
  await init({ variant: 'simd', threads: 2 })
  jobs.mockClear()
  await new LogisticRegression().fit(X.slice(0, 2000), y.slice(0, 2000))
  expect(jobs).not.toHaveBeenCalled()
})
