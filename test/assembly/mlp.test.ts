import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../../src/kernel/activations.ts'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { OPTIMIZER } from '../../src/kernel/optimizers.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { type ActivationName, isBias, mlpLogits, mlpPass, type Network, paramCount } from '../reference/mlp.ts'
import { softmax } from '../reference/softmax.ts'
import type { Table } from '../reference/table.ts'
import { Optimized, type OptimizerName, type UpdateSettings } from '../reference/updates.ts'
import { type Arena, inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { padded, Samples } from './samples.ts'
import { settingsOf } from './settings.ts'
import { forEachVariant } from './variants.ts'

const ACTIVATIONS = Object.keys(ACTIVATION) as ActivationName[]
const OPTIMIZERS = Object.keys(OPTIMIZER) as OptimizerName[]
/** One to three layers, one output and several, widths around the lanes. */
const SHAPES = [
  [1, 1],
  [5, 1],
  [7, 3],
  [4, 5, 1],
  [3, 1, 4],
  [5, 64, 1],
  [65, 3, 2],
  [6, 4, 5, 1],
  [5, 3, 64, 10],
]

interface Problem extends Network {
  mean: Float32Array
  scale: Float32Array
  X: Table
  y: Float32Array
  s: Float32Array | undefined
  params: Float32Array
  batch: number
}

function problem(seed: number, sizes: number[], rows: number, options: Partial<Problem> = {}): Problem {
  const samples = new Samples(seed)
  const [inputs, outputs] = [sizes[0]!, sizes.at(-1)!]
  return {
    sizes,
    activation: 'tanh',
    mean: samples.uniform(inputs, -0.5, 0.5),
    scale: samples.uniform(inputs, 0.5, 1.5),
    X: samples.table(rows, inputs, (n) => samples.uniform(n), 4),
    y: samples.whole(rows, 50).map((n) => (n + 50) % Math.max(2, outputs)),
    s: samples.uniform(rows, 0, 2),
    params: samples.uniform(paramCount(sizes)).map((w) => w / Math.sqrt(inputs)),
    batch: 8,
    ...options,
  }
}

/** What every call takes. Padding of mean and scale that is not 0 must not matter. */
function shared(arena: Arena, { sizes, mean, scale, X, batch }: Problem) {
  const { kernels } = arena.kernel
  const layers = sizes.length - 1
  const at = arena.input(Uint32Array.from(sizes))
  expect(kernels.mlpParams(layers, at)).toBe(paramCount(sizes))
  return {
    layers,
    sizes: at,
    mean: arena.input(padded(mean, X.stride, 3)),
    scale: arena.input(padded(scale, X.stride, 5)),
    scratch: arena.room(kernels.mlpScratchBytes(batch, X.stride, layers, at)),
  }
}

/** [loss, gradient ...] */
function pass(kernel: Kernel, asked: Problem, start = 0): Float64Array {
  const { X, y, s, params, batch, activation } = asked
  return inArena(kernel, (arena) => {
    const n = params.length
    const c = shared(arena, asked)
    const out = arena.inout(new Float64Array(1 + n).fill(start))
    const [x, targets, weights] = [arena.input(X.data), arena.input(y, 4), s ? arena.input(s, 8) : NULL]
    const [p, grads] = [arena.input(params, 4), arena.room(4 * n, 4)]
    kernel.kernels.mlpPass(
      X.rows,
      batch,
      c.layers,
      c.sizes,
      x,
      X.stride,
      targets,
      weights,
      c.mean,
      c.scale,
      p,
      grads,
      out,
      c.scratch,
      ACTIVATION[activation],
    )
    return arena.f64(out, 1 + n)
  })
}

function forward(kernel: Kernel, asked: Problem): Float32Array {
  const { X, params, batch, activation, sizes } = asked
  return inArena(kernel, (arena) => {
    const c = shared(arena, asked)
    const [x, p] = [arena.input(X.data), arena.input(params, 4)]
    const bytes = 4 * X.rows * sizes.at(-1)!
    const logits = arena.room(bytes, 4)
    kernel.kernels.mlpForward(
      X.rows,
      batch,
      c.layers,
      c.sizes,
      x,
      X.stride,
      c.mean,
      c.scale,
      p,
      logits,
      c.scratch,
      ACTIVATION[activation],
    )
    return arena.f32(logits, bytes / 4)
  })
}

interface Training {
  optimizer: OptimizerName
  settings: UpdateSettings
  index: Uint32Array
  l2: number
}

function train(kernel: Kernel, asked: Problem, { optimizer, settings, index, l2 }: Training, slabShift = 3) {
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
    kernel.kernels.mlpEpoch(
      index.length,
      batch,
      c.layers,
      c.sizes,
      arena.input(Uint32Array.from(slabs)),
      slabShift,
      X.stride,
      arena.input(index),
      arena.input(y),
      s ? arena.input(s) : NULL,
      c.mean,
      c.scale,
      p,
      arena.room(4 * n, 4),
      state(),
      state(),
      arena.inout(settingsOf(settings)),
      out,
      c.scratch,
      OPTIMIZER[optimizer],
      ACTIVATION[activation],
      l2,
    )
    return { params: arena.f32(p, n), loss: arena.f64(out, 1)[0]! - 100 }
  })
}

const all = (n: number) => Array.from({ length: n }, (_, i) => i)
const ones = (n: number) => new Float32Array(n).fill(1)

