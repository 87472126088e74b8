import type { Point } from './run.ts'
import { addScaled, dot, scale } from './vector.ts'

/** A pair is stored only when the angle between step and gradient change is this far from a right one (cosine). */
const MIN_COSINE = 1e-12

/** Multiplies a vector by an initial H, in place. */
export type Solve = (v: Float64Array) => void

/**
 * The limited-memory BFGS approximation of the inverse Hessian: the last `memory` pairs s = change of w, y = change of
 * the gradient (Nocedal & Wright, Numerical Optimization, algorithm 7.4). What they say is added to an initial H: the
 * identity, scaled by the last pair, or one that is given, scaled if it is to be.
 */
export class InverseHessian {
  /** Pairs in use. */
  count = 0
  // A ring with one slot more than pairs: `#next` is always free, so that a pair can be computed, then refused.
  readonly #s: Float64Array[]
  readonly #y: Float64Array[]
  readonly #rho: Float64Array
  readonly #alpha: Float64Array
  #next = 0
  #gamma = 1
  #solve: Solve | undefined
  /** Where the initial H is right up to a factor only: room for H y. */
  readonly #scaled: Float64Array | undefined

  /** `isScaled`: whether the last pair says how large the given initial H is. */
  constructor(size: number, memory: number, solve?: Solve, isScaled = false) {
    this.#solve = solve
    this.#scaled = isScaled && solve ? new Float64Array(size) : undefined
    this.#s = Array.from({ length: memory + 1 }, () => new Float64Array(size))
    this.#y = Array.from({ length: memory + 1 }, () => new Float64Array(size))
    this.#rho = new Float64Array(memory + 1)
    this.#alpha = new Float64Array(memory + 1)
  }

  /** Forgets the pairs; a new initial H is taken if it is given. */
  clear(solve?: Solve): void {
    this.count = 0
    if (solve) this.#solve = solve
  }

  /** Learns from a move, unless it shows no positive curvature; false then. */
  store(from: Point, to: Point): boolean {
    const slots = this.#s.length
    const s = this.#s[this.#next]!
    const y = this.#y[this.#next]!
    addScaled(s, to.w, -1, from.w)
    addScaled(y, to.grad, -1, from.grad)
    const sy = dot(s, y)
    const yy = dot(y, y)
    if (!(sy > MIN_COSINE * Math.sqrt(dot(s, s)) * Math.sqrt(yy))) return false
    this.#rho[this.#next] = 1 / sy
    this.#gamma = sy / this.#square(y, yy)
    this.#next = (this.#next + 1) % slots
    this.count = Math.min(this.count + 1, slots - 1)
    return true
  }

  /** y' H y, H the initial one without its factor. */
  #square(y: Float64Array, yy: number): number {
    if (!(this.#scaled && this.#solve)) return yy
    this.#scaled.set(y)
    this.#solve(this.#scaled)
    return dot(y, this.#scaled)
  }

  /** out = -H grad: the two-loop recursion. Without pairs, H is the initial one. */
  descent(grad: Float64Array, out: Float64Array): void {
    const slots = this.#s.length
    const newest = this.#next + slots - 1
    scale(out, -1, grad)
    for (let k = 0; k < this.count; k++) {
      const i = (newest - k) % slots
      const alpha = this.#rho[i]! * dot(this.#s[i]!, out)
      this.#alpha[i] = alpha
      addScaled(out, out, -alpha, this.#y[i]!)
    }
    this.#solve?.(out)
    if (this.count > 0 && (this.#scaled || !this.#solve)) scale(out, this.#gamma, out)
    for (let k = this.count - 1; k >= 0; k--) {
      const i = (newest - k) % slots
      const beta = this.#rho[i]! * dot(this.#y[i]!, out)
      addScaled(out, out, this.#alpha[i]! - beta, this.#s[i]!)
    }
  }
}
