import { expectTypeOf, test } from 'vitest'
import {
  type EarlyStoppingOptions,
  type HistoryEntry,
  MLPClassifier,
  type MLPClassifierOptions,
  type NetworkGradient,
  networkLossGradient,
  type Proba,
  type ScheduleOptions,
} from '../../src/index.ts'

// Checked by the compiler (npm run types). The functions are never called.
const X: number[][] = []

test('a network of certain labels takes and gives those', () => {
  const use = (model: MLPClassifier<'a' | 'b' | 'c'>) => {
    expectTypeOf(model.predict(X)).toEqualTypeOf<('a' | 'b' | 'c')[]>()
    expectTypeOf(model.predictOne([1])).toEqualTypeOf<{ label: 'a' | 'b' | 'c'; proba: number }>()
    expectTypeOf(model.predictProba(X)).toEqualTypeOf<Proba<'a' | 'b' | 'c'>>()
    expectTypeOf(model.classes).toEqualTypeOf<readonly ('a' | 'b' | 'c')[]>()
    expectTypeOf(model.fit(X, ['a'])).resolves.toEqualTypeOf<MLPClassifier<'a' | 'b' | 'c'>>()
    expectTypeOf(model.weights).toEqualTypeOf<readonly Float32Array[]>()
    expectTypeOf(model.history).toEqualTypeOf<readonly HistoryEntry[]>()
    // @ts-expect-error another label
    model.fitSync(X, ['d'])
    // @ts-expect-error another class
    model.partialFit(X, ['a'], { classes: ['d'] })
    // A fitted network's parameters are what the functional form takes.
    expectTypeOf(networkLossGradient(X, [0], model)).toEqualTypeOf<NetworkGradient>()
  }
  expectTypeOf(use).toBeFunction()
})

test('options', () => {
  expectTypeOf<MLPClassifierOptions['schedule']>().toEqualTypeOf<ScheduleOptions | undefined>()
  expectTypeOf<MLPClassifierOptions['earlyStopping']>().toEqualTypeOf<EarlyStoppingOptions | undefined>()
  const use = () => {
    new MLPClassifier({ schedule: { type: 'warmUp', epochs: 3, after: { type: 'cosine' } } })
    // @ts-expect-error a step without its factor
    new MLPClassifier({ schedule: { type: 'step', every: 3 } })
    // @ts-expect-error no such activation
    new MLPClassifier({ activation: 'gelu' })
    // @ts-expect-error a number, not a list
    new MLPClassifier({ hiddenSizes: 64 })
  }
  expectTypeOf(use).toBeFunction()
})
