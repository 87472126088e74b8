import { Resource } from '../core/dispose.ts'
import { Random } from '../core/random.ts'
import type { Steps } from '../core/steps.ts'
import { blockRows, type Matrix, takeRows, Workspace } from '../kernel/index.ts'
import {
  choleskySolve,
  HONEST_RIDGE,
  type Objective,
  ridgeCholesky,
  type SampledObjective,
  type Solve,
} from '../optim/index.ts'
import { type ColumnTransform, meanSquares } from './columns.ts'
import { LinearData, linearLosses } from './linear-data.ts'
import { hessianBytes, LinearObjective } from './linear-objective.ts'
import { centerClasses } from './softmax-columns.ts'

/** Rows that lie one after the other are taken together: they are faster to copy. */
const BLOCK = 16
/** Of the rows one in so many, but for a parameter at least, and at most, so many: see docs/decisions.md. */
const ONE_IN = 16
const LEAST = 10
const MOST = 128
/** A column's spread in the sample, as a share of that in all rows: beyond these the Hessian is corrected. */
const TOO_SMALL = 0.5
const TOO_LARGE = 2
/** A class with more than a quarter of its share counts as any other one in the metric (measured). */
const COMMON = 4

/** How a sample, whose Hessian is to stand for that of all rows, is made. */
export interface Sampling {
  readonly data: LinearData
  readonly transform: ColumnTransform
  /** A row of coefficients each; intercepts come after them. */
  readonly outputs: number
  /** The objective on other rows. */
  readonly on: (data: LinearData, work: Workspace) => Objective
  /** What the metric of a softmax is made of. Of one output the Hessian is as cheap. */
  readonly metric?: { readonly l2: number; readonly fitIntercept: boolean }
}

/** Rows that a sample for so many parameters has. Those of several outputs share what rows say of the columns. */
function sampleRows(rows: number, size: number, outputs: number): number {
  const parameters = size / Math.max(1, outputs / 2)
  return Math.ceil(Math.min(rows, MOST * parameters, Math.max(LEAST * parameters, rows / ONE_IN)))
}

/** Rows of the sample that are copied at a time, so that a fit keeps at most 5 % of X and 1 MiB beside it. */
function partRows({ X: { rows, stride }, s }: LinearData, sample: number): number {
  const ofRows = 4 * (rows + sample) * (s ? 2 : 1)
  const room = 0.05 * rows * stride * 4 + 2 ** 20 - 2 ** 16 - ofRows - hessianBytes(stride)
  return blockRows * Math.max(1, Math.floor(room / (4 * stride * blockRows)))
}

/** Rows copied to lie together, with their targets and weights, and the objective on them. */
class Part extends Resource {
  readonly matrix: Matrix
  readonly data: LinearData
  readonly objective: Objective
  readonly #work: Workspace

