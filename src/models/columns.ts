import { DataError } from '../core/errors.ts'
import type { Steps } from '../core/steps.ts'
import { at, chunkRowsOf, NULL, type Pointer, sumRows, Workspace } from '../kernel/index.ts'
import { type Rows, sumOfWeights } from './samples.ts'

/**
 * How a linear model looks at its columns: u = (x - mean) * scale, in float64, where x is as the Matrix stores it
 * (shifted). X itself is not touched: the parameters are transformed instead.
 */
export interface ColumnTransform {
  readonly mean: Float64Array
  /** 1 / std; 1 if the columns are not standardised; 0 for a column with a single value, which gets coefficient 0. */
  readonly scale: Float64Array
  /** What the penalty on each parameter is multiplied by, so that it acts on the coefficient it is meant for. */
  readonly penalty: Float64Array
  /** The same for the intercept: 0, or 1 where it is penalised as if it were the coefficient of a column of ones. */
  readonly interceptPenalty: 0 | 1
  /** Mean over the rows of |u|^2: what a safe step size is made of. */
  readonly meanSquare: number
}

/** Weighted mean and population variance of each column. */
export interface ColumnMoments {
  readonly mean: Float64Array
  readonly variance: Float64Array
}

/**
 * What of a deviation may be rounding of one value, relative to the mean: of the column as stored, in float32, and as
 * it came, in float64 (0.1 + 0.2 beside 0.3). A column that varies less is constant.
 */
const ROUNDING_STORED = 2 ** -22
const ROUNDING_GIVEN = 2 ** -48
/** Below this, squares lose their digits to float32. */
const SMALLEST = 2 ** -60

/**
 * The moments of a Matrix's columns as stored, by sampleWeight (never classWeight). Two passes.
 * @throws DataError FLOAT32_OVERFLOW for a column whose squares are too large or too small for float32
 */
export function* columnMoments(X: Rows, weights?: Float64Array): Steps<ColumnMoments> {
  const { memory } = X.slabs
  using work = new Workspace(memory)
  const { stride } = X
  const center = work.floats(stride)
  const s = weights ? work.floatsOf(weights) : NULL
  yield
  const total = sumOfWeights(weights, X.rows)
  yield
  const mean = (yield* sumColumns('columnSums', X, center, s)).map((value) => value / total)
  memory.f32(center, X.cols).set(mean)
  const squares = yield* sumColumns('columnSquares', X, center, s)
  const variance = squares.map((square, k) => {
    const m = mean[k]!
    const v = square / total - (m - Math.fround(m)) ** 2
    const given = Math.abs(m + X.shift[k]!)
    const rounding = Math.max(ROUNDING_STORED * Math.abs(m), ROUNDING_GIVEN * given)
    const constant = v <= rounding * rounding
    // A constant column is 0 once it is shifted. One that looks constant and is not was lost in its squares.
    const lost = constant ? X.shift[k] === 0 && m !== 0 && given < SMALLEST : v < SMALLEST ** 2
    if (lost || !Number.isFinite(v)) {
      throw new DataError('FLOAT32_OVERFLOW', `X: the squares of column ${k} are beyond float32`, {
        column: k,
        hint: 'Scale the column, e.g. by its logarithm',
      })
    }
    return constant ? 0 : v
  })
  return { mean, variance }
}

/** Sums over the rows of s (x - center), or of its square s (x - center)^2, for each column; both float32. */
function* sumColumns(name: 'columnSums' | 'columnSquares', X: Rows, center: Pointer, s: Pointer): Steps<Float64Array> {
  const { stride, slabs, rows } = X
  const chunkRows = chunkRowsOf(stride)
  const sums = yield* sumRows({
    name,
    ...{ slabs, rows, chunkRows, callRows: chunkRows, length: stride, work: stride, scratchBytes: 0 },
    args: (run, out) => [run.rows, run.x, stride, center, s === NULL ? NULL : at(s, run.begin * 4), out],
  })
  return sums.subarray(0, X.cols)
}

