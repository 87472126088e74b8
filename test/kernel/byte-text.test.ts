import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOfText, textOfBytes } from '../../src/kernel/byte-text.ts'

test('bytes come back from their text, which needs no escapes', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  expect(bytesOfText(textOfBytes(all))).toEqual(all)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = textOfBytes(bytes)
      expect(text).toMatch(/^[!(-[\]-~]*$/)
      expect(bytesOfText(text)).toEqual(bytes)
    }),
  )
})

test('what is most common takes one letter', () => {
  expect(textOfBytes(Uint8Array.of(0xfd, 0, 0x20, 0x51))).toHaveLength(4)
  expect(textOfBytes(Uint8Array.of(0x52, 0xfc))).toHaveLength(4)
})
