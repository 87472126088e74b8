import { describe, expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import { logisticValue } from '../reference/logistic.ts'
import { sigmoid } from '../reference/pointwise.ts'
import { type EpochOptions, logisticSgdEpoch } from '../reference/sgd.ts'
import type { Table } from '../reference/table.ts'
import { inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { EPS, padded, Samples, SIZES } from './samples.ts'
import { forEachVariant } from './variants.ts'

/** What the kernel is asked; a reference call takes weights of 1 and means of 0 for what is missing. */
interface Epoch extends Omit<EpochOptions, 's' | 'mean' | 'index' | 'y' | 'scale'> {
  X: Table
  index: Uint32Array
  y: Float32Array
  s: Float32Array | undefined
  scale: Float32Array
  mean: Float32Array | undefined
  w: Float32Array
  b: number
}

function epoch(seed: number, rows: number, cols: number, batchSize: number, options: Partial<Epoch> = {}): Epoch {
  const samples = new Samples(seed)
  return {
    X: samples.table(rows, cols, (n) => samples.uniform(n)),
    y: samples.labels(rows),
    index: samples.order(rows),
    w: samples.uniform(cols),
    s: undefined,
    scale: new Float32Array(cols).fill(1),
    mean: undefined,
    b: 0.25,
    batchSize,
    rate: Math.fround(0.1),
    l2: 0,
    fitIntercept: true,
    ...options,
  }
}

/** With everything an epoch can have. */
function rich(seed: number, rows: number, cols: number, batchSize: number): Epoch {
  const samples = new Samples(seed + 1)
  return epoch(seed, rows, cols, batchSize, {
    s: samples.uniform(rows, 0, 2),
    scale: samples.uniform(cols, 0.5, 2),
    mean: samples.uniform(cols),
    l2: Math.fround(0.05),
  })
}

/** Runs an epoch over slabs of 2^slabShift rows. Returns w, b and the loss. */
function run(kernel: Kernel, { X, ...e }: Epoch, slabShift = 4): { params: Float32Array; loss: number } {
  const { rows, stride } = X
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const slabs: number[] = []
    for (let row = 0; row < rows; row += 2 ** slabShift)
      slabs.push(arena.input(X.data.subarray(row * stride, Math.min(rows, row + 2 ** slabShift) * stride)))
    const w = arena.inout(Float32Array.of(...padded(e.w, stride), e.b))
    const out = arena.inout(Float64Array.of(100))
    const scratch = arena.room(kernels.epochScratchBytes(e.batchSize, stride))
    kernels.sgdEpoch(
      LOSS.logistic,
      e.index.length,
      e.batchSize,
      arena.input(Uint32Array.from(slabs)),
      slabShift,
      stride,
      arena.input(e.index),
      arena.input(e.y),
      e.s ? arena.input(e.s) : NULL,
      arena.input(padded(e.scale, stride)),
      e.mean ? arena.input(padded(e.mean, stride)) : NULL,
      w,
      out,
      scratch,
      e.rate,
      e.l2,
      e.fitIntercept,
    )
    return { params: arena.f32(w, stride + 1), loss: arena.f64(out, 1)[0]! - 100 }
  })
}

/**
 * Float32 steps drift from float64 ones by about 1e-7 a step, and a step leads back to where it came from rather than
 * away: 1e-5 in the parameters is far above that, and far below what one row adds (rate / batch times a residual).
 */
function expectEpoch({ params, loss }: { params: Float32Array; loss: number }, e: Epoch): void {
  const { X, y, index, batchSize, rate, l2, fitIntercept, scale } = e
  const w = Float64Array.from(e.w)
  const bias: [number] = [e.b]
  const s = e.s ?? new Float32Array(X.rows).fill(1)
  const mean = e.mean ?? new Float32Array(X.cols)
  const expected = logisticSgdEpoch(X, w, bias, { batchSize, index, y, s, scale, mean, rate, l2, fitIntercept })
  expectClose(params.subarray(0, X.cols), w, () => 1e-5)
  expectClose(params.subarray(X.stride), bias, () => 1e-5)
  expectClose(params.subarray(X.cols, X.stride), new Float32Array(X.stride - X.cols), () => 0)
  expectClose([loss], [expected], () => 1e-5 * (1 + expected))
}

