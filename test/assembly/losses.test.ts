import { describe, expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { LOSS_NAMES, type LossName, linearPass, losses, targetsOf } from '../reference/losses.ts'
import { gemv } from '../reference/matmul.ts'
import { cell, type Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose } from './expect-close.ts'
import { EPS, padded, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

/** Losses with a curvature. */
const CURVED = LOSS_NAMES.filter((name) => name !== 'hinge')

interface Problem {
  X: Table
  w: Float32Array
  b: number
  y: Float32Array
  s: Float32Array | undefined
}

function pass(kernel: Kernel, name: LossName, { X, w, b, y, s }: Problem): Float64Array {
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const out = arena.inout(new Float64Array(2 + X.stride))
    const scratch = arena.room(kernels.linearScratchBytes(X.stride))
    const [x, at, targets] = [arena.input(X.data), arena.input(padded(w, X.stride)), arena.input(y)]
    const weights = s ? arena.input(s) : NULL
    kernels.linearPass(LOSS[name], X.rows, 256, x, X.stride, at, targets, weights, out, scratch, b, 1)
    return arena.f64(out, 2 + X.stride)
  })
}

function exactLoss(kernel: Kernel, name: LossName, { X, w, b, y, s }: Problem): number {
  return inArena(kernel, (arena) => {
    const [x, at, targets] = [arena.input(X.data), arena.input(Float64Array.from(padded(w, X.stride))), arena.input(y)]
    const weights = s ? arena.input(s) : NULL
    const [out, scratch] = [arena.inout(new Float64Array(1)), arena.room(128)]
    kernel.kernels.linearLoss(LOSS[name], X.rows, x, X.stride, at, targets, weights, out, scratch, b)
    return arena.f64(out, 1)[0]!
  })
}

/** [sum of q, 0, X^T q, H] */
function hessian(kernel: Kernel, name: LossName, { X, w, b, y, s }: Problem): Float64Array {
  const length = 2 + X.stride + X.stride ** 2
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const out = arena.inout(new Float64Array(length))
    const scratch = arena.room(kernels.hessianScratchBytes(X.stride))
    const [x, at, targets] = [arena.input(X.data), arena.input(padded(w, X.stride)), arena.input(y)]
    const weights = s ? arena.input(s) : NULL
    kernels.linearHessian(LOSS[name], X.rows, x, X.stride, at, targets, weights, out, scratch, b)
    return arena.f64(out, length)
  })
}

/** One row whose logit is z. */
function at(z: number, t: number): Problem {
  return {
    X: { data: Float32Array.of(1, 0, 0, 0), rows: 1, cols: 1, stride: 4 },
    w: Float32Array.of(z),
    b: 0,
    y: Float32Array.of(t),
    s: undefined,
  }
}

const POINTS = Float32Array.of(
  ...[0, 0.5, 1, 0.999, 1.001, 2, 5, 10, 17, 30, 60, 87, 88, 104, 1e3, 1e6, 1e10, 1.8e19, 1e20, 1e30].flatMap((z) => [
    z,
    -z,
  ]),
  ...new Samples(1).uniform(60, -6, 6),
)

/** Random rows of whole quarters: every z is exact. */
function problem(name: LossName, seed: number, rows: number, cols: number, weighted: boolean): Problem {
  const samples = new Samples(seed)
  return {
    X: samples.table(rows, cols, (n) => samples.whole(n).map((x) => x / 4)),
    w: samples.whole(cols).map((w) => w / 16),
    b: -0.75,
    y: samples.labels(rows).map((label) => targetsOf(name)[label]!),
    s: weighted ? samples.whole(rows, 3).map(Math.abs) : undefined,
  }
}

const ones = (n: number) => new Float32Array(n).fill(1)

