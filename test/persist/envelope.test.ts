import { describe, expect, test } from 'vitest'
import { ModelFormatError } from '../../src/core/errors.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import { checksum, type Envelope, open, seal } from '../../src/persist/index.ts'
import { sample } from '../models/sample.ts'

const { X, y } = sample(100, 3)
const model = new LogisticRegression({ C: 2, classWeight: { yes: 2 } }).fitSync(X, y)
const text = JSON.stringify(model)

/** A deep copy to tamper with. */
const saved = (): Envelope & { body: { options: Record<string, unknown>; fit: Record<string, unknown> } } =>
  JSON.parse(text)

/** A copy tampered with, under a checksum that is right: the work of someone who knows how. */
function resealed(change: (body: ReturnType<typeof saved>['body']) => void) {
  const { body } = saved()
  change(body)
  return seal('LogisticRegression', body)
}

const load = (json: unknown) => () => LogisticRegression.fromJSON(json)

test('the envelope says what is in it', () => {
  expect(saved()).toMatchObject({ format: 'lanefit', version: 1, model: 'LogisticRegression' })
  expect(Object.keys(saved())).toEqual(['format', 'version', 'model', 'checksum', 'body'])
  expect(saved().checksum).toMatch(/^[0-9a-f]{8}$/)
  expect(Object.keys(saved().body)).toEqual(['options', 'fit'])
})

test('the checksum is the CRC-32 of the JSON in UTF-8, as in zip', () => {
  // zlib.crc32(b'"123456789"'), zlib.crc32('"ä€𝄞"'.encode()), zlib.crc32(b'{}')
  expect(checksum('123456789')).toBe('83593021')
  expect(checksum('ä€𝄞')).toBe('f495d5e2')
  expect(checksum({})).toBe('a3a6bf43')
})

describe('refused', () => {
  test('truncated text, at whatever place', () => {
    for (let length = 0; length < text.length; length += 7) {
      expect(load(text.slice(0, length))).toThrow(ModelFormatError)
    }
    expect(load(text.slice(0, -1))).toThrow(/JSON/)
    expect(load(`${text}}`)).toThrow(ModelFormatError)
  })

  test('an altered number, and says so', () => {
    const altered = saved()
    ;(altered.body.fit.coef as number[])[1]! += 1e-9
    expect(load(altered)).toThrow(ModelFormatError)
    expect(load(altered)).toThrow(/checksum/)
    expect(load(text.replace('"intercept":', '"intercept":1'))).toThrow(ModelFormatError)
  })

  test('a missing or wrong checksum', () => {
    const { checksum: _, ...without } = saved()
    for (const wrong of [without, { ...saved(), checksum: '' }, { ...saved(), checksum: null }]) {
      expect(load(wrong)).toThrow(/checksum/)
    }
  })

  test('a newer version, with what to do', () => {
    expect(load({ ...saved(), version: 2 })).toThrow(/version 2.*1.*[Uu]pdate/)
    // Whatever else a newer version has in it.
    expect(load({ ...saved(), version: 3, compression: 'zip', body: 7 })).toThrow(/version 3/)
  })

  test.each([0, -1, 1.5, Number.NaN, '1', null, undefined])('version %s', (version) => {
    expect(load({ ...saved(), version })).toThrow(ModelFormatError)
  })

  test('another class', () => {
    expect(load({ ...saved(), model: 'LinearSVC' })).toThrow(/LogisticRegression.*"LinearSVC"/)
    for (const other of [null, undefined, 7, 'logisticregression']) {
      expect(load({ ...saved(), model: other })).toThrow(ModelFormatError)
    }
  })

  test('an unknown property, wherever it is', () => {
    expect(load({ ...saved(), comment: 'mine' })).toThrow(/"comment"/)
    expect(load(resealed((body) => Object.assign(body, { extra: 1 })))).toThrow(/"extra"/)
    expect(load(resealed(({ options }) => Object.assign(options, { penalty: 1 })))).toThrow(/"penalty"/)
    expect(load(resealed(({ fit }) => Object.assign(fit, { scores: 1 })))).toThrow(/"scores"/)
    expect(load(resealed(({ fit }) => Object.assign(fit.columns as object, { max: 1 })))).toThrow(/"max"/)
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a list', []],
    ['a function', () => text],
    ['an empty object', {}],
    ['an object of another kind', { format: 'onnx' }],
    ['an empty text', ''],
    ['text that is no JSON', 'lanefit'],
    ['a text in a text', JSON.stringify(text)],
    ['bytes', new TextEncoder().encode(text)],
  ])('%s', (_, json) => {
    expect(load(json)).toThrow(ModelFormatError)
  })

  test('a body that is none', () => {
    for (const body of [null, undefined, 7, 'text', [], {}]) {
      expect(load({ ...seal('LogisticRegression', body as never), body })).toThrow(ModelFormatError)
    }
  })
})

