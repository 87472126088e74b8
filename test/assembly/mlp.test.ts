import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../../src/kernel/activations.ts'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { mlpLogits, mlpPass } from '../reference/mlp.ts'
import { softmax } from '../reference/softmax.ts'
import type { Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { ACTIVATIONS, all, ones, type Problem, problem, SHAPES, shared } from './mlp-problem.ts'
import { Samples } from './samples.ts'
import { forEachVariant } from './variants.ts'

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
      NULL,
      ACTIVATION[activation],
      0,
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
      NULL,
      ACTIVATION[activation],
      0,
    )
    return arena.f32(logits, bytes / 4)
  })
}

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
