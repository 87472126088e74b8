import { afterEach, expect, test, vi } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import type { Pointer } from '../../src/kernel/index.ts'
import { fitMlp } from '../../src/models/mlp-fit.ts'
import { drawWeights } from '../../src/models/mlp-init.ts'
import { NetworkRows } from '../../src/models/mlp-network.ts'
import type { MLPClassifierOptions } from '../../src/models/mlp-options.ts'
import { withMeanOne } from '../../src/models/mlp-samples.ts'
import { readSamples } from '../../src/models/read-samples.ts'
import { classWeights, totalWeights } from '../../src/models/samples.ts'
import { sample } from './sample.ts'

/**
 * How much is done between two breaks, counted: times would say how fast the machine is. A call of 2^24 multiply-adds
 * takes a millisecond or two.
 */
const CALL_WORK = 2 ** 24

afterEach(() => vi.restoreAllMocks())

/** Runs a fit; the work of the kernel's networks in each of its steps. */
function workOfSteps(rows: number, cols: number, options: MLPClassifierOptions): number[] {
  const { X, y } = sample(rows, cols)
  let work = 0
  const { calls } = NetworkRows.prototype
  vi.spyOn(NetworkRows.prototype, 'calls').mockImplementation(function (this: NetworkRows, count, call) {
    return calls.call(this, count, (begin: number, progress: Pointer, budget: number) => {
      const done = call(begin, progress, budget)
      work += budget - this.kernel.memory.f64(progress, 1)[0]!
      return done
    })
  })
  const steps = fitMlp(X, y, { epochs: 1, ...options }, {}, undefined)
  const works: number[] = []
  for (let next = steps.next(); !next.done; next = steps.next()) {
    works.push(work)
    work = 0
  }
  return works
}

test.each<[MLPClassifierOptions, number]>([
  [{ hiddenSizes: [1024, 1024], learningRate: 1e-5 }, 64],
  [{ hiddenSizes: [1024, 1024], learningRate: 1e-5, batchSize: 200, l2: 0.01 }, 200],
  [{ hiddenSizes: [2048], optimizer: 'sgd', learningRate: 1e-3, earlyStopping: { fraction: 0.25 } }, 64],
])('a step of %o is no longer than a call and a part', (options, batch) => {
  const rows = 200
  const works = workOfSteps(rows, 784, options)
  const widths = [784, ...options.hiddenSizes!, 1]
  const products = widths.reduce((sum, width, l) => (l === 0 ? 0 : sum + width * widths[l - 1]!), 0)
  // A part: 256 columns of a product, or 288 rows of a gradient, of as many rows as go together.
  const part = 300 * Math.max(...widths) * (Math.min(batch, 128) + 16)
  expect(Math.max(...works)).toBeLessThan(CALL_WORK + part)
  // Nothing is left out: forward, gradient, passed back behind the first layer; and forward once more to measure.
  const total = works.reduce((sum, work) => sum + work)
  expect(total).toBeGreaterThan((0.75 * rows * 2 + rows) * products)
})

test('a small network takes many batches a call', () => {
  const works = workOfSteps(2000, 5, { hiddenSizes: [8] }).filter((work) => work > 0)
  expect(works.length).toBeLessThan(10)
})

test('passes over rows have breaks', () => {
  const rows = 300_000
  const labels = Int32Array.from({ length: rows }, (_, i) => i % 2)
  const weights = new Float64Array(rows).fill(2)
  const count = (steps: Iterator<unknown>) => {
    let breaks = 0
    while (!steps.next().done) breaks++
    return breaks
  }
  const bare = count(readSamples(labels, rows, {}))
  const full = count(readSamples(labels, rows, { sampleWeight: weights, classWeight: { 0: 2 } }))
  expect(full).toBeGreaterThan(bare + (3 * rows) / 2 ** 17)
  const balanced = count(readSamples(labels, rows, { classWeight: 'balanced' }))
  expect(balanced).toBeGreaterThan(bare + (2 * rows) / 2 ** 17)
  expect(count(classWeights('balanced', [0, 1], labels, weights))).toBeGreaterThan(3)
  expect(count(totalWeights(labels, weights, Float64Array.of(1, 2)))).toBeGreaterThan(3)
  expect(
    count(
      withMeanOne(
        weights,
        Uint32Array.from(labels, (_, i) => i),
      ),
    ),
  ).toBeGreaterThan(2)
})

test('weights are the same, whatever they are drawn by', () => {
  // A layer that is drawn in several slices, and the generator after it.
  const draw = (limit: number) => {
    const drawn: [number, number, number][] = []
    const memory = { f32: () => new Float32Array(0) }
    const kernels = {
      normal: (n: number, to: number) => drawn.push([n, to, 0]),
      uniform: (n: number, to: number, _: number, low: number, high: number) => drawn.push([n, to, high - low]),
    }
    const net = {
      kernel: { kernels, memory },
      shape: { sizes: [700, limit, 3], activation: 'relu' },
      layers: 2,
      params: 0,
      size: 0,
    }
    runSync(drawWeights(net as unknown as NetworkRows, 'auto', 0 as Pointer))
    return drawn
  }
  const drawn = draw(500)
  expect(drawn.slice(0, -1).map(([n]) => n)).toEqual([2 ** 17, 2 ** 17, 700 * 500 - 2 ** 18])
  expect(drawn.map(([, to]) => to)).toEqual([0, 2 ** 19, 2 ** 20, 701 * 500 * 4])
  expect(drawn.at(-1)![0]).toBe(1500)
})
