import { ModelFormatError } from '../core/errors.ts'
import type { Label } from '../core/labels.ts'
import {
  readBoolean,
  readLabels,
  readNumber,
  readNumbers,
  readString,
  readStrings,
  refuseUnknown,
} from '../persist/index.ts'
import type { LinearParameters } from './columns.ts'
import type { HistoryEntry } from './fit-options.ts'

/** Rows of coefficients on columns, and an intercept each. */
export interface LinearOutputs {
  /** nOutputs x nFeatures, row-major. */
  coef: Float64Array
  /** nOutputs. */
  intercepts: Float64Array
}

/**
 * Everything a fitted linear model knows, in original units: ordinary JavaScript values. Two classes have one output,
 * z of the second class; more have one each, in the order of `classes`.
 */
export interface LinearFit extends LinearOutputs {
  /** The labels, sorted. */
  classes: Label[]
  /** Mean and population standard deviation of the columns it was fitted on. */
  columns: { mean: Float64Array; std: Float64Array }
  featureNames: readonly string[] | undefined
  /** The solver that ran. */
  solver: string
  nIter: number
  converged: boolean
  /** The objective at the end, recomputed in float64. */
  loss: number
  history: HistoryEntry[]
}

/** One output's parameters; of two classes there is only output 0. `coef` is a view. */
export function outputOf({ coef, intercepts }: LinearOutputs, output: number): LinearParameters {
  const cols = coef.length / intercepts.length
  return { coef: coef.subarray(output * cols, (output + 1) * cols), intercept: intercepts[output]! }
}

/** Rows of parameters as one block of outputs. */
export function outputsOf(rows: readonly LinearParameters[]): LinearOutputs {
  return {
    coef: Float64Array.from(rows.flatMap(({ coef }) => [...coef])),
    intercepts: Float64Array.from(rows, ({ intercept }) => intercept),
  }
}

const NAMES = ['classes', 'coef', 'intercept', 'columns', 'featureNames', 'solver', 'nIter', 'converged', 'loss']

/** As JSON-safe values; `intercept` is a number where there is one output. The history is not saved. */
export function linearFitToJSON({
  classes,
  coef,
  intercepts,
  columns,
  history: _,
  featureNames,
  ...rest
}: LinearFit): Record<string, unknown> {
  const json = {
    classes: [...classes],
    ...rest,
    coef: [...coef],
    intercept: intercepts.length === 1 ? intercepts[0] : [...intercepts],
    columns: { mean: [...columns.mean], std: [...columns.std] },
  }
  return featureNames ? { ...json, featureNames: [...featureNames] } : json
}

/** @throws ModelFormatError for anything that is not such a fit */
export function linearFitFromJSON(json: unknown): LinearFit {
  if (json === null || typeof json !== 'object') throw new ModelFormatError('fit: expected an object')
  refuseUnknown('fit', json, NAMES)
  const part = json as Record<string, unknown>
  const coef = readNumbers('coef', part.coef)
  const nClasses = Array.isArray(part.classes) ? Math.max(2, part.classes.length) : 2
  const classes = readLabels('classes', part.classes, nClasses)
  const nOutputs = nClasses === 2 ? 1 : nClasses
  const cols = coef.length / nOutputs
  if (!(cols >= 1 && Number.isInteger(cols))) {
    throw new ModelFormatError(`coef: expected ${nOutputs} rows of at least one number, got ${coef.length} numbers`)
  }
  const columns = (part.columns ?? {}) as Record<string, unknown>
  refuseUnknown('columns', columns, ['mean', 'std'])
  return {
    classes,
    coef,
    intercepts:
      nOutputs === 1
        ? Float64Array.of(readNumber('intercept', part.intercept))
        : readNumbers('intercept', part.intercept, nOutputs),
    columns: {
      mean: readNumbers('columns.mean', columns.mean, cols),
      std: readNumbers('columns.std', columns.std, cols),
    },
    featureNames: part.featureNames === undefined ? undefined : readStrings('featureNames', part.featureNames, cols),
    solver: readString('solver', part.solver),
    nIter: readNumber('nIter', part.nIter),
    converged: readBoolean('converged', part.converged),
    loss: readNumber('loss', part.loss),
    history: [],
  }
}