forEachVariant((kernel) => {
  describe.each(LOSS_NAMES)('%s', (name) => {
    const loss = losses[name]
    const targets = targetsOf(name)

    test('value and gradient at every logit, up to 1e30', () => {
      for (const t of targets) {
        for (const z of POINTS) {
          const [value, gradient, g0] = pass(kernel, name, at(z, t))
          // A sigmoid is within 2.5 ulp; then the subtraction, two products and a square.
          expectClose([value!], [loss.value(z, t)], () => 12 * EPS * Math.max(1, loss.value(z, t)))
          expectClose([gradient!], [loss.gradient(z, t)], () => 12 * EPS * Math.max(1, Math.abs(loss.gradient(z, t))))
          expect(g0).toBe(gradient)
        }
      }
    })

    test('the value in float64, up to 1e30', () => {
      for (const t of targets) {
        for (const z of POINTS) {
          const expected = loss.value(z, t)
          expectClose([exactLoss(kernel, name, at(z, t))], [expected], () => 1e-14 * expected + 1e-300)
        }
      }
    })

    test('the gradient is the derivative of the value, away from the kink', () => {
      const h = 2 ** -10
      for (const t of targets) {
        for (const z of new Samples(2).uniform(50, -4, 4)) {
          if (Math.abs(t * z - 1) < 2 * h) continue
          const slope = (exactLoss(kernel, name, at(z + h, t)) - exactLoss(kernel, name, at(z - h, t))) / (2 * h)
          expectClose([pass(kernel, name, at(z, t))[1]!], [slope], () => 2e-6 * Math.max(1, Math.abs(z)))
        }
      }
    })

    test('a NaN stays NaN, in value and gradient', () => {
      for (const t of targets) {
        for (const rows of [1, 5, 16]) {
          const X = new Samples(3).table(rows, 1, ones)
          const asked = { X, w: Float32Array.of(Number.NaN), b: 0, y: new Float32Array(rows).fill(t), s: undefined }
          expect([...pass(kernel, name, asked).subarray(0, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN])
          expect(exactLoss(kernel, name, asked)).toBe(Number.NaN)
        }
      }
    })

    test.each(SIZES)('%i rows, with and without weights', (rows) => {
      for (const weighted of [false, true]) {
        const asked = problem(name, rows, rows, 6, weighted)
        const { X, w, b, y } = asked
        const s = asked.s ?? ones(rows)
        const expected = linearPass(name, X, w, b, y, s)
        const most = expected.residual.reduce((sum, r, i) => sum + Math.abs(r) + s[i]!, 0)
        const actual = pass(kernel, name, asked)
        expectClose([actual[0]!], [expected.loss], () => 24 * EPS * (1 + expected.loss))
        expectClose(
          actual.subarray(1, 2 + X.cols),
          [expected.residualSum, ...expected.gradient],
          () => 280 * EPS * most + 1e-30,
        )
        expect(actual.subarray(2 + X.cols).every((sum) => sum === 0)).toBe(true)
        expectClose([exactLoss(kernel, name, asked)], [expected.loss], () => 1e-13 * expected.loss)
      }
    })
  })

  describe.each(CURVED)('curvature of %s', (name) => {
    test('at every logit', () => {
      for (const t of targetsOf(name)) {
        for (const z of POINTS) {
          const expected = losses[name].curvature(z, t)
          const [q, , cross] = hessian(kernel, name, at(z, t))
          expectClose([q!], [expected], () => 16 * EPS * Math.max(Math.abs(expected), 0.1))
          expect(cross).toBe(q)
        }
      }
    })

    test.each(SIZES)('%i rows', (rows) => {
      const asked = problem(name, rows, rows, 6, true)
      const { X, w, b, y, s } = asked
      const q = gemv(X, w, b).map((z, i) => s![i]! * losses[name].curvature(z, y[i]!))
      const H = hessian(kernel, name, asked)
      const size = q.reduce((sum, qi) => sum + Math.abs(qi), 0) + 1e-30
      expectClose([H[0]!], [q.reduce((sum, qi) => sum + qi, 0)], () => 280 * EPS * size)
      for (let j = 0; j < X.cols; j++)
        for (let k = j; k < X.cols; k++) {
          let sum = 0
          for (let i = 0; i < rows; i++) sum += q[i]! * cell(X, i, j) * cell(X, i, k)
          expectClose([H[2 + X.stride + j * X.stride + k]!], [sum], () => 280 * EPS * size)
        }
    })

    test('is the derivative of the gradient, away from the kink', () => {
      const h = 2 ** -6
      for (const t of targetsOf(name)) {
        for (const z of new Samples(4).uniform(50, -4, 4)) {
          if (Math.abs(t * z - 1) < 2 * h) continue
          const { gradient } = losses[name]
          const expected = (gradient(z + h, t) - gradient(z - h, t)) / (2 * h)
          expectClose([hessian(kernel, name, at(z, t))[0]!], [expected], () => 1e-4)
        }
      }
    })
  })

  describe("PyTorch's autograd", () => {
    const names = {
      bce: 'logistic',
      squared_error_logistic: 'squaredErrorLogistic',
      squared_error_linear: 'squaredError',
      hinge: 'hinge',
      squared_hinge: 'squaredHinge',
    } as const
    test.each(Object.keys(names) as (keyof typeof names)[])('%s', (entry) => {
      const name = names[entry]
      const { X: rows, w, b, y } = golden
      const table = new Samples(0).table(rows.length, 7, () => new Float32Array(7))
      for (const [i, row] of rows.entries()) table.data.set(row, i * table.stride)
      const asked = {
        X: table,
        w: Float32Array.from(w),
        b,
        y: Float32Array.from(y, (label) => targetsOf(name)[label]!),
        s: undefined,
      }
      const mean = pass(kernel, name, asked).map((sum) => sum / rows.length)
      const { loss, dw, db } = golden.expected[entry]
      const expected = [loss, db, ...dw]
      expectClose(mean.subarray(0, 9), expected, (k) => 1e-5 * Math.abs(expected[k]!))
    })
  })
})
