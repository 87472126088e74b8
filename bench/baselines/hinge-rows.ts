import type { Steps } from '../../src/core/steps.ts'
import type { HingeRows } from '../../src/models/interior-point.ts'
import type { BenchData } from '../data.ts'
import type { Grams } from './grams.ts'
import { moments } from './objective.ts'

/** Standardised rows with a 1, and what the interior-point method does with them, by JavaScript loops. */
export class JsHingeRows implements HingeRows {
  readonly #rows: number
  readonly #size: number
  readonly #x: Float64Array
  readonly #grams: Grams

  constructor(data: BenchData, grams: Grams) {
    const { rows, cols, X } = data
    const [mean, deviation] = moments(data)
    this.#rows = rows
    this.#size = cols + 1
    this.#x = new Float64Array(rows * this.#size).fill(1)
    this.#grams = grams
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < cols; k++) this.#x[i * this.#size + k] = (X[i * cols + k]! - mean[k]!) / deviation[k]!
    }
  }

  *multiply(w: Float64Array, z: Float64Array): Steps<void> {
    const [x, size] = [this.#x, this.#size]
    for (let i = 0; i < this.#rows; i++) {
      let sum = 0
      for (let k = 0; k < size; k++) sum += x[i * size + k]! * w[k]!
      z[i] = sum
    }
    yield
  }

  *sum(r: Float64Array): Steps<Float64Array> {
    const [x, size] = [this.#x, this.#size]
    const sums = new Float64Array(size)
    for (let i = 0; i < this.#rows; i++) for (let k = 0; k < size; k++) sums[k]! += r[i]! * x[i * size + k]!
    yield
    return sums
  }

  *gram(q: Float64Array, out: Float64Array): Steps<void> {
    const size = this.#size
    out.fill(0)
    this.#grams(this.#rows, size, this.#x, 1, q, out)
    for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) out[i * size + j] = out[j * size + i]!
    yield
  }

  dispose(): void {}
}
