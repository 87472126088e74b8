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
  const options = { ...(json as Record<string, unknown>) }
  if (Array.isArray(options.classWeight)) options.classWeight = new Map(options.classWeight)
  try {
    return checkLogisticOptions(options)
  } catch (cause) {
    throw new ModelFormatError(`options: ${(cause as Error).message}`, { cause })
  }
}
