import { describe, expect, test, vi } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { Matrix, MatrixBuilder } from '../../src/kernel/index.ts'
import { Memory } from '../../src/kernel/memory.ts'
import { LinearSVC, LogisticRegression, MLPClassifier, RidgeClassifier, SGDClassifier } from '../../src/models/index.ts'
import { bytesOf, type Estimator, liveBytes } from '../contract/estimator.ts'

/** Rows of small whole numbers, and labels by a rule with noise. */
function drawn(rows: number, cols: number, nClasses = 2): { data: Float32Array; y: Int32Array } {
  const random = new Random(7)
  const data = new Float32Array(rows * cols)
  const y = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    let score = random.below(33) - 16
    for (let k = 0; k < cols; k++) {
      const value = random.below(9) - 4
      data[i * cols + k] = value
      score += value * ((k % 5) - 2)
    }
    y[i] = nClasses === 2 ? Number(score > 0) : Math.abs(score) % nClasses
  }
  return { data, y }
}

/** Fitted parameters and the count of iterations. */
function parameterBytes(model: Estimator): number[] {
  const bytes = bytesOf(model)
  return [...bytes.slice(0, -16), ...bytes.slice(-8)]
}

const original = Memory.prototype.alloc

const models: Record<string, () => unknown> = {
  newton: () => new LogisticRegression({ solver: 'newton', l2: 0.1 }),
  lbfgs: () => new LogisticRegression({ solver: 'lbfgs', l2: 0.1, maxIter: 5 }),
  sgd: () => new LogisticRegression({ solver: 'sgd', l2: 0.1, epochs: 1 }),
  adam: () => new SGDClassifier({ optimizer: 'adam', l2: 0.1, epochs: 1 }),
  mlp: () => new MLPClassifier({ hiddenSizes: [8], epochs: 1 }),
  cholesky: () => new RidgeClassifier(),
  sampledNewton: () => new LogisticRegression({ l2: 0.1 }),
  'squared hinge': () => new LinearSVC({ l2: 0.1, solver: 'newton' }),
  'interior point': () => new LinearSVC({ loss: 'hinge', l2: 0.1, maxIter: 3 }),
  dual: () => new LinearSVC({ loss: 'hinge', solver: 'dual', l2: 0.1, maxIter: 2 }),
}
const cases = Object.entries(models).map(([name, make]) => ({ name, make: make as () => Estimator }))

describe('a matrix in several slabs', () => {
  const [rows, cols] = [40_000, 61]
  const { data, y } = drawn(rows, cols)
  const whole = Matrix.from({ data, rows, cols })
  // As rows come from a stream: nobody knows how many there will be, so slabs are small.
  const builder = new MatrixBuilder(cols)
  for (let begin = 0; begin < rows; begin += 1000) {
    builder.append(data.subarray(begin * cols, (begin + 1000) * cols), 1000)
  }
  const slabs = builder.finish()

  test('is one', () => {
    expect(whole.slabs.pointers).toHaveLength(1)
    expect(slabs.slabs.pointers).toHaveLength(3)
  })

  test.each(cases)('$name ends at the very bits of one slab', ({ make }) => {
    const [one, several] = [make(), make()]
    one.fitSync(whole, y)
    several.fitSync(slabs, y)
    // All but the reported loss, which is summed call by call.
    expect(parameterBytes(several)).toEqual(parameterBytes(one))
    expect(Math.abs(several.loss - one.loss)).toBeLessThan(1e-12)
    expect(several.decisionFunction(slabs)).toEqual(one.decisionFunction(whole))
  })

  test('softmax too', () => {
    const labels = drawn(rows, cols, 3).y
    const make = () => new LogisticRegression({ solver: 'lbfgs', maxIter: 3 })
    expect(make().fitSync(slabs, labels).coef).toEqual(make().fitSync(whole, labels).coef)
  })
})

/** The most bytes that were alive at a time during a fit, beside those before. */
function mostBytes(fit: () => void): number {
  const before = liveBytes()
  let most = 0
  const alloc = vi.spyOn(Memory.prototype, 'alloc').mockImplementation(function (this: Memory, size: number) {
    const pointer = original.call(this, size)
    most = Math.max(most, this.liveBytes)
    return pointer
  })
  try {
    fit()
  } finally {
    alloc.mockRestore()
  }
  expect(most).toBeGreaterThan(before)
  expect(liveBytes()).toBe(before)
  return most - before
}

describe('a fit on a Matrix keeps at most 5 % of it, and 1 MiB, beside it', () => {
  const [rows, cols] = [40_000, 128]
  const { data, y } = drawn(rows, cols)
  using matrix = Matrix.from({ data, rows, cols })
  const X = matrix.sliceRows(0, rows)

  test.each(cases)('$name', ({ make }) => {
    expect(mostBytes(() => make().fitSync(X, y))).toBeLessThan(0.05 * 4 * rows * cols + 2 ** 20)
  })

  test('a sample that is copied in two parts is as good as one', () => {
    const auto = new LogisticRegression({ l2: 0.1 }).fitSync(X, y)
    const newton = new LogisticRegression({ l2: 0.1, solver: 'newton' }).fitSync(X, y)
    expect(auto.solver).toBe('sampledNewton')
    expect(auto.nIter).toBeLessThan(15)
    expect(Math.abs(auto.loss / newton.loss - 1)).toBeLessThan(1e-11)
    const off = auto.coef.map((c, k) => Math.abs(c - newton.coef[k]!))
    expect(Math.max(...off)).toBeLessThan(1e-5 * Math.max(...newton.coef.map(Math.abs)))
  })

  test.each([
    { shape: [2_000, 20], solver: 'newton' },
    { shape: [2_100, 60], solver: 'sampledNewton' },
    { shape: [50_000, 50], solver: 'sampledNewton' },
    { shape: [20_000, 64], nClasses: 10, solver: 'sampledNewton' },
    { shape: [12_000, 128], nClasses: 6, solver: 'sampledNewton' },
    { shape: [20_000, 300], solver: 'sampledNewton' },
    { shape: [4_000, 400], solver: 'lbfgs' },
    { shape: [14_000, 420], solver: 'lbfgs' },
    { shape: [22_000, 420], solver: 'sampledNewton' },
  ])('the default solver of $shape, $solver', ({ shape, nClasses = 2, solver }) => {
    const [rows, cols] = shape as [number, number]
    const { data, y } = drawn(rows, cols, nClasses)
    // Columns that nearly repeat each other, so that wide data need the sample.
    for (let i = 0; i < data.length; i++) if (i % cols) data[i] = data[i]! / 16 + data[i - 1]!
    using X = Matrix.from({ data, rows, cols })
    const model = new LogisticRegression({ l2: 1e-4, maxIter: 60 })
    expect(mostBytes(() => model.fitSync(X, y))).toBeLessThan(0.05 * 4 * rows * X.stride + 2 ** 20)
    expect(model.solver).toBe(solver)
  })
})
