import { expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { runSync } from '../../src/core/steps.ts'
import { kernel, LOSS, Matrix, NULL, OPTIMIZER, slabTable, Workspace } from '../../src/kernel/index.ts'
import { logLoss } from '../../src/metrics/index.ts'
import { MLPClassifier } from '../../src/models/index.ts'
import { RowOrder } from '../../src/models/row-order.ts'

const [ROWS, COLS, BATCH, L2] = [20_000, 32, 32, 1e-3]
const SEEDS = 8
type Order = 'laid' | 'uniform' | 'none' | 'one block after the other'

/** Two overlapping classes, either one after the other, or drifting along the rows. */
function data(kind: 'sorted' | 'drift') {
  const random = new Random(11)
  const normal = () => Array.from({ length: 12 }, () => random.uniform()).reduce((sum, u) => sum + u, -6)
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const label = kind === 'sorted' ? Number(i >= ROWS / 2) : Number(random.uniform() < 0.5)
    const drift = kind === 'drift' ? 2 * (i / ROWS) - 1 : 0
    const x = Array.from(
      { length: COLS },
      (_, k) => normal() + (label - 0.5) * (k % 4 ? 0.1 : 0.5) + (k % 3 ? 0 : drift),
    )
    return { label, x }
  })
  return {
    X: { data: Float32Array.from(rows.flatMap((row) => row.x)), rows: ROWS, cols: COLS },
    y: Float32Array.from(rows, (row) => row.label),
  }
}

const tables = { sorted: data('sorted'), drift: data('drift') }

/** The objective after so many epochs: its mean over seeds, and their spread. */
function learn(kind: 'sorted' | 'drift', optimizer: keyof typeof OPTIMIZER, how: Order, epochs: readonly number[]) {
  const k = kernel()
  const { X: given, y } = tables[kind]
  const X = Matrix.from(given)
  const work = new Workspace(k.memory)
  const losses = epochs.map(() => [] as number[])
  try {
    const { memory, kernels } = k
    const { stride, slabs } = X
    const yAt = work.floatsOf(y)
    const ones = work.floatsOf(new Float32Array(stride).fill(1))
    const [w, m, v] = [work.floats(stride + 4), work.floats(stride + 4), work.floats(2 * stride)]
    const [settings, out] = [work.doubles(11), work.doubles(2 + stride)]
    const scratch = work.bytes(kernels.optimizerScratchBytes(BATCH, stride))
    const passScratch = work.bytes(kernels.linearScratchBytes(stride))
    const table = work.adopt(slabTable(slabs))
    const random = work.bytes(16)
    const index = work.bytes(ROWS * 4)
    for (let seed = 1; seed <= SEEDS; seed++) {
      memory.f32(w, stride + 1).fill(0)
      memory.f32(m, stride + 1).fill(0)
      memory.f32(v, 2 * stride).fill(0)
      const rate = optimizer === 'sgd' ? 0.05 : optimizer === 'momentum' ? 0.005 : 0.003
      memory.f64(settings, 7).set([rate, 0.9, 0.999, 1e-8, 0, 1, 1])
      memory.u32(random, 4).set(new Random(seed).state)
      const state = new Random(seed)
      const laid = new RowOrder(k, X, random, work)
      for (let epoch = 1; epoch <= epochs.at(-1)!; epoch++) {
        const order = memory.u32(index, ROWS)
        if (how === 'laid') {
          runSync(laid.draw())
          memory.u32(index, ROWS).set(memory.u32(laid.index, ROWS))
        } else if (how === 'uniform') {
          order.set(state.shuffle(Uint32Array.from({ length: ROWS }, (_, i) => i)))
        } else if (how === 'none') {
          order.set(Uint32Array.from({ length: ROWS }, (_, i) => i))
        } else {
          const blocks = state.shuffle(Uint32Array.from({ length: ROWS / 250 }, (_, i) => i))
          order.set(Uint32Array.from({ length: ROWS }, (_, i) => blocks[Math.floor(i / 250)]! * 250 + (i % 250)))
        }
        kernels.optimizerEpoch(
          LOSS.logistic,
          OPTIMIZER[optimizer],
          ROWS,
          BATCH,
          table,
          slabs.shift,
          stride,
          index,
          yAt,
          NULL,
          ones,
          NULL,
          w,
          m,
          v,
          settings,
          out,
          scratch,
          L2,
          0,
          true,
        )
        const at = epochs.indexOf(epoch)
        if (at >= 0) {
          memory.f64(out, 2 + stride).fill(0)
          for (const { x, begin, rows } of slabs.runs(0, ROWS, 2 ** slabs.shift)) {
            const yHere = (yAt + begin * 4) as typeof yAt
            const b = memory.f32(w, stride + 1)[stride]!
            kernels.linearPass(LOSS.logistic, rows, 16_384, x, stride, w, yHere, NULL, out, passScratch, b, 1)
          }
          const weights = memory.f32(w, COLS)
          const penalty = weights.reduce((sum, value) => sum + (value * value * L2) / 2, 0)
          losses[at]!.push(memory.f64(out, 1)[0]! / ROWS + penalty)
        }
      }
    }
  } finally {
    work.dispose()
    X.dispose()
  }
  return losses.map((list) => {
    const mean = list.reduce((sum, loss) => sum + loss, 0) / list.length
    return { mean, spread: Math.sqrt(list.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / (list.length - 1)) }
  })
}

