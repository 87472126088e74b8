import { ParseError } from '../core/errors.ts'

/**
 * Bytes to text, in pieces, by TextDecoder. A byte order mark decides between UTF-8 and UTF-16; without one it is the
 * encoding asked for (default UTF-8). Text passes through.
 */
export class Decoder {
  readonly #encoding: string
  #decoder: TextDecoder | undefined
  /** The first bytes, until there are enough of them for a byte order mark. */
  #head = new Uint8Array(0)
  #offset = 0
  #started = false

  /** @throws RangeError for an encoding that TextDecoder does not know */
  constructor(encoding = 'utf-8') {
    this.#encoding = encoding
    new TextDecoder(encoding)
  }

  /** Whether bytes that come now are UTF-8. False before the first. */
  get isUtf8(): boolean {
    return this.#decoder?.encoding === 'utf-8'
  }

  /** Passes over bytes that need no decoding. */
  skip(bytes: number): void {
    this.#offset += bytes
  }

  /** @throws ParseError at bytes that are not text in that encoding */
  decode(piece: Uint8Array | string): string {
    const text = typeof piece === 'string' ? this.end() + piece : this.#decodeBytes(piece)
    if (this.#started || text === '') return text
    this.#started = true
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  }

  /** What is left at the end. */
  end(): string {
    if (!this.#decoder && this.#head.length === 0) return ''
    return this.#run(new Uint8Array(0), true)
  }

  #decodeBytes(bytes: Uint8Array): string {
    if (!this.#decoder && this.#head.length + bytes.length < 2) {
      this.#head = joined(this.#head, bytes)
      return ''
    }
    return this.#run(bytes, false)
  }

  #run(bytes: Uint8Array, last: boolean): string {
    const input = this.#head.length > 0 ? joined(this.#head, bytes) : bytes
    this.#head = new Uint8Array(0)
    if (!this.#decoder) refusePacked(input)
    const decoder = this.#decoder ?? new TextDecoder(markedEncoding(input) ?? this.#encoding, { fatal: true })
    this.#decoder = last ? undefined : decoder
    try {
      const text = decoder.decode(input, { stream: !last })
      this.#offset += input.length
      return text
    } catch (cause) {
      throw new ParseError(`after byte ${this.#offset}: not ${decoder.encoding} text`, {
        cause,
        hint: `Pass the encoding of the file, such as { encoding: 'windows-1252' }`,
      })
    }
  }
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return undefined
}

/** What begins like an archive is not text in another encoding. */
function refusePacked(bytes: Uint8Array): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const hint = `Unpack them first, as zcat and DecompressionStream('gzip') do`
    throw new ParseError('the data are packed by gzip', { hint })
  }
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4) {
    const hint = 'Unpack it, or export the table as CSV'
    throw new ParseError('the data are a zip archive, as workbooks (.xlsx, .ods) are', { hint })
  }
}

/** One behind the other. */
export function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
