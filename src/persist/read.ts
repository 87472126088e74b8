import { show } from '../core/checks.ts'
import { ModelFormatError } from '../core/errors.ts'

/** Reads the parts of a saved model, each checked: files are untrusted. All throw ModelFormatError. */

export function readNumbers(name: string, value: unknown, length?: number): Float64Array {
  if (!Array.isArray(value)) throw new ModelFormatError(`${name}: expected an array of numbers, got ${show(value)}`)
  if (length !== undefined && value.length !== length) {
    throw new ModelFormatError(`${name}: expected ${length} numbers, got ${value.length}`)
  }
  const bad = value.findIndex((x) => typeof x !== 'number' || !Number.isFinite(x))
  if (bad >= 0) readNumber(`${name}[${bad}]`, value[bad])
  return Float64Array.from(value)
}

export function readNumber(name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new ModelFormatError(`${name}: expected a finite number, got ${show(value)}`)
  }
  return value
}

export function readBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new ModelFormatError(`${name}: expected true or false, got ${show(value)}`)
  return value
}

export function readString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new ModelFormatError(`${name}: expected a string, got ${show(value)}`)
  return value
}

export function readStrings(name: string, value: unknown, length: number): string[] {
  if (!Array.isArray(value) || value.length !== length || value.some((v) => typeof v !== 'string')) {
    throw new ModelFormatError(`${name}: expected ${length} strings, got ${show(value)}`)
  }
  return [...value]
}

/** Distinct labels of one kind. */
export function readLabels(name: string, value: unknown, length: number): (number | string | boolean)[] {
  const ok =
    Array.isArray(value) &&
    value.length === length &&
    new Set(value).size === length &&
    value.every((v) => typeof v === typeof value[0] && ['number', 'string', 'boolean'].includes(typeof v))
  if (!ok) throw new ModelFormatError(`${name}: expected ${length} distinct labels of one kind, got ${show(value)}`)
  return [...value]
}
