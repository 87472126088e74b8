import { ModelFormatError } from '../core/errors.ts'
import { refuseUnknown } from '../persist/index.ts'
import { checkLogisticOptions, type LogisticRegressionOptions } from './logistic-options.ts'

/** Options as JSON-safe values: a Map of class weights becomes pairs. */
export function optionsToJSON(options: LogisticRegressionOptions): Record<string, unknown> {
  const { classWeight } = options
  return classWeight instanceof Map ? { ...options, classWeight: [...classWeight] } : { ...options }
}

/** @throws ModelFormatError for options this version does not know; `rest` must be empty. */
export function optionsFromJSON(json: unknown, rest: object): LogisticRegressionOptions {
  refuseUnknown('body', rest, [])
  try {
    const options = (json ?? null) as LogisticRegressionOptions
    const pairs: unknown = options?.classWeight
    return checkLogisticOptions(Array.isArray(pairs) ? { ...options, classWeight: new Map(pairs) } : options)
  } catch (cause) {
    throw new ModelFormatError(`options: ${(cause as Error).message}`, { cause })
  }
}
