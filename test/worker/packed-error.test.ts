import { expect, test } from 'vitest'
import { DataError, KernelError } from '../../src/core/errors.ts'
import { packError, unpackError } from '../../src/worker/packed-error.ts'

const cause = new TypeError('underneath', { cause: 'deep' })

test.each([
  new DataError('NON_FINITE', 'X: row 3', { row: 3, column: 0, hint: 'Impute', cause }),
  new DataError('ONE_CLASS', 'y: one'),
  new KernelError('OUT_OF_MEMORY', 'no room', { variant: 'simd', hint: 'Release', cause: new RangeError('grow') }),
  new TypeError('kind', { cause }),
  new RangeError('value'),
  new Error('plain'),
])('%s comes back as it was', (error) => {
  const packed = packError(error)
  expect(structuredClone(packed)).toEqual(packed)
  const back = unpackError(structuredClone(packed))
  expect(back).toEqual(error)
  expect(back.constructor).toBe(error.constructor)
  expect(back.message).toBe(error.message)
  expect(Object.entries(back)).toEqual(Object.entries(error))
  expect((back.cause as Error)?.constructor).toBe((error.cause as Error)?.constructor)
})

test('others keep their name and message', () => {
  class OddError extends Error {
    override readonly name = 'OddError'
  }
  expect(unpackError(packError(new OddError('odd')))).toMatchObject({ name: 'OddError', message: 'odd' })
  expect(unpackError(packError('thrown'))).toMatchObject({ name: 'Error', message: 'thrown' })
})
