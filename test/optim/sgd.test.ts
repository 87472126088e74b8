import { describe, expect, test } from 'vitest'
import { runAsync, runSync, type Steps } from '../../src/core/steps.ts'
import {
  constantSchedule,
  type EpochResult,
  type EpochRunner,
  inverseSchedule,
  type SgdOptions,
  sgd,
} from '../../src/optim/index.ts'

/** Plays given losses, the last for ever; remembers what it was asked for. */
function playing(losses: number[]): EpochRunner & { asked: { learningRate: number; epoch: number }[] } {
  return {
    asked: [],
    epoch(options) {
      this.asked.push({ ...options })
      return { loss: losses[Math.min(options.epoch, losses.length - 1)]! }
    },
  }
}

const run = (losses: number[], options: Partial<SgdOptions> = {}) =>
  runSync(sgd(playing(losses), { epochs: 100, learningRate: 0.5, ...options }))

/** scikit-learn's loop (sklearn/linear_model/_sgd_fast.pyx.tp), on mean losses: the number of epochs it would run. */
function sklearnEpochs(losses: number[], tol: number, patience: number): number {
  let best = Number.POSITIVE_INFINITY
  let count = 0
  for (let epoch = 0; epoch < losses.length; epoch++) {
    if (losses[epoch]! > best - tol) count += 1
    else count = 0
    if (losses[epoch]! < best) best = losses[epoch]!
    if (count >= patience) return epoch + 1
  }
  return losses.length
}

describe('sgd', () => {
  test('stops when the loss was above best - tol for nIterNoChange epochs in a row', () => {
    expect(run([1, 0.5, 0.4])).toEqual({ nIter: 8, loss: 0.4, converged: true, reason: 'tol' })
    expect(run([1, 0.5, 0.4], { nIterNoChange: 1 }).nIter).toBe(4)
    expect(run([1, 0.9, 0.8, 0.7], { tol: 0.15, nIterNoChange: 2 }).nIter).toBe(3)
  })

  test('improvements below tol do not reset the count, but move the best', () => {
    const losses = Array.from({ length: 50 }, (_, k) => 1 - 4e-4 * k)
    expect(run(losses).nIter).toBe(6)
    // A single good epoch in between starts the count anew.
    expect(run([1, 1, 1, 1, 1, 0.5, 0.5]).nIter).toBe(11)
  })

  test("agrees with scikit-learn's loop on bumpy losses", () => {
    const losses = Array.from({ length: 100 }, (_, k) => 1 / (1 + k) + (0.02 * ((k * 7919) % 13)) / 13)
    for (const tol of [0, 1e-4, 1e-3, 1e-2, 1e-1]) {
      for (const nIterNoChange of [1, 2, 5, 10]) {
        const { nIter } = run(losses, { tol, nIterNoChange })
        expect(nIter).toBe(sklearnEpochs(losses, tol, nIterNoChange))
      }
    }
  })

  test('with tol 0, a loss equal to the best counts as no setback', () => {
    expect(run([1], { tol: 0 }).nIter).toBe(100)
  })

  test('tol -Infinity runs all epochs', () => {
    expect(run([1], { tol: Number.NEGATIVE_INFINITY, epochs: 30 })).toMatchObject({
      nIter: 30,
      converged: false,
      reason: 'max-iter',
    })
  })

  test('no epochs is no work', () => {
    expect(run([1], { epochs: 0 })).toEqual({ nIter: 0, loss: Number.NaN, converged: false, reason: 'max-iter' })
  })

  test('a loss that is not finite is divergence, in the epoch where it appears', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(run([1, 5, 1e200, bad])).toEqual({ nIter: 4, loss: bad, converged: false, reason: 'diverged' })
    }
  })

  test('asks each epoch with the rate of the schedule', () => {
    const constant = playing([1])
    runSync(sgd(constant, { epochs: 3, learningRate: 0.5 }))
    expect(constant.asked).toEqual([0, 1, 2].map((epoch) => ({ epoch, learningRate: 0.5 })))
    const inverse = playing([1])
    runSync(sgd(inverse, { epochs: 3, learningRate: 0.5, schedule: inverseSchedule(1) }))
    expect(inverse.asked.map((options) => options.learningRate)).toEqual([0.5, 0.25, 0.5 / 3])
    expect(constantSchedule(7, 0.1)).toBe(0.1)
  })

  test('tells the callback every epoch and stops when it says so', () => {
    const seen: unknown[] = []
    const result = run([3, 2, 1], { onEpoch: (info) => seen.push(info) === 2 })
    expect(result).toEqual({ nIter: 2, loss: 2, converged: false, reason: 'stopped' })
    expect(seen).toEqual([
      { epoch: 0, loss: 3, learningRate: 0.5 },
      { epoch: 1, loss: 2, learningRate: 0.5 },
    ])
  })

  test('runs epochs in steps, the same sync and async, and an abort ends the running epoch properly', async () => {
    let ended = 0
    const runner: EpochRunner = {
      *epoch({ epoch }): Steps<EpochResult> {
        try {
          yield
          yield
          return { loss: 1 / (1 + epoch) }
        } finally {
          ended++
        }
      },
    }
    const options = { epochs: 200, learningRate: 1 }
    const expected = runSync(sgd(runner, options))
    expect(expected.reason).toBe('tol')
    expect(await runAsync(sgd(runner, options), { sliceMs: 0 })).toEqual(expected)

    ended = 0
    const controller = new AbortController()
    const steps = sgd(runner, {
      ...options,
      onEpoch: ({ epoch }) => void (epoch === 4 && controller.abort(new Error('enough'))),
    })
    await expect(runAsync(steps, { signal: controller.signal })).rejects.toThrow('enough')
    expect(ended).toBe(6)
  })
})