test.each(['sorted', 'drift'] as const)('on %s rows epochs learn as in uniformly random order', (kind) => {
  for (const optimizer of ['sgd', 'momentum', 'adam'] as const) {
    const uniform = learn(kind, optimizer, 'uniform', [1, 5, 20])
    learn(kind, optimizer, 'laid', [1, 5, 20]).forEach(({ mean }, i) => {
      // No worse by more than two spreads from seed to seed.
      expect(mean).toBeLessThan(uniform[i]!.mean + 2 * uniform[i]!.spread)
    })
  }
})

test('which without a shuffle, or block by block, they would not', () => {
  const [uniform] = learn('sorted', 'sgd', 'uniform', [1])
  for (const how of ['none', 'one block after the other'] as const) {
    const [other] = learn('sorted', 'sgd', how, [1])
    expect(other!.mean).toBeGreaterThan(uniform!.mean + 2 * uniform!.spread)
  }
})

/** The log loss of a network after so many epochs over the rows as they are, or shuffled before: its mean and its spread. */
function learnNetwork(kind: 'sorted' | 'drift', optimizer: 'sgd' | 'adam', isShuffled: boolean, epochs: number) {
  const { X, y } = tables[kind]
  const labels = Array.from(y)
  const losses = Array.from({ length: 5 }, (_, i) => {
    const order = Uint32Array.from({ length: ROWS }, (_, row) => row)
    if (isShuffled) new Random(i + 1).shuffle(order)
    const given = Matrix.from(X)
    const rows = given.takeRows(order)
    const options = { hiddenSizes: [8], batchSize: BATCH, optimizer, epochs, seed: i, tol: false } as const
    const model = new MLPClassifier(options).fitSync(
      rows,
      Array.from(order, (row) => labels[row]!),
    )
    const loss = logLoss(labels, model.predictProba(given))
    given.dispose()
    rows.dispose()
    return loss
  })
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length
  return { mean, spread: Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / (losses.length - 1)) }
}

test.each(['sorted', 'drift'] as const)('a network learns from %s rows as from shuffled ones', (kind) => {
  for (const optimizer of ['sgd', 'adam'] as const) {
    for (const epochs of [1, 4]) {
      const shuffled = learnNetwork(kind, optimizer, true, epochs)
      const { mean } = learnNetwork(kind, optimizer, false, epochs)
      expect(mean, `${optimizer}, ${epochs} epochs`).toBeLessThan(shuffled.mean + 2 * shuffled.spread)
    }
  }
})

test('and would not from the first half of sorted rows and then the second', () => {
  const { X, y } = tables.sorted
  const model = new MLPClassifier<number>({ hiddenSizes: [8], batchSize: BATCH, optimizer: 'adam' })
  for (const begin of [0, ROWS / 2]) {
    const half = X.data.subarray(begin * COLS, (begin + ROWS / 2) * COLS)
    const labels = Array.from(y.subarray(begin, begin + ROWS / 2))
    model.partialFit({ data: half, rows: ROWS / 2, cols: COLS }, labels, { classes: [0, 1] })
  }
  const shuffled = learnNetwork('sorted', 'adam', true, 1)
  expect(logLoss(Array.from(y), model.predictProba(X))).toBeGreaterThan(shuffled.mean + 2 * shuffled.spread)
})
