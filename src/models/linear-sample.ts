import { Resource } from '../core/dispose.ts'
import { Random } from '../core/random.ts'
import type { Steps } from '../core/steps.ts'
import { type Matrix, type Pointer, takeRows, Workspace } from '../kernel/index.ts'
import type { Objective, SampledObjective } from '../optim/index.ts'
import { type ColumnTransform, meanSquares } from './columns.ts'
import { LinearData } from './linear-data.ts'

/** Rows that lie one after the other are taken together: they are faster to copy. */
const BLOCK = 16
/** Of the rows one in so many, but for a parameter at least, and at most, so many: see docs/decisions.md. */
const ONE_IN = 16
const LEAST = 10
const MOST = 128
/** A column's spread in the sample, as a share of that in all rows: beyond these the Hessian is corrected. */
const TOO_SMALL = 0.5
const TOO_LARGE = 2

/** How a sample, whose Hessian is to stand for that of all rows, is made. */
export interface Sampling {
  readonly data: LinearData
  readonly transform: ColumnTransform
  /** A row of coefficients each; intercepts come after them. */
  readonly outputs: number
  /** The objective on other rows. */
  readonly on: (data: LinearData, work: Workspace) => Objective
}

/** Rows that a sample for so many parameters has. Those of several outputs share what rows say of the columns. */
function sampleRows(rows: number, size: number, outputs: number): number {
  const parameters = size / Math.max(1, outputs / 2)
  return Math.ceil(Math.min(rows, MOST * parameters, Math.max(LEAST * parameters, rows / ONE_IN)))
}

/** The objective on a sample of the rows: a copy, which goes when this is disposed of. */
export class LinearSample extends Resource implements SampledObjective {
  readonly size: number
  readonly share: number
  isSound = true
  /** How many are asked for; blocks are whole. */
  readonly #rows: number
  readonly #sampling: Sampling
  readonly #work: Workspace
  #matrix: Matrix | undefined
  #objective!: Objective
  /** The spread of the column of each parameter, as a share of that in all rows; 1 for intercepts. */
  #spread!: Float64Array

  constructor(sampling: Sampling, size: number) {
    super()
    const { data, outputs } = sampling
    this.size = size
    this.#rows = sampleRows(data.X.rows, size, outputs)
    this.share = this.#rows / data.X.rows
    this.#sampling = sampling
    this.#work = new Workspace(data.kernel.memory)
  }

  *draw(): Steps<void> {
    const { size } = this
    const { data, transform, outputs, on } = this.#sampling
    const { X, kernel } = data
    const indices = drawBlocks(X.rows, this.#rows)
    const pick = (from: Pointer) => {
      const all = kernel.memory.f32(from, X.rows)
      return Float64Array.from(indices, (row) => all[row]!)
    }
    const targets = pick(data.y)
    const weights = data.s ? pick(data.s) : undefined
    yield
    const matrix = takeRows(X, indices)
    this.#matrix = matrix
    yield
    this.#objective = on(new LinearData(this.#work, matrix, targets, weights), this.#work)
    const squares = yield* meanSquares(matrix, transform)
    this.#spread = Float64Array.from({ length: size }, (_, i) => {
      return i < outputs * X.cols && transform.scale[i % X.cols]! > 0 ? squares[i % X.cols]! : 1
    })
    this.isSound = this.#spread.every((share) => share >= TOO_SMALL && share <= TOO_LARGE)
  }

  evaluate(w: Float64Array, grad: Float64Array): number | Steps<number> {
    return this.#objective.evaluate(w, grad)
  }

  /**
   * The sample's, but for columns that have hardly any of their spread in the sample, or far more than their share (a few
   * rows are all that is not 0): a diagonal element lacks what the mean curvature makes of the rest, or its row and column
   * are scaled down.
   */
  *hessian(w: Float64Array, hessian: Float64Array): Steps<void> {
    yield* this.#objective.hessian?.(w, hessian) ?? []
    const { size } = this
    let [curvature, spreads] = [0, 0]
    for (const [i, spread] of this.#spread.entries()) {
      curvature += hessian[i * (size + 1)]!
      spreads += spread
    }
    for (const [i, spread] of this.#spread.entries()) {
      hessian[i * (size + 1)]! *= 1 + 1e-7
      if (spread < TOO_SMALL) hessian[i * (size + 1)]! += (1 - spread) * (curvature / spreads)
      if (!(spread > TOO_LARGE)) continue
      const factor = 1 / Math.sqrt(spread)
      for (let j = 0; j < size; j++) {
        hessian[i * size + j]! *= factor
        hessian[j * size + i]! *= factor
      }
    }
  }

  dispose(): void {
    this.#work.dispose()
    this.#matrix?.dispose()
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
