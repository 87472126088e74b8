import { expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import { logisticHessian } from '../reference/logistic.ts'
import { magnitude, type Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { EPS, padded, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

interface Problem {
  X: Table
  w: Float32Array
  b: number
  s: Float32Array | undefined
}

/** As for the pass: every z is exact in float32. */
function problem(seed: number, rows: number, cols: number, weighted: boolean, extra = 0): Problem {
  const samples = new Samples(seed)
  return {
    X: samples.table(rows, cols, (n) => samples.whole(n).map((x) => x / 4), extra),
    w: samples.whole(cols).map((w) => w / 16),
    b: 0.5,
    s: weighted ? samples.whole(rows, 3).map(Math.abs) : undefined,
  }
}

/** [sum of q, 0, X^T q, X^T diag(q) X], on sums that begin at `start`. */
function run(kernel: Kernel, { X, w, b, s }: Problem, start = 0): Float64Array {
  const length = 2 + X.stride + X.stride ** 2
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const out = arena.inout(new Float64Array(length).fill(start))
    const scratch = arena.room(kernels.hessianScratchBytes(X.stride))
    const weights = s ? arena.input(s, 4) : NULL
    // The curvature of this loss does not depend on the target.
    const y = arena.input(new Float32Array(X.rows), 8)
    const at = arena.input(padded(w, X.stride, 7))
    kernels.linearHessian(LOSS.logistic, X.rows, arena.input(X.data), X.stride, at, y, weights, out, scratch, b)
    return arena.f64(out, length)
  })
}

/** A problem with the answer, and with the sizes of the terms: a curvature is at most 1/4, where z = 0. */
function solved(asked: Problem) {
  const { X, w, b, s } = asked
  const weights = s ?? new Float32Array(X.rows).fill(1)
  const expected = logisticHessian(X, w, b, weights)
  const sizes = logisticHessian(magnitude(X), new Float64Array(X.cols), 0, weights)
  return { ...asked, expected, sizes }
}

const narrow = SIZES.map((rows) => ({
  rows,
  problems: [0, 1, 3, 4, 5, 6, 7, 8, 12, 13, 16, 17, 24, 31].map((cols, i) =>
    solved(problem(rows * 1001 + cols, rows, cols, i % 2 === 1, (i % 3) * 4)),
  ),
}))
const wide = (
  [
    [17, 255],
    [17, 256],
    [257, 257],
    [17, 1000],
  ] as const
).map(([rows, cols]) => ({
  rows,
  cols,
  asked: solved(problem(cols, rows, cols, true)),
}))

function expectHessian(actual: Float64Array, { X, expected, sizes }: ReturnType<typeof solved>, start = 0): void {
  const { cols, stride } = X
  // A curvature is within 12 EPS of 1/4 and less; sums have at most 256 terms.
  const bound = (12 + 258) * EPS
  expectClose([actual[0]!], [start + expected.sum], () => bound * sizes.sum)
  expect(actual[1]).toBe(start)
  const cross = actual.subarray(2, 2 + stride)
  expectClose(
    cross,
    padded64(
      expected.cross.map((sum) => start + sum),
      stride,
      start,
    ),
    (k) => bound * (sizes.cross[k] ?? 0),
  )
  for (let j = 0; j < cols; j++) {
    const row = actual.subarray(2 + stride + j * stride)
    // Only the upper triangle is promised.
    expectClose(
      row.subarray(j, cols),
      expected.H.subarray(j * cols + j, (j + 1) * cols).map((sum) => start + sum),
      (k) => bound * sizes.H[j * cols + j + k]!,
    )
    expect(row.subarray(cols, stride).every((sum) => sum === start)).toBe(true)
  }
}

function padded64(values: Float64Array, length: number, filler: number): Float64Array {
  const row = new Float64Array(length).fill(filler)
  row.set(values)
  return row
}

forEachVariant((kernel) => {
  test.each(narrow)('$rows rows of narrow and middling width', ({ problems }) => {
    for (const asked of problems) expectHessian(run(kernel, asked), asked)
  })

  test.each(wide)('$rows rows of $cols columns', ({ asked }) => {
    expectHessian(run(kernel, asked), asked)
  })

  test('adds to what is there', () => {
    const asked = solved(problem(1, 300, 9, true))
    expectHessian(run(kernel, asked, 10), asked, 10)
  })

  test('no weights are weights of 1, bit for bit', () => {
    for (const rows of [1, 15, 257]) {
      const plain = problem(rows, rows, 9, false)
      expectSameBits(run(kernel, { ...plain, s: new Float32Array(rows).fill(1) }), run(kernel, plain))
    }
  })

  test('far out the curvature is 0, not NaN', () => {
    const X: Table = { data: Float32Array.of(200, 0, 0, 0, -3e38, 0, 0, 0), rows: 2, cols: 1, stride: 4 }
    expect([...run(kernel, { X, w: Float32Array.of(1), b: 0, s: undefined })]).toEqual(new Array(22).fill(0))
  })
})
