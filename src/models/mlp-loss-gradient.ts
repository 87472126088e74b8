import { checkWeights, isArray, type NumberArray, readNumbers } from '../core/arrays.ts'
import { checkNumber, checkOptionNames, show } from '../core/checks.ts'
import { runSync, type Steps } from '../core/steps.ts'
import { type MatrixLike, NULL, at as pointerAt, shapeOf, Workspace } from '../kernel/index.ts'
import { checkGradientFits } from './fit-errors.ts'
import { layersOf, NetworkRows, paramCount, squaredWeights } from './mlp-network.ts'
import { type Activation, checkActivation } from './mlp-options.ts'
import { PASS_ROWS } from './mlp-passes.ts'
import { BatchShares, partsOf, type SharedWork } from './mlp-shares.ts'
import { borrowMatrix } from './samples.ts'

/** Parameters of a network, layer by layer. */
export interface NetworkParameters {
  /** inputs x units of each layer, row-major. */
  readonly weights: readonly NumberArray[]
  /** units of each layer. */
  readonly biases: readonly NumberArray[]
}

export interface NetworkLossOptions {
  /** Of the hidden layers. Default 'relu'. */
  activation?: Activation
  /** A weight a row, at least 0. */
  sampleWeight?: NumberArray
  /** Strength of the penalty l2/2 |W|^2 (biases are free). Default 0. */
  l2?: number
}

/** The objective of a network and its gradient. */
export interface NetworkGradient {
  readonly loss: number
  readonly weights: Float64Array[]
  readonly biases: Float64Array[]
}

/**
 * The objective that `MLPClassifier` minimises, and its gradient by back-propagation, at any parameters:
 *
 *   F = 1/S sum of s_i l(z_i, y_i) + l2/2 sum of |W|^2,   A_l = f(A_(l-1) W_l + b_l),   Z the last layer without f
 *
 * One output: l = ln(1 + e^z) - y z, y in {0, 1}. k > 1 outputs: l = ln(sum of e^z) - z_y, y in 0 ... k - 1. X is taken as
 * it is. Parameters are rounded to float32; sums over the rows are float64.
 *
 * @param X nSamples x nFeatures
 * @param y nSamples class numbers
 * @throws TypeError, RangeError for what does not fit together; DataError for NaN or infinity in X, FLOAT32_OVERFLOW where a
 *   part of the result would not be finite; KernelError
 */
export function networkLossGradient(
  X: MatrixLike,
  y: NumberArray,
  parameters: NetworkParameters,
  options: NetworkLossOptions = {},
): NetworkGradient {
  checkOptionNames('networkLossGradient', options, ['activation', 'sampleWeight', 'l2'])
  const { activation = 'relu', l2 = 0 } = options
  checkActivation('activation', activation)
  checkNumber('l2', l2, { min: 0 })
  const { rows, cols } = shapeOf(X)
  const { sizes, params } = readParameters(parameters, cols)
  const codes = checkCodes(y, rows, sizes.at(-1)!)
  const weights = checkWeights(options.sampleWeight, rows, 'rows of X')

  using borrowed = runSync(borrowMatrix(X))
  const { matrix } = borrowed
  using work = new Workspace(matrix.slabs.memory)
  const { memory } = matrix.slabs
  const asItIs = { mean: new Float64Array(cols), scale: new Float64Array(cols).fill(1) }
  const net = new NetworkRows(work, matrix, { sizes, activation }, asItIs)
  net.setParams(params)
  const targets = work.floatsOf(codes)
  const s = weights ? work.floatsOf(weights) : NULL
  const grads = work.floats(net.size)
  const out = work.doubles(1 + net.size)
  runSync(addUp(work, net, { y: targets, s, grads, out }))
  const total = weights ? weights.reduce((sum, weight) => sum + weight, 0) : rows
  const [sum = 0, ...sums] = memory.f64(out, 1 + net.size)
  const gradient = layersOf(
    Float64Array.from(sums, (g) => g / total),
    sizes,
  )
  const used = layersOf(params, sizes)
  for (const [l, layer] of gradient.weights.entries()) {
    for (let i = 0; i < layer.length; i++) layer[i]! += l2 * used.weights[l]![i]!
  }
  const loss = sum / total + (l2 / 2) * runSync(squaredWeights(params, sizes))
  checkGradientFits(loss, ...gradient.weights, ...gradient.biases)
  return { loss, ...gradient }
}

/** Adds the losses and gradients of all rows to `out`, on all threads where there are several. */
function* addUp(work: Workspace, net: NetworkRows, at: Pick<SharedWork, 'y' | 's' | 'grads' | 'out'>): Steps<void> {
  const most = net.rowsAtOnce(3)
  const batch = Math.min(most, PASS_ROWS, net.X.rows)
  const none = { index: NULL, m: NULL, v: NULL, settings: NULL, optimizer: 'sgd', l2: 0 } as const
  const shares = yield* BatchShares.for(work, net, { ...at, ...none, batch, isSum: true })
  if (shares) return yield* shares.run(partsOf(0, net.X.rows, batch, false))
  yield* net.pieces(most, undefined, (x, begin, n) =>
    net.pass(x, n, pointerAt(at.y, begin * 4), at.s === NULL ? NULL : pointerAt(at.s, begin * 4), at.grads, at.out),
  )
}

/** The sizes that the parameters imply, and all of them in one array. */
function readParameters(given: NetworkParameters, inputs: number): { sizes: number[]; params: Float32Array } {
  const { weights, biases } = given ?? {}
  if (!Array.isArray(weights) || !Array.isArray(biases) || weights.length !== biases.length || !weights.length) {
    throw new TypeError(`parameters: expected { weights, biases } with one array a layer each, got ${show(given)}`)
  }
  const sizes = [inputs]
  for (const [l, layer] of biases.entries()) {
    if (!isArray(layer)) throw new TypeError(`biases[${l}]: expected an array of numbers, got ${show(layer)}`)
    if (layer.length === 0) throw new RangeError(`biases[${l}]: expected at least one, got none`)
    sizes.push(layer.length)
  }
  const params = new Float32Array(paramCount(sizes))
  const layers = layersOf(params, sizes)
  for (const [l, layer] of weights.entries()) {
    const units = `inputs x units: ${sizes[l]} x ${sizes[l + 1]}`
    layers.weights[l]!.set(readNumbers(`weights[${l}]`, layer, sizes[l]! * sizes[l + 1]!, units))
    layers.biases[l]!.set(readNumbers(`biases[${l}]`, biases[l], sizes[l + 1]!))
  }
  return { sizes, params }
}

function checkCodes(y: NumberArray, rows: number, outputs: number): Float64Array {
  const codes = readNumbers('y', y, rows, 'rows of X')
  const most = Math.max(1, outputs - 1)
  for (const [i, code] of codes.entries()) {
    if (!Number.isInteger(code) || code < 0 || code > most) {
      throw new RangeError(`y[${i}]: expected a class number from 0 to ${most}, got ${code}`)
    }
  }
  return codes
}
