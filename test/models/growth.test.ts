import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { kernel, kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { sample } from './sample.ts'

/**
 * Memory that grows detaches every view on it: here it grows at every allocation, so that whoever keeps a view over one
 * reads nothing and writes nowhere.
 */
const { X, y } = sample(700, 5)
const validation = sample(300, 5, 2)
const far = X.map((x) => x.map((v) => v + 1e6))
const everySolver: LogisticRegressionOptions[] = ['newton', 'lbfgs', 'gd', 'sgd'].map(
  (solver) => ({ solver, maxIter: 20, epochs: 3 }) as LogisticRegressionOptions,
)

async function everything(options: LogisticRegressionOptions): Promise<unknown[]> {
  const model = await new LogisticRegression(options).fit(far, y, {
    validation,
    sampleWeight: X.map((_, i) => 1 + (i % 2)),
  })
  using matrix = Matrix.from(far)
  using part = matrix.sliceRows(3, 400)
  return [
    model.coef,
    model.history,
    model.predictProba(far).data,
    model.predictProba(matrix).data,
    model.predict(part, { threshold: 0.4 }),
    model.score(matrix, y),
    new LogisticRegression(options).partialFit(part, y.slice(3, 400)).partialFit(far, y).coef,
  ]
}

let expected: unknown[][]
let total: number

beforeAll(async () => {
  expected = await Promise.all(everySolver.map(everything))
  const { memory, kernels } = kernel()
  const alloc = memory.alloc.bind(memory)
  const wasm = kernels.memory as unknown as { grow(pages: number): void }
  vi.spyOn(memory, 'alloc').mockImplementation((bytes) => {
    wasm.grow(1)
    return alloc(bytes)
  })
  total = kernelInfo().totalBytes
})

afterAll(() => {
  vi.restoreAllMocks()
})

test.each(everySolver.map((options, i) => ({ options, i })))(
  'nothing changes with $options',
  async ({ options, i }) => {
    expect(await everything(options)).toEqual(expected[i])
    expect(kernelInfo().totalBytes).toBeGreaterThan(total)
  },
)
