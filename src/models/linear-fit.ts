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

/** Everything a fitted binary linear model knows, in original units: ordinary JavaScript values. */
export interface LinearFit extends LinearParameters {
  /** The two labels, sorted; the second is the positive one. */
  classes: [Label, Label]
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

const NAMES = ['classes', 'coef', 'intercept', 'columns', 'featureNames', 'solver', 'nIter', 'converged', 'loss']

/** As JSON-safe values. The history is not saved. */
export function linearFitToJSON({
  coef,
  columns,
  history: _,
  featureNames,
  ...rest
}: LinearFit): Record<string, unknown> {
  const json = {
    ...rest,
    coef: [...coef],
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
  if (coef.length === 0) throw new ModelFormatError('coef: expected at least one number')
  const columns = (part.columns ?? {}) as Record<string, unknown>
  refuseUnknown('columns', columns, ['mean', 'std'])
  return {
    classes: readLabels('classes', part.classes, 2) as [Label, Label],
    coef,
    intercept: readNumber('intercept', part.intercept),
    columns: {
      mean: readNumbers('columns.mean', columns.mean, coef.length),
      std: readNumbers('columns.std', columns.std, coef.length),
    },
    featureNames:
      part.featureNames === undefined ? undefined : readStrings('featureNames', part.featureNames, coef.length),
    solver: readString('solver', part.solver),
    nIter: readNumber('nIter', part.nIter),
    converged: readBoolean('converged', part.converged),
    loss: readNumber('loss', part.loss),
    history: [],
  }
}
