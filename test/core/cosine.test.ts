import { expect, test } from 'vitest'
import { cosPi } from '../../src/core/cosine.ts'

test('cosPi is the cosine of a half turn to 1e-15', () => {
  for (let i = 0; i <= 1000; i++) expect(Math.abs(cosPi(i / 1000) - Math.cos((Math.PI * i) / 1000))).toBeLessThan(1e-15)
  expect(cosPi(0.5)).toBe(0)
})
