import { describe, expect, test } from 'vitest'
import {
  checkBoolean,
  checkInteger,
  checkNotAborted,
  checkNumber,
  checkOneOf,
  checkOptionNames,
  show,
} from '../../src/core/checks.ts'

describe('show', () => {
  test.each([
    ['a', '"a"'],
    ['x'.repeat(50), `"${'x'.repeat(37)}..."`],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [3n, '3n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [() => 1, 'a function'],
    [[1, 2], 'Array of length 2'],
    [new Float32Array(3), 'Float32Array of length 3'],
    [{ a: 1 }, 'an instance of Object'],
    [Object.create(null), 'an instance of Object'],
    [new Date(0), 'an instance of Date'],
    [Symbol('s'), 'Symbol(s)'],
  ])('%o', (value, text) => {
    expect(show(value)).toBe(text)
  })
})

describe('checkNumber', () => {
  test('returns what is in range', () => {
    expect(checkNumber('x', -1.5)).toBe(-1.5)
    expect(checkNumber('x', 0, { min: 0 })).toBe(0)
    expect(checkNumber('x', 1, { above: 0, max: 1 })).toBe(1)
  })

  test.each([
    ['1', {}, TypeError, 'x: expected a number, got "1"'],
    [undefined, { min: 0 }, TypeError, 'x: expected a number >= 0, got undefined'],
    [Number.NaN, {}, RangeError, 'x: expected a finite number, got NaN'],
    [Number.POSITIVE_INFINITY, { above: 0 }, RangeError, 'x: expected a finite number > 0, got Infinity'],
    [-1, { min: 0, max: 1 }, RangeError, 'x: expected a finite number >= 0 and <= 1, got -1'],
    [0, { above: 0 }, RangeError, 'x: expected a finite number > 0, got 0'],
    [2, { max: 1 }, RangeError, 'x: expected a finite number <= 1, got 2'],
  ])('refuses %o with %o', (value, range, kind, message) => {
    expect(() => checkNumber('x', value, range)).toThrow(kind)
    expect(() => checkNumber('x', value, range)).toThrow(message)
  })
})

describe('checkInteger', () => {
  test('returns what is in range', () => {
    expect(checkInteger('n', 0, { min: 0 })).toBe(0)
    expect(checkInteger('n', 2 ** 53 - 1)).toBe(2 ** 53 - 1)
  })

  test.each([
    [true, {}, TypeError, 'n: expected an integer, got true'],
    [1.5, {}, RangeError, 'n: expected an integer, got 1.5'],
    [2 ** 53, {}, RangeError, 'n: expected an integer, got 9007199254740992'],
    [Number.NaN, { min: 1 }, RangeError, 'n: expected an integer >= 1, got NaN'],
    [0, { min: 1, max: 5 }, RangeError, 'n: expected an integer >= 1 and <= 5, got 0'],
  ])('refuses %o with %o', (value, range, kind, message) => {
    expect(() => checkInteger('n', value, range)).toThrow(kind)
    expect(() => checkInteger('n', value, range)).toThrow(message)
  })
})

describe('checkBoolean and checkOneOf', () => {
  test('return what is allowed', () => {
    expect(checkBoolean('b', false)).toBe(false)
    expect(checkOneOf('solver', 'sgd', ['newton', 'sgd'])).toBe('sgd')
  })

  test('refuse the rest', () => {
    expect(() => checkBoolean('b', 0)).toThrow(new TypeError('b: expected true or false, got 0'))
    expect(() => checkOneOf('solver', 3, ['newton', 'sgd'])).toThrow(
      new TypeError('solver: expected one of newton, sgd, got 3'),
    )
    expect(() => checkOneOf('solver', 'SGD', ['newton', 'sgd'])).toThrow(
      new RangeError('solver: expected one of newton, sgd, got "SGD"'),
    )
  })
})

describe('checkOptionNames', () => {
  const known = ['learningRate', 'l2', 'maxIter']

  test('lets known names and no options pass', () => {
    checkOptionNames('fit', undefined, known)
    checkOptionNames('fit', {}, known)
    checkOptionNames('fit', { l2: undefined, maxIter: 3 }, known)
  })

  test.each([
    ['learning_rate', 'did you mean "learningRate"?'],
    ['learningrate', 'did you mean "learningRate"?'],
    ['maxIters', 'did you mean "maxIter"?'],
    ['maxItr', 'did you mean "maxIter"?'],
    ['maxXter', 'did you mean "maxIter"?'],
    ['color', 'known: learningRate, l2, maxIter'],
  ])('%s: %s', (name, help) => {
    expect(() => checkOptionNames('fit', { [name]: 1 }, known)).toThrow(TypeError)
    expect(() => checkOptionNames('fit', { [name]: 1 }, known)).toThrow(`fit: unknown option "${name}"`)
    expect(() => checkOptionNames('fit', { [name]: 1 }, known)).toThrow(help)
  })

  test.each([[null], [[]], [3], ['x'], [() => 1]])('%o is no options object', (options) => {
    expect(() => checkOptionNames('fit', options, known)).toThrow(/^fit: expected an options object, got /)
  })
})

test('checkNotAborted throws the reason of the signal', () => {
  checkNotAborted(undefined)
  checkNotAborted(new AbortController().signal)
  const reason = new Error('enough')
  expect(() => checkNotAborted(AbortSignal.abort(reason))).toThrow(reason)
})
