/**
 * WebAssembly as text inside a bundle. A byte is always the same letter or pair of letters, so that gzip finds its repeats
 * (base64 moves them out of step): the gzipped text weighs 2 % more than the gzipped module, base64 33 %.
 *
 * The letters are ( to ~, with ! in place of the backslash. Byte b counts as b + 3 modulo 256, since those most common in
 * WebAssembly are small or SIMD's 0xfd: the first 85 are a letter each, the others one of the last two letters and another.
 */
const FIRST = 40
const LETTERS = 87
const SINGLES = 85
const OFFSET = 3
const BACKSLASH = 92
const INSTEAD = 33

/** Bytes as text, for the build. */
export function textOfBytes(bytes: Uint8Array): string {
  const letter = (i: number) => String.fromCharCode(FIRST + i === BACKSLASH ? INSTEAD : FIRST + i)
  return Array.from(bytes, (byte) => {
    const place = (byte + OFFSET) & 255
    const rest = place - SINGLES
    return rest < 0 ? letter(place) : letter(SINGLES + Math.floor(rest / LETTERS)) + letter(rest % LETTERS)
  }).join('')
}

/** The bytes again. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  let length = 0
  let before = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const place = (code === INSTEAD ? BACKSLASH : code) - FIRST
    if (before === 0 && place >= SINGLES) before = SINGLES + (place - SINGLES) * LETTERS
    else {
      // Modulo 256 by being stored.
      bytes[length++] = before + place - OFFSET
      before = 0
    }
  }
  return bytes.slice(0, length)
}
