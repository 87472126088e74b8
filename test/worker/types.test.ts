import { expectTypeOf, test } from 'vitest'
import type { FitOptions, FitSyncOptions, PartialFitOptions } from '../../src/models/index.ts'
import { LinearSVC, LogisticRegression, MLPClassifier, RidgeClassifier, SGDClassifier } from '../../src/models/index.ts'

test('fit takes worker; fitSync and partialFit do not', () => {
  expectTypeOf<FitOptions['worker']>().toEqualTypeOf<boolean | string | URL | undefined>()
  expectTypeOf<FitSyncOptions['worker']>().toEqualTypeOf<false | undefined>()
  expectTypeOf<PartialFitOptions>().not.toHaveProperty('worker')
  for (const Model of [LogisticRegression, LinearSVC, RidgeClassifier, SGDClassifier, MLPClassifier]) {
    expectTypeOf<Parameters<InstanceType<typeof Model>['fit']>[2]>().toEqualTypeOf<FitOptions | undefined>()
    expectTypeOf<Parameters<InstanceType<typeof Model>['fitSync']>[2]>().toEqualTypeOf<FitSyncOptions | undefined>()
  }
  // @ts-expect-error a worker has to be waited for
  const wrong: FitSyncOptions = { worker: true }
  expectTypeOf(wrong).toEqualTypeOf<FitSyncOptions>()
})