/** The mean of u^2 over the rows of X for each column. */
export function* meanSquares(X: Rows, { mean, scale }: ColumnTransform): Steps<Float64Array> {
  using work = new Workspace(X.slabs.memory)
  const center = work.floats(X.stride)
  X.slabs.memory.f32(center, X.cols).set(mean)
  const squares = yield* sumColumns('columnSquares', X, center, NULL)
  return squares.map((square, k) => (square * scale[k]! * scale[k]!) / X.rows)
}

/** Mean and deviation in original units; `shift` is the Matrix's. */
export function columnsOf({ mean, variance }: ColumnMoments, shift: Float64Array) {
  return { mean: mean.map((m, k) => m + shift[k]!), std: variance.map(Math.sqrt) }
}

export interface TransformOptions {
  standardize: boolean
  fitIntercept: boolean
  penalizeIntercept?: boolean | undefined
  ridge?: number | undefined
}

/**
 * The transform for a fit, from the moments of the columns as stored. Standardised: as StandardScaler would. Not
 * standardised: with a free intercept the columns are still centered, and with `ridge` (l2 over the greatest curvature of
 * the loss) they are scaled so that the Hessian's diagonal is even, while the penalty stays on the coefficients as they
 * are. That changes the course of the solver, not its goal; where the step size is the user's, it is not done.
 */
export function transformOf(
  { mean, variance }: ColumnMoments,
  shift: Float64Array,
  { standardize, fitIntercept, penalizeIntercept = false, ridge }: TransformOptions,
): ColumnTransform {
  // A penalised intercept has to be that of the columns as they are.
  const center = standardize || (fitIntercept && !penalizeIntercept) ? mean : shift.map((s) => -s)
  const square = variance.map((v, k) => v + (mean[k]! - center[k]!) ** 2)
  const scale = square.map((v) => {
    if (standardize) return v > 0 ? 1 / Math.sqrt(v) : 0
    return ridge !== undefined && v + ridge > 0 ? 1 / Math.sqrt(v + ridge) : 1
  })
  return {
    mean: center,
    scale,
    penalty: scale.map((s) => (standardize ? 1 : s * s)),
    interceptPenalty: fitIntercept && penalizeIntercept ? 1 : 0,
    meanSquare: scale.reduce((sum, s, k) => sum + s * s * square[k]!, 0),
  }
}

/** l2/2 |coef|^2 of the coefficients that it acts on, from parameters on u. */
export function penaltyOf(params: Float64Array, { penalty, interceptPenalty }: ColumnTransform, l2: number): number {
  const squares = penalty.reduce((sum, p, k) => sum + p * params[k]! * params[k]!, 0)
  const ofIntercept = interceptPenalty ? params[penalty.length]! ** 2 : 0
  return (l2 / 2) * (squares + ofIntercept)
}

/** |coef|_1 likewise. */
export function absoluteSum(params: Float64Array, { penalty, interceptPenalty }: ColumnTransform): number {
  const sum = penalty.reduce((sum, p, k) => sum + Math.sqrt(p) * Math.abs(params[k]!), 0)
  return interceptPenalty ? sum + Math.abs(params[penalty.length]!) : sum
}

/** Coefficients and intercept in original units. */
export interface LinearParameters {
  coef: Float64Array
  intercept: number
}

/** From parameters on u (the last one the intercept) to original units; `shift` is the Matrix's. */
export function toOriginal(params: Float64Array, transform: ColumnTransform, shift: Float64Array): LinearParameters {
  const d = shift.length
  const coef = transform.scale.map((scale, k) => params[k]! * scale)
  let intercept = params[d] ?? 0
  for (let k = 0; k < d; k++) intercept -= coef[k]! * (transform.mean[k]! + shift[k]!)
  return { coef, intercept }
}

/** The other way round, for a warm start. */
export function fromOriginal(
  { coef, intercept }: LinearParameters,
  transform: ColumnTransform,
  shift: Float64Array,
): Float64Array {
  const d = shift.length
  const params = new Float64Array(d + 1)
  params[d] = intercept
  for (let k = 0; k < d; k++) {
    const scale = transform.scale[k]!
    params[k] = scale === 0 ? 0 : coef[k]! / scale
    params[d]! += coef[k]! * (transform.mean[k]! + shift[k]!)
  }
  return params
}
