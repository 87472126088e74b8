/**
 * Checks at the door of public calls: TypeError for the wrong kind, RangeError for the wrong value, always with
 * what was expected and what came. Inner functions trust.
 */

/** A short, safe picture of any value for an error message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (value === null || typeof value !== 'object') return String(value)
  const name = typeof value.constructor === 'function' ? value.constructor.name : 'Object'
  const { length } = value as { length?: unknown }
  return typeof length === 'number' ? `${name} of length ${length}` : `an instance of ${name}`
}

export interface Range {
  min?: number
  max?: number
  /** The minimum itself is not allowed. */
  above?: number
}

function rangeText({ min, max, above }: Range): string {
  const low = above !== undefined ? ` > ${above}` : min !== undefined ? ` >= ${min}` : ''
  const high = max !== undefined ? `${low ? ' and' : ''} <= ${max}` : ''
  return low + high
}

function inRange(value: number, { min, max, above }: Range): boolean {
  return (
    (min === undefined || value >= min) && (max === undefined || value <= max) && (above === undefined || value > above)
  )
}

/** A finite number in a range, or the error that says so. */
export function checkNumber(name: string, value: unknown, range: Range = {}): number {
  if (typeof value !== 'number')
    throw new TypeError(`${name}: expected a number${rangeText(range)}, got ${show(value)}`)
  if (!Number.isFinite(value) || !inRange(value, range)) {
    throw new RangeError(`${name}: expected a finite number${rangeText(range)}, got ${value}`)
  }
  return value
}

/** A whole number in a range, or the error that says so. */
export function checkInteger(name: string, value: unknown, range: Range = {}): number {
  if (typeof value !== 'number')
    throw new TypeError(`${name}: expected an integer${rangeText(range)}, got ${show(value)}`)
  if (!Number.isSafeInteger(value) || !inRange(value, range)) {
    throw new RangeError(`${name}: expected an integer${rangeText(range)}, got ${value}`)
  }
  return value
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name}: expected true or false, got ${show(value)}`)
  return value
}

export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if (typeof value !== 'string')
    throw new TypeError(`${name}: expected one of ${allowed.join(', ')}, got ${show(value)}`)
  if (!allowed.includes(value as T)) {
    throw new RangeError(`${name}: expected one of ${allowed.join(', ')}, got ${show(value)}`)
  }
  return value as T
}

/** An options object without unknown names: a misspelt option must not be silently ignored. */
export function checkOptionNames(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new TypeError(`${where}: expected an options object, got ${show(options)}`)
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const near =
      known.find((k) => k.toLowerCase() === name.toLowerCase().replace(/[_-]/g, '')) ??
      known.find((k) => editDistanceIsOne(k, name))
    throw new TypeError(
      `${where}: unknown option ${show(name)}${near ? `, did you mean ${show(near)}?` : `; known: ${known.join(', ')}`}`,
    )
  }
}

function editDistanceIsOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i++
  const [restA, restB] = [a.slice(i), b.slice(i)]
  return restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1)
}

/** Throws the signal's own reason if it has been aborted. */
export function checkNotAborted(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted()
}
