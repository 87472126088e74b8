import { ModelFormatError } from '../core/errors.ts'
import { refuseUnknown } from '../persist/index.ts'
import { checkLogisticOptions, type LogisticRegressionOptions } from './logistic-options.ts'
import type { ClassWeight } from './samples.ts'

/** Options as JSON-safe values of their own: a Map of class weights becomes pairs. */
export function optionsToJSON<O extends { classWeight?: ClassWeight }>(options: O): Record<string, unknown> {
  const { classWeight } = options
  return structuredClone(classWeight instanceof Map ? { ...options, classWeight: [...classWeight] } : { ...options })
}

/** @throws ModelFormatError for options this version does not know; `rest` must be empty. */
export function optionsFromJSON(json: unknown, rest: object): LogisticRegressionOptions {
  return readOptions(json, rest, checkLogisticOptions)
}

/** The same for any model, by what checks its options. */
export function readOptions<O extends { classWeight?: ClassWeight }>(
  json: unknown,
  rest: object,
  check: (options: O) => O,
): O {
  refuseUnknown('body', rest, [])
  try {
    const options = (json ?? null) as O
    const pairs: unknown = options?.classWeight
    return check(Array.isArray(pairs) ? { ...options, classWeight: new Map(pairs) } : options)
  } catch (cause) {
    throw new ModelFormatError(`options: ${(cause as Error).message}`, { cause })
  }
}
