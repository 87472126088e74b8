import { describe, expect, test } from 'vitest'
import { bytesOf, type Description } from './estimator.ts'

/** Labels come back as they were given. */
export function testLabels({ make, load, makeData, hasProba }: Description): void {
  const { X, y } = makeData(120)
  const words = [...new Set(y)].sort()

  const kinds = [
    { kind: 'strings', of: (c: number) => ['zebra', 'Äpfel', 'ant', 'émeu'][c]! },
    { kind: 'odd strings', of: (c: number) => ['', '__proto__', 'constructor', ' '][c]! },
    { kind: 'numbers', of: (c: number) => [10, -1.5, 2, 1e300][c]! },
    ...(words.length > 2 ? [] : [{ kind: 'booleans', of: (c: number) => c > 0 }]),
  ]

  describe.each(kinds)('labels that are $kind', ({ of }) => {
    const labels = y.map((word) => of(words.indexOf(word)))

    test('come back from predict and predictOne, and sorted in classes', () => {
      const model = make()
      model.fitSync(X, labels)
      const distinct = [...new Set<number | string | boolean>(labels)]
      expect(new Set(model.predict(X))).toEqual(new Set(distinct))
      expect(distinct).toContain(model.predictOne(X[0]).label)
      expect(model.score(X, labels)).toBeGreaterThan(0.7)
      // By value, by code unit, false before true: what < says.
      expect(model.classes).toEqual(distinct.sort((a, b) => (a < b ? -1 : 1)))
      if (hasProba) expect(model.predictProba!(X).classes).toEqual(model.classes)
    })

    test('survive saving', () => {
      const model = make()
      model.fitSync(X, labels)
      const loaded = load(JSON.stringify(model))
      expect(loaded.classes).toEqual(model.classes)
      expect(loaded.predict(X)).toEqual(model.predict(X))
    })
  })

  test.each([Float64Array, Float32Array, Int32Array, Uint8Array, Int8Array])('%o may hold the labels', (TypedArray) => {
    const plain = y.map((word) => words.indexOf(word))
    const [model, other] = [make(), make()]
    model.fitSync(X, TypedArray.from(plain))
    other.fitSync(X, plain)
    expect(model.predict(X)).toEqual(other.predict(X))
    expect(model.classes).toEqual(words.map((_, c) => c))
    expect(model.score(X, TypedArray.from(plain))).toBe(other.score(X, plain))
  })

  test('which name a class has does not change its numbers', () => {
    const [model, other] = [make(), make()]
    model.fitSync(X, y)
    const renamed = y.map((word) => words.indexOf(word) * 10)
    other.fitSync(X, renamed)
    expect(bytesOf(other)).toEqual(bytesOf(model))
    expect(other.predict(X)).toEqual(model.predict(X).map((word) => words.indexOf(word) * 10))
  })

  test('labels of several kinds, or of no kind, are refused with their place', () => {
    const fit = (labels: unknown) => () => make().fitSync(X, labels)
    expect(fit(y.map((word, i) => (i === 7 ? 1 : word)))).toThrow(/y\[7\].*string.*1/)
    expect(fit(y.map((word, i) => (i === 7 ? null : word)))).toThrow(TypeError)
    expect(fit(y.map((_, i) => (i === 7 ? Number.NaN : i % 2)))).toThrow(/y\[7\].*NaN/)
    expect(fit(y.map((_, i) => BigInt(i % 2)))).toThrow(TypeError)
    expect(fit(BigInt64Array.from(y, (_, i) => BigInt(i % 2)))).toThrow(TypeError)
    expect(fit('yes')).toThrow(TypeError)
    expect(fit(undefined)).toThrow(TypeError)
  })
}
