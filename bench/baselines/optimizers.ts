import type { BenchData } from '../data.ts'

/** first: momentum, or Adam's beta 1. */
export interface OptimizerSettings {
  readonly rate: number
  readonly first: number
  readonly second: number
  readonly epsilon: number
}

/** Epochs of mini-batches by momentum or Adam, by plain loops and by the best hand-tuned ones. w is [w (cols), b]. */
export class OptimizerEpoch {
  readonly #data: BenchData
  readonly #batchSize: number
  readonly #index: Uint32Array
  readonly #l2: number
  readonly #settings: OptimizerSettings
  readonly #g: Float64Array
  readonly #m: Float64Array
  readonly #v: Float64Array
  #firstPower = 1
  #secondPower = 1

  constructor(data: BenchData, batchSize: number, index: Uint32Array, l2: number, settings: OptimizerSettings) {
    this.#data = data
    this.#batchSize = batchSize
    this.#index = index
    this.#l2 = l2
    this.#settings = settings
    this.#g = new Float64Array(data.cols + 1)
    this.#m = new Float64Array(data.cols + 1)
    this.#v = new Float64Array(data.cols + 1)
  }

  plain(w: Float64Array, optimizer: 'momentum' | 'adam'): void {
    this.#epoch(w, optimizer, plainGradient)
  }

  tuned(w: Float64Array, optimizer: 'momentum' | 'adam'): void {
    this.#epoch(w, optimizer, tunedGradient)
  }

  #epoch(w: Float64Array, optimizer: 'momentum' | 'adam', gradient: typeof plainGradient): void {
    const [index, g] = [this.#index, this.#g]
    const { cols } = this.#data
    for (const state of [w, this.#m, this.#v]) state.fill(0)
    this.#firstPower = this.#secondPower = 1
    for (let begin = 0; begin < index.length; begin += this.#batchSize) {
      const end = Math.min(index.length, begin + this.#batchSize)
      g.fill(0)
      gradient(this.#data, index, begin, end, w, g)
      const share = 1 / (end - begin)
      for (let k = 0; k < cols; k++) g[k] = g[k]! * share + this.#l2 * w[k]!
      g[cols]! *= share
      if (optimizer === 'adam') this.#adam(w)
      else this.#momentum(w)
    }
  }

  #momentum(w: Float64Array): void {
    const [g, m] = [this.#g, this.#m]
    const { rate, first } = this.#settings
    for (let k = 0; k < w.length; k++) {
      m[k] = first * m[k]! + g[k]!
      w[k]! -= rate * m[k]!
    }
  }

  #adam(w: Float64Array): void {
    const [g, m, v] = [this.#g, this.#m, this.#v]
    const { rate, first, second, epsilon } = this.#settings
    this.#firstPower *= first
    this.#secondPower *= second
    const step = rate / (1 - this.#firstPower)
    const unbiased = 1 / (1 - this.#secondPower)
    for (let k = 0; k < w.length; k++) {
      m[k] = first * m[k]! + (1 - first) * g[k]!
      v[k] = second * v[k]! + (1 - second) * g[k]! * g[k]!
      w[k]! -= (step * m[k]!) / (Math.sqrt(v[k]! * unbiased) + epsilon)
    }
  }
}

/** g += sum over the batch of r [x, 1] */
function plainGradient(
  { cols, X, y }: BenchData,
  index: Uint32Array,
  begin: number,
  end: number,
  w: Float64Array,
  g: Float64Array,
): void {
  for (let i = begin; i < end; i++) {
    const row = index[i]! * cols
    let z = w[cols]!
    for (let k = 0; k < cols; k++) z += X[row + k]! * w[k]!
    const r = 1 / (1 + Math.exp(-z)) - y[index[i]!]!
    for (let k = 0; k < cols; k++) g[k]! += r * X[row + k]!
    g[cols]! += r
  }
}

/** The same four rows at a time. */
function tunedGradient(
  data: BenchData,
  index: Uint32Array,
  begin: number,
  end: number,
  w: Float64Array,
  g: Float64Array,
): void {
  const { cols, X, y } = data
  let i = begin
  for (; i + 4 <= end; i += 4) {
    const [n0, n1, n2, n3] = [index[i]!, index[i + 1]!, index[i + 2]!, index[i + 3]!]
    const [p0, p1, p2, p3] = [n0 * cols, n1 * cols, n2 * cols, n3 * cols]
    let [z0, z1, z2, z3] = [w[cols]!, w[cols]!, w[cols]!, w[cols]!]
    for (let k = 0; k < cols; k++) {
      const wk = w[k]!
      z0 += X[p0 + k]! * wk
      z1 += X[p1 + k]! * wk
      z2 += X[p2 + k]! * wk
      z3 += X[p3 + k]! * wk
    }
    const r0 = 1 / (1 + Math.exp(-z0)) - y[n0]!
    const r1 = 1 / (1 + Math.exp(-z1)) - y[n1]!
    const r2 = 1 / (1 + Math.exp(-z2)) - y[n2]!
    const r3 = 1 / (1 + Math.exp(-z3)) - y[n3]!
    for (let k = 0; k < cols; k++) {
      g[k]! += r0 * X[p0 + k]! + r1 * X[p1 + k]! + (r2 * X[p2 + k]! + r3 * X[p3 + k]!)
    }
    g[cols]! += r0 + r1 + (r2 + r3)
  }
  plainGradient(data, index, i, end, w, g)
}
