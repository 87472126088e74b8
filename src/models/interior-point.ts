import { Resource } from '../core/dispose.ts'
import type { Steps } from '../core/steps.ts'
import { choleskySolve, ridgeCholesky } from '../optim/index.ts'
import { heaviest } from './heaviest.ts'
import { hingeBounds } from './hinge-bounds.ts'
import type { LinearTask } from './linear-solvers.ts'
import type { TransformedRows } from './transformed-rows.ts'

/** How close to the border of what is allowed a step may come. */
const TO_BORDER = 0.995
/** Rows between two chances to pause: a few milliseconds. */
const SLICE_ROWS = 2 ** 16

/** What the method does with X. */
export type HingeRows = Pick<TransformedRows, 'multiply' | 'sum' | 'gram' | 'dispose'>

/** A point inside, of hinge-interior.ts: one value a row in each array, float64. */
export class InteriorPoint extends Resource {
  readonly #task: LinearTask
  readonly #rows: HingeRows
  readonly #targets: Float32Array
  /** Upper bounds of alpha, c. */
  readonly #bound: Float64Array
  readonly #alpha: Float64Array
  readonly #beta: Float64Array
  readonly #slack: Float64Array
  readonly #xi: Float64Array
  /** t z. */
  readonly #margin: Float64Array
  /** The weights q of the step's matrix, and the step. */
  readonly #q: Float64Array
  readonly #dAlpha: Float64Array
  readonly #dSlack: Float64Array
  readonly #dXi: Float64Array
  /** What the step wants of each margin, and weights or products on their way into the kernel or out of it. */
  readonly #wanted: Float64Array
  readonly #z: Float64Array
  /** Coefficients on u and, if there is one, the intercept. */
  readonly #w: Float64Array
  readonly #matrix: Float64Array
  readonly #penalty: Float64Array
  #count = 0
  #gap = Number.POSITIVE_INFINITY
  /** What is left of the first difference between Pw and the sum of alpha v, were all steps exact. */
  #astray = 1
  /** Once rounding has got in the way: below this products do not help, and the rows that decide are taken in float64; the last step's length. */
  #least = 0
  #length = 1

  /** `rows`: the task's, which go when this is disposed of. */
  constructor(task: LinearTask, rows: HingeRows) {
    super()
    const { data, transform, l2, fitIntercept, start } = task
    const { X, kernel } = data
    const size = X.cols + (fitIntercept ? 1 : 0)
    this.#task = task
    this.#targets = kernel.memory.f32(data.y, X.rows).slice()
    this.#bound = hingeBounds(data, l2)
    const column = () => new Float64Array(X.rows)
    this.#alpha = column()
    this.#beta = column()
    this.#slack = column()
    this.#xi = column()
    this.#margin = column()
    this.#q = column()
    this.#dAlpha = column()
    this.#dSlack = column()
    this.#dXi = column()
    this.#wanted = column()
    this.#z = column()
    this.#w = Float64Array.from(start.subarray(0, size))
    this.#matrix = new Float64Array(size * size)
    this.#penalty = Float64Array.of(...transform.penalty, transform.interceptPenalty).subarray(0, size)
    this.#rows = rows
  }