function expectPass(actual: Float64Array, asked: Problem): void {
  const { X, y, s, params } = asked
  const expected = mlpPass(asked, params, X, y, s ?? ones(X.rows), all(X.rows))
  // Every activation is within a few ulp, sums have at most 65 terms; terms are of size 1 and there are `rows` of them.
  const tolerance = 5e-6 * (1 + X.rows)
  expectClose([actual[0]!], [expected.loss], () => tolerance)
  expectClose(actual.subarray(1), expected.gradient, () => tolerance)
}

forEachVariant((kernel) => {
  describe.each(ACTIVATIONS)('%s', (activation) => {
    test.each(SHAPES.map((sizes) => ({ sizes, name: sizes.join('-') })))('$name', ({ sizes }) => {
      for (const rows of [0, 1, 3, 4, 5, 16, 17, 21]) {
        const asked = problem(rows, sizes, rows, { activation })
        expectPass(pass(kernel, asked), asked)
        expectClose(forward(kernel, asked), mlpLogits(asked, asked.params, asked.X), () => 1e-5)
      }
    })

    test('the gradient is the derivative of the loss', () => {
      for (const sizes of [
        [3, 4, 5, 1],
        [3, 5, 3],
      ]) {
        const asked = problem(1, sizes, 15, { activation })
        const { params, X, y, s } = asked
        const h = 1e-5
        const lossAt = (k: number, by: number) =>
          mlpPass(
            asked,
            Float64Array.from(params, (p, i) => (i === k ? p + by : p)),
            X,
            y,
            s!,
            all(15),
          ).loss
        const slopes = Array.from(params, (_, k) => (lossAt(k, h) - lossAt(k, -h)) / (2 * h))
        expectClose(pass(kernel, asked).subarray(1), slopes, () => 1e-4)
      }
    })

    test('a NaN or an infinity in the data shows', () => {
      for (const sizes of [
        [3, 4, 1],
        [3, 4, 3],
      ]) {
        const asked = problem(2, sizes, 5, { activation })
        asked.X.data[asked.X.stride] = Number.NaN
        expect(pass(kernel, asked)[0]).toBe(Number.NaN)
      }
    })
  })

  test('batches of every tail, and larger than the data', () => {
    for (const batch of [1, 2, 3, 4, 5, 7, 16, 17, 64, 257, 600]) {
      for (const sizes of [
        [5, 3, 1],
        [5, 4, 3],
      ]) {
        const asked = problem(batch, sizes, 300, { batch })
        expectPass(pass(kernel, asked), asked)
      }
    }
  })

  test('adds to what is there; no weights are weights of 1', () => {
    const asked = problem(3, [5, 4, 3], 20)
    expectClose(
      pass(kernel, asked, 10),
      pass(kernel, asked).map((sum) => sum + 10),
      () => 1e-12,
    )
    expectSameBits(pass(kernel, { ...asked, s: ones(20) }), pass(kernel, { ...asked, s: undefined }))
  })

  test('logits far out neither overflow nor lose the loss', () => {
    for (const outputs of [1, 3]) {
      const X: Table = { data: Float32Array.of(1e30, 0, 0, 0, -1e30, 0, 0, 0), rows: 2, cols: 1, stride: 4 }
      const sizes = [1, outputs]
      const params = new Float32Array(2 * outputs)
      params[0] = 1
      const asked = {
        ...problem(4, sizes, 2),
        X,
        params,
        y: Float32Array.of(1, 1),
        s: ones(2),
        mean: new Float32Array(1),
        scale: ones(1),
      }
      const [loss, ...gradient] = pass(kernel, asked)
      const expected = mlpPass(asked, params, X, asked.y, ones(2), all(2))
      expectClose([loss!], [expected.loss], () => 1e-6 * expected.loss)
      expectClose(gradient, expected.gradient, (k) => 1e-6 * Math.abs(expected.gradient[k]!) + 1e-6)
    }
  })

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

  test('softmaxRows', () => {
    for (const k of [2, 3, 4, 5, 10, 17]) {
      const z = new Samples(k).uniform(7 * k, -5, 5)
      z[k] = 1e30
      const p = inArena(kernel, (arena) => {
        const at = arena.inout(z, 4)
        kernel.kernels.softmaxRows(7, k, at)
        return arena.f32(at, 7 * k)
      })
      const expected = all(7).flatMap((i) => [...softmax(Float64Array.from(z.slice(i * k, (i + 1) * k))).p])
      expectClose(p, expected, () => 1e-6)
    }
  })

  test("equals PyTorch's autograd", () => {
    const { X: rows, y, W1, b1, W2, b2, expected } = golden
    const X = new Samples(0).table(rows.length, 7, () => new Float32Array(7))
    for (const [i, row] of rows.entries()) X.data.set(row, i * X.stride)
    const sums = pass(kernel, {
      ...problem(0, [7, 5, 1], rows.length),
      activation: 'relu',
      mean: new Float32Array(7),
      scale: ones(7),
      X,
      y: Float32Array.from(y),
      s: undefined,
      params: Float32Array.from([...W1.flat(), ...b1, ...W2.flat(), b2]),
    })
    const { loss, dW1, db1, dW2, db2 } = expected.mlp_relu_bce
    const all = [loss, ...dW1.flat(), ...db1, ...dW2.flat(), db2]
    expectClose(
      sums.map((sum) => sum / rows.length),
      all,
      (k) => 1e-5 * Math.abs(all[k]!) + 1e-9,
    )
  })
})

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
