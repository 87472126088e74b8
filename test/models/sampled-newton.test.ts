import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import {
  type FitSyncOptions,
  LinearSVC,
  LogisticRegression,
  type LogisticRegressionOptions,
} from '../../src/models/index.ts'
import { logisticOptimum } from '../reference/logistic-optimum.ts'
import { softmaxOptimum } from '../reference/softmax-optimum.ts'
import { flat32, illConditioned, relative, sample, sampleOfClasses, targets } from './sample.ts'

const ROWS = 4000

interface Problem {
  readonly X: number[][]
  readonly y: string[]
  readonly options?: LogisticRegressionOptions
  readonly fit?: FitSyncOptions
}

const random = new Random(4)
/** Whole numbers from -255 to 255 over 64, peaked at 0. */
const draw = () => (random.below(256) - random.below(256)) / 64

/** Rows by number, and a score of each, noise included, whose sign is the label. */
function made(row: (i: number) => { x: number[]; score: number }): Problem {
  const all = Array.from({ length: ROWS }, (_, i) => row(i))
  return { X: all.map(({ x }) => x), y: all.map(({ score }) => (score > 0 ? 'yes' : 'no')) }
}

const sum = (x: readonly number[]) => x.reduce((total, v, k) => total + v * ((k % 5) - 2), 0)
const columns = (cols: number, value: (k: number) => number = draw) => Array.from({ length: cols }, (_, k) => value(k))

function sorted({ X, y, ...rest }: Problem): Problem {
  const order = Array.from(X.keys()).sort((a, b) => y[a]!.localeCompare(y[b]!) || X[a]![0]! - X[b]![0]!)
  return { X: order.map((i) => X[i]!), y: order.map((i) => y[i]!), ...rest }
}

/** Most of the columns are 0 but in some `often` of 1000 rows. */
const rare = (often: number) =>
  made(() => {
    const x = columns(20, (k) => (k < 5 ? draw() : random.below(1000) < often ? 1 : 0))
    return { x, score: sum(x) + 3 * draw() }
  })

const easy = () => sample(ROWS, 12) as Problem

const problems: Record<string, () => Problem> = {
  'well conditioned': easy,
  'sorted by class and value': () => sorted(easy()),
  'correlated, scales from 1 to 1000': () => {
    const { X, y } = illConditioned(2, ROWS, 10)
    return { X, y: y.map((label) => (label === 'b' ? 'yes' : 'no')) }
  },
  'badly scaled, not standardised': () => {
    const { X, y } = sample(ROWS, 10)
    return { X: X.map((x) => x.map((v, k) => v * 10 ** (k - 5))), y, options: { standardize: false, l2: 1e-4 } }
  },
  'far from 0': () => {
    const { X, y } = sample(ROWS, 8)
    return { X: X.map((x) => x.map((v, k) => v + 1000 * k)), y }
  },
  'heavy tails': () =>
    made(() => {
      const x = columns(12, () => draw() / (0.05 + random.uniform() ** 2))
      return { x, score: sum(x.map((v) => Math.max(-5, Math.min(5, v)))) + 9 * draw() }
    }),
  'one of 20 columns is 1, some seldom': () =>
    made(() => {
      const u = random.uniform()
      const hot = Math.floor(20 * u * u * u)
      return { x: columns(20, (k) => (k === hot ? 1 : 0)), score: (hot % 7) - 3 + 2 * draw() }
    }),
  'columns that are 0 but in 20 rows of 1000': () => rare(20),
  'columns that are 0 but in a row of 1000': () => rare(1),
  'the same, sorted': () => sorted(rare(1)),
  'a class of one row in 100': () =>
    made(() => {
      const x = columns(10)
      return { x, score: sum(x) + 6 * draw() - 27 }
    }),
  'a rare class, balanced': () => ({
    ...made(() => {
      const x = columns(10)
      return { x, score: sum(x) + 6 * draw() - 27 }
    }),
    options: { classWeight: 'balanced' },
  }),
  'weights over six powers of ten': () => ({
    ...easy(),
    fit: { sampleWeight: Array.from({ length: ROWS }, () => 1e6 ** random.uniform()) },
  }),
  'one row in 50 weighs something': () => ({
    ...easy(),
    fit: { sampleWeight: Array.from({ length: ROWS }, () => (random.below(50) === 0 ? 1 : 0)) },
  }),
  'nearly separable, weak penalty': () => ({
    ...made(() => {
      const x = columns(10)
      return { x, score: sum(x) + draw() / 8 }
    }),
    options: { l2: 1e-7 },
  }),
  separable: () =>
    made(() => {
      const x = columns(10)
      return { x, score: sum(x) }
    }),
  'no penalty': () => ({ ...easy(), options: { l2: 0 } }),
  'drifting over time': () =>
    made((i) => {
      const x = columns(10, (k) => draw() + ((k % 3) * 5 * i) / ROWS)
      return { x, score: sum(x) + 6 * draw() }
    }),
  'every column twice': () =>
    made(() => {
      const half = columns(6)
      return { x: half.flatMap((v) => [v, v]), score: sum(half) + 6 * draw() }
    }),
  'without intercept': () => ({ ...easy(), options: { fitIntercept: false } }),
}

