import { expect, test } from 'vitest'
import { checkEarlyStopping, EarlyStopping, type EarlyStoppingOptions } from '../../src/optim/index.ts'

/** The epoch it stops after, 0 if it does not, and what it would restore. */
function play(losses: number[], options: EarlyStoppingOptions) {
  const stopping = new EarlyStopping<string>(options)
  const at = losses.findIndex((loss, i) => stopping.add(i + 1, loss, () => `epoch ${i + 1}`)) + 1
  return { at, best: stopping.best, bestEpoch: stopping.bestEpoch }
}

test('stops after `patience` epochs without progress and remembers the best', () => {
  expect(play([3, 2, 1, 2, 2, 2], { patience: 2 })).toEqual({ at: 5, best: 'epoch 3', bestEpoch: 3 })
  expect(play([3, 2, 1, 2, 0.5, 2], { patience: 2 })).toEqual({ at: 0, best: 'epoch 5', bestEpoch: 5 })
  expect(play([1, 1], { patience: 1 })).toEqual({ at: 2, best: 'epoch 1', bestEpoch: 1 })
})

test('gains below minDelta are none until they add up; the best is the best all the same', () => {
  expect(play([1, 0.95, 0.93], { patience: 2, minDelta: 0.1 })).toEqual({ at: 3, best: 'epoch 3', bestEpoch: 3 })
  expect(play([1, 0.95, 0.85, 0.8], { patience: 2, minDelta: 0.1 }).at).toBe(0)
})

test('a loss of NaN is no progress; nothing is kept where nothing is to be restored', () => {
  expect(play([Number.NaN, Number.NaN], { patience: 2 })).toEqual({ at: 2, best: undefined, bestEpoch: 0 })
  expect(play([1, 2, 3], { patience: 2, restoreBest: false })).toEqual({ at: 3, best: undefined, bestEpoch: 1 })
})

test('options are checked', () => {
  const good = { patience: 3, minDelta: 0.1, restoreBest: false, fraction: 0.2 }
  expect(checkEarlyStopping('earlyStopping', good)).toEqual(good)
  for (const bad of [true, null, 7, { patience: '5' }, { restoreBest: 1 }, { pateince: 5 }])
    expect(() => checkEarlyStopping('earlyStopping', bad)).toThrow(TypeError)
  for (const bad of [{ patience: 0 }, { patience: 1.5 }, { minDelta: -1 }, { fraction: 0 }, { fraction: 1 }])
    expect(() => checkEarlyStopping('earlyStopping', bad)).toThrow(RangeError)
})
