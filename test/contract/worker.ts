import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { Matrix } from '../../src/kernel/index.ts'
import { bytesOf, type Description, dense } from './estimator.ts'

/** A fit in a worker is the fit, elsewhere. */
export function testWorker({ make, makeData, fullBatch, sampled }: Description): void {
  const { X, y } = makeData(300)
  const everyKind = [...fullBatch, ...(sampled ? [sampled] : [])]

  test.each(everyKind)('with %o gives the same bits, history and predictions', async (options) => {
    const here = make(options)
    here.fitSync(X, y)
    const there = make(options)
    expect(await there.fit(X, y, { worker: true })).toBe(there)
    expect(bytesOf(there)).toEqual(bytesOf(here))
    expect(there.history).toEqual(here.history)
    expect(there.classes).toEqual(here.classes)
    expect(there.converged).toBe(here.converged)
    expect(there.predict(X)).toEqual(here.predict(X))
    expect(JSON.stringify(there)).toBe(JSON.stringify(here))
  })

  test('takes every form of X, with weights and validation data, and tells its progress', async () => {
    const options = everyKind.at(-1)!
    const sampleWeight = X.map((_, i) => 1 + (i % 3))
    const validation = { ...makeData(100, 3), sampleWeight: sampleWeight.slice(0, 100) }
    const here = make(options)
    here.fitSync(X, y, { sampleWeight, validation })
    using matrix = Matrix.from(X)
    matrix.featureNames = X[0]!.map((_, k) => `x${k}`)
    using held = Matrix.from(validation.X)
    for (const form of [
      X,
      matrix,
      dense(X, Float64Array),
      dense(X, Float32Array),
      X.map((x) => Float32Array.from(x)),
    ]) {
      const there = make(options)
      const told: object[] = []
      await there.fit(form, y, {
        worker: true,
        sampleWeight,
        validation: form === matrix ? { ...validation, X: held } : validation,
        onProgress: ({ maxIter, elapsedMs, ...entry }) => told.push(entry),
      })
      expect(bytesOf(there)).toEqual(bytesOf(here))
      expect(told).toEqual(here.history)
      expect(there.featureNames).toEqual(form === matrix ? matrix.featureNames : undefined)
    }
  })

  test('two at a time give what each gives alone', async () => {
    const other = makeData(250, 5)
    const alone = [make(), make()]
    alone[0]!.fitSync(X, y)
    alone[1]!.fitSync(other.X, other.y)
    const [a, b] = [make(), make()]
    await Promise.all([a.fit(X, y, { worker: true }), b.fit(other.X, other.y, { worker: true })])
    expect([a, b].map(bytesOf)).toEqual(alone.map(bytesOf))
  })

  describe('an error', () => {
    test('in X comes with its class, code, row and column', async () => {
      const wrong = [...X.slice(0, -1), X.at(-1)!.map((v, k) => (k === 1 ? Number.NaN : v))]
      const model = make()
      const error = await model.fit(wrong, y, { worker: true }).catch((thrown: unknown) => thrown)
      const here = await model.fit(wrong, y).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(DataError)
      expect(error).toMatchObject({ code: 'NON_FINITE', row: 299, column: 1 })
      expect({ ...(error as DataError) }).toEqual({ ...(here as DataError) })
      expect((error as Error).message).toBe((here as Error).message)
    })

    test.each([
      ['X', () => [[...X[0]!, 1], ...X.slice(1)], () => y],
      ['no number', () => [X[0]!.map(String), ...X.slice(1)], () => y],
      ['y', () => X, () => y.slice(1)],
      ['one class', () => X, () => y.map(() => 'same')],
      ['labels of two kinds', () => X, () => [1, ...y.slice(1)]],
    ])('%s: as without a worker, and the model stays as it was', async (_, wrongX, wrongY) => {
      const model = make()
      model.fitSync(X, y)
      const before = bytesOf(model)
      const error = await model.fit(wrongX() as number[][], wrongY(), { worker: true }).catch((e: unknown) => e)
      const here = await model.fit(wrongX() as number[][], wrongY()).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(Error)
      expect(error).toEqual(here)
      expect((error as Error).constructor).toBe((here as Error).constructor)
      expect(bytesOf(model)).toEqual(before)
    })
  })

  test('fitSync and partialFit refuse it', () => {
    const model = make()
    expect(() => model.fitSync(X, y, { worker: true } as object)).toThrow(/fitSync: .* only fit takes worker/)
    const { partialFit } = model as { partialFit?: (X: unknown, y: unknown, options: object) => unknown }
    if (partialFit) {
      expect(() => partialFit.call(model, X, y, { worker: true })).toThrow(/partialFit: .* only fit takes worker/)
    }
  })
}
