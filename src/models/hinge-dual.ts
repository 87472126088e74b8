import { Random } from '../core/random.ts'
import type { Steps } from '../core/steps.ts'
import { NULL } from '../kernel/index.ts'
import { hingeBounds } from './hinge-bounds.ts'
import type { LinearData } from './linear-data.ts'
import type { LinearTask, Outcome, Watch } from './linear-solvers.ts'

/** Numbers of X looked at between two chances to pause: a few milliseconds. */
const SLICE_NUMBERS = 2 ** 20
/** How many numbers' time it takes to come to a row, drawn at random, where the rows are beyond the caches. */
const ROW_NUMBERS = 200

export interface HingeDualOptions {
  /** Stop when no row's projected gradient, a difference of margins, is further than this from another's or from 0. */
  tol: number
  maxIter: number
  seed: number
}

/**
 * The linear support vector machine by dual coordinate descent (Hsieh, Chang, Lin, Keerthi & Sundararajan, "A dual
 * coordinate descent method for large-scale linear SVM", ICML 2008, algorithm 3), in float64 on the rows as they lie in
 * kernel memory. With c_i = s_i / (S l2) the objective over l2 is
 *
 *   |a|^2 / 2 + sum of c_i max(0, 1 - t_i z_i),   a = sum of alpha_i t_i u_i,   0 <= alpha_i <= c_i,
 *
 * and one alpha after the other, in random order, is moved to where the dual is greatest; those that stick to a bound
 * are left out for a while (shrinking). A penalised intercept is the coefficient of a column of ones. A free one asks for
 * sum of alpha_i t_i = 0, which the method of multipliers brings about: the intercept is held near its last value by a
 * penalty with 1 / REACH as its strength, and what is left of the sum moves it after every pass.
 *
 * An iteration is a pass over the rows that are not left out. Its loss is of the margins as they were met.
 */
export function* hingeDual(
  { data, transform, l2, fitIntercept, start, isWarm }: LinearTask,
  { tol, maxIter, seed }: HingeDualOptions,
  watch: Watch,
): Steps<Outcome> {
  const dual = new HingeDual(data, transform, l2, fitIntercept)
  const random = new Random(seed)
  if (isWarm) yield* dual.guess(start)
  for (let iteration = 1; ; iteration++) {
    const settled = yield* dual.pass(random, tol)
    const params = dual.params()
    yield
    const stop = yield* watch(iteration, dual.loss(params), params)
    if (settled || stop || iteration >= maxIter) return { w: params, nIter: iteration, converged: settled }
  }
}

class HingeDual {
  readonly #data: LinearData
  readonly #mean: Float64Array
  readonly #scale: Float64Array
  /** scale^2: what turns x - mean into a change of `v`. */
  readonly #square: Float64Array
  readonly #l2: number
  /** How far one unit of alpha moves the intercept: 1 if it is penalised, 0 if there is none. */
  readonly #reach: number
  readonly #isFree: boolean
  readonly #targets: Float32Array
  /** Upper bounds of alpha, c. */
  readonly #bound: Float64Array
  readonly #alpha: Float64Array
  /** |u_i|^2 + reach. */
  readonly #norm: Float64Array
  /** max(0, 1 - t z) as each row was last met. */
  readonly #losses: Float32Array
  readonly #order: Uint32Array
  #active: number
  /** The weights of the columns as stored, a * scale, their product with the means, and the intercept. */
  readonly #v: Float64Array
  #center = 0
  #intercept = 0
  /** Of the last pass: the range of the projected gradients, by which rows are left out. */
  #highest = Number.POSITIVE_INFINITY
  #lowest = Number.NEGATIVE_INFINITY