describe.each(Object.keys(problems))('%s', (name) => {
  const { X, y, options = {}, fit } = problems[name]!()
  const dense = flat32(X)
  // What the kernel sees of them.
  const rounded = X.map((x) => x.map(Math.fround))
  const t = targets(y)
  const positive = t.reduce((a, b) => a + b, 0)
  const { classWeight, C = 1, l2, ...more } = options
  const weights = classWeight
    ? ([Math.fround(ROWS / (2 * (ROWS - positive))), Math.fround(ROWS / (2 * positive))] as const)
    : undefined
  const total = t.reduce((a, label, i) => a + ((fit?.sampleWeight?.[i] as number) ?? 1) * (weights?.[label] ?? 1), 0)
  const sampleWeight = fit?.sampleWeight ? { sampleWeight: Array.from(fit.sampleWeight, Math.fround) } : {}
  const { standardize = true, fitIntercept = true } = more
  const best = logisticOptimum({
    ...{ X: rounded, t, l2: l2 ?? 1 / (C * total), standardize, fitIntercept },
    ...sampleWeight,
    ...(weights ? { classWeight: weights } : {}),
  })

  test('auto is sampledNewton, and as near to the optimum as newton', () => {
    const model = new LogisticRegression(options).fitSync(dense, y, fit)
    expect(model.solver).toBe('sampledNewton')
    expect(model.converged).toBe(true)
    expect(relative(model.loss, best.objective)).toBeLessThan(1e-9)
    // Coefficients as effects of one deviation, all of them together.
    const error = (coef: Float64Array) => {
      const { std } = model.columns
      const off = Math.hypot(...coef.map((c, k) => (c - best.coef[k]!) * std[k]!))
      return off / Math.hypot(...best.coef.map((c, k) => c * std[k]!))
    }
    const newton = new LogisticRegression({ ...options, solver: 'newton' }).fitSync(dense, y, fit)
    expect(error(model.coef)).toBeLessThan(Math.max(2e-5, 2 * error(newton.coef)))
  })
})

describe('several classes', () => {
  const l2 = 1e-3

  test.each([
    ['well conditioned', sampleOfClasses(3, 3000, 9)],
    ['correlated, scales from 1 to 1000', illConditioned(4, 3000, 8)],
    ['sorted', { ...sampleOfClasses(3, 3000, 9), sorted: true }],
  ])('%s', (_, { X, y, ...rest }) => {
    const order = Array.from(X.keys())
    if ('sorted' in rest) order.sort((a, b) => y[a]!.localeCompare(y[b]!))
    const rows = order.map((i) => X[i]!)
    const labels = order.map((i) => y[i]!)
    const k = new Set(labels).size
    const best = softmaxOptimum({ X: rows, codes: labels.map((label) => 'abcd'.indexOf(label)), k, l2 })
    const model = new LogisticRegression({ l2 }).fitSync(rows, labels)
    expect(model.solver).toBe('sampledNewton')
    expect(model.converged).toBe(true)
    expect(relative(model.loss, best.objective)).toBeLessThan(1e-9)
    expect(model.nIter).toBeLessThan(30)
  })
})

