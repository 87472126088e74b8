import type { Objective } from '../../src/optim/index.ts'
import type { BenchData } from '../data.ts'
import { type Grams, plainGrams, tunedGrams } from './grams.ts'
import * as plain from './plain.ts'
import { plainSoftmax } from './softmax.ts'
import * as tuned from './tuned.ts'
import { tunedSoftmax } from './tuned-softmax.ts'

/** The loops an objective is made of. */
interface Loops {
  readonly logistic: typeof plain.logisticGradient
  readonly softmax: typeof plainSoftmax
  readonly grams: Grams
}

export const LOOPS = {
  plain: { logistic: plain.logisticGradient, softmax: plainSoftmax, grams: plainGrams },
  tuned: { logistic: tuned.logisticGradient, softmax: tunedSoftmax, grams: tunedGrams },
} as const

/**
 * What lanefit's LogisticRegression minimises by default, on JavaScript loops, so that the same solvers can be run on it:
 *
 *   F = mean loss + l2/2 |theta|^2 over standardised columns, intercepts free
 *
 * theta: for two classes [weights (cols), intercept], for k > 2 k such rows. As lanefit does, X is left as it is and the
 * parameters are transformed.
 */
export class JsObjective implements Objective {
  readonly size: number
  readonly #data: BenchData
  readonly #outputs: number
  readonly #l2: number
  readonly #loops: Loops
  readonly #mean: Float64Array
  readonly #deviation: Float64Array
  /** In original units. */
  readonly #w: Float64Array
  #standardised: Float64Array | undefined

  constructor(data: BenchData, classes: number, l2: number, loops: Loops) {
    const { cols } = data
    this.#data = data
    this.#outputs = classes > 2 ? classes : 1
    this.#l2 = l2
    this.#loops = loops
    this.size = this.#outputs * (cols + 1)
    ;[this.#mean, this.#deviation] = moments(data)
    this.#w = new Float64Array(this.size)
  }

  /** Weights and intercepts in original units. */
  original(theta: Float64Array, w: Float64Array = new Float64Array(this.size)): Float64Array {
    const { cols } = this.#data
    for (let at = 0; at < this.size; at += cols + 1) {
      let b = theta[at + cols]!
      for (let j = 0; j < cols; j++) {
        w[at + j] = theta[at + j]! / this.#deviation[j]!
        b -= w[at + j]! * this.#mean[j]!
      }
      w[at + cols] = b
    }
    return w
  }

  evaluate(theta: Float64Array, grad: Float64Array): number {
    const { rows, cols, X, y } = this.#data
    const w = this.original(theta, this.#w)
    let value =
      (this.#outputs > 1
        ? this.#loops.softmax(rows, cols, this.#outputs, X, y, w, grad)
        : this.#loops.logistic(rows, cols, X, y, w, grad)) / rows
    for (let at = 0; at < this.size; at += cols + 1) {
      const ofIntercept = grad[at + cols]! / rows
      for (let j = 0; j < cols; j++) {
        const t = theta[at + j]!
        grad[at + j] = (grad[at + j]! / rows - this.#mean[j]! * ofIntercept) / this.#deviation[j]! + this.#l2 * t
        value += (this.#l2 / 2) * t * t
      }
      grad[at + cols] = ofIntercept
    }
    return value
  }

  hessian(theta: Float64Array, out: Float64Array): void {
    const { rows, cols } = this.#data
    const d = cols + 1
    const k = this.#outputs
    const sets = (k * (k + 1)) / 2
    const grams = new Float64Array(sets * d * d)
    this.#loops.grams(rows, d, this.#rows(), sets, this.#curvatures(theta, sets), grams)
    for (let a = 0, p = 0; a < k; a++) {
      for (let b = a; b < k; b++, p++) {
        for (let i = 0; i < d; i++) {
          for (let j = 0; j < d; j++) {
            let h = grams[(p * d + Math.min(i, j)) * d + Math.max(i, j)]! / rows
            if (a === b && i === j && i < cols) h += this.#l2
            // What all classes' intercepts share changes nothing: any curvature there makes the matrix regular.
            if (k > 1 && i === cols && j === cols) h += 1 / k
            out[(a * d + i) * this.size + b * d + j] = h
            out[(b * d + j) * this.size + a * d + i] = h
          }
        }
      }
    }
  }

  /** rows x (cols + 1): standardised, with a 1. Made once for newton: a copy that lanefit does without. */
  #rows(): Float64Array {
    if (this.#standardised) return this.#standardised
    const { rows, cols, X } = this.#data
    const x = new Float64Array(rows * (cols + 1)).fill(1)
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        x[i * (cols + 1) + j] = (X[i * cols + j]! - this.#mean[j]!) / this.#deviation[j]!
      }
    }
    this.#standardised = x
    return x
  }

  /** For every row the second derivative of its loss in each pair of logits. */
  #curvatures(theta: Float64Array, sets: number): Float64Array {
    const { rows, cols } = this.#data
    const d = cols + 1
    const x = this.#rows()
    const k = this.#outputs
    const weights = new Float64Array(rows * sets)
    const p = new Float64Array(k)
    for (let i = 0; i < rows; i++) {
      let top = Number.NEGATIVE_INFINITY
      for (let c = 0; c < k; c++) {
        let z = 0
        for (let j = 0; j < d; j++) z += x[i * d + j]! * theta[c * d + j]!
        p[c] = z
        top = Math.max(top, z)
      }
      if (k === 1) {
        const q = 1 / (1 + Math.exp(-p[0]!))
        weights[i] = q * (1 - q)
        continue
      }
      let total = 0
      for (let c = 0; c < k; c++) {
        p[c] = Math.exp(p[c]! - top)
        total += p[c]!
      }
      let at = i * sets
      for (let a = 0; a < k; a++) {
        for (let b = a; b < k; b++) weights[at++] = (p[a]! / total) * ((a === b ? 1 : 0) - p[b]! / total)
      }
    }
    return weights
  }
}

/** Mean and standard deviation of each column, in two passes. */
export function moments({ rows, cols, X }: BenchData): [mean: Float64Array, deviation: Float64Array] {
  const mean = new Float64Array(cols)
  const deviation = new Float64Array(cols)
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) mean[j]! += X[i * cols + j]! / rows
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) deviation[j]! += (X[i * cols + j]! - mean[j]!) ** 2 / rows
  }
  for (let j = 0; j < cols; j++) deviation[j] = Math.sqrt(deviation[j]!)
  return [mean, deviation]
}
