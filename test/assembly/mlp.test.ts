import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../../src/kernel/activations.ts'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { OPTIMIZER } from '../../src/kernel/optimizers.ts'
import { at, NULL, type Pointer } from '../../src/kernel/pointer.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { isBias, mlpLogits, mlpPass } from '../reference/mlp.ts'
import { softmax } from '../reference/softmax.ts'
import type { Table } from '../reference/table.ts'
import { type Arena, inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { ACTIVATIONS, all, ones, type Problem, problem, SHAPES, shared } from './mlp-problem.ts'
import { Samples } from './samples.ts'
import { settingsOf } from './settings.ts'
import { forEachVariant } from './variants.ts'

/** Calls of so much work until all rows are done, or one call without a budget. */
function inCalls(
  arena: Arena,
  rows: number,
  budget: number | undefined,
  call: (begin: number, progress: Pointer, budget: number) => number,
): void {
  const progress = budget === undefined ? NULL : arena.inout(new Float64Array(2))
  let done = 0
  do done += call(done, progress, budget ?? 0)
  while (done < rows)
}

function pass(kernel: Kernel, asked: Problem, start = 0, budget?: number): Float64Array {
  const { X, y, s, params, batch, activation } = asked
  return inArena(kernel, (arena) => {
    const n = params.length
    const c = shared(arena, asked)
    const out = arena.inout(new Float64Array(1 + n).fill(start))
    const [x, targets, weights] = [arena.input(X.data), arena.input(y, 4), s ? arena.input(s, 8) : NULL]
    const [p, grads] = [arena.input(params, 4), arena.room(4 * n, 4)]
    inCalls(arena, X.rows, budget, (begin, progress, most) =>
      kernel.kernels.mlpPass(
        X.rows - begin,
        batch,
        c.layers,
        c.sizes,
        at(x, begin * X.stride * 4),
        X.stride,
        at(targets, begin * 4),
        weights === NULL ? NULL : at(weights, begin * 4),
        c.mean,
        c.scale,
        p,
        grads,
        out,
        c.scratch,
        progress,
        ACTIVATION[activation],
        most,
      ),
    )
    return arena.f64(out, 1 + n)
  })
}

function forward(kernel: Kernel, asked: Problem, budget?: number): Float32Array {
  const { X, params, batch, activation, sizes } = asked
  return inArena(kernel, (arena) => {
    const c = shared(arena, asked)
    const [x, p] = [arena.input(X.data), arena.input(params, 4)]
    const bytes = 4 * X.rows * sizes.at(-1)!
    const logits = arena.room(bytes, 4)
    inCalls(arena, X.rows, budget, (begin, progress, most) =>
      kernel.kernels.mlpForward(
        X.rows - begin,
        batch,
        c.layers,
        c.sizes,
        at(x, begin * X.stride * 4),
        X.stride,
        c.mean,
        c.scale,
        p,
        at(logits, begin * sizes.at(-1)! * 4),
        c.scratch,
        progress,
        ACTIVATION[activation],
        most,
      ),
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
        [5, 21, 1],
        [7, 18, 9],
      ]) {
        const asked = problem(batch, sizes, 300, { batch })
        expectPass(pass(kernel, asked), asked)
      }
    }
  })

  test('rows one by one as all together, where sums are longer than what is added up at once', () => {
    for (const sizes of [
      [300, 21, 1],
      [523, 10, 3],
    ]) {
      const asked = problem(3, sizes, 15)
      expectSameBits(forward(kernel, { ...asked, batch: 1 }), forward(kernel, { ...asked, batch: 15 }))
      expectClose(forward(kernel, asked), mlpLogits(asked, asked.params, asked.X), () => 1e-4)
    }
  })

  test('in many calls the same to the bit', () => {
    const asked = problem(7, [300, 600, 3, 4], 20, { batch: 8 })
    for (const budget of [1, 2e6]) {
      expectSameBits(forward(kernel, asked, budget), forward(kernel, asked))
      expectSameBits(pass(kernel, asked, 0, budget), pass(kernel, asked))
    }
  })

  test('a step by sums is the step by their gradient; the sums are 0 after it', () => {
    const asked = problem(8, [600, 500, 3], 1)
    const { params, sizes } = asked
    const n = params.length
    const sums = Float64Array.from(new Samples(9).uniform(n))
    const l2 = Math.fround(0.1)
    const step = (budget?: number) =>
      inArena(kernel, (arena) => {
        const c = shared(arena, asked)
        const [p, added] = [arena.inout(params), arena.inout(sums)]
        const [grads, m, v] = [arena.room(4 * n), arena.inout(new Float32Array(n)), arena.inout(new Float32Array(n))]
        const settings = arena.inout(settingsOf({ rate: 0.1, first: 0.5, second: 0.5, epsilon: 1e-3, decay: 0 }))
        inCalls(arena, 1, budget, (_, progress, most) =>
          Number(
            kernel.kernels.mlpStep(
              8,
              c.layers,
              c.sizes,
              added,
              p,
              grads,
              m,
              v,
              settings,
              progress,
              OPTIMIZER.momentum,
              l2,
              most,
            ),
          ),
        )
        expect(arena.f64(added, n).every((sum) => sum === 0)).toBe(true)
        return arena.f32(p, n)
      })
    const whole = step()
    const bias = isBias(sizes)
    const expected = params.map((w, k) => w - 0.1 * (sums[k]! / 8 + (bias(k) ? 0 : l2 * w)))
    expectClose(whole, expected, () => 1e-6)
    expectSameBits(step(1), whole)
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
      for (const rows of [0, 1, 7, 16, 33]) {
        const z = new Samples(k).uniform(rows * k, -5, 5)
        if (rows > 1) z[k] = 1e30
        const p = inArena(kernel, (arena) => {
          const at = arena.inout(z, 4)
          kernel.kernels.softmaxRows(rows, k, at, arena.room(kernel.kernels.softmaxRowsScratchBytes(k)))
          return arena.f32(at, rows * k)
        })
        const expected = all(rows).flatMap((i) => [...softmax(Float64Array.from(z.slice(i * k, (i + 1) * k))).p])
        expectClose(p, expected, () => 1e-6)
      }
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
