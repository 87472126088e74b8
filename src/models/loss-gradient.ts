import { checkRows, checkWeights, isArray, type NumberArray, readNumbers } from '../core/arrays.ts'
import { checkNumber, checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import { runSync } from '../core/steps.ts'
import { LOSS, type MatrixLike, shapeOf, Workspace } from '../kernel/index.ts'
import { type ColumnTransform, penaltyOf } from './columns.ts'
import { checkGradientFits } from './fit-errors.ts'
import { LinearData, type LinearLossName, linearLosses, meanLoss } from './linear-data.ts'
import { LinearObjective } from './linear-objective.ts'
import { borrowMatrix, type Rows } from './samples.ts'
import { softmaxPenalty } from './softmax-columns.ts'
import { meanSoftmaxLoss } from './softmax-fit.ts'
import { SoftmaxObjective } from './softmax-objective.ts'

/** Parameters of a linear model of two classes. */
export interface LinearPoint {
  /** nFeatures. */
  coef: NumberArray
  intercept: number
}

/** Parameters of a softmax over k classes. */
export interface SoftmaxPoint {
  /** k x nFeatures, row-major. */
  coef: NumberArray
  /** k. */
  intercept: NumberArray
}

export interface LossOptions {
  /** A weight a row, at least 0. */
  sampleWeight?: NumberArray
  /** Strength of the penalty l2/2 |coef|^2; the intercept is free of it. Default 0. */
  l2?: number
}

/** An objective's value and gradient, float64; `coef` and `intercept` shaped like the parameters. */
export interface LossGradient<I extends number | Float64Array = number> {
  readonly loss: number
  readonly coef: Float64Array
  readonly intercept: I
}

const NAMES = [...(Object.keys(LOSS) as LinearLossName[]), 'softmax'] as const

/**
 * The objective of a linear model and its gradient at any parameters, computed by the kernel that trains:
 *
 *   F = 1/S sum of s_i l(z_i, t_i) + l2/2 |coef|^2,   z = X coef + intercept,   S = sum of s_i
 *
 *   'logistic'               t ln(1 + e^-z) + (1 - t) ln(1 + e^z)      t in [0, 1]
 *   'squaredError'           (z - t)^2 / 2                             t any number
 *   'squaredErrorLogistic'   (sigmoid(z) - t)^2 / 2                    t in [0, 1]
 *   'hinge'                  max(0, 1 - t z)                           t in {-1, +1}; 0 is taken for -1
 *   'squaredHinge'           max(0, 1 - t z)^2                         the same
 *   'softmax'                ln(sum of e^z_c) - z_t                    t a class number from 0 to k - 1, or rows x k one-hot
 *
 * X is taken as it is (models standardise it first unless told otherwise). The loss is float64 but for X; in the gradient
 * terms are float32 and sums over rows float64, about 1e-6 of its largest part. Hinge has the slope 0 at its corner.
 *
 * @param X nSamples x nFeatures
 * @param y nSamples targets
 * @throws TypeError, RangeError for what does not fit together; DataError for NaN or infinity in X, FLOAT32_OVERFLOW where a
 *   part of the result would not be finite; KernelError
 */
export function lossGradient(
  loss: LinearLossName,
  X: MatrixLike,
  y: NumberArray,
  point: LinearPoint,
  options?: LossOptions,
): LossGradient
export function lossGradient(
  loss: 'softmax',
  X: MatrixLike,
  y: NumberArray | readonly NumberArray[],
  point: SoftmaxPoint,
  options?: LossOptions,
): LossGradient<Float64Array>
export function lossGradient(
  loss: LinearLossName | 'softmax',
  X: MatrixLike,
  y: NumberArray | readonly NumberArray[],
  point: LinearPoint | SoftmaxPoint,
  options: LossOptions = {},
): LossGradient<number | Float64Array> {
  checkOneOf('loss', loss, NAMES)
  checkOptionNames('lossGradient', options, ['sampleWeight', 'l2'])
  const l2 = checkNumber('l2', options.l2 ?? 0, { min: 0 })
  if (point === null || typeof point !== 'object') {
    throw new TypeError(`parameters: expected { coef, intercept }, got ${show(point)}`)
  }
  const { rows, cols } = shapeOf(X)
  const weights = checkWeights(options.sampleWeight, rows, 'rows of X')
  const k = loss === 'softmax' ? classesOf((point as SoftmaxPoint).intercept) : 1
  const coef = readNumbers('coef', point.coef, k * cols, k > 1 ? `${k} classes x ${cols} columns of X` : 'columns of X')
  const intercepts =
    loss === 'softmax'
      ? readNumbers('intercept', point.intercept, k, 'classes')
      : Float64Array.of(checkNumber('intercept', point.intercept))
  const targets = loss === 'softmax' ? readCodes(y, rows, k) : readTargets(loss, y as NumberArray, rows)

  using borrowed = runSync(borrowMatrix(X))
  const { matrix } = borrowed
  using work = new Workspace(matrix.slabs.memory)
  const data = new LinearData(work, matrix, targets, weights)
  const transform = asItIs(matrix)
  const params = Float64Array.of(...coef, ...intercepts)
  const grad = new Float64Array(params.length)
  const settings = { l2, fitIntercept: true }
  if (loss === 'softmax') {
    runSync(new SoftmaxObjective(k, data, transform, settings, work).evaluate(params, grad))
    const mean = runSync(meanSoftmaxLoss(data, { coef, intercepts }))
    const value = mean + softmaxPenalty(params, k, transform, { l2 })
    checkGradientFits(value, grad)
    return { loss: value, coef: grad.slice(0, k * cols), intercept: grad.slice(k * cols) }
  }
  const linear = linearLosses[loss]
  runSync(new LinearObjective(linear, data, transform, settings).evaluate(params, grad))
  const mean = runSync(meanLoss(linear, data, { coef, intercept: intercepts[0]! }))
  const value = mean + penaltyOf(params, transform, l2)
  checkGradientFits(value, grad)
  return { loss: value, coef: grad.slice(0, cols), intercept: grad[cols]! }
}

/** Columns as they were before the Matrix shifted them. */
function asItIs({ shift, cols }: Rows): ColumnTransform {
  const ones = new Float64Array(cols).fill(1)
  return { mean: shift.map((s) => -s), scale: ones, penalty: ones, interceptPenalty: 0, meanSquare: Number.NaN }
}

function classesOf(intercept: unknown): number {
  if (!isArray(intercept)) throw new TypeError(`intercept: expected an array, one a class, got ${show(intercept)}`)
  if (intercept.length < 2) throw new RangeError(`intercept: expected at least two classes, got ${intercept.length}`)
  return intercept.length
}

function readTargets(loss: LinearLossName, y: NumberArray, rows: number): Float64Array {
  const targets = readNumbers('y', y, rows, 'rows of X')
  if (loss === 'squaredError') return targets
  const isHinge = linearLosses[loss].negative === -1
  for (const [i, t] of targets.entries()) {
    const ok = isHinge ? t === 0 || t === 1 || t === -1 : t >= 0 && t <= 1
    if (!ok) throw new RangeError(`y[${i}]: expected ${isHinge ? '-1 (or 0) or 1' : '0 to 1'} for ${loss}, got ${t}`)
  }
  return isHinge ? targets.map((t) => (t === 1 ? 1 : -1)) : targets
}

/** Class numbers from class numbers, or from rows x k of 0 and a single 1: nested or in one array. */
function readCodes(y: NumberArray | readonly NumberArray[], rows: number, k: number): Float64Array {
  if (!isArray(y)) throw new TypeError(`y: expected an array of class numbers or one-hot rows, got ${show(y)}`)
  if (isArray(y[0])) {
    checkRows('y', y.length, rows, 'rows of X')
    return Float64Array.from(y as readonly NumberArray[], (row, i) =>
      hotOf(readNumbers(`y[${i}]`, row, k, 'classes'), i),
    )
  }
  if (y.length === rows * k) {
    const all = readNumbers('y', y, rows * k)
    return Float64Array.from({ length: rows }, (_, i) => hotOf(all.subarray(i * k, (i + 1) * k), i))
  }
  const codes = readNumbers('y', y, rows, 'rows of X')
  for (const [i, code] of codes.entries()) {
    if (!Number.isInteger(code) || code < 0 || code >= k) {
      throw new RangeError(`y[${i}]: expected a class number from 0 to ${k - 1}, got ${code}`)
    }
  }
  return codes
}

function hotOf(row: Float64Array, i: number): number {
  const hot = row.indexOf(1)
  if (hot < 0 || row.some((v, c) => v !== (c === hot ? 1 : 0))) {
    throw new RangeError(`y: expected a single 1 and zeros in row ${i}, got ${row.join(', ')}`)
  }
  return hot
}
