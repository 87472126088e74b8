import { describe, expect, test } from 'vitest'
import { DataError, KernelError, ModelFormatError, NotFittedError, ParseError } from '../../src/core/errors.ts'

describe.each([
  ['DataError', () => new DataError('NON_FINITE', 'X: row 3, column 1 is NaN', { row: 3, column: 1 }), 'NON_FINITE'],
  ['NotFittedError', () => new NotFittedError('LogisticRegression', 'predict'), 'NOT_FITTED'],
  ['ParseError', () => new ParseError('expected 3 fields, got 2', { line: 7, column: 3 }), 'PARSE'],
  ['KernelError', () => new KernelError('TRAP', 'trapped', { variant: 'simd' }), 'TRAP'],
  ['ModelFormatError', () => new ModelFormatError('no format field'), 'MODEL_FORMAT'],
] as const)('%s', (name, make, code) => {
  test('is an Error with its own name and a code', () => {
    const error = make()
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe(name)
    expect(error.code).toBe(code)
    expect(String(error)).toBe(`${name}: ${error.message}`)
  })
})

test('a hint stands at the end of the message and on its own', () => {
  const error = new KernelError('OUT_OF_MEMORY', 'no room', { hint: 'Dispose of something' })
  expect(error.message).toBe('no room. Dispose of something')
  expect(error.hint).toBe('Dispose of something')
  expect(new KernelError('TRAP', 'trapped').hint).toBeUndefined()
})

test('a cause is kept, and is not there when there is none', () => {
  const cause = new Error('inner')
  expect(new ParseError('outer', { cause }).cause).toBe(cause)
  expect('cause' in new ParseError('outer')).toBe(false)
})

test('what an error says about the place', () => {
  expect(new DataError('NON_FINITE', 'bad', { row: 3, column: 1 })).toMatchObject({ row: 3, column: 1 })
  expect(new DataError('ONE_CLASS', 'bad').row).toBeUndefined()
  expect(new ParseError('bad', { line: 7, column: 3 })).toMatchObject({ line: 7, column: 3 })
  expect(new KernelError('TRAP', 'bad', { variant: 'js' }).variant).toBe('js')
  expect(new NotFittedError('LinearSVC', 'score').message).toMatch(
    /^LinearSVC\.score: the model is not fitted\. Call fit/,
  )
})
