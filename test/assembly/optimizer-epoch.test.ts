import { describe, expect, test } from 'vitest'
import type { Kernel } from '../../src/kernel/kernel.ts'
import { LOSS } from '../../src/kernel/losses.ts'
import { OPTIMIZER } from '../../src/kernel/optimizers.ts'
import { NULL } from '../../src/kernel/pointer.ts'
import { type OptimizerEpochOptions, optimizerEpoch } from '../reference/linear-epoch.ts'
import { LOSS_NAMES, targetsOf } from '../reference/losses.ts'
import type { Table } from '../reference/table.ts'
import { Optimized, type OptimizerName } from '../reference/updates.ts'
import { inArena } from './arena.ts'
import { expectClose, expectSameBits } from './expect-close.ts'
import { padded, Samples, SIZES } from './samples.ts'
import { settingsOf } from './settings.ts'
import { forEachVariant } from './variants.ts'

const OPTIMIZERS = Object.keys(OPTIMIZER) as OptimizerName[]

interface Epoch extends Omit<OptimizerEpochOptions, 's' | 'mean' | 'index' | 'y' | 'scale'> {
  X: Table
  index: Uint32Array
  y: Float32Array
  s: Float32Array | undefined
  scale: Float32Array
  mean: Float32Array | undefined
  a: Float32Array
  b: number
}

function epoch(seed: number, rows: number, cols: number, options: Partial<Epoch> = {}): Epoch {
  const samples = new Samples(seed)
  const loss = options.loss ?? 'logistic'
  const targets = targetsOf(loss)
  return {
    loss,
    optimizer: 'sgd',
    settings: { rate: 0.05, first: 0.8, second: 0.95, epsilon: 1e-3, decay: 0.05 },
    X: samples.table(rows, cols, (n) => samples.uniform(n)),
    y: samples.labels(rows).map((label) => targets[label]!),
    index: samples.order(rows),
    a: samples.uniform(cols),
    s: samples.uniform(rows, 0, 2),
    scale: samples.uniform(cols, 0.5, 2),
    mean: samples.uniform(cols, -0.5, 0.5),
    b: 0.25,
    batchSize: 7,
    l2: Math.fround(0.05),
    l1: 0,
    fitIntercept: true,
    ...options,
  }
}

/** Runs an epoch over slabs of 2^slabShift rows. Returns [a, b] and the loss. */
function run(kernel: Kernel, { X, ...e }: Epoch, slabShift = 4): { params: Float32Array; loss: number } {
  const { rows, stride } = X
  return inArena(kernel, (arena) => {
    const { kernels } = kernel
    const slabs: number[] = []
    for (let row = 0; row < rows; row += 2 ** slabShift)
      slabs.push(arena.input(X.data.subarray(row * stride, Math.min(rows, row + 2 ** slabShift) * stride)))
    const params = arena.inout(Float32Array.of(...padded(e.a, stride), e.b))
    const state = () => arena.inout(new Float32Array(Math.max(stride + 1, 2 * stride)))
    const out = arena.inout(Float64Array.of(100))
    kernels.optimizerEpoch(
      LOSS[e.loss],
      OPTIMIZER[e.optimizer],
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
      params,
      state(),
      state(),
      arena.inout(settingsOf(e.settings)),
      out,
      arena.room(kernels.optimizerScratchBytes(e.batchSize, stride)),
      e.l2,
      e.l1,
      e.fitIntercept,
    )
    return { params: arena.f32(params, stride + 1), loss: arena.f64(out, 1)[0]! - 100 }
  })
}

/** As in epoch.test.ts: 1e-5 is far above what float32 steps drift by, and far below what one row adds. */
function expectEpoch(kernel: Kernel, e: Epoch): void {
  const { params, loss } = run(kernel, e)
  const { X } = e
  const expected = new Optimized([...e.a, e.b])
  const s = e.s ?? new Float32Array(X.rows).fill(1)
  const expectedLoss = optimizerEpoch(X, expected, { ...e, s, mean: e.mean ?? new Float32Array(X.cols) })
  expectClose([...params.subarray(0, X.cols), params[X.stride]!], expected.p, () => 1e-5)
  expectClose(params.subarray(X.cols, X.stride), new Float32Array(X.stride - X.cols), () => 0)
  expectClose([loss], [expectedLoss], () => 1e-5 * (1 + expectedLoss))
}

forEachVariant((kernel) => {
  describe.each(OPTIMIZERS)('%s', (optimizer) => {
    test.each(LOSS_NAMES)('%s', (loss) => {
      for (const rows of [1, 3, 17, 60]) expectEpoch(kernel, epoch(rows, rows, 5, { optimizer, loss }))
    })

    test('batches of any size, of any number of rows', () => {
      for (const batchSize of [1, 3, 4, 16, 17, 300])
        for (const rows of SIZES) expectEpoch(kernel, epoch(rows, rows, 3, { optimizer, batchSize }))
    })

    test('any number of columns', () => {
      for (const cols of [...SIZES.filter((n) => n < 300), 8, 9]) {
        const settings = { rate: 0.02, first: 0.8, second: 0.95, epsilon: 1e-2, decay: 0.1 }
        expectEpoch(kernel, epoch(cols, 40, cols, { optimizer, settings, batchSize: 8 }))
      }
    })

    test('fitIntercept: false leaves b alone', () => {
      const asked = epoch(2, 60, 4, { optimizer, fitIntercept: false })
      expectEpoch(kernel, asked)
      expect(run(kernel, asked).params[4]).toBe(asked.b)
    })

    test('the bits do not depend on how the rows are cut into slabs', () => {
      const asked = epoch(3, 100, 10, { optimizer, batchSize: 32 })
      expectSameBits(run(kernel, asked, 0).params, run(kernel, asked, 7).params)
    })
  })

  test.each(['sgd', 'momentum', 'nesterov'] as const)(
    'l1 makes coefficients exactly 0, never the intercept: %s',
    (optimizer) => {
      const asked = epoch(1, 60, 20, { optimizer, l1: Math.fround(0.9) })
      expectEpoch(kernel, asked)
      const { params } = run(kernel, asked)
      expect(params.subarray(0, 20).some((a) => a === 0)).toBe(true)
      expect(params[20]).not.toBe(0)
    },
  )

  test('no weights are weights of 1, no mean is a mean of 0', () => {
    const asked = epoch(4, 100, 10, { s: undefined, mean: undefined, optimizer: 'adam' })
    const bare = run(kernel, asked)
    const weighted = run(kernel, { ...asked, s: new Float32Array(100).fill(1) })
    expectSameBits(weighted.params, bare.params)
    // Without weights rows share a logarithm.
    expect(Math.abs(weighted.loss - bare.loss)).toBeLessThan(1e-6 * bare.loss)
    expect(run(kernel, { ...asked, mean: new Float32Array(10) })).toEqual(bare)
  })
})