describe('untrusted input', () => {
  test('keys that reach for prototypes are refused and change nothing', () => {
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      const part = JSON.parse(`{"${key}": {"polluted": true, "length": "x", "format": "lanefit", "version": 1}}`)
      const attacks = [
        part,
        JSON.parse(`{"${key}": {}, ${text.slice(1)}`),
        resealed((body) => Object.defineProperty(body, key, { value: part, enumerable: true })),
        resealed(({ options }) => Object.defineProperty(options, key, { value: part, enumerable: true })),
        resealed(({ fit }) => Object.defineProperty(fit, key, { value: part, enumerable: true })),
        resealed((body) => Object.assign(body, { fit: part })),
        resealed((body) => Object.assign(body, { options: part })),
        resealed(({ fit }) => Object.assign(fit, { columns: part })),
      ]
      for (const attack of attacks) {
        expect(load(attack)).toThrow(ModelFormatError)
        expect(load(JSON.stringify(attack))).toThrow(ModelFormatError)
      }
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('an object whose text cannot be made is refused', () => {
    const circular = saved() as unknown as { body: Record<string, unknown> }
    circular.body.self = circular
    const hostile = {
      get format(): string {
        return 'lanefit'
      },
      version: { toString: 1, constructor: { name: { toString: 1 } } },
    }
    const big = { ...saved(), body: { n: 10n } }
    for (const json of [circular, hostile, big]) expect(load(json)).toThrow(ModelFormatError)
  })

  test('nesting of any depth is refused', () => {
    for (const depth of [100, 10_000, 200_000]) {
      const deep = '['.repeat(depth) + ']'.repeat(depth)
      expect(load(deep)).toThrow(ModelFormatError)
      expect(load(text.replace(/"body":.*/, `"body":{"options":${deep},"fit":{}}}`))).toThrow(ModelFormatError)
    }
  })

  test('a file of many megabytes is refused in about a second', () => {
    const begin = performance.now()
    const huge = resealed(({ fit }) => Object.assign(fit, { coef: Array.from({ length: 1e6 }, (_, i) => i / 7) }))
    expect(load(JSON.stringify(huge))).toThrow(/columns.mean.*1000000.*3/)
    expect(load(`${text}${' '.repeat(1e7)}x`)).toThrow(ModelFormatError)
    expect(performance.now() - begin).toBeLessThan(10_000)
  })
})

test('open gives the body, from text or object', () => {
  const sealed = seal('Thing', { a: [1, 2.5, null], b: 'ä' })
  expect(open(sealed, 'Thing')).toEqual({ a: [1, 2.5, null], b: 'ä' })
  expect(open(JSON.stringify(sealed), 'Thing')).toEqual(sealed.body)
  // Blanks are not part of what is checked.
  expect(open(JSON.stringify(sealed, null, 2), 'Thing')).toEqual(sealed.body)
})