  constructor(data: LinearData, transform: LinearTask['transform'], l2: number, fitIntercept: boolean) {
    const { X } = data
    const { memory } = X.slabs
    this.#data = data
    this.#mean = transform.mean
    this.#scale = transform.scale
    this.#square = transform.scale.map((s) => s * s)
    this.#l2 = l2
    this.#isFree = fitIntercept && transform.interceptPenalty === 0
    this.#reach = this.#isFree ? transform.meanSquare || 1 : fitIntercept ? 1 : 0
    this.#targets = memory.f32(data.y, X.rows).slice()
    this.#bound = hingeBounds(data, l2)
    const order = new Uint32Array(X.rows)
    // Rows of weight 0 have no say. (A loop, as there.)
    let count = 0
    for (let i = 0; i < X.rows; i++) if (this.#bound[i]! > 0) order[count++] = i
    this.#alpha = new Float64Array(X.rows)
    this.#norm = new Float64Array(X.rows)
    this.#losses = new Float32Array(X.rows).fill(1)
    this.#order = order.slice(0, count)
    this.#active = this.#order.length
    this.#v = new Float64Array(X.cols)
  }

  /** D coefficients on the transformed columns, and the intercept. */
  params(): Float64Array {
    const params = new Float64Array(this.#v.length + 1)
    for (let k = 0; k < this.#v.length; k++) params[k] = this.#scale[k] === 0 ? 0 : this.#v[k]! / this.#scale[k]!
    params[this.#v.length] = this.#intercept
    return params
  }

  loss(params: Float64Array): number {
    let [squares, losses] = [0, 0]
    for (let k = 0; k < this.#v.length; k++) squares += params[k]! ** 2
    if (!this.#isFree) squares += this.#intercept ** 2
    for (let i = 0; i < this.#losses.length; i++) losses += this.#bound[i]! * this.#losses[i]!
    return this.#l2 * (squares / 2 + losses)
  }

  /** One pass; true when the optimum is reached. */
  *pass(random: Random, tol: number): Steps<boolean> {
    const all = this.#order.length
    let [highest, lowest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    // Rows are drawn, visited and put aside in one go: `at` counts those that stay, `drawn` those that were visited.
    let left = SLICE_NUMBERS
    let view = this.#view()
    for (let at = 0; at < this.#active; ) {
      const other = at + random.below(this.#active - at)
      const i = this.#order[other]!
      this.#order[other] = this.#order[at]!
      this.#order[at] = i
      const [alpha, bound] = [this.#alpha[i]!, this.#bound[i]!]
      const gradient = this.#gradientOf(i, view)
      const shrinks = alpha === 0 ? gradient > this.#highest : alpha === bound && gradient < this.#lowest
      if (shrinks) {
        this.#order[at] = this.#order[--this.#active]!
        this.#order[this.#active] = i
      } else {
        const projected = alpha === 0 ? Math.min(gradient, 0) : alpha === bound ? Math.max(gradient, 0) : gradient
        highest = Math.max(highest, projected)
        lowest = Math.min(lowest, projected)
        if (projected !== 0) this.#move(i, Math.min(Math.max(alpha - gradient / this.#norm[i]!, 0), bound), view)
        at++
      }
      left -= this.#v.length + ROW_NUMBERS
      if (left <= 0) {
        yield
        left = SLICE_NUMBERS
        view = this.#view()
      }
    }
    const moved = this.#isFree ? this.#moveIntercept() : 0
    this.#highest = highest > 0 ? highest : Number.POSITIVE_INFINITY
    this.#lowest = lowest < 0 ? lowest : Number.NEGATIVE_INFINITY
    // All may be far from 0 on the same side: then they are close to each other, but not settled.
    if (Math.max(highest, 0) - Math.min(lowest, 0) > tol || moved > tol) return false
    if (this.#active === all) return true
    // The rows left out have their say again before it is over.
    this.#active = all
    this.#highest = Number.POSITIVE_INFINITY
    this.#lowest = Number.NEGATIVE_INFINITY
    return false
  }

  /** Starts near given parameters: rows on the wrong side of their margin at the upper bound, those on it halfway. */
  *guess(params: Float64Array): Steps<void> {
    const cols = this.#v.length
    this.#intercept = params[cols]!
    for (let k = 0; k < cols; k++) this.#v[k] = params[k]! * this.#scale[k]!
    this.#center = this.#v.reduce((sum, v, k) => sum + v * this.#mean[k]!, 0)
    const near = 1e-3
    const margins = new Float64Array(this.#alpha.length)
    let view = this.#view()
    for (let i = 0; i < margins.length; i++) {
      margins[i] = this.#gradientOf(i, view)
      if (i % 4096 === 4095) {
        yield
        view = this.#view()
      }
    }
    this.#v.fill(0)
    this.#center = 0
    const { [cols]: intercept } = params
    this.#intercept = this.#isFree ? intercept! : 0
    view = this.#view()
    for (let i = 0; i < margins.length; i++) {
      if (margins[i]! < near) this.#move(i, this.#bound[i]! * (margins[i]! > -near ? 0.5 : 1), view)
      if (i % 4096 === 4095) {
        yield
        view = this.#view()
      }
    }
    if (this.#isFree) this.#intercept = intercept!
  }

  /** The method of multipliers' step; returns how far it went. */
  #moveIntercept(): number {
    let sum = 0
    for (let i = 0; i < this.#alpha.length; i++) sum += this.#alpha[i]! * this.#targets[i]!
    this.#intercept += this.#reach * sum
    return Math.abs(this.#reach * sum)
  }

  /** Kernel memory as float32; good until the next break, when somebody may make it grow. */
  #view(): Float32Array {
    const { memory } = this.#data.X.slabs
    return memory.f32(NULL, memory.totalBytes / 4)
  }

  #rowAt(i: number): number {
    const { pointers, shift, stride } = this.#data.X.slabs
    return pointers[i >>> shift]! / 4 + (i & (2 ** shift - 1)) * stride
  }

  /** t z - 1, the gradient of the dual by alpha_i. */
  #gradientOf(i: number, view: Float32Array): number {
    const row = this.#rowAt(i)
    const v = this.#v
    let [z0, z1] = [this.#intercept - this.#center, 0]
    let k = 0
    for (; k + 1 < v.length; k += 2) {
      z0 += view[row + k]! * v[k]!
      z1 += view[row + k + 1]! * v[k + 1]!
    }
    if (k < v.length) z0 += view[row + k]! * v[k]!
    const gradient = this.#targets[i]! * (z0 + z1) - 1
    this.#losses[i] = gradient < 0 ? -gradient : 0
    if (this.#norm[i] === 0) this.#norm[i] = this.#normOf(row, view)
    return gradient
  }

  #normOf(row: number, view: Float32Array): number {
    let norm = this.#reach
    for (let k = 0; k < this.#v.length; k++) norm += this.#square[k]! * (view[row + k]! - this.#mean[k]!) ** 2
    return Math.max(norm, 1e-30)
  }

  #move(i: number, alpha: number, view: Float32Array): void {
    const step = (alpha - this.#alpha[i]!) * this.#targets[i]!
    this.#alpha[i] = alpha
    const row = this.#rowAt(i)
    const [v, mean, square] = [this.#v, this.#mean, this.#square]
    let center = 0
    for (let k = 0; k < v.length; k++) {
      const change = step * square[k]! * (view[row + k]! - mean[k]!)
      v[k]! += change
      center += mean[k]! * change
    }
    this.#center += center
    this.#intercept += step * this.#reach
  }
}
