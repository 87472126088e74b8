import { ModelFormatError } from '../core/errors.ts'
import type { Label } from '../core/labels.ts'
import { readBoolean, readLabels, readNumber, readNumbers, readStrings, refuseUnknown } from '../persist/index.ts'
import type { HistoryEntry } from './fit-options.ts'
import type { OptimizerState } from './mlp-epochs.ts'
import { type NetworkInputs, type NetworkShape, paramCount } from './mlp-network.ts'
import { checkActivation } from './mlp-options.ts'

/** Everything a fitted network knows: ordinary JavaScript values. */
export interface MlpFit {
  /** The labels, sorted. */
  classes: readonly Label[]
  shape: NetworkShape
  /** What it is given instead of the columns as they are. */
  inputs: NetworkInputs
  /** All parameters, layer by layer: weights (inputs x units, row-major), then biases. */
  params: Float32Array
  /** Mean and population standard deviation of the columns it was fitted on. */
  columns: { mean: Float64Array; std: Float64Array }
  featureNames: readonly string[] | undefined
  nIter: number
  converged: boolean
  /** The objective at the end. */
  loss: number
  history: HistoryEntry[]
  /** Where partialFit goes on; not saved. */
  optimizer?: OptimizerState
}

/** 1 output for two classes (the second's logit), else one for each. */
export function outputsFor(nClasses: number): number {
  return nClasses === 2 ? 1 : nClasses
}

const NAMES = [
  'classes',
  'sizes',
  'activation',
  'params',
  'inputs',
  'columns',
  'featureNames',
  'nIter',
  'converged',
  'loss',
]

/** As JSON-safe values. Nine digits are enough to get every float32 back as it was. History and optimiser are not saved. */
export function mlpFitToJSON(fit: MlpFit): Record<string, unknown> {
  const { classes, shape, inputs, params, columns, featureNames, nIter, converged, loss } = fit
  const json = {
    classes: [...classes],
    sizes: [...shape.sizes],
    activation: shape.activation,
    params: Array.from(params, (p) => Number(p.toPrecision(9))),
    inputs: { mean: [...inputs.mean], scale: [...inputs.scale] },
    columns: { mean: [...columns.mean], std: [...columns.std] },
    nIter,
    converged,
    loss,
  }
  return featureNames ? { ...json, featureNames: [...featureNames] } : json
}

/** @throws ModelFormatError for anything that is not such a fit */
export function mlpFitFromJSON(json: unknown): MlpFit {
  if (json === null || typeof json !== 'object') throw new ModelFormatError('fit: expected an object')
  refuseUnknown('fit', json, NAMES)
  const part = json as Record<string, unknown>
  const shape = readShape(part)
  const nFeatures = shape.sizes[0]!
  const outputs = shape.sizes.at(-1)!
  const params = Float32Array.from(readNumbers('params', part.params, paramCount(shape.sizes)))
  const i = params.findIndex((p) => !Number.isFinite(p))
  if (i >= 0) throw new ModelFormatError(`params[${i}]: beyond float32`)
  const inputs = partOf(part, 'inputs', ['mean', 'scale'])
  const columns = partOf(part, 'columns', ['mean', 'std'])
  const { featureNames } = part
  return {
    classes: readLabels('classes', part.classes, outputs === 1 ? 2 : outputs),
    shape,
    params,
    inputs: {
      mean: readNumbers('inputs.mean', inputs.mean, nFeatures),
      scale: readNumbers('inputs.scale', inputs.scale, nFeatures),
    },
    columns: {
      mean: readNumbers('columns.mean', columns.mean, nFeatures),
      std: readNumbers('columns.std', columns.std, nFeatures),
    },
    featureNames: featureNames === undefined ? undefined : readStrings('featureNames', featureNames, nFeatures),
    nIter: readNumber('nIter', part.nIter),
    converged: readBoolean('converged', part.converged),
    loss: readNumber('loss', part.loss),
    history: [],
  }
}

function readShape({ sizes, activation }: Record<string, unknown>): NetworkShape {
  const read = [...readNumbers('sizes', sizes)]
  // Two outputs are one too many for two classes.
  if (read.length < 2 || read.some((size) => !Number.isInteger(size) || size < 1) || read.at(-1) === 2) {
    throw new ModelFormatError(`sizes: expected the widths of a network's layers, got ${read.slice(0, 10).join(', ')}`)
  }
  try {
    return { sizes: read, activation: checkActivation('activation', activation) }
  } catch (cause) {
    throw new ModelFormatError((cause as Error).message, { cause })
  }
}

function partOf(json: Record<string, unknown>, name: string, known: readonly string[]): Record<string, unknown> {
  const part = json[name]
  if (part === null || typeof part !== 'object') throw new ModelFormatError(`${name}: expected an object`)
  refuseUnknown(name, part, known)
  return part as Record<string, unknown>
}
