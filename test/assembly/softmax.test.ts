import { describe, expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { softmaxLoss, softmaxPass, softmaxProba } from '../reference/softmax.ts'
import type { Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { EPS, padded, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

interface Problem {
  X: Table
  /** k x cols */
  W: Float32Array
  B: Float32Array
  y: Float32Array
  s: Float32Array | undefined
}

/** Whole quarters and sixteenths: every logit is exact in float32. */
function problem(seed: number, k: number, rows: number, cols: number, weighted: boolean, extra = 0): Problem {
  const samples = new Samples(seed)
  return {
    X: samples.table(rows, cols, (n) => samples.whole(n).map((x) => x / 4), extra),
    W: samples.whole(k * cols).map((w) => w / 16),
    B: samples.whole(k).map((b) => b / 4),
    y: samples.whole(rows, 50).map((n) => (n + 50) % k),
    s: weighted ? samples.whole(rows, 3).map(Math.abs) : undefined,
  }
}

function paddedRows({ W, X }: Problem, k: number, filler: number): Float32Array {
  return Float32Array.from(
    Array.from({ length: k }, (_, c) => [...padded(W.slice(c * X.cols, (c + 1) * X.cols), X.stride, filler)]).flat(),
  )
}

/** [loss, sum of residuals and gradient of each class] with what lies between checked to be 0 (plus start). */
function run(kernel: Kernel, asked: Problem, chunkRows = 256, start = 0) {
  const { X, B, y, s } = asked
  const k = B.length
  const length = 2 + k * (2 + X.stride)
  const out = inArena(kernel, (arena) => {
    const { kernels } = kernel
    const sums = arena.inout(new Float64Array(length).fill(start))
    const scratch = arena.room(kernels.softmaxScratchBytes(k, X.stride))
    const [x, w, b] = [arena.input(X.data), arena.input(paddedRows(asked, k, 7)), arena.input(B, 4)]
    const [labels, weights] = [arena.input(y, 8), s ? arena.input(s, 4) : NULL]
    kernels.softmaxPass(X.rows, chunkRows, k, x, X.stride, w, b, labels, weights, sums, scratch)
    return arena.f64(sums, length)
  })
  const block = (c: number) => out.subarray(2 + c * (2 + X.stride), 2 + (c + 1) * (2 + X.stride))
  expect(out[1]).toBe(start)
  for (let c = 0; c < k; c++) {
    expect(block(c)[1]).toBe(start)
    // NaN times the zeros of the padding is NaN too.
    const padding = block(c).subarray(2 + X.cols)
    expect(Number.isNaN(block(c)[0]) || padding.every((sum) => sum === start)).toBe(true)
  }
  const of = (c: number) => [block(c)[0]!, ...block(c).subarray(2, 2 + X.cols)]
  return { loss: out[0]!, gradients: Float64Array.from(Array.from({ length: k }, (_, c) => of(c)).flat()), out }
}

function proba(kernel: Kernel, asked: Problem): Float32Array {
  const { X, B } = asked
  const k = B.length
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const out = arena.room(X.rows * k * 4, 4)
    const scratch = arena.room(kernels.softmaxScratchBytes(k, X.stride))
    const [x, w, b] = [arena.input(X.data), arena.input(paddedRows(asked, k, 7)), arena.input(B, 4)]
    kernels.softmaxForward(X.rows, k, x, X.stride, w, b, out, scratch)
    return arena.f32(out, X.rows * k)
  })
}

/** Exponentials within 1.1 ulp, a sum of k of them, the division, the weight; then sums of at most 256 rows. */
function expectPass({ loss, gradients }: { loss: number; gradients: Float64Array }, asked: Problem): void {
  const { X, W, B, y } = asked
  const s = asked.s ?? new Float32Array(X.rows).fill(1)
  const k = B.length
  const expected = softmaxPass(X, W, B, y, s)
  const weight = s.reduce((sum, si) => sum + si, 0)
  expectClose([loss], [expected.loss], () => (k + 32) * EPS * (weight + expected.loss))
  expectClose(gradients, expected.gradients, () => (k + 280) * EPS * weight)
}

forEachVariant((kernel) => {
  describe.each([2, 3, 10, 17])('%i classes', (k) => {
    test('any number of rows', () => {
      for (const [i, rows] of SIZES.entries()) {
        const asked = problem(rows + k, k, rows, 6, i % 2 === 1, (i % 3) * 4)
        expectPass(run(kernel, asked, [256, 512][i % 2]), asked)
      }
    })

    test('any number of columns', () => {
      for (const cols of SIZES.filter((n) => n < 300)) {
        const asked = problem(cols + k, k, 21, cols, true)
        expectPass(run(kernel, asked), asked)
      }
    })

    test('probabilities of any number of rows, which sum to 1', () => {
      for (const rows of SIZES) {
        const asked = problem(rows + k, k, rows, 5, false)
        const p = proba(kernel, asked)
        expectClose(p, softmaxProba(asked.X, asked.W, asked.B), () => (k + 8) * EPS)
        const sums = Array.from({ length: rows }, (_, i) => p.slice(i * k, (i + 1) * k).reduce((sum, x) => sum + x, 0))
        expectClose(sums, new Array(rows).fill(1), () => (k + 8) * EPS)
      }
    })

    test('a row does not depend on its place', () => {
      const asked = problem(1, k, 37, 5, false)
      const all = proba(kernel, asked)
      for (const row of [0, 5, 16, 36]) {
        const data = asked.X.data.slice(row * asked.X.stride, (row + 1) * asked.X.stride)
        const alone = proba(kernel, { ...asked, X: { ...asked.X, rows: 1, data } })
        expectSameBits(alone, all.slice(row * k, (row + 1) * k))
      }
    })
  })

  test('adds to what is there', () => {
    const asked = problem(3, 3, 300, 5, true)
    const [fresh, added] = [run(kernel, asked, 512), run(kernel, asked, 512, 10)]
    expectSameBits(
      added.out,
      fresh.out.map((sum) => sum + 10),
    )
  })

  test('no weights are weights of 1, bit for bit', () => {
    for (const rows of [1, 15, 16, 257]) {
      const plain = problem(rows, 4, rows, 13, false)
      expectSameBits(run(kernel, { ...plain, s: new Float32Array(rows).fill(1) }).out, run(kernel, plain).out)
    }
  })

  test('two classes are binary logistic regression with w1 - w0', () => {
    const asked = problem(5, 2, 200, 6, true)
    const { X, W, B, y, s } = asked
    const { loss, gradients } = run(kernel, asked)
    const binary = inArena(kernel, (arena) => {
      const { kernels } = kernel
      const out = arena.inout(new Float64Array(2 + X.stride))
      const w = padded(
        Float32Array.from({ length: 6 }, (_, j) => W[6 + j]! - W[j]!),
        X.stride,
      )
      const scratch = arena.room(kernels.linearScratchBytes(X.stride))
      const [x, at, labels, weights] = [arena.input(X.data), arena.input(w), arena.input(y), arena.input(s!)]
      kernels.linearPass(LOSS.logistic, 200, 256, x, X.stride, at, labels, weights, out, scratch, B[1]! - B[0]!, 1)
      return arena.f64(out, 8)
    })
    const tolerance = 280 * EPS * 400
    expectClose([loss], [binary[0]!], () => tolerance)
    expectClose(gradients.subarray(7), binary.subarray(1), () => tolerance)
    expectClose(
      gradients.subarray(0, 7),
      binary.subarray(1).map((g) => -g),
      () => tolerance,
    )
  })

  test('the gradient is the derivative of the loss', () => {
    const asked = problem(6, 3, 50, 4, true)
    const { X, W, B, y, s } = asked
    const { gradients } = run(kernel, asked)
    const h = 1e-5
    const slope = (moved: (by: number) => [Float64Array, Float64Array]) =>
      (softmaxLoss(X, ...moved(h), y, s!) - softmaxLoss(X, ...moved(-h), y, s!)) / (2 * h)
    const shifted = (values: Float32Array, k: number, by: number) =>
      Float64Array.from(values, (x, i) => (i === k ? x + by : x))
    const expected = [0, 1, 2].flatMap((c) => [
      slope((by) => [Float64Array.from(W), shifted(B, c, by)]),
      ...[0, 1, 2, 3].map((j) => slope((by) => [shifted(W, c * 4 + j, by), Float64Array.from(B)])),
    ])
    expectClose(gradients, expected, () => 1e-4)
  })

  test('logits far out neither overflow nor lose the loss; a NaN shows', () => {
    const X: Table = { data: Float32Array.of(1e30, 0, 0, 0, -1e30, 0, 0, 0), rows: 2, cols: 1, stride: 4 }
    const W = Float32Array.of(1, -1, 0)
    const far: Problem = { X, W, B: new Float32Array(3), y: Float32Array.of(0, 0), s: undefined }
    const { loss, gradients } = run(kernel, far)
    expectClose([loss], [2e30], () => 4 * EPS * 2e30)
    expect([...gradients]).toEqual([-1, Math.fround(1e30), 1, -Math.fround(1e30), 0, 0])
    const bad = run(kernel, { ...far, W: Float32Array.of(1, Number.NaN, 0) })
    expect(bad.loss).toBe(Number.NaN)
    expect(bad.gradients.every(Number.isNaN)).toBe(true)
  })

  describe('softmaxLoss', () => {
    /** Thirds: the parameters are no float32 numbers, so whatever is rounded on the way shows. */
    const thirds = (values: Float32Array) => Float64Array.from(values, (value) => value / 3)

    function lossOf({ X, y, s }: Problem, W: Float64Array, B: Float64Array): number {
      const k = B.length
      const w = new Float64Array(k * X.stride)
      for (let c = 0; c < k; c++) w.set(W.subarray(c * X.cols, (c + 1) * X.cols), c * X.stride)
      return inArena(kernel, (arena) => {
        const [out, scratch] = [arena.inout(new Float64Array(1)), arena.room(k * 128)]
        const [x, labels, weights] = [arena.input(X.data), arena.input(y, 4), s ? arena.input(s, 8) : NULL]
        const [at, b] = [arena.input(w), arena.input(B)]
        kernel.kernels.softmaxLoss(X.rows, k, x, X.stride, at, b, labels, weights, out, scratch)
        return arena.f64(out, 1)[0]!
      })
    }

    test.each([2, 3, 10, 17])('%i classes, in float64 after X', (k) => {
      for (const [i, rows] of SIZES.entries()) {
        const asked = problem(rows + k, k, rows, [1, 6, 13][i % 3]!, i % 2 === 1, (i % 2) * 4)
        const { X, y, s = new Float32Array(rows).fill(1) } = asked
        const [W, B] = [thirds(asked.W), thirds(asked.B)]
        const expected = softmaxLoss(X, W, B, y, s)
        expectClose([lossOf(asked, W, B)], [expected], () => 1e-14 * (rows + expected))
      }
    })

    test('logits far out do not overflow, and a sure answer costs nothing', () => {
      const X: Table = { data: Float32Array.of(1e30, 0, 0, 0, -1e30, 0, 0, 0), rows: 2, cols: 1, stride: 4 }
      const [W, B] = [Float64Array.of(1, -1, 0), new Float64Array(3)]
      const at = (...y: number[]): Problem => ({
        X,
        W: new Float32Array(3),
        B: new Float32Array(3),
        y: Float32Array.from(y),
        s: undefined,
      })
      expect(lossOf(at(0, 1), W, B)).toBe(0)
      expect(lossOf(at(0, 2), W, B)).toBe(Math.fround(1e30))
      expect(lossOf(at(1, 1), W, B)).toBe(2 * Math.fround(1e30))
      expect(lossOf(at(0, 1), Float64Array.of(1, Number.NaN, 0), B)).toBe(Number.NaN)
    })

    test('a row of weight 0 adds nothing, even where its loss is infinite', () => {
      const X: Table = { data: Float32Array.of(1, 0, 0, 0, 2, 0, 0, 0), rows: 2, cols: 1, stride: 4 }
      const asked: Problem = {
        X,
        W: new Float32Array(2),
        B: new Float32Array(2),
        y: Float32Array.of(0, 1),
        s: Float32Array.of(1, 0),
      }
      const W = Float64Array.of(1.5, -1.5)
      const B = Float64Array.of(0, 0)
      expectClose([lossOf(asked, W, B)], [Math.log1p(Math.exp(-3))], () => 1e-15)
      expectClose([lossOf(asked, Float64Array.of(1e308, -1e308), B)], [0], () => 0)
    })
  })

  test("equals PyTorch's autograd", () => {
    const { X: rows, yClass, W, B, expected } = golden
    const table = new Samples(0).table(rows.length, 7, () => new Float32Array(7))
    for (const [i, row] of rows.entries()) table.data.set(row, i * table.stride)
    const transposed = Float32Array.from({ length: 28 }, (_, at) => W[at % 7]![Math.floor(at / 7)]!)
    const asked = { X: table, W: transposed, B: Float32Array.from(B), y: Float32Array.from(yClass), s: undefined }
    const { loss, gradients } = run(kernel, asked)
    const { loss: meanLoss, dW, db } = expected.softmax_cross_entropy
    const all = [0, 1, 2, 3].flatMap((c) => [db[c]!, ...dW.map((row) => row[c]!)])
    expectClose([loss / rows.length], [meanLoss], () => 1e-5 * meanLoss)
    expectClose(
      gradients.map((g) => g / rows.length),
      all,
      (i) => 1e-5 * Math.abs(all[i]!),
    )
  })
})
