/**
 * Mini-batch SGD of a network with one hidden layer (ReLU) and one output (sigmoid cross-entropy), by plain loops and by
 * the best hand-tuned ones. params: [W1 (cols x width), b1, w2 (width), b2], float64 as in plain.ts.
 */
export class NetworkEpoch {
  readonly #cols: number
  readonly #width: number
  readonly #grads: Float64Array
  readonly #a: Float64Array
  readonly #delta: Float64Array

  constructor(cols: number, width: number) {
    this.#cols = cols
    this.#width = width
    this.#grads = new Float64Array((cols + 2) * width + 1)
    this.#a = new Float64Array(4 * width)
    this.#delta = new Float64Array(4 * width)
  }

  plain(X: Float32Array, y: Float32Array, index: Uint32Array, batchSize: number, params: Float64Array, rate: number) {
    const [cols, width, g, a] = [this.#cols, this.#width, this.#grads, this.#a]
    const b1 = cols * width
    const w2 = b1 + width
    const b2 = w2 + width
    for (let begin = 0; begin < index.length; begin += batchSize) {
      const end = Math.min(index.length, begin + batchSize)
      g.fill(0)
      for (let i = begin; i < end; i++) {
        const row = index[i]! * cols
        for (let j = 0; j < width; j++) a[j] = params[b1 + j]!
        for (let k = 0; k < cols; k++) {
          const x = X[row + k]!
          const w = k * width
          for (let j = 0; j < width; j++) a[j]! += x * params[w + j]!
        }
        let z = params[b2]!
        for (let j = 0; j < width; j++) {
          a[j] = Math.max(0, a[j]!)
          z += a[j]! * params[w2 + j]!
        }
        const r = 1 / (1 + Math.exp(-z)) - y[index[i]!]!
        g[b2]! += r
        for (let j = 0; j < width; j++) {
          g[w2 + j]! += r * a[j]!
          a[j] = a[j]! > 0 ? r * params[w2 + j]! : 0
          g[b1 + j]! += a[j]!
        }
        for (let k = 0; k < cols; k++) {
          const x = X[row + k]!
          const w = k * width
          for (let j = 0; j < width; j++) g[w + j]! += x * a[j]!
        }
      }
      const step = rate / (end - begin)
      for (let k = 0; k <= b2; k++) params[k]! -= step * g[k]!
    }
  }

  /** Four rows at a time: a weight is loaded, and a gradient stored, once for four. */
  tuned(X: Float32Array, y: Float32Array, index: Uint32Array, batchSize: number, params: Float64Array, rate: number) {
    const [cols, width, g] = [this.#cols, this.#width, this.#grads]
    const b2 = (cols + 2) * width
    for (let begin = 0; begin < index.length; begin += batchSize) {
      const end = Math.min(index.length, begin + batchSize)
      g.fill(0)
      for (let i = begin; i < end; i += 4) this.#four(X, y, index, i, Math.min(4, end - i), params)
      const step = rate / (end - begin)
      for (let k = 0; k <= b2; k++) params[k]! -= step * g[k]!
    }
  }

  #four(X: Float32Array, y: Float32Array, index: Uint32Array, i: number, here: number, params: Float64Array): void {
    const [cols, width, g, a, delta] = [this.#cols, this.#width, this.#grads, this.#a, this.#delta]
    const b1 = cols * width
    const w2 = b1 + width
    const b2 = w2 + width
    const [n1, n2, n3] = [width, 2 * width, 3 * width]
    const p0 = index[i]! * cols
    const p1 = here > 1 ? index[i + 1]! * cols : p0
    const p2 = here > 2 ? index[i + 2]! * cols : p0
    const p3 = here > 3 ? index[i + 3]! * cols : p0
    for (let j = 0; j < width; j++) a[j] = a[n1 + j] = a[n2 + j] = a[n3 + j] = params[b1 + j]!
    for (let k = 0; k < cols; k++) {
      const [x0, x1, x2, x3] = [X[p0 + k]!, X[p1 + k]!, X[p2 + k]!, X[p3 + k]!]
      const at = k * width
      for (let j = 0; j < width; j++) {
        const w = params[at + j]!
        a[j]! += x0 * w
        a[n1 + j]! += x1 * w
        a[n2 + j]! += x2 * w
        a[n3 + j]! += x3 * w
      }
    }
    for (let q = 0; q < 4; q++) {
      const from = q * width
      let z = params[b2]!
      for (let j = 0; j < width; j++) z += Math.max(0, a[from + j]!) * params[w2 + j]!
      const r = q < here ? 1 / (1 + Math.exp(-z)) - y[index[i + q]!]! : 0
      g[b2]! += r
      for (let j = 0; j < width; j++) {
        const out = a[from + j]!
        const d = out > 0 ? r * params[w2 + j]! : 0
        g[w2 + j]! += r * Math.max(0, out)
        g[b1 + j]! += d
        delta[from + j] = d
      }
    }
    for (let k = 0; k < cols; k++) {
      const [x0, x1, x2, x3] = [X[p0 + k]!, X[p1 + k]!, X[p2 + k]!, X[p3 + k]!]
      const at = k * width
      for (let j = 0; j < width; j++) {
        g[at + j]! += x0 * delta[j]! + x1 * delta[n1 + j]! + (x2 * delta[n2 + j]! + x3 * delta[n3 + j]!)
      }
    }
  }
}