  constructor({ data, on }: Sampling, { indices, targets, weights }: Chosen) {
    super()
    this.#work = new Workspace(data.kernel.memory)
    this.matrix = takeRows(data.X, indices)
    try {
      this.data = new LinearData(this.#work, this.matrix, targets, weights)
      this.objective = on(this.data, this.#work)
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  dispose(): void {
    this.#work.dispose()
    this.matrix.dispose()
  }
}

/** Numbers of rows, with their targets and weights. */
interface Chosen {
  readonly indices: Uint32Array
  readonly targets: Float64Array
  readonly weights: Float64Array | undefined
}

/**
 * The objective on a sample of the rows. They are copied to lie together: all of them until this is disposed of if they are
 * few bytes, else part by part in every pass.
 */
export class LinearSample extends Resource implements SampledObjective {
  readonly size: number
  readonly share: number
  readonly metric?: () => Steps<Solve | undefined>
  isSound = true
  /** How many are asked for; blocks are whole. */
  readonly #rows: number
  readonly #sampling: Sampling
  #parts: Chosen[] = []
  /** The only one. */
  #kept: Part | undefined
  /** The spread of the column of each parameter, as a share of that in all rows; 1 for intercepts. */
  #spread!: Float64Array

  constructor(sampling: Sampling, size: number) {
    super()
    const { data, outputs, metric } = sampling
    if (metric) this.metric = () => this.#metricOf(metric)
    this.size = size
    this.#rows = sampleRows(data.X.rows, size, outputs)
    this.share = this.#rows / data.X.rows
    this.#sampling = sampling
  }

  *draw(): Steps<void> {
    const { size } = this
    const { data, transform, outputs } = this.#sampling
    const { X, kernel } = data
    const all = drawBlocks(X.rows, this.#rows)
    const [y, s] = [data.y, data.s].map((at) => at && kernel.memory.f32(at, X.rows))
    const most = partRows(data, all.length)
    for (let begin = 0; begin < all.length; begin += most) {
      const indices = all.subarray(begin, begin + most)
      this.#parts.push({
        indices,
        targets: pick(y as Float32Array, indices),
        weights: s ? pick(s, indices) : undefined,
      })
    }
    yield
    if (this.#parts.length === 1) this.#kept = new Part(this.#sampling, this.#parts[0]!)
    yield
    const squares = new Float64Array(X.cols)
    yield* this.#each(function* ({ matrix }) {
      const ofPart = yield* meanSquares(matrix, transform)
      for (let k = 0; k < X.cols; k++) squares[k]! += (matrix.rows / all.length) * ofPart[k]!
    })
    this.#spread = Float64Array.from({ length: size }, (_, i) => {
      return i < outputs * X.cols && transform.scale[i % X.cols]! > 0 ? squares[i % X.cols]! : 1
    })
    this.isSound = this.#spread.every((share) => share >= TOO_SMALL && share <= TOO_LARGE)
  }