describe('several classes of many columns, by the metric of the columns', () => {
  const [well, ill] = [sampleOfClasses(6, 3000, 30), illConditioned(6, 3000, 30)]
  const rare = ill.y.map((label, i) => (label > 'c' && i >= 6 && i % 16 ? 'a' : label))
  const cases: Record<
    string,
    { X: number[][]; y: string[]; options?: LogisticRegressionOptions; fit?: FitSyncOptions }
  > = {
    'well conditioned': well,
    'correlated, scales from 1 to 1000': ill,
    'the same, without intercepts': { ...ill, options: { fitIntercept: false } },
    'rare classes': { X: ill.X, y: rare },
    'rare classes, balanced': { X: ill.X, y: rare, options: { classWeight: 'balanced' } },
    'columns that are 0 but in ten rows': {
      X: well.X.map((x, i) => x.map((v, k) => (k < 3 && i % 300 ? 0 : v))),
      y: well.y,
    },
    'weights over six powers of ten': {
      ...well,
      fit: { sampleWeight: well.y.map(() => 1e6 ** random.uniform()) },
    },
    sorted: {
      X: Array.from(well.X.keys(), (i) => i)
        .sort((a, b) => well.y[a]!.localeCompare(well.y[b]!))
        .map((i) => well.X[i]!),
      y: [...well.y].sort(),
    },
  }

  test.each(Object.keys(cases))('%s', (name) => {
    const { X, y, options = {}, fit } = cases[name]!
    const model = new LogisticRegression({ l2: 1e-3, ...options }).fitSync(X, y, fit)
    const newton = new LogisticRegression({ l2: 1e-3, ...options, solver: 'newton', tol: 1e-14 }).fitSync(X, y, fit)
    expect(model.solver).toBe('sampledNewton')
    expect(model.converged).toBe(true)
    expect(relative(model.loss, newton.loss)).toBeLessThan(1e-10)
    const effects = ({ coef, columns }: typeof model) => coef.map((c, k) => c * columns.std[k % 30]!)
    const best = effects(newton)
    const off = effects(model).map((effect, i) => effect - best[i]!)
    expect(Math.hypot(...off) / Math.hypot(...best)).toBeLessThan(2e-5)
    expect(model.nIter).toBeLessThan(70)
  })
})

test('the squared hinge, too', () => {
  const { X, y } = sample(3000, 9)
  const [auto, newton] = [{}, { solver: 'newton', tol: 1e-14 } as const].map((o) => new LinearSVC(o).fitSync(X, y))
  expect(auto!.solver).toBe('sampledNewton')
  expect(relative(auto!.loss, newton!.loss)).toBeLessThan(1e-11)
  auto!.coef.forEach((c, k) => {
    expect(Math.abs(c - newton!.coef[k]!)).toBeLessThan(1e-5)
  })
})

test('separable rows without a penalty are an error as with newton', () => {
  const { X, y } = problems.separable!()
  for (const solver of ['newton', 'sampledNewton'] as const) {
    expect(() => new LogisticRegression({ l2: 0, solver }).fitSync(X, y)).toThrow(
      expect.objectContaining({ code: 'SEPARABLE' }),
    )
  }
})

test('auto takes it from 2048 rows on, and 32 a parameter', () => {
  const { X, y } = sample(2200, 68)
  const solverOf = (rows: number, cols: number) =>
    new LogisticRegression({ maxIter: 1 }).fitSync(
      X.slice(0, rows).map((x) => x.slice(0, cols)),
      y.slice(0, rows),
    ).solver
  expect(solverOf(2048, 63)).toBe('sampledNewton')
  expect(solverOf(2047, 63)).toBe('newton')
  expect(solverOf(2048, 64)).toBe('newton')
  expect(solverOf(2200, 68)).toBe('lbfgs')
  const four = sampleOfClasses(4, 2048, 32)
  expect(new LogisticRegression({ maxIter: 1 }).fitSync(four.X, four.y).solver).toBe('newton')
  expect(new LogisticRegression({ maxIter: 1 }).fitSync(four.X.map((x) => x.slice(0, 31)), four.y).solver).toBe('sampledNewton') // biome-ignore format: one line
})

test('the sample goes when the fit ends, or fails', () => {
  const { X, y } = sample(3000, 9)
  using matrix = Matrix.from(flat32(X))
  const before = kernelInfo().liveBytes
  new LogisticRegression().fitSync(matrix, y)
  expect(kernelInfo().liveBytes).toBe(before)
  const onProgress = () => {
    throw new Error('enough')
  }
  expect(() => new LogisticRegression().fitSync(matrix, y, { onProgress })).toThrow('enough')
  expect(kernelInfo().liveBytes).toBe(before)
})

test('warm starts go on from where the last fit ended', () => {
  const { X, y } = sample(3000, 9)
  const model = new LogisticRegression({ warmStart: true }).fitSync(X, y)
  const { nIter } = model
  expect(model.fitSync(X, y).nIter).toBeLessThan(nIter / 2)
})

test('batches have no sample', async () => {
  const { X, y } = sample(3000, 9)
  const source = () => [
    { X: X.slice(0, 1500), y: y.slice(0, 1500) },
    { X: X.slice(1500), y: y.slice(1500) },
  ]
  expect((await new LogisticRegression().fitBatches(source)).solver).toBe('newton')
  await expect(new LogisticRegression({ solver: 'sampledNewton' }).fitBatches(source)).rejects.toThrow(
    "fitBatches: sampledNewton takes rows from all over the data; take 'newton' or 'lbfgs'",
  )
})
