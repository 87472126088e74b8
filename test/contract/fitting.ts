import { describe, expect, test } from 'vitest'
import { NotFittedError } from '../../src/core/errors.ts'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { bytesOf, type Description, dense, type Estimator, expectNear, wait } from './estimator.ts'

/** Coefficients and predictions of a full-batch solver when the sums are taken in another order. */
const NEAR = 1e-6

export function testFitting({ name, make, makeData, fullBatch, oneBatch, sampled, parameters }: Description): void {
  const { X, y } = makeData(300)
  const everyKind = [...fullBatch, ...(sampled ? [sampled] : [])]
  const fitted = (options = {}, rows = X, labels = y, fitOptions = {}): Estimator => {
    const model = make(options)
    model.fitSync(rows, labels, fitOptions)
    return model
  }

  describe('before fit', () => {
    test('the constructor stores a copy of its options and does nothing else', () => {
      const options = { ...fullBatch[0] }
      const before = kernelInfo()
      const model = make(options)
      expect(kernelInfo()).toEqual(before)
      const stored = structuredClone(model.options)
      Object.assign(options, { seed: 99 })
      expect(model.options).toEqual(stored)
    })

    test.each([
      ...(parameters ?? (['coef', 'intercept'] as const)),
      'classes',
      'nIter',
      'converged',
      'loss',
      'history',
      'featureNames',
      'nFeatures',
    ] as const)('%s throws NotFittedError', (property) => {
      expect(() => make()[property]).toThrow(NotFittedError)
      expect(() => make()[property]).toThrow(`${name}.${property}`)
    })

    test.each(['predict', 'decisionFunction', 'predictProba', 'predictOne', 'score', 'toJSON'] as const)(
      '%s throws NotFittedError',
      (method) => {
        const call = make()[method] as undefined | ((...args: unknown[]) => unknown)
        const args = method === 'predictOne' ? [X[0]] : method === 'score' ? [X, y] : [X]
        if (call) expect(() => call.apply(make(), args)).toThrow(NotFittedError)
      },
    )
  })

  describe('fit', () => {
    test('returns the model, fitSync too', async () => {
      const model = make()
      expect(await model.fit(X, y)).toBe(model)
      expect(model.fitSync(X, y)).toBe(model)
    })

    test('learns something', () => {
      const model = fitted(fullBatch[0])
      expect(model.score(X, y)).toBeGreaterThan(0.75)
      expect(model.converged).toBe(true)
      expect(model.nIter).toBeGreaterThan(0)
      expect(model.history.length).toBe(model.nIter)
      expect(model.nFeatures).toBe(X[0]!.length)
    })

    test('forgets the fit before', () => {
      const other = makeData(200, 9)
      for (const options of everyKind) {
        const model = fitted(options, other.X, other.y)
        model.fitSync(X, y)
        expect(bytesOf(model)).toEqual(bytesOf(fitted(options)))
        expect(model.history).toEqual(fitted(options).history)
      }
    })

    test.each(everyKind)('with %o gives the same bits as fitSync', async (options) => {
      const model = make(options)
      await model.fit(X, y)
      expect(bytesOf(model)).toEqual(bytesOf(fitted(options)))
      expect(model.history).toEqual(fitted(options).history)
    })

    test.each(everyKind)('with %o gives the same bits from every form of the same X', (options) => {
      using matrix = Matrix.from(X)
      for (const form of [matrix, dense(X, Float64Array), dense(X, Float32Array), X.map((x) => Float64Array.from(x))]) {
        const model = make(options)
        model.fitSync(form, y)
        expect(bytesOf(model)).toEqual(bytesOf(fitted(options)))
      }
    })

    test.each(everyKind)('with %o: two fits that take turns give what each gives alone', async (options) => {
      const other = makeData(250, 5)
      const [a, b] = [make(options), make(options)]
      const turns: string[] = []
      const report = (name: string) => (progress: { iteration: number }) => {
        turns.push(name)
        // Long enough for the fit to let others in.
        if (progress.iteration <= 3) wait(9)
      }
      await Promise.all([
        a.fit(X, y, { onProgress: report('a') }),
        b.fit(other.X, other.y, { onProgress: report('b') }),
      ])
      // What takes one iteration has one turn.
      const turn = Math.min(a.nIter, b.nIter) > 1 ? /aba|bab/ : /ab|ba/
      expect(turns.slice(0, 6).join('')).toMatch(turn)
      expect(bytesOf(a)).toEqual(bytesOf(fitted(options)))
      expect(bytesOf(b)).toEqual(bytesOf(fitted(options, other.X, other.y)))
    })

    test('does not touch its input', async () => {
      const rows = X.map((x) => Object.freeze([...x]) as number[])
      const frozen = Object.freeze(rows) as number[][]
      const table = dense(X, Float32Array)
      const weights = X.map((_, i) => 1 + (i % 2))
      const options = Object.freeze({ sampleWeight: Object.freeze(weights) as number[] })
      await make(Object.freeze({ ...fullBatch[0] })).fit(frozen, Object.freeze([...y]), options)
      const model = make()
      await model.fit(table, y)
      model.predict(table)
      expect(table).toEqual(dense(X, Float32Array))
    })
  })

  describe.each([...fullBatch, ...(oneBatch ? [oneBatch] : [])])('with %o', (options) => {
    const agree = (a: Estimator, b: Estimator) => {
      expect(Math.abs(a.loss - b.loss)).toBeLessThanOrEqual(NEAR * b.loss)
      expectNear(a.decisionFunction(X), b.decisionFunction(X), 10 * NEAR)
    }

    test('the order of the rows does not matter', () => {
      const order = X.map((_, i) => (i * 77 + 13) % X.length)
      agree(fitted(options, order.map((i) => X[i]!), order.map((i) => y[i]!)), fitted(options)) // biome-ignore format: two lists
    })

    test('a row of weight 2 counts as two', () => {
      const twice = X.flatMap((_, i) => (i % 3 === 0 ? [i, i] : [i]))
      const sampleWeight = X.map((_, i) => (i % 3 === 0 ? 2 : 1))
      const repeated = fitted(options, twice.map((i) => X[i]!), twice.map((i) => y[i]!)) // biome-ignore format: two lists
      agree(fitted(options, X, y, { sampleWeight }), repeated)
    })

    test('a row of weight 0 counts as none', () => {
      const kept = X.flatMap((_, i) => (i % 3 === 0 ? [] : [i]))
      const sampleWeight = X.map((_, i) => (i % 3 === 0 ? 0 : 1))
      const missing = fitted(options, kept.map((i) => X[i]!), kept.map((i) => y[i]!)) // biome-ignore format: two lists
      agree(fitted(options, X, y, { sampleWeight }), missing)
    })
  })

  describe.each([...fullBatch])('with %o', (options) => {
    test('a warm start takes fewer iterations to the same place', () => {
      const model = fitted({ ...options, warmStart: true })
      const cold = model.nIter
      const { loss } = model
      model.fitSync(X, y)
      expect(model.nIter).toBeLessThan(cold)
      expect(Math.abs(model.loss - loss)).toBeLessThanOrEqual(NEAR * loss)
    })
  })

  if (sampled) {
    test('the seed decides the order of rows, and so the bits', () => {
      expect(bytesOf(fitted({ ...sampled, seed: 3 }))).toEqual(bytesOf(fitted({ ...sampled, seed: 3 })))
      expect(bytesOf(fitted({ ...sampled, seed: 3 }))).not.toEqual(bytesOf(fitted({ ...sampled, seed: 4 })))
    })

    test('a warm start goes on from where the last fit was', () => {
      const model = fitted({ ...sampled, epochs: 1, warmStart: true })
      const first = model.loss
      model.fitSync(X, y)
      expect(model.loss).toBeLessThan(first)
    })
  }
}