  *#each(use: (part: Part) => Steps<void>): Steps<void> {
    if (this.#kept) return yield* use(this.#kept)
    for (const chosen of this.#parts) {
      using part = new Part(this.#sampling, chosen)
      yield* use(part)
    }
  }

  /** Writes the weighted mean over the parts of what `evaluate` writes for each, and returns that of what it returns. */
  *#mean(into: Float64Array, evaluate: (part: Part, out: Float64Array) => Steps<number>): Steps<number> {
    if (this.#kept) return yield* evaluate(this.#kept, into)
    const out = new Float64Array(into.length)
    let [value, total] = [0, 0]
    into.fill(0)
    yield* this.#each(function* (part) {
      const { weightSum } = part.data
      if (weightSum === 0) return
      total += weightSum
      value += weightSum * (yield* evaluate(part, out))
      for (let i = 0; i < into.length; i++) into[i]! += weightSum * out[i]!
    })
    for (let i = 0; i < into.length; i++) into[i]! /= total
    return value / total
  }

  *evaluate(w: Float64Array, grad: Float64Array): Steps<number> {
    return yield* this.#mean(grad, function* ({ objective }, out) {
      const value = objective.evaluate(w, out)
      return typeof value === 'number' ? value : yield* value
    })
  }

  /**
   * The sample's, but for columns that have hardly any of their spread in the sample, or far more than their share (a few
   * rows are all that is not 0): a diagonal element lacks what the mean curvature makes of the rest, or its row and column
   * are scaled down.
   */
  *hessian(w: Float64Array, hessian: Float64Array): Steps<void> {
    yield* this.#mean(hessian, function* ({ objective }, out) {
      yield* objective.hessian?.(w, out) ?? []
      return 0
    })
    this.#correct(hessian, this.size)
  }

  /**
   * The inverse of the columns' covariance times a curvature that is the same for all rows (1 / k, less for rare classes), so that a class at a time can be solved for (Boehning, Ann. Inst. Statist. Math. 44, 1992). How columns are
   * correlated is what it knows; how they tell classes apart it leaves to the solver.
   */
  *#metricOf(metric: NonNullable<Sampling['metric']>): Steps<Solve | undefined> {
    const { data, transform, outputs: k } = this.#sampling
    const { fitIntercept, l2 } = metric
    const curvature = 1 / k
    const cols = transform.scale.length
    const size = cols + (fitIntercept ? 1 : 0)
    const factor = new Float64Array(size * size)
    const one = new Float64Array(size)
    const options = { l2: l2 / curvature, fitIntercept }
    yield* this.#mean(factor, function* ({ data }, out) {
      yield* new LinearObjective(linearLosses.squaredError, data, transform, options).hessian(one, out)
      return 0
    })
    this.#correct(factor, size)
    const ridge = yield* ridgeCholesky(factor, size, one, new Float64Array(size))
    if (!(ridge <= HONEST_RIDGE)) return undefined
    const curvatures = sharesOf(data, k).map((share) => Math.min(curvature, COMMON * share))
    return (v) => {
      for (const [c, h] of curvatures.entries()) {
        const row = v.subarray(c * cols, (c + 1) * cols)
        one.set(row)
        if (fitIntercept) one[cols] = v[k * cols + c]!
        choleskySolve(factor, size, one)
        for (let j = 0; j < cols; j++) row[j] = one[j]! / h
        if (fitIntercept) v[k * cols + c] = one[cols]! / h
      }
      v.set(centerClasses(v, k, cols))
    }
  }

  /** Corrects the Hessian of all parameters, or one of the columns and an intercept. */
  #correct(hessian: Float64Array, size: number): void {
    const { cols } = this.#sampling.data.X
    const spread = this.#spread.map((share, i) => (size < this.size && i >= cols ? 1 : share)).subarray(0, size)
    let [curvature, spreads] = [0, 0]
    for (const [i, share] of spread.entries()) {
      curvature += hessian[i * (size + 1)]!
      spreads += share
    }
    for (const [i, share] of spread.entries()) {
      hessian[i * (size + 1)]! *= 1 + 1e-7
      if (share < TOO_SMALL) hessian[i * (size + 1)]! += (1 - share) * (curvature / spreads)
      if (!(share > TOO_LARGE)) continue
      const factor = 1 / Math.sqrt(share)
      for (let j = 0; j < size; j++) {
        hessian[i * size + j]! *= factor
        hessian[j * size + i]! *= factor
      }
    }
  }

  dispose(): void {
    this.#kept?.dispose()
  }
}

/** Blocks of rows, one somewhere in each of as many equal parts: data are sorted, by class or time, or repeat themselves. */
function drawBlocks(rows: number, count: number): Uint32Array {
  if (2 * count > rows) return Uint32Array.from({ length: rows }, (_, row) => row)
  const random = new Random(0)
  const blocks = Math.ceil(count / BLOCK)
  const part = Math.floor(rows / blocks)
  const indices = new Uint32Array(blocks * BLOCK)
  for (let b = 0; b < blocks; b++) {
    const first = b * part + random.below(part - BLOCK + 1)
    for (let i = 0; i < BLOCK; i++) indices[b * BLOCK + i] = first + i
  }
  return indices
}

function pick(all: Float32Array, indices: Uint32Array): Float64Array {
  const picked = new Float64Array(indices.length)
  for (let i = 0; i < indices.length; i++) picked[i] = all[indices[i]!]!
  return picked
}

/** What each of k classes weighs of all. */
function sharesOf({ X, y, s, kernel, weightSum }: LinearData, k: number): Float64Array {
  const codes = kernel.memory.f32(y, X.rows)
  const weights = s && kernel.memory.f32(s, X.rows)
  const shares = new Float64Array(k)
  for (let i = 0; i < X.rows; i++) shares[codes[i]!]! += (weights ? weights[i]! : 1) / weightSum
  return shares
}