forEachVariant((kernel) => {
  describe.each([1, 3, 4, 7, 16, 17, 32, 257, 1000])('batches of %i', (batchSize) => {
    test('any number of rows', () => {
      for (const rows of SIZES) {
        const asked = epoch(rows, rows, 5, batchSize)
        expectEpoch(run(kernel, asked), asked)
      }
    })

    test('weights, scale, mean and l2', () => {
      for (const rows of SIZES) {
        const asked = rich(rows, rows, 6, batchSize)
        expectEpoch(run(kernel, asked), asked)
      }
    })
  })

  test.each(SIZES)('%i columns', (cols) => {
    for (const batchSize of [5, 32]) {
      // Wide rows have long gradients: a smaller rate keeps the steps alike.
      const rate = Math.fround(0.1 / Math.max(1, cols / 16))
      const asked = { ...rich(cols, 70, cols, batchSize), rate }
      expectEpoch(run(kernel, asked), asked)
    }
  })

  // Without weights batches of four rows, and rows of eight lane vectors, go ways of their own; a bunch is 512 rows.
  test.each([
    [1, 4],
    [6, 4],
    [32, 4],
    [33, 4],
    [29, 8],
    [32, 12],
    [32, 32],
    [32, 256],
    [32, 260],
  ])('%i columns in batches of %i without weights, with and without a mean, an intercept', (cols, batchSize) => {
    const rate = Math.fround(0.1 / Math.max(1, cols / 16))
    for (const rows of [2, 3, 4, 70, 511, 512, 519, 1042]) {
      const asked = { ...rich(rows, rows, cols, batchSize), s: undefined, rate }
      expectEpoch(run(kernel, asked, 11), asked)
      const bare = { ...asked, mean: undefined, fitIntercept: false }
      const got = run(kernel, bare)
      expectEpoch(got, bare)
      expect(got.params.at(-1)).toBe(bare.b)
    }
  })

  test('a large batch adds up as exactly as small ones', () => {
    // The same term 100,000 times: one float32 sum would round it to the same side every time, off in the third digit.
    const rows = 100_000
    const X: Table = { data: new Float32Array(rows * 4), rows, cols: 1, stride: 4 }
    const asked = { ...epoch(2, rows, 1, rows), X, y: new Float32Array(rows), rate: 1, b: Math.fround(2.1) }
    const { params, loss } = run(kernel, asked, 17)
    expectClose([loss], [rows * logisticValue(asked.b, 0)], () => 256 * EPS * loss)
    expectClose([params[4]!], [asked.b - sigmoid(asked.b)], () => 256 * EPS)
  })

  test('fitIntercept: false leaves b alone', () => {
    const asked = { ...rich(3, 100, 4, 8), fitIntercept: false }
    const { params } = run(kernel, asked)
    expect(params[4]).toBe(asked.b)
    expectEpoch({ params, loss: run(kernel, asked).loss }, asked)
  })

  test('takes the rows of the index only, repeated ones repeatedly', () => {
    const asked = { ...rich(4, 60, 4, 8), index: Uint32Array.of(5, 5, 59, 0, 31, 32, 5, 16, 15, 47, 48) }
    expectEpoch(run(kernel, asked), asked)
  })

  test('the bits do not depend on how the rows are cut into slabs', () => {
    const asked = rich(5, 300, 10, 32)
    const one = run(kernel, asked, 9)
    for (const shift of [0, 4, 8]) {
      const cut = run(kernel, asked, shift)
      expectSameBits(cut.params, one.params)
      expect(cut.loss).toBe(one.loss)
    }
  })

  test('no weights are weights of 1, no mean is a mean of 0', () => {
    const asked = epoch(6, 300, 10, 32, { l2: Math.fround(0.05) })
    const bare = run(kernel, asked)
    const weighted = run(kernel, { ...asked, s: new Float32Array(300).fill(1) })
    expectSameBits(weighted.params, bare.params)
    expect(run(kernel, { ...asked, mean: new Float32Array(10) })).toEqual(bare)
  })
})
