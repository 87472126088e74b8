import { Resource } from '../core/dispose.ts'
import type { Steps } from '../core/steps.ts'
import { NULL, Workspace } from '../kernel/index.ts'
import { choleskySolve, ridgeCholesky } from '../optim/index.ts'
import type { LinearTask, Outcome, Watch } from './linear-solvers.ts'
import { TransformedRows } from './transformed-rows.ts'

/** How close to the border of what is allowed a step may come. */
const TO_BORDER = 0.995
/** Rows between two chances to pause: a few milliseconds. */
const SLICE_ROWS = 2 ** 16

/** Steps that get nowhere before it ends: rounding has the last word. */
const MOST_IDLE = 3

export interface HingeInteriorOptions {
  /** Stop when the duality gap is at most this share of the objective. */
  tol: number
  maxIter: number
}

/**
 * The linear support vector machine by a primal-dual interior-point method (Ferris & Munson, "Interior-point methods for
 * massive support vector machines", SIAM J. Optim. 13, 2002; the steps are Mehrotra's predictor and corrector). With
 * v_i = t_i (u_i, 1), w the coefficients and the intercept and c_i = s_i / (S l2), the objective over l2 is
 *
 *   w'Pw / 2 + sum of c_i xi_i,   a_i = v_i'w - 1 + xi_i >= 0,   xi_i >= 0,
 *
 * with multipliers alpha_i of a_i and c_i - alpha_i of xi_i, all of whose products shrink to 0 together. A step costs one
 * weighted Gram matrix of X and four passes, whatever the penalty: some twenty steps where dual coordinate descent, whose
 * passes cost less, takes thousands. Rows without weight have no part in it.
 */
export function* hingeInterior(task: LinearTask, { tol, maxIter }: HingeInteriorOptions, watch: Watch): Steps<Outcome> {
  using point = new InteriorPoint(task)
  yield* point.start()
  let idle = 0
  for (let iteration = 1; ; iteration++) {
    const length = yield* point.step()
    const loss = yield* point.measure()
    const { gap } = point
    const params = point.params()
    yield
    const stop = yield* watch(iteration, loss, params)
    idle = length < 1e-3 ? idle + 1 : 0
    const near = idle === MOST_IDLE && gap <= 1e-6 * loss
    const converged = near || gap <= tol * loss
    if (converged || stop || idle === MOST_IDLE || iteration >= maxIter)
      return { w: params, nIter: iteration, converged }
  }
}

/** A point inside: one value a row in each array, float64. */
class InteriorPoint extends Resource {
  readonly #task: LinearTask
  readonly #work: Workspace
  readonly #rows: TransformedRows
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
  /** Coefficients on u and, if there is one, the intercept. */
  readonly #w: Float64Array
  readonly #matrix: Float64Array
  readonly #penalty: Float64Array
  #count = 0
  #gap = Number.POSITIVE_INFINITY
  /** What is left of the first difference between Pw and the sum of alpha v. */
  #astray = 1

  constructor(task: LinearTask) {
    super()
    const { data, transform, l2, fitIntercept, start } = task
    const { X, weightSum, kernel } = data
    const { memory } = kernel
    const size = X.cols + (fitIntercept ? 1 : 0)
    this.#task = task
    this.#targets = memory.f32(data.y, X.rows).slice()
    const weights = data.s === NULL ? undefined : memory.f32(data.s, X.rows)
    this.#bound = new Float64Array(X.rows).map((_, i) => (weights?.[i] ?? 1) / (weightSum * l2))
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
    this.#w = Float64Array.from(start.subarray(0, size))
    this.#matrix = new Float64Array(size * size)
    this.#penalty = Float64Array.of(...transform.penalty, transform.interceptPenalty).subarray(0, size)
    this.#work = new Workspace(memory)
    this.#rows = new TransformedRows(X, transform, fitIntercept, this.#work)
  }

