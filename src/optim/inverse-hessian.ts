import type { Point } from './run.ts'
import { addScaled, dot, scale } from './vector.ts'

/** A pair is stored only when the angle between step and gradient change is this far from a right one (cosine). */
const MIN_COSINE = 1e-12

/**
 * The limited-memory BFGS approximation of the inverse Hessian: the last `memory` pairs s = change of w, y = change of
 * the gradient (Nocedal & Wright, Numerical Optimization, algorithm 7.4).
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

  constructor(size: number, memory: number) {
    this.#s = Array.from({ length: memory + 1 }, () => new Float64Array(size))
    this.#y = Array.from({ length: memory + 1 }, () => new Float64Array(size))
    this.#rho = new Float64Array(memory + 1)
    this.#alpha = new Float64Array(memory + 1)
  }

  clear(): void {
    this.count = 0
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
    this.#gamma = sy / yy
    this.#next = (this.#next + 1) % slots
    this.count = Math.min(this.count + 1, slots - 1)
    return true
  }

  /** out = -H grad: the two-loop recursion. Without pairs, H is the identity. */
  descent(grad: Float64Array, out: Float64Array): void {
    const slots = this.#s.length
    const newest = this.#next + slots - 1
    scale(out, -1, grad)
    if (this.count === 0) return
    for (let k = 0; k < this.count; k++) {
      const i = (newest - k) % slots
      const alpha = this.#rho[i]! * dot(this.#s[i]!, out)
      this.#alpha[i] = alpha
      addScaled(out, out, -alpha, this.#y[i]!)
    }
    scale(out, this.#gamma, out)
    for (let k = this.count - 1; k >= 0; k--) {
      const i = (newest - k) % slots
      const beta = this.#rho[i]! * dot(this.#y[i]!, out)
      addScaled(out, out, this.#alpha[i]! - beta, this.#s[i]!)
    }
  }
}
