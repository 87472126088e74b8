import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../../src/kernel/activations.ts'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { OPTIMIZER } from '../../src/kernel/optimizers.ts'
import { at, NULL } from '../../src/kernel/pointer.ts'
import { isBias, mlpPass } from '../reference/mlp.ts'
import { Optimized, type OptimizerName, type UpdateSettings } from '../reference/updates.ts'
import { inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { ACTIVATIONS, ones, type Problem, problem, SHAPES, shared } from './mlp-problem.ts'
import { Samples } from './samples.ts'
import { settingsOf } from './settings.ts'
import { forEachVariant } from './variants.ts'

const OPTIMIZERS = Object.keys(OPTIMIZER) as OptimizerName[]

interface Training {
  optimizer: OptimizerName
  settings: UpdateSettings
  index: Uint32Array
  l2: number
}

/** Runs an epoch, by calls of so much work where a budget is given; `work` is what each of them did. */
function train(
  kernel: Kernel,
  asked: Problem,
  { optimizer, settings, index, l2 }: Training,
  slabShift = 3,
  budget?: number,
) {
  const { X, y, s, params, batch, activation } = asked
  return inArena(kernel, (arena) => {
    const n = params.length
    const c = shared(arena, asked)
    const slabs: number[] = []
    for (let row = 0; row < X.rows; row += 2 ** slabShift)
      slabs.push(arena.input(X.data.subarray(row * X.stride, Math.min(X.rows, row + 2 ** slabShift) * X.stride)))
    const p = arena.inout(params, 4)
    const state = () => arena.inout(new Float32Array(n), 4)
    const out = arena.inout(Float64Array.of(100))
    const progress = budget === undefined ? NULL : arena.inout(new Float64Array(2))
    const table = arena.input(Uint32Array.from(slabs))
    const order = arena.input(index)
    const [targets, weights] = [arena.input(y), s ? arena.input(s) : NULL]
    const [grads, m, v] = [arena.room(4 * n, 4), state(), state()]
    const set = arena.inout(settingsOf(settings))
    const work: number[] = []
    let done = 0
    do {
      done += kernel.kernels.mlpEpoch(
        index.length - done,
        batch,
        c.layers,
        c.sizes,
        table,
        slabShift,
        X.stride,
        at(order, 4 * done),
        targets,
        weights,
        c.mean,
        c.scale,
        p,
        grads,
        m,
        v,
        set,
        out,
        c.scratch,
        progress,
        OPTIMIZER[optimizer],
        ACTIVATION[activation],
        l2,
        budget ?? 0,
      )
      if (progress !== NULL) work.push(budget! - arena.f64(progress, 1)[0]!)
    } while (done < index.length)
    return { params: arena.f32(p, n), loss: arena.f64(out, 1)[0]! - 100, work }
  })
}

/** The epoch in float64: each batch's mean gradient, l2 on the weights, the optimiser's step. */
function reference(asked: Problem, { optimizer, settings, index, l2 }: Training) {
  const { X, y, s, batch, sizes } = asked
  const state = new Optimized(asked.params)
  const bias = isBias(sizes)
  let total = 0
  for (let begin = 0; begin < index.length; begin += batch) {
    const rows = index.slice(begin, begin + batch)
    const { loss, gradient } = mlpPass(asked, state.p, X, y, s ?? ones(X.rows), rows)
    total += loss
    const g = gradient.map((sum, k) => sum / rows.length + (bias(k) ? 0 : l2 * state.p[k]!))
    state.step(optimizer, g, settings)
  }
  return { params: state.p, loss: total }
}

forEachVariant((kernel) => {
  describe.each(OPTIMIZERS)('epoch of %s', (optimizer) => {
    test.each(ACTIVATIONS)('%s', (activation) => {
      for (const [i, sizes] of SHAPES.entries()) {
        for (const [rows, batch] of [
          [1, 4],
          [17, 4],
          [30, 7],
        ] as const) {
          const asked = problem(rows + i, sizes, rows, { activation, batch })
          const settings = { rate: 0.02, first: 0.8, second: 0.95, epsilon: 1e-2, decay: 0.05 }
          const training = { optimizer, settings, index: new Samples(i).order(rows), l2: Math.fround(0.05) }
          const actual = train(kernel, asked, training)
          const expected = reference(asked, training)
          expectClose(actual.params, expected.params, () => 2e-5)
          expectClose([actual.loss], [expected.loss], () => 1e-5 * (1 + expected.loss))
        }
      }
    })
  })

  test('the bits of an epoch do not depend on how the rows are cut into slabs', () => {
    const asked = problem(5, [6, 5, 3], 50)
    const settings = { rate: 0.02, first: 0.9, second: 0.99, epsilon: 1e-8, decay: 0 }
    const training: Training = { optimizer: 'adam', settings, index: new Samples(1).order(50), l2: 0 }
    expectSameBits(train(kernel, asked, training, 0).params, train(kernel, asked, training, 6).params)
  })

  test.each(OPTIMIZERS)(
    'an epoch of %s in many calls is the same to the bit, and none does much more than it may',
    (optimizer) => {
      // Layers of several parts each, in both directions.
      const asked = problem(6, [300, 600, 3, 1], 40, { batch: 16, activation: 'relu' })
      const settings = { rate: 0.02, first: 0.9, second: 0.99, epsilon: 1e-4, decay: 0.01 }
      const training: Training = { optimizer, settings, index: new Samples(1).order(40), l2: Math.fround(0.05) }
      const whole = train(kernel, asked, training)
      // Multiply-adds of the products alone: forward, for the gradient, and passed back behind the first layer.
      const products = 40 * (2 * 300 * 600 + 3 * (600 * 3 + 3))
      // The largest part: 288 rows of the first gradient, or 256 columns forward, with what is done besides.
      const part = 600 * 300 * 40
      for (const budget of [1, 1e5, 3e6, 1e7]) {
        const cut = train(kernel, asked, training, 3, budget)
        expectSameBits(cut.params, whole.params)
        expect(cut.loss).toBe(whole.loss)
        const total = cut.work.reduce((sum, work) => sum + work)
        expect(total).toBeGreaterThan(products)
        expect(total).toBeLessThan(4 * products + 40 * 1e5)
        expect(Math.max(...cut.work)).toBeLessThan(budget + part)
        expect(cut.work.length).toBeGreaterThanOrEqual(total / (budget + part))
        expect(cut.work.length).toBeLessThanOrEqual(Math.ceil(total / budget) + 3 * 20)
      }
    },
  )
})
