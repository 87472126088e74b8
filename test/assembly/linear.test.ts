import { describe, expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { logisticPass, logisticValue } from '../reference/logistic.ts'
import { gemvTransposed } from '../reference/matmul.ts'
import { magnitude, magnitudes, type Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { EPS, padded, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

interface Problem {
  X: Table
  w: Float32Array
  b: number
  y: Float32Array
  /** Undefined: weights 1, given to the kernel as no pointer. */
  s: Float32Array | undefined
}

/**
 * X in quarters and w in sixteenths: every z is exact in float32, so what a kernel gets wrong is the loss, the residual
 * or a sum.
 */
function problem(seed: number, rows: number, cols: number, weighted: boolean, extra = 0): Problem {
  const samples = new Samples(seed)
  return {
    X: samples.table(rows, cols, (n) => samples.whole(n).map((x) => x / 4), extra),
    w: samples.whole(cols).map((w) => w / 16),
    b: -0.75,
    y: samples.labels(rows),
    s: weighted ? samples.whole(rows, 3).map(Math.abs) : undefined,
  }
}

/** Rows [begin, end) of a problem. */
function part({ X, w, b, y, s }: Problem, begin: number, end: number): Problem {
  const data = X.data.slice(begin * X.stride, end * X.stride)
  return { X: { ...X, rows: end - begin, data }, w, b, y: y.slice(begin, end), s: s?.slice(begin, end) }
}

/** [loss, sum of residuals, gradient ...], on sums that begin at `start`; X read in 1 or 4 streams. */
function run(kernel: Kernel, { X, w, b, y, s }: Problem, chunkRows = 256, start = 0, streams = 1): Float64Array {
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const out = arena.inout(new Float64Array(2 + X.stride).fill(start))
    const scratch = arena.room(kernels.linearScratchBytes(X.stride))
    const weights = s ? arena.input(s, 4) : NULL
    const at = arena.input(padded(w, X.stride, 7))
    kernels.linearPass(
      LOSS.logistic,
      X.rows,
      chunkRows,
      arena.input(X.data),
      X.stride,
      at,
      arena.input(y, 8),
      weights,
      out,
      scratch,
      b,
      streams,
    )
    return arena.f64(out, 2 + X.stride)
  })
}

/** A problem with its answer and how far a kernel may be from it: [loss, sum of residuals, gradient ...]. */
function solved(asked: Problem) {
  const { X, w, b, y } = asked
  const s = asked.s ?? new Float32Array(X.rows).fill(1)
  const { loss, residualSum, gradient, residual } = logisticPass(X, w, b, y, s)
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0)
  // A sigmoid is within 2.5 ulp = 5 EPS, then the subtraction and the weight.
  const error = magnitudes(s).map((weight) => 7 * EPS * weight)
  const size = magnitudes(residual)
  // Values within 5 EPS; at most 16 of them, or of residuals, are added before they go to float64.
  const bounds = [24 * EPS * loss, total(error) + 16 * EPS * total(size)]
  // Products of the gradient: at most 256.
  const fromSums = size.map((r, i) => error[i]! + 258 * EPS * r)
  return {
    asked,
    expected: [loss, residualSum, ...gradient],
    bounds: [...bounds, ...gemvTransposed(magnitude(X), fromSums)],
  }
}

function expectPass(actual: Float64Array, { asked, expected, bounds }: ReturnType<typeof solved>): void {
  expectClose(actual.subarray(0, expected.length), expected, (k) => bounds[k]!)
  expect(actual.subarray(2 + asked.X.cols).every((sum) => sum === 0)).toBe(true)
}

const shapes = SIZES.map((rows) => ({
  rows,
  problems: SIZES.map((cols, i) => solved(problem(rows * 1001 + cols, rows, cols, i % 2 === 1, (i % 3) * 4))),
}))

