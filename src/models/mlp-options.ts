import { checkBoolean, checkInteger, checkNumber, checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import { ModelFormatError } from '../core/errors.ts'
import { ACTIVATION, OPTIMIZER } from '../kernel/index.ts'
import { checkEarlyStopping, checkSchedule, type EarlyStoppingOptions, type ScheduleOptions } from '../optim/index.ts'
import { refuseUnknown } from '../persist/index.ts'
import type { Optimizer } from './linear-epochs.ts'
import { checkClassWeight } from './linear-options.ts'
import type { ClassWeight } from './samples.ts'

/** Activations as users name them, by the kernel's numbers. */
export const ACTIVATIONS = {
  relu: ACTIVATION.relu,
  tanh: ACTIVATION.tanh,
  sigmoid: ACTIVATION.logistic,
  identity: ACTIVATION.identity,
} as const
export type Activation = keyof typeof ACTIVATIONS

const INITS = ['auto', 'glorotUniform', 'heNormal'] as const
export type WeightInit = (typeof INITS)[number]

/** Options of `MLPClassifier`. */
export interface MLPClassifierOptions {
  /** Units of each hidden layer, e.g. [64, 32]; [] for none: logistic or softmax regression. Default [64]. */
  hiddenSizes?: readonly number[]
  /** What hidden units do with their sum: relu max(0, z), tanh, sigmoid 1 / (1 + e^-z), or nothing. Default 'relu'. */
  activation?: Activation
  /** How a step follows from a gradient (assembly/kernels/update.ts has the formulas). Default 'adam'. */
  optimizer?: Optimizer
  /** Step size. Default: adam and adamw 0.001, momentum and nesterov 0.01, sgd 0.1. */
  learningRate?: number
  /** How the step size changes from epoch to epoch. Default 'constant'. */
  schedule?: ScheduleOptions
  /** Rows of a mini-batch; as many as there are for full-batch steps. Default 64. */
  batchSize?: number
  /** Most passes over the data. Default 200. */
  epochs?: number
  /** Strength of the penalty l2/2 |W|^2 beside the mean loss; biases are free. Default 0. */
  l2?: number
  /** Of 'momentum' and 'nesterov'. Default 0.9. */
  momentum?: number
  /** How fast adam forgets gradients, 0.9, and their squares, 0.999. */
  beta1?: number
  beta2?: number
  /** What adam adds to the root of the squares. Default 1e-8. */
  epsilon?: number
  /** Of 'adamw': every step first takes learningRate * weightDecay of all parameters. Default 0.01. */
  weightDecay?: number
  /** Seed of the first weights and of the order of rows. Default 0. */
  seed?: number
  /** First weights: 'auto' is He's normal in front of relu and Glorot's uniform elsewhere. Biases start at 0. */
  init?: WeightInit
  /** Give the network (x - mean) / std of every column instead of x. X itself is not touched. Default true. */
  standardize?: boolean
  /** Weight of each class: 'balanced', or by label, e.g. { spam: 3 } or a Map. Default: all 1. */
  classWeight?: ClassWeight
  /** Start `fit` from the parameters of the last fit, if they fit; the optimiser starts afresh. Default false. */
  warmStart?: boolean
  /**
   * Converged when the loss of an epoch was not below the best - tol for 10 epochs in a row; false: run all epochs. Default
   * 1e-4, with earlyStopping false.
   */
  tol?: number | false
  /** Stop when the loss on validation data does not fall any more. */
  earlyStopping?: EarlyStoppingOptions
}

const NAMES = [
  'hiddenSizes',
  'activation',
  'optimizer',
  'learningRate',
  'schedule',
  'batchSize',
  'epochs',
  'l2',
  'momentum',
  'beta1',
  'beta2',
  'epsilon',
  'weightDecay',
  'seed',
  'init',
  'standardize',
  'classWeight',
  'warmStart',
  'tol',
  'earlyStopping',
] as const

const MOST_LAYERS = 64
const MOST_UNITS = 2 ** 16
const ALMOST_ONE = 1 - 2 ** -24

/** Default step sizes. */
export const LEARNING_RATE: Record<Optimizer, number> = {
  sgd: 0.1,
  momentum: 0.01,
  nesterov: 0.01,
  adam: 0.001,
  adamw: 0.001,
}

/**
 * A checked copy of the options, without the undefined ones.
 * @throws TypeError for an unknown name or a wrong kind, RangeError for a wrong value
 */
export function checkMlpOptions(given: MLPClassifierOptions = {}): MLPClassifierOptions {
  checkOptionNames('MLPClassifier', given, NAMES)
  const o = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as MLPClassifierOptions
  if (o.hiddenSizes !== undefined) o.hiddenSizes = checkHiddenSizes(o.hiddenSizes)
  if (o.activation !== undefined) checkActivation('activation', o.activation)
  if (o.optimizer !== undefined) checkOneOf('optimizer', o.optimizer, Object.keys(OPTIMIZER) as Optimizer[])
  if (o.learningRate !== undefined) checkNumber('learningRate', o.learningRate, { above: 0 })
  if (o.schedule !== undefined) o.schedule = checkSchedule('schedule', o.schedule)
  if (o.batchSize !== undefined) checkInteger('batchSize', o.batchSize, { min: 1 })
  if (o.epochs !== undefined) checkInteger('epochs', o.epochs, { min: 1 })
  if (o.l2 !== undefined) checkNumber('l2', o.l2, { min: 0 })
  if (o.momentum !== undefined) checkNumber('momentum', o.momentum, { min: 0, max: ALMOST_ONE })
  if (o.beta1 !== undefined) checkNumber('beta1', o.beta1, { min: 0, max: ALMOST_ONE })
  if (o.beta2 !== undefined) checkNumber('beta2', o.beta2, { min: 0, max: ALMOST_ONE })
  if (o.epsilon !== undefined) checkNumber('epsilon', o.epsilon, { above: 0 })
  if (o.weightDecay !== undefined) checkNumber('weightDecay', o.weightDecay, { min: 0 })
  if (o.seed !== undefined) checkInteger('seed', o.seed, { min: 0 })
  if (o.init !== undefined) checkOneOf('init', o.init, INITS)
  if (o.standardize !== undefined) checkBoolean('standardize', o.standardize)
  if (o.classWeight !== undefined) o.classWeight = checkClassWeight(o.classWeight)
  if (o.warmStart !== undefined) checkBoolean('warmStart', o.warmStart)
  if (o.tol !== undefined && o.tol !== false) checkNumber('tol', o.tol, { min: 0 })
  if (o.earlyStopping !== undefined) o.earlyStopping = checkEarlyStopping('earlyStopping', o.earlyStopping)
  return o
}

/** @throws TypeError, RangeError */
export function checkActivation(name: string, value: unknown): Activation {
  return checkOneOf(name, value, Object.keys(ACTIVATIONS) as Activation[])
}

function checkHiddenSizes(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new TypeError(`hiddenSizes: expected an array of layer sizes, got ${show(value)}`)
  if (value.length > MOST_LAYERS) {
    throw new RangeError(`hiddenSizes: expected at most ${MOST_LAYERS} layers, got ${value.length}`)
  }
  return value.map((size, l) => checkInteger(`hiddenSizes[${l}]`, size, { min: 1, max: MOST_UNITS }))
}

/** Options as JSON-safe values: a Map of class weights becomes pairs. */
export function mlpOptionsToJSON(options: MLPClassifierOptions): Record<string, unknown> {
  const { classWeight } = options
  return structuredClone(classWeight instanceof Map ? { ...options, classWeight: [...classWeight] } : { ...options })
}

/** @throws ModelFormatError for options this version does not know; `rest` must be empty. */
export function mlpOptionsFromJSON(json: unknown, rest: object): MLPClassifierOptions {
  refuseUnknown('body', rest, [])
  try {
    const options = (json ?? null) as MLPClassifierOptions
    const pairs: unknown = options?.classWeight
    return checkMlpOptions(Array.isArray(pairs) ? { ...options, classWeight: new Map(pairs) } : options)
  } catch (cause) {
    throw new ModelFormatError(`options: ${(cause as Error).message}`, { cause })
  }
}
