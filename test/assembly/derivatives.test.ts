import { test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import { logisticLoss, logisticPass } from '../reference/logistic.ts'
import { inArena } from './arena.ts'
import { expectClose } from './expect-close.ts'
import { Samples } from './samples.ts'
import { forEachVariant } from './variants.ts'

/**
 * Invariants before numbers: the kernel's gradient against two-sided differences of the loss, its Hessian against
 * differences of the gradient; the parameters are (b, w).
 */
const ROWS = 700
const COLS = 11
const STRIDE = 12
const samples = new Samples(42)
const X = samples.table(ROWS, COLS, (n) => samples.uniform(n, -2, 2))
const y = samples.labels(ROWS)
const s = samples.uniform(ROWS, 0, 3)
const params = [0.4, ...samples.uniform(COLS)].map(Math.fround)

/** (f(p + h e_k) - f(p - h e_k)) / 2h: with h = 1e-4 and f in float64 off by about 1e-8 f''' and 1e-12 f. */
function difference(f: (p: number[]) => number, k: number): number {
  const h = 1e-4
  const moved = (by: number) => f(params.map((p, i) => (i === k ? p + by : p)))
  return (moved(h) - moved(-h)) / (2 * h)
}

/** Each parameter's derivative of f. */
function differences(f: (p: number[]) => number): number[] {
  return params.map((_, k) => difference(f, k))
}

function gradientOf(kernel: Kernel): number[] {
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const out = arena.inout(new Float64Array(2 + STRIDE))
    const scratch = arena.room(kernels.linearScratchBytes(STRIDE))
    const w = arena.input(Float32Array.of(...params.slice(1), 0))
    const [at, labels, weights] = [arena.input(X.data), arena.input(y), arena.input(s)]
    kernels.linearPass(LOSS.logistic, ROWS, 256, at, STRIDE, w, labels, weights, out, scratch, params[0]!, 1)
    return [...arena.f64(out, 2 + COLS)].slice(1)
  })
}

/** The upper triangle by rows, the intercept first. */
function hessianOf(kernel: Kernel): number[] {
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const out = arena.inout(new Float64Array(2 + STRIDE + STRIDE * STRIDE))
    const scratch = arena.room(kernels.hessianScratchBytes(STRIDE))
    const w = arena.input(Float32Array.of(...params.slice(1), 0))
    const [at, labels, weights] = [arena.input(X.data), arena.input(y), arena.input(s)]
    kernels.linearHessian(LOSS.logistic, ROWS, at, STRIDE, w, labels, weights, out, scratch, params[0]!)
    const flat = arena.f64(out, 2 + STRIDE + STRIDE * STRIDE)
    const row = (j: number) => [...flat.subarray(2 + STRIDE + j * STRIDE + j, 2 + STRIDE + j * STRIDE + COLS)]
    return [flat[0]!, ...flat.subarray(2, 2 + COLS), ...Array.from({ length: COLS }, (_, j) => row(j)).flat()]
  })
}

// Sums of 700 terms of size about 1, each with float32's 1e-7: 1e-4 is far above that and far below one row.
const TOLERANCE = 1e-4

const gradient = differences((p) => logisticLoss(X, p.slice(1), p[0]!, y, s))
const hessian = params.flatMap((_, j) =>
  differences((p) => {
    const { residualSum, gradient: g } = logisticPass(X, p.slice(1), p[0]!, y, s)
    return j === 0 ? residualSum : g[j - 1]!
  }).slice(j),
)

forEachVariant((kernel) => {
  test('the gradient is the derivative of the loss', () => {
    expectClose(gradientOf(kernel), gradient, () => TOLERANCE)
  })

  test('the Hessian is the derivative of the gradient', () => {
    expectClose(hessianOf(kernel), hessian, () => TOLERANCE)
  })

  test('without weights too', () => {
    const ones = new Float32Array(ROWS).fill(1)
    const expected = logisticPass(X, params.slice(1), params[0]!, y, ones)
    const out = inArena(kernel, (arena) => {
      const { kernels } = kernel
      const sums = arena.inout(new Float64Array(2 + STRIDE))
      const scratch = arena.room(kernels.linearScratchBytes(STRIDE))
      const w = arena.input(Float32Array.of(...params.slice(1), 0))
      kernels.linearPass(
        LOSS.logistic,
        ROWS,
        256,
        arena.input(X.data),
        STRIDE,
        w,
        arena.input(y),
        NULL,
        sums,
        scratch,
        params[0]!,
        1,
      )
      return arena.f64(sums, 2 + COLS)
    })
    expectClose(out, [expected.loss, expected.residualSum, ...expected.gradient], () => TOLERANCE)
  })
})
