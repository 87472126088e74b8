import { show } from './checks.ts'
import { DataError } from './errors.ts'
import { runSync, type Steps } from './steps.ts'

/** Numbers that are read in one go: about a millisecond's work. */
const SLICE = 2 ** 16

/** Numbers in a plain or typed array. */
export type NumberArray =
  | readonly number[]
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray

/** A plain array or a typed array of numbers, which is all that rows may come in. */
export function isArray(value: unknown): value is ArrayLike<unknown> {
  if (Array.isArray(value)) return true
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return false
  return !(value instanceof BigInt64Array || value instanceof BigUint64Array)
}

/** Weights: finite, at least 0, not all 0, one a row; undefined where none are given. */
export function checkWeights(weights: unknown, nRows: number, unit?: string): Float64Array | undefined {
  return runSync(readWeights(weights, nRows, unit))
}

/** The same with breaks. */
export function* readWeights(weights: unknown, nRows: number, unit?: string): Steps<Float64Array | undefined> {
  if (weights === undefined) return undefined
  const checked = yield* numbersOf('sampleWeight', weights, nRows, unit)
  let some = false
  for (let i = 0; i < nRows; i++) {
    if (i % SLICE === SLICE - 1) yield
    const weight = checked[i] as number
    if (weight < 0) throw new RangeError(`sampleWeight[${i}]: expected a weight >= 0, got ${weight}`)
    if (weight > 0) some = true
  }
  if (!some) throw new DataError('ZERO_WEIGHTS', 'sampleWeight: all weights are 0')
  return checked
}

/** A float64 copy of finite numbers, one a row; -0 becomes 0. */
export function readNumbers(name: string, values: unknown, nRows: number, unit?: string): Float64Array {
  return runSync(numbersOf(name, values, nRows, unit))
}

function* numbersOf(name: string, values: unknown, nRows: number, unit?: string): Steps<Float64Array> {
  if (!isArray(values)) throw new TypeError(`${name}: expected an array of numbers, got ${show(values)}`)
  checkRows(name, values.length, nRows, unit)
  const copy = new Float64Array(nRows)
  for (let i = 0; i < nRows; i++) {
    if (i % SLICE === SLICE - 1) yield
    const value = values[i]
    if (typeof value !== 'number') throw new TypeError(`${name}[${i}]: expected a number, got ${show(value)}`)
    if (!Number.isFinite(value)) throw nonFinite(`${name}[${i}]`, value, i)
    copy[i] = value + 0
  }
  return copy
}

export function checkRows(name: string, got: number, nRows: number, unit = 'labels in y'): void {
  if (got !== nRows) throw new RangeError(`${name}: expected ${nRows} values (${unit}), got ${got}`)
}

export function nonFinite(name: string, value: number, row: number): DataError {
  return new DataError('NON_FINITE', `${name}: expected a finite number, got ${value}`, { row })
}
