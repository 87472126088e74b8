import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ModelFormatError } from '../../src/core/errors.ts'
import { kernelInfo, Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression, type LogisticRegressionOptions } from '../../src/models/index.ts'
import { seal } from '../../src/persist/index.ts'
import { sample } from '../models/sample.ts'

const { X, y } = sample(80, 3)

function saved(options: LogisticRegressionOptions, labels: readonly unknown[] = y): string {
  using matrix = Matrix.from(X)
  matrix.featureNames = ['length', 'größe', '__proto__']
  return JSON.stringify(new LogisticRegression(options).fitSync(matrix, labels as string[]))
}
const texts = [
  saved({}),
  saved({ C: 3, classWeight: 'balanced', solver: 'lbfgs', seed: 5, warmStart: true, threshold: 0.25 }),
  saved({ l2: 0.1, classWeight: new Map([[true, 2]]) }, y.map((label) => label === 'yes')), // biome-ignore format: one line
]

/** Loads it, or throws what it should not have thrown. */
function loaded(json: unknown): LogisticRegression | undefined {
  try {
    return LogisticRegression.fromJSON(json)
  } catch (error) {
    if (error instanceof ModelFormatError && error.message.length < 500) return undefined
    throw error
  }
}

/** A JSON value with one place changed: everything in it is found by its path. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  const inner = value !== null && typeof value === 'object' ? Object.keys(value) : []
  return [path, ...inner.flatMap((key) => places((value as Record<string, unknown>)[key], [...path, key]))]
}

function replace(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return by
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>
  const inner = replace(copy[key], rest, by)
  if (inner === undefined) delete copy[key]
  else copy[key] = inner
  return copy
}

const anyText = fc.constantFrom(...texts)

describe('a saved model', () => {
  test('with characters of its text changed is refused, or is the same model', () => {
    const edit = fc.record({
      at: fc.nat(2000),
      remove: fc.nat(6),
      insert: fc.oneof(
        fc.string({ maxLength: 3 }),
        fc.constantFrom('', ' ', '0', '1e999', '-', ',', '"', '{}', 'null'),
      ),
    })
    fc.assert(
      fc.property(anyText, fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
        let changed = text
        for (const { at, remove, insert } of edits) {
          const place = at % (changed.length + 1)
          changed = changed.slice(0, place) + insert + changed.slice(place + remove)
        }
        const model = loaded(changed)
        // Blanks between parts, or an edit that undoes itself.
        if (model) expect(JSON.stringify(model)).toBe(text)
      }),
      { numRuns: 3000 },
    )
  })

  test('with any part replaced or removed is refused, or is the same model', () => {
    const by = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.double(), fc.constantFrom(Number.NaN, -0, 10n))
    fc.assert(
      fc.property(anyText, fc.nat(), by, (text, n, value) => {
        const object: unknown = JSON.parse(text)
        const all = places(object)
        const changed = replace(object, all[n % all.length]!, value)
        for (const json of [changed, typeof value === 'bigint' ? undefined : JSON.stringify(changed)]) {
          const model = loaded(json)
          if (model) expect(JSON.stringify(model)).toBe(text)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('changed by someone who mends the checksum is refused, or is a whole model that works', () => {
    const before = kernelInfo().liveBytes
    const by = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.double(), fc.integer(), fc.string(), fc.boolean())
    fc.assert(
      fc.property(anyText, fc.nat(), by, (text, n, value) => {
        const { body } = JSON.parse(text)
        const all = places(body)
        const changed = replace(body, all[n % all.length]!, value)
        const json = JSON.stringify(seal('LogisticRegression', changed as Record<string, unknown>))
        const model = loaded(json)
        if (!model) return
        // Whatever it says, it is complete: it predicts one of its labels for every row, and saves to what it was.
        const { coef, intercept, columns } = model
        const tame = [...coef, intercept, ...columns.mean, ...columns.std].every((v) => Math.abs(v) < 1e30)
        if (tame) {
          for (const label of model.predict(X)) expect(model.classes).toContain(label)
          expect(model.predictProba(X).data.every((p) => p >= 0 && p <= 1)).toBe(true)
        }
        expect(JSON.parse(JSON.stringify(model)).body.fit).toEqual(JSON.parse(json).body.fit)
      }),
      { numRuns: 2000 },
    )
    expect(kernelInfo().liveBytes).toBe(before)
  })

  test('of any numbers and labels comes back as it is', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true })
    const labels = fc.oneof(
      fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 2 }),
      fc.uniqueArray(number, { minLength: 2, maxLength: 2, selector: (v) => v + 0 }),
    )
    const fit = fc.integer({ min: 1, max: 5 }).chain((d) => {
      const row = fc.array(number, { minLength: d, maxLength: d })
      return fc.record({
        classes: labels,
        coef: row,
        intercept: number,
        columns: fc.record({ mean: row, std: row }),
        featureNames: fc.array(fc.string(), { minLength: d, maxLength: d }),
        solver: fc.string(),
        nIter: fc.nat(),
        converged: fc.boolean(),
        loss: number,
      })
    })
    fc.assert(
      fc.property(fit, (content) => {
        const json = JSON.stringify(seal('LogisticRegression', { options: {}, fit: content }))
        const model = loaded(json)
        expect(model).toBeDefined()
        const { coef, intercept, classes, featureNames } = model as LogisticRegression
        expect([...coef].map((c) => c + 0)).toEqual(content.coef.map((c) => c + 0))
        expect(intercept + 0).toBe(content.intercept + 0)
        expect(classes).toEqual(JSON.parse(json).body.fit.classes)
        expect(featureNames).toEqual(content.featureNames)
      }),
      { numRuns: 500 },
    )
  })
})
