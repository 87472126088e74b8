import { describe, expectTypeOf, test } from 'vitest'
import {
  type ClassWeight,
  type FitOptions,
  type FitProgress,
  type HistoryEntry,
  LogisticRegression,
  type LogisticRegressionOptions,
  type MatrixLike,
  type PartialFitOptions,
  type Proba,
} from '../../src/index.ts'

// Checked by the compiler (npm run types). The functions are never called.
const X: number[][] = []

describe('labels', () => {
  test('a model of certain labels takes and gives those', () => {
    const use = (model: LogisticRegression<'a' | 'b'>) => {
      expectTypeOf(model.predict(X)).toEqualTypeOf<('a' | 'b')[]>()
      expectTypeOf(model.predictOne([1]).label).toEqualTypeOf<'a' | 'b'>()
      expectTypeOf(model.predictProba(X)).toEqualTypeOf<Proba<'a' | 'b'>>()
      expectTypeOf(model.classes).toEqualTypeOf<readonly ('a' | 'b')[]>()
      expectTypeOf(model.fit(X, ['a', 'b'])).resolves.toEqualTypeOf<LogisticRegression<'a' | 'b'>>()
      expectTypeOf(model.fitSync(X, ['a', 'b'])).toEqualTypeOf<LogisticRegression<'a' | 'b'>>()
      expectTypeOf(model.clone()).toEqualTypeOf<LogisticRegression<'a' | 'b'>>()
      model.predictProba(X).of('a')
      // @ts-expect-error another label
      model.fitSync(X, ['a', 'c'])
      // @ts-expect-error another label
      model.predictProba(X).of('c')
      // @ts-expect-error numbers
      model.score(X, [1, 2])
      // @ts-expect-error typed arrays hold numbers
      model.fitSync(X, new Float64Array(2))
      // @ts-expect-error another class
      model.partialFit(X, ['a'], { classes: ['a', 'c'] })
    }
    expectTypeOf(use).toBeFunction()
    expectTypeOf(new LogisticRegression<'a' | 'b'>()).toEqualTypeOf<LogisticRegression<'a' | 'b'>>()
  })

  test('without saying, labels are of any kind', () => {
    const use = (model: LogisticRegression) => {
      expectTypeOf(model.predict(X)).toEqualTypeOf<(string | number | boolean)[]>()
      model.fitSync(X, ['a', 'b'])
      model.fitSync(X, [true, false])
      model.fitSync(X, new Uint8Array(2))
      // @ts-expect-error no label
      model.fitSync(X, [{}, null])
      // @ts-expect-error no number that fits
      model.fitSync(X, new BigInt64Array(2))
    }
    expectTypeOf(use).toBeFunction()
    expectTypeOf(new LogisticRegression()).toEqualTypeOf<LogisticRegression<string | number | boolean>>()
  })

  test('typed arrays are for numbers', () => {
    const use = (numbers: LogisticRegression<number>, flags: LogisticRegression<boolean>) => {
      numbers.fitSync(X, new Float32Array(2))
      numbers.fitSync(X, Int32Array.of(0, 1))
      expectTypeOf(numbers.predict(X)).toEqualTypeOf<number[]>()
      // @ts-expect-error typed arrays hold no booleans
      flags.fitSync(X, new Uint8Array(2))
      flags.fitSync(X, [true])
    }
    expectTypeOf(use).toBeFunction()
  })

  test('a loaded model has the labels one says', () => {
    const use = (json: string) => {
      expectTypeOf(LogisticRegression.fromJSON<'a' | 'b'>(json).predict(X)).toEqualTypeOf<('a' | 'b')[]>()
      expectTypeOf(LogisticRegression.fromJSON(json).predict(X)).toEqualTypeOf<(string | number | boolean)[]>()
    }
    expectTypeOf(use).toBeFunction()
  })
})

describe('options', () => {
  test('of the model', () => {
    expectTypeOf(LogisticRegression).toBeConstructibleWith({ C: 1, classWeight: 'balanced' })
    expectTypeOf(LogisticRegression).toBeConstructibleWith()
    expectTypeOf<LogisticRegressionOptions['solver']>().toEqualTypeOf<
      'auto' | 'newton' | 'sampledNewton' | 'lbfgs' | 'owlqn' | 'gd' | 'sgd' | undefined
    >()
    expectTypeOf<{ spam: number }>().toExtend<ClassWeight>()
    expectTypeOf<Map<boolean, number>>().toExtend<ClassWeight>()
    expectTypeOf<'balanced'>().toExtend<ClassWeight>()
    const use = () => {
      // @ts-expect-error a misspelt option
      new LogisticRegression({ maxIterations: 7 })
      // @ts-expect-error no such solver
      new LogisticRegression({ solver: 'adam' })
      // @ts-expect-error stored, not to be written
      new LogisticRegression().options.C = 7
    }
    expectTypeOf(use).toBeFunction()
  })

  test('of fit and partialFit', () => {
    expectTypeOf<FitOptions['signal']>().toEqualTypeOf<AbortSignal | undefined>()
    expectTypeOf<Parameters<NonNullable<FitOptions['onProgress']>>>().toEqualTypeOf<[progress: FitProgress]>()
    expectTypeOf<HistoryEntry>().toEqualTypeOf<Omit<FitProgress, 'maxIter' | 'elapsedMs'>>()
    expectTypeOf<PartialFitOptions<'a' | 'b'>['classes']>().toEqualTypeOf<readonly ('a' | 'b')[] | undefined>()
    const use = (model: LogisticRegression) => {
      // @ts-expect-error a misspelt option
      model.fit(X, [0, 1], { sampleWeights: [1, 1] })
      // @ts-expect-error partialFit cannot be aborted
      model.partialFit(X, [0, 1], { signal: new AbortController().signal })
    }
    expectTypeOf(use).toBeFunction()
  })
})

test('X is rows, a table or a Matrix', () => {
  expectTypeOf<number[][]>().toExtend<MatrixLike>()
  expectTypeOf<readonly (readonly number[])[]>().toExtend<MatrixLike>()
  expectTypeOf<Float32Array[]>().toExtend<MatrixLike>()
  expectTypeOf<{ data: Float32Array; rows: number; cols: number }>().toExtend<MatrixLike>()
  expectTypeOf<number[]>().not.toExtend<MatrixLike>()
  expectTypeOf<{ data: number[]; rows: number; cols: number }>().not.toExtend<MatrixLike>()
  expectTypeOf<string[][]>().not.toExtend<MatrixLike>()
})

test('what is fitted is read-only numbers', () => {
  const use = (model: LogisticRegression) => {
    expectTypeOf(model.coef).toEqualTypeOf<Float64Array>()
    expectTypeOf(model.intercept).toEqualTypeOf<number>()
    expectTypeOf(model.featureNames).toEqualTypeOf<readonly string[] | undefined>()
    expectTypeOf(model.history).toEqualTypeOf<readonly HistoryEntry[]>()
    expectTypeOf(model.decisionFunction(X)).toEqualTypeOf<Float32Array>()
    // @ts-expect-error fitted, not to be written
    model.coef = new Float64Array(3)
    // @ts-expect-error fitted, not to be written
    model.intercept = 3
    model.threshold = 0.3
    model.predictOne({ radius: 3 })
    model.predictOne(Float32Array.of(3))
    // @ts-expect-error words
    model.predictOne({ radius: 'wide' })
  }
  expectTypeOf(use).toBeFunction()
})
