import { checkOptionNames, show } from '../core/checks.ts'
import { ModelFormatError } from '../core/errors.ts'

/** The version this library writes, and the newest it reads. */
const VERSION = 1

/** What surrounds a saved model: what it is, in which version, and a checksum over the rest. */
export interface Envelope {
  format: 'lanefit'
  version: number
  /** The class that reads it. */
  model: string
  /** CRC-32 of the JSON of `body`, as 8 hexadecimal digits. */
  checksum: string
  body: Record<string, unknown>
}

/** Wraps a model's JSON-safe content. */
export function seal(model: string, body: Record<string, unknown>): Envelope {
  return { format: 'lanefit', version: VERSION, model, checksum: checksum(body), body }
}

/**
 * Opens a saved model: an object or its JSON text.
 * @throws ModelFormatError if it is not one, is damaged, of another class or a newer version
 */
export function open(json: unknown, model: string): Record<string, unknown> {
  const envelope = typeof json === 'string' ? parse(json) : json
  if (envelope === null || typeof envelope !== 'object' || (envelope as Envelope).format !== 'lanefit') {
    throw new ModelFormatError(`expected a saved lanefit model, got ${show(envelope)}`)
  }
  const { version, model: kind, body, checksum: given } = envelope as Envelope
  if (!Number.isInteger(version) || version < 1)
    throw new ModelFormatError(`version: expected 1 to ${VERSION}, got ${show(version)}`)
  if (version > VERSION) {
    throw new ModelFormatError(`the model was saved in version ${version}, this lanefit reads up to ${VERSION}`, {
      hint: 'Update lanefit',
    })
  }
  refuseUnknown('the file', envelope, ['format', 'version', 'model', 'checksum', 'body'])
  if (kind !== model)
    throw new ModelFormatError(`expected a ${model}, got ${show(kind)}`, {
      hint: 'Load it with the class that saved it',
    })
  if (body === null || typeof body !== 'object')
    throw new ModelFormatError(`body: expected an object, got ${show(body)}`)
  let actual: unknown
  try {
    actual = checksum(body)
  } catch {
    // Nested too deep, or not JSON at all.
    actual = Number.NaN
  }
  if (actual !== given) {
    throw new ModelFormatError('the checksum does not match: the model was altered or damaged', {
      hint: 'Save it again from the fitted model',
    })
  }
  return body
}

/** @throws ModelFormatError for a property this version does not know */
export function refuseUnknown(where: string, value: object, known: readonly string[]): void {
  try {
    checkOptionNames(where, value, known)
  } catch (cause) {
    throw new ModelFormatError(`${where}: has a part this version does not know (${(cause as Error).message})`, {
      cause,
    })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ModelFormatError('the text is not JSON: truncated, or not a saved model', { cause })
  }
}

/** CRC-32 (ISO 3309, as in zip) of the UTF-8 bytes of a value's JSON. */
export function checksum(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const table = crcOfBytes()
  let crc = -1
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 255]!
  return (~crc >>> 0).toString(16).padStart(8, '0')
}

/** What each byte does to the sum: bit by bit, a model of 100 numbers took a process that has just started 4 ms. */
function crcOfBytes(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, crc) => {
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1))
    return crc
  })
}