  /** Rows centered for what w says now: all products alike, alpha + beta = c. */
  *start(): Steps<void> {
    const { isWarm, data } = this.#task
    const [bound, margin, alpha, beta, slack, xi] = [this.#bound, this.#margin, this.#alpha, this.#beta, this.#slack, this.#xi] // biome-ignore format: one line
    let total = 0
    for (let i = 0; i < bound.length; i++) {
      total += bound[i]!
      if (bound[i]! > 0) this.#count++
    }
    const product = ((isWarm ? 1e-3 : 1) * total) / this.#count
    yield* this.#takeMargins()
    yield* inSlices(data.X.rows, (begin, end) => {
      for (let i = begin; i < end; i++) {
        const c = bound[i]!
        if (c === 0) continue
        const g = margin[i]! - 1
        const root = Math.sqrt(c * c * g * g + 4 * product * product)
        // a (a - g) c = product (2 a - g): the larger root, each side by what does not cancel.
        slack[i] = (c * g + 2 * product + root) / (2 * c)
        xi[i] = (2 * product - c * g + root) / (2 * c)
        alpha[i] = product / slack[i]!
        beta[i] = product / xi[i]!
      }
    })
  }

  /** The margins at w. */
  *#takeMargins(): Steps<void> {
    const [margin, targets] = [this.#margin, this.#targets]
    yield* this.#rows.multiply(this.#w, margin)
    for (let i = 0; i < margin.length; i++) margin[i]! *= targets[i]!
  }

  /** D coefficients on the transformed columns, and the intercept. */
  params(): Float64Array {
    const params = new Float64Array(this.#task.data.X.cols + 1)
    params.set(this.#w)
    return params
  }

  /** How far the objective can be above the optimum; Infinity as long as w is not what alpha makes of it. */
  get gap(): number {
    return this.#astray > 1e-9 ? Number.POSITIVE_INFINITY : this.#gap
  }

  /** The objective. */
  *measure(): Steps<number> {
    const { data, l2 } = this.#task
    const [bound, margin, alpha, beta, slack, xi] = [this.#bound, this.#margin, this.#alpha, this.#beta, this.#slack, this.#xi] // biome-ignore format: one line
    yield* this.#takeMargins()
    let [squares, losses, products] = [0, 0, 0]
    for (const [k, w] of this.#w.entries()) squares += this.#penalty[k]! * w * w
    yield* inSlices(data.X.rows, (begin, end) => {
      let [lossesHere, productsHere] = [0, 0]
      for (let i = begin; i < end; i++) {
        lossesHere += bound[i]! * Math.max(0, 1 - margin[i]!)
        productsHere += slack[i]! * alpha[i]! + xi[i]! * beta[i]!
      }
      losses += lossesHere
      products += productsHere
    })
    this.#gap = l2 * products
    return l2 * (squares / 2 + losses)
  }

  /**
   * How much further above the optimum the objective can be because Pw is not the sum of alpha v: steps were rounded. If that
   * is above `most`, they are more exact from now on.
   */
  *astray(most: number): Steps<number> {
    const { data, l2 } = this.#task
    const weighed = this.#z
    for (let i = 0; i < weighed.length; i++) weighed[i] = this.#bound[i]! > 0 ? this.#targets[i]! * this.#alpha[i]! : 0
    const sums = yield* this.#rows.sum(weighed)
    let rest = 0
    for (const [k, sum] of sums.entries()) {
      const p = this.#penalty[k]!
      const difference = sum - p * this.#w[k]!
      // A free intercept is believed to be right to 1.
      rest += p > 0 ? (difference * difference) / (2 * p) : k === data.X.cols ? Math.abs(difference) : 0
    }
    if (l2 * rest > most) this.#least = most / (8 * l2 * this.#count)
    return l2 * rest
  }

  /** One step; returns how far it went of what it wanted. */
  *step(): Steps<number> {
    const { rows } = this.#task.data.X
    const [bound, alpha, beta, slack, xi] = [this.#bound, this.#alpha, this.#beta, this.#slack, this.#xi]
    const [q, dAlpha, dSlack, dXi] = [this.#q, this.#dAlpha, this.#dSlack, this.#dXi]
    let product = 0
    yield* inSlices(rows, (begin, end) => {
      let sum = 0
      for (let i = begin; i < end; i++) {
        if (bound[i] === 0) continue
        q[i] = 1 / (slack[i]! / alpha[i]! + xi[i]! / beta[i]!)
        sum += slack[i]! * alpha[i]! + xi[i]! * beta[i]!
      }
      product += sum
    })
    product /= 2 * this.#count
    yield* this.#factor()
    for (const part of [dAlpha, dSlack, dXi]) part.fill(0)
    yield* this.#direct(0)
    const reach = yield* this.#reach()
    let after = 0
    yield* inSlices(rows, (begin, end) => {
      let sum = 0
      for (let i = begin; i < end; i++) {
        sum += (slack[i]! + reach * dSlack[i]!) * (alpha[i]! + reach * dAlpha[i]!)
        sum += (xi[i]! + reach * dXi[i]!) * (beta[i]! - reach * dAlpha[i]!)
      }
      after += sum
    })
    let share = after / (2 * this.#count * product)
    if (this.#least > 0 && this.#length < 0.9) {
      // Corrections of the second order may go round in circles: first back to the middle.
      share = 1
      for (const part of [dAlpha, dSlack, dXi]) part.fill(0)
    }
    const dw = yield* this.#direct(Math.max(share * share * share * product, this.#least))
    const length = Math.min(1, TO_BORDER * (yield* this.#reach()))
    yield* inSlices(rows, (begin, end) => {
      for (let i = begin; i < end; i++) {
        alpha[i]! += length * dAlpha[i]!
        beta[i]! -= length * dAlpha[i]!
        slack[i]! += length * dSlack[i]!
        xi[i]! += length * dXi[i]!
      }
    })
    for (let k = 0; k < dw.length; k++) this.#w[k]! += length * dw[k]!
    this.#astray *= 1 - length
    this.#length = length
    return length
  }

  /**
   * The direction towards products of `product`, into the arrays, with the products of the direction that is there as
   * the correction; returns that of w.
   */
  *#direct(product: number): Steps<Float64Array> {
    const { rows } = this.#task.data.X
    const [bound, alpha, beta, slack, xi] = [this.#bound, this.#alpha, this.#beta, this.#slack, this.#xi]
    const [q, dAlpha, dSlack, dXi] = [this.#q, this.#dAlpha, this.#dSlack, this.#dXi]
    const [margin, targets, wanted, z] = [this.#margin, this.#targets, this.#wanted, this.#z]
    // What is to be left of the products, over alpha and beta, goes where the step of slack and xi will be.
    yield* inSlices(rows, (begin, end) => {
      for (let i = begin; i < end; i++) {
        if (bound[i] === 0) continue
        const ofSlack = (product - dSlack[i]! * dAlpha[i]!) / alpha[i]!
        const ofXi = (product + dXi[i]! * dAlpha[i]!) / beta[i]!
        wanted[i] = ofSlack - ofXi - (margin[i]! - 1)
        z[i] = targets[i]! * (alpha[i]! + q[i]! * wanted[i]!)
        dSlack[i] = ofSlack - slack[i]!
        dXi[i] = ofXi - xi[i]!
      }
    })
    const dw = yield* this.#rows.sum(z)
    for (let k = 0; k < dw.length; k++) dw[k]! -= this.#penalty[k]! * this.#w[k]!
    choleskySolve(this.#matrix, dw.length, dw)
    yield* this.#rows.multiply(dw, z)
    yield* inSlices(rows, (begin, end) => {
      for (let i = begin; i < end; i++) {
        if (bound[i] === 0) {
          // A row without weight has no part in the next sum either.
          z[i] = 0
          continue
        }
        const step = q[i]! * (wanted[i]! - targets[i]! * z[i]!)
        dAlpha[i] = step
        dSlack[i]! -= (slack[i]! / alpha[i]!) * step
        dXi[i]! += (xi[i]! / beta[i]!) * step
      }
    })
    return dw
  }

  /** How far the direction may go before something is 0. */
  *#reach(): Steps<number> {
    const [alpha, beta, slack, xi] = [this.#alpha, this.#beta, this.#slack, this.#xi]
    const [dAlpha, dSlack, dXi] = [this.#dAlpha, this.#dSlack, this.#dXi]
    let reach = 1 / TO_BORDER
    yield* inSlices(alpha.length, (begin, end) => {
      let least = reach
      for (let i = begin; i < end; i++) {
        const step = dAlpha[i]!
        // Multiplied first: a division for each row would be most of the work.
        if (alpha[i]! + least * step < 0) least = -alpha[i]! / step
        if (beta[i]! - least * step < 0) least = beta[i]! / step
        if (slack[i]! + least * dSlack[i]! < 0) least = -slack[i]! / dSlack[i]!
        if (xi[i]! + least * dXi[i]! < 0) least = -xi[i]! / dXi[i]!
      }
      reach = least
    })
    return reach
  }

  /** P + the sum over rows of q (u, 1) (u, 1)', factored. */
  *#factor(): Steps<void> {
    const matrix = this.#matrix
    const { scale } = this.#task.transform
    const size = this.#w.length
    yield* this.#rows.gram(this.#q, matrix, this.#least > 0 ? heaviest(this.#q, size) : [])
    // A column with a single value has no say; its row must not make the matrix singular.
    for (let k = 0; k < size; k++) matrix[k * (size + 1)]! += this.#penalty[k]! + (scale[k] === 0 ? 1 : 0)
    const room = new Float64Array(size)
    yield* ridgeCholesky(matrix, size, room, room.slice())
  }

  dispose(): void {
    this.#rows.dispose()
  }
}

/** Calls `work` with ranges of rows: a few milliseconds each. */
function* inSlices(rows: number, work: (begin: number, end: number) => void): Steps<void> {
  for (let begin = 0; begin < rows; begin += SLICE_ROWS) {
    work(begin, Math.min(rows, begin + SLICE_ROWS))
    yield
  }
}
