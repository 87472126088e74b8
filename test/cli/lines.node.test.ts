import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Lines } from '../../src/cli/lines.ts'

function written(put: (lines: Lines) => void): string {
  const lines = new Lines()
  put(lines)
  return new TextDecoder().decode(lines.bytes)
}
const probability = (p: number) => written((lines) => lines.putProbability(p))
const float32 = fc.float({ min: 0, max: 1, noNaN: true })

describe('a probability', () => {
  test.each([
    [0, '0'],
    [1, '1'],
    [0.5, '0.5'],
    [0.25, '0.25'],
    [Math.fround(0.1), '0.100000001'],
    [1 - 2 ** -24, '0.99999994'],
    [2 ** -20, '9.53674316e-7'],
    [2 ** -10, '0.0009765625'],
    [Math.fround(1e-6), '9.99999997e-7'],
    [Math.fround(1e-5), '0.00000999999975'],
    [Math.fround(2e-10), '2.00000003e-10'],
    [2 ** -38, '3.63797881e-12'],
    [2 ** -149, '1.40129846e-45'],
  ])('%d is written %s', (p, text) => expect(probability(p)).toBe(text))

  test('reads back as the same float32, in nine digits, as JavaScript would write them', () => {
    const small = fc.tuple(float32, fc.integer({ min: 0, max: 40 })).map(([p, k]) => Math.fround(p * 2 ** -k))
    fc.assert(
      fc.property(fc.oneof(float32, small), (p) => {
        const text = probability(p)
        expect(Math.fround(Number(text))).toBe(p)
        expect(text).toBe(String(Number(text)))
        expect(Number(text)).toBeCloseTo(Number(p.toPrecision(9)), 20)
      }),
      { numRuns: 5000 },
    )
  })

  test('on either side of a threshold stays there', () => {
    for (let t = 0.001; t < 1; t += 0.001) {
      const threshold = Number(t.toFixed(3))
      const near = new Float32Array([threshold])
      const bits = new Uint32Array(near.buffer)
      bits[0]! -= 3
      for (let i = 0; i < 7; i++, bits[0]!++) {
        const p = near[0]!
        // Nearer than nine digits tell.
        if (Math.abs(p - threshold) <= 5e-9 * threshold) continue
        expect(Number(probability(p)) >= threshold).toBe(p >= threshold)
      }
    }
  })
})

test('pieces follow each other, also where they outgrow the room', () => {
  const long = 'é'.repeat(100_000)
  const text = written((lines) => {
    for (const part of ['a', long, 'b']) lines.put(new TextEncoder().encode(part))
    lines.putCode(10)
    lines.putProbability(0.5)
  })
  expect(text).toBe(`a${long}b\n0.5`)
})