  /** Rows centered for what w says now: all products alike, alpha + beta = c. */
  *start(): Steps<void> {
    const { data, isWarm } = this.#task
    yield* this.#rows.multiply(this.#w, (i, z) => {
      this.#margin[i] = this.#targets[i]! * z
    })
    let total = 0
    yield* each(data.X.rows, (i) => {
      total += this.#bound[i]!
      if (this.#bound[i]! > 0) this.#count++
    })
    const product = ((isWarm ? 1e-3 : 1) * total) / this.#count
    yield* each(data.X.rows, (i) => {
      const c = this.#bound[i]!
      if (c === 0) return
      const g = this.#margin[i]! - 1
      const root = Math.sqrt(c * c * g * g + 4 * product * product)
      // a (a - g) c = product (2 a - g): the larger root, each side by what does not cancel.
      const slack = (c * g + 2 * product + root) / (2 * c)
      const xi = (2 * product - c * g + root) / (2 * c)
      this.#slack[i] = slack
      this.#xi[i] = xi
      this.#alpha[i] = product / slack
      this.#beta[i] = product / xi
    })
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
    yield* this.#rows.multiply(this.#w, (i, z) => {
      this.#margin[i] = this.#targets[i]! * z
    })
    let [squares, losses, products] = [0, 0, 0]
    for (const [k, w] of this.#w.entries()) squares += this.#penalty[k]! * w * w
    yield* each(data.X.rows, (i) => {
      losses += this.#bound[i]! * Math.max(0, 1 - this.#margin[i]!)
      products += this.#slack[i]! * this.#alpha[i]! + this.#xi[i]! * this.#beta[i]!
    })
    this.#gap = l2 * products
    return l2 * (squares / 2 + losses)
  }

  /** One step; returns how far it went of what it wanted. */
  *step(): Steps<number> {
    const { rows } = this.#task.data.X
    const [alpha, beta, slack, xi] = [this.#alpha, this.#beta, this.#slack, this.#xi]
    const [q, dAlpha, dSlack, dXi] = [this.#q, this.#dAlpha, this.#dSlack, this.#dXi]
    let product = 0
    yield* each(rows, (i) => {
      if (this.#bound[i] === 0) return
      q[i] = 1 / (slack[i]! / alpha[i]! + xi[i]! / beta[i]!)
      product += slack[i]! * alpha[i]! + xi[i]! * beta[i]!
    })
    product /= 2 * this.#count
    yield* this.#factor()
    dAlpha.fill(0)
    dSlack.fill(0)
    dXi.fill(0)
    yield* this.#direct(0)
    const reach = yield* this.#reach()
    let after = 0
    yield* each(rows, (i) => {
      after += (slack[i]! + reach * dSlack[i]!) * (alpha[i]! + reach * dAlpha[i]!)
      after += (xi[i]! + reach * dXi[i]!) * (beta[i]! - reach * dAlpha[i]!)
    })
    const share = after / (2 * this.#count * product)
    const dw = yield* this.#direct(share * share * share * product)
    const length = Math.min(1, TO_BORDER * (yield* this.#reach()))
    yield* each(rows, (i) => {
      alpha[i]! += length * dAlpha[i]!
      beta[i]! -= length * dAlpha[i]!
      slack[i]! += length * dSlack[i]!
      xi[i]! += length * dXi[i]!
    })
    for (let k = 0; k < dw.length; k++) this.#w[k]! += length * dw[k]!
    this.#astray *= 1 - length
    return length
  }

  /**
   * The direction towards products of `product`, into the arrays, with the products of the direction that is there as
   * the correction; returns that of w.
   */
  *#direct(product: number): Steps<Float64Array> {
    const [alpha, beta, slack, xi] = [this.#alpha, this.#beta, this.#slack, this.#xi]
    const [q, dAlpha, dSlack, dXi] = [this.#q, this.#dAlpha, this.#dSlack, this.#dXi]
    const ofSlack = (i: number) => product - dSlack[i]! * dAlpha[i]!
    const ofXi = (i: number) => product + dXi[i]! * dAlpha[i]!
    const wanted = (i: number) => ofSlack(i) / alpha[i]! - ofXi(i) / beta[i]! - (this.#margin[i]! - 1)
    const dw = yield* this.#rows.sum((i) =>
      this.#bound[i] === 0 ? 0 : this.#targets[i]! * (alpha[i]! + q[i]! * wanted(i)),
    )
    for (let k = 0; k < dw.length; k++) dw[k]! -= this.#penalty[k]! * this.#w[k]!
    choleskySolve(this.#matrix, dw.length, dw)
    yield* this.#rows.multiply(dw, (i, z) => {
      if (this.#bound[i] === 0) return
      const step = q[i]! * (wanted(i) - this.#targets[i]! * z)
      const [one, other] = [ofSlack(i), ofXi(i)]
      dAlpha[i] = step
      dSlack[i] = one / alpha[i]! - slack[i]! - (slack[i]! / alpha[i]!) * step
      dXi[i] = other / beta[i]! - xi[i]! + (xi[i]! / beta[i]!) * step
    })
    return dw
  }

  /** How far the direction may go before something is 0. */
  *#reach(): Steps<number> {
    let reach = 1 / TO_BORDER
    yield* each(this.#alpha.length, (i) => {
      const step = this.#dAlpha[i]!
      if (step < 0) reach = Math.min(reach, -this.#alpha[i]! / step)
      else if (step > 0) reach = Math.min(reach, this.#beta[i]! / step)
      if (this.#dSlack[i]! < 0) reach = Math.min(reach, -this.#slack[i]! / this.#dSlack[i]!)
      if (this.#dXi[i]! < 0) reach = Math.min(reach, -this.#xi[i]! / this.#dXi[i]!)
    })
    return reach
  }

  /** P + the sum over rows of q (u, 1) (u, 1)', factored. */
  *#factor(): Steps<void> {
    const matrix = this.#matrix
    const { scale } = this.#task.transform
    const size = this.#w.length
    yield* this.#rows.gram(this.#q, matrix)
    // A column with a single value has no say; its row must not make the matrix singular.
    for (let k = 0; k < size; k++) matrix[k * (size + 1)]! += this.#penalty[k]! + (scale[k] === 0 ? 1 : 0)
    const room = new Float64Array(size)
    yield* ridgeCholesky(matrix, size, room, room.slice())
  }

  dispose(): void {
    this.#work.dispose()
  }
}

function* each(rows: number, work: (i: number) => void): Steps<void> {
  for (let begin = 0; begin < rows; begin += SLICE_ROWS) {
    const end = Math.min(rows, begin + SLICE_ROWS)
    for (let i = begin; i < end; i++) work(i)
    yield
  }
}
