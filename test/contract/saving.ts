import { describe, expect, test } from 'vitest'
import { ModelFormatError, NotFittedError } from '../../src/core/errors.ts'
import { Matrix } from '../../src/kernel/index.ts'
import { bytesOf, type Description, expectSame } from './estimator.ts'

export function testSaving({ name, make, load, makeData, fullBatch, sampled }: Description): void {
  const { X, y } = makeData(200)

  describe.each([...fullBatch, ...(sampled ? [sampled] : [])])('saved with %o', (options) => {
    const model = make(options)
    model.fitSync(X, y)

    test('as text or object it loads to the same predictions and the same text', () => {
      for (const saved of [JSON.stringify(model), JSON.parse(JSON.stringify(model)), model.toJSON()]) {
        const loaded = load(saved)
        expect(bytesOf(loaded)).toEqual(bytesOf(model))
        expectSame(loaded.decisionFunction(X), model.decisionFunction(X))
        expect(loaded.predict(X)).toEqual(model.predict(X))
        expect(loaded.predictOne(X[0])).toEqual(model.predictOne(X[0]))
        expect(loaded.converged).toBe(model.converged)
        expect(JSON.stringify(loaded)).toBe(JSON.stringify(model))
      }
    })

    test('a loaded model trains on as the saved one would', () => {
      const loaded = load(JSON.stringify(model))
      loaded.fitSync(X, y)
      expect(bytesOf(loaded)).toEqual(bytesOf(model))
    })

    test('a clone has the options and no fit', () => {
      const clone = model.clone()
      expect(clone.options).toMatchObject(model.options)
      expect(() => clone.loss).toThrow(NotFittedError)
      clone.fitSync(X, y)
      expect(bytesOf(clone)).toEqual(bytesOf(model))
    })
  })

  test('a loaded model shares nothing with the object it came from', () => {
    const model = make()
    model.fitSync(X, y)
    const saved = structuredClone(model.toJSON())
    const loaded = load(saved)
    const text = JSON.stringify(loaded)
    destroy(saved)
    expect(JSON.stringify(loaded)).toBe(text)
  })

  test('what toJSON gives shares nothing with the model', () => {
    const model = make()
    using matrix = Matrix.from(X)
    matrix.featureNames = X[0]!.map((_, k) => `column ${k}`)
    model.fitSync(matrix, y)
    const text = JSON.stringify(model)
    destroy(model.toJSON())
    expect(JSON.stringify(model)).toBe(text)
  })

  test('names of columns are remembered, saved and loaded', () => {
    using matrix = Matrix.from(X)
    matrix.featureNames = X[0]!.map((_, k) => `column ${k}`)
    const model = make()
    model.fitSync(matrix, y)
    expect(model.featureNames).toEqual(matrix.featureNames)
    expect(load(JSON.stringify(model)).featureNames).toEqual(matrix.featureNames)
    const byName = Object.fromEntries(matrix.featureNames.map((column, k) => [column, X[3]![k]]))
    expect(model.predictOne(byName)).toEqual(model.predictOne(X[3]))
    // Fitted again on data without names, it has none.
    model.fitSync(X, y)
    expect(model.featureNames).toBeUndefined()
    expect(() => model.predictOne(byName)).toThrow(/feature names/)
  })

  test('what is no model of this class is refused', () => {
    const model = make()
    model.fitSync(X, y)
    const other = JSON.stringify(model).replace(`"model":"${name}"`, '"model":"SomethingElse"')
    for (const json of [other, '', 'null', '[]', '{}', '7', null, undefined, 7, [], new Map()]) {
      expect(() => load(json)).toThrow(ModelFormatError)
    }
  })
}

/** Overwrites everything in an object, however deep. */
function destroy(value: object): void {
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== null && typeof inner === 'object') destroy(inner)
    else Reflect.set(value, key, 'gone')
  }
}