forEachVariant((kernel) => {
  describe('linearPass', () => {
    test.each(shapes)('$rows rows of any width', ({ problems }) => {
      for (const [i, answer] of problems.entries())
        expectPass(run(kernel, answer.asked, [256, 512, 4096][i % 3]), answer)
    })

    test.each(SIZES)('%i rows in four streams give the bits of one', (rows) => {
      for (const [i, cols] of SIZES.entries()) {
        const asked = problem(rows * 1001 + cols, rows, cols, i % 2 === 0, (i % 3) * 4)
        // Numbers whose sums are not exact, so that their order shows.
        const samples = new Samples(cols)
        const uneven = { ...asked, X: samples.table(rows, cols, (n) => samples.uniform(n), (i % 3) * 4) }
        for (const chunkRows of [256, 512])
          expectSameBits(run(kernel, uneven, chunkRows, 0, 4), run(kernel, uneven, chunkRows))
      }
    })

    test.each([5000, 6147])('%i rows in four streams give the bits of one: groups of 256 to 1024 rows', (rows) => {
      const samples = new Samples(rows)
      // 8 and 32 are eight lane vectors.
      for (const cols of [3, 8, 32, 100, 150]) {
        const uneven = { ...problem(rows, rows, cols, true), X: samples.table(rows, cols, (n) => samples.uniform(n)) }
        for (const chunkRows of [768, 2048])
          expectSameBits(run(kernel, uneven, chunkRows, 0, 4), run(kernel, uneven, chunkRows))
      }
    })

    test('adds to what is there', () => {
      const asked = problem(3, 300, 5, true)
      const [fresh, added] = [run(kernel, asked, 512), run(kernel, asked, 512, 10)]
      expectSameBits(
        added,
        fresh.map((sum) => sum + 10),
      )
    })

    test('chunks passed one by one and added in order give the bits of one call', () => {
      for (const chunkRows of [256, 512, 1024]) {
        const whole = problem(4, 2300, 21, true)
        const sums = new Float64Array(2 + whole.X.stride)
        for (let begin = 0; begin < 2300; begin += chunkRows) {
          const partial = run(kernel, part(whole, begin, Math.min(2300, begin + chunkRows)), chunkRows)
          for (const [k, value] of partial.entries()) sums[k]! += value
        }
        expectSameBits(run(kernel, whole, chunkRows), sums)
      }
    })

    test('no weights are weights of 1: the gradient bit for bit, the loss but for its own way of taking logarithms', () => {
      for (const rows of [1, 15, 16, 257, 1000]) {
        const plain = problem(rows, rows, 13, false)
        const [weighted, bare] = [run(kernel, { ...plain, s: new Float32Array(rows).fill(1) }), run(kernel, plain)]
        expectSameBits(weighted.slice(1), bare.slice(1))
        expectClose(bare.slice(0, 1), weighted.slice(0, 1), () => 1e-7 * weighted[0]!)
      }
    })

    test('the loss without weights keeps its digits where it is next to nothing, and where it is large', () => {
      const rows = 1000
      for (const far of [0, 1, 12, 17, 30, 60, 87]) {
        const X: Table = { data: new Float32Array(rows * 4).fill(0), rows, cols: 1, stride: 4 }
        for (let i = 0; i < rows; i++) X.data[i * 4] = i % 2 ? far : -far
        for (const right of [true, false]) {
          const y = Float32Array.from({ length: rows }, (_, i) => (i % 2 === (right ? 1 : 0) ? 1 : 0))
          const [loss] = run(kernel, { X, w: Float32Array.of(1), b: 0, y, s: undefined })
          const expected = rows * ((right ? 0 : far) + Math.log1p(Math.exp(-far)))
          expectClose([loss!], [expected], () => 1e-6 * expected)
        }
      }
    })

    test('a weight of 0 takes a row out, a weight of 2 repeats it', () => {
      const { X, w, b, y } = problem(5, 40, 6, false)
      const s = new Float32Array(40).fill(1).fill(0, 10, 20).fill(2, 20, 40)
      const rows = [...Array(10).keys(), ...[...Array(40).keys()].slice(20), ...[...Array(40).keys()].slice(20)]
      const repeated: Problem = {
        X: {
          ...X,
          rows: 50,
          data: Float32Array.from({ length: 50 * 8 }, (_, at) => X.data[rows[at >> 3]! * 8 + (at & 7)]!),
        },
        w,
        b,
        y: Float32Array.from(rows, (i) => y[i]!),
        s: undefined,
      }
      expectPass(run(kernel, { X, w, b, y, s }), solved(repeated))
    })

    test('logits far out neither overflow nor lose the loss', () => {
      const X: Table = {
        data: Float32Array.of(1e4, 0, 0, 0, -1e4, 0, 0, 0, 3e38, 0, 0, 0),
        rows: 3,
        cols: 1,
        stride: 4,
      }
      const sums = run(kernel, { X, w: Float32Array.of(1), b: 0, y: Float32Array.of(0, 1, 1), s: undefined })
      expect([...sums]).toEqual([2e4, 0, 2e4, 0, 0, 0])
    })

    test('a NaN or an infinity in the weights of the columns shows', () => {
      const asked = problem(6, 20, 3, false)
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const sums = run(kernel, { ...asked, w: Float32Array.of(1, bad, 1) })
        expect(Number.isFinite(sums[0])).toBe(false)
      }
    })

    test("equals PyTorch's autograd", () => {
      const { X: rows, w, b, y, expected } = golden
      const table = new Samples(0).table(rows.length, 7, () => new Float32Array(7))
      for (const [i, row] of rows.entries()) table.data.set(row, i * table.stride)
      const sums = run(kernel, { X: table, w: Float32Array.from(w), b, y: Float32Array.from(y), s: undefined })
      const mean = sums.map((sum) => sum / rows.length).subarray(0, 9)
      const { loss, dw, db } = expected.bce
      expectClose(mean, [loss, db, ...dw], (k) => 1e-5 * Math.abs([loss, db, ...dw][k]!))
    })
  })

  describe('linearLoss', () => {
    /** One row with logit z and target t. */
    const lossAt = (z: number, t: number): number =>
      inArena(kernel, (arena) => {
        const x = arena.input(Float32Array.of(1, 0, 0, 0))
        const w = arena.input(Float64Array.of(z, 5, 5, 5))
        const [y, out, scratch] = [arena.input(Float32Array.of(t)), arena.inout(new Float64Array(1)), arena.room(128)]
        kernel.kernels.linearLoss(LOSS.logistic, 1, x, 4, w, y, NULL, out, scratch, 0)
        return arena.f64(out, 1)[0]!
      })

    test('its float64 exp and log agree with Math to 1e-15, for every logit', () => {
      const samples = new Samples(7)
      const small = samples.uniform(500, -2, 2)
      const large = samples.uniform(1500, -800, 800)
      const tiny = Float64Array.from({ length: 60 }, (_, k) => 10 ** (-k / 3))
      const edges = [0, -0, 36.04, 36.05, 37.5, -37.5, 707.9, 708.1, -707.9, -708.1, 745.2, -745.2, 800, -800]
      const points = [...small, ...large, ...tiny, ...edges]
      for (const t of [0, 1]) {
        const expected = points.map((z) => logisticValue(z, t))
        // Under e^-708 the kernel says 0.
        expectClose(
          points.map((z) => lossAt(z, t)),
          expected,
          (i) => 1e-15 * expected[i]! + 1e-307,
        )
      }
    })

    test.each(shapes)('$rows rows of any width', ({ rows, problems }) => {
      for (const { asked, expected } of problems) {
        const { X, w, b, y, s } = asked
        const loss = inArena(kernel, (arena) => {
          const at = arena.input(Float64Array.from(padded(w, X.stride, 7)))
          const weights = s ? arena.input(s, 4) : NULL
          const [x, targets, out] = [arena.input(X.data), arena.input(y, 12), arena.inout(Float64Array.of(7))]
          const { linearLoss } = kernel.kernels
          linearLoss(LOSS.logistic, rows, x, X.stride, at, targets, weights, out, arena.room(128), b)
          return arena.f64(out, 1)[0]!
        })
        // It adds to what is there.
        expectClose([loss], [7 + expected[0]!], () => 1e-13 * (7 + expected[0]!))
      }
    })
  })
})
