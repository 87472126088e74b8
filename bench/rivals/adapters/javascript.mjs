/** JavaScript on typed arrays, the same algorithms: plain loops, and the best hand-tuned ones (bench/baselines). */
import { cheapest } from './shared.mjs'

export default {
  async gradient({ rows, cols, rate }, { X, y, baselines }, variant) {
    const { logisticGradient } = (await import(baselines))[variant]
    const [w, grad] = [new Float64Array(cols + 1), new Float64Array(cols + 1)]
    const run = (steps) => {
      w.fill(0)
      for (let step = 0; step < steps; step++) {
        logisticGradient(rows, cols, X, y, w, grad)
        for (let k = 0; k <= cols; k++) w[k] -= (rate / rows) * grad[k]
      }
    }
    return { run, answer: () => w }
  },

  async epoch({ rows, cols, batchSize, rate, l2 }, { X, y, baselines }, variant) {
    const made = await import(baselines)
    const { sgdEpoch } = made[variant]
    const w = new Float64Array(cols + 1)
    const residuals = new Float64Array(batchSize)
    const random = new made.Random(1)
    const index = Uint32Array.from({ length: rows }, (_, i) => i)
    const run = (epochs) => {
      w.fill(0)
      for (let epoch = 0; epoch < epochs; epoch++) {
        sgdEpoch(rows, cols, batchSize, X, y, random.shuffle(index), w, residuals, rate, l2)
      }
    }
    return { run, answer: () => w }
  },

  async network({ rows, cols, width, batchSize, rate, judged }, { X, y, baselines }, variant) {
    const made = await import(baselines)
    const loops = new made.NetworkEpoch(cols, width)
    const start = made.initialNetwork(cols, width)
    const params = new Float64Array(start.length)
    const random = new made.Random(1)
    const index = Uint32Array.from({ length: rows }, (_, i) => i)
    const run = (epochs) => {
      params.set(start)
      for (let epoch = 0; epoch < epochs; epoch++) loops[variant](X, y, random.shuffle(index), batchSize, params, rate)
    }
    return { run, answer: () => made.networkProba(judged, cols, width, X, params) }
  },

  async predict({ rows, cols }, { X, w, baselines }, variant) {
    const { predictProba } = (await import(baselines))[variant]
    let proba
    const run = () => {
      proba = predictProba(rows, cols, X, w)
    }
    return { run, answer: () => proba.filter((_, i) => i % 2) }
  },

  async one({ rows }, data) {
    const { X, w, baselines } = data
    const { predictOne } = (await import(baselines)).plain
    const list = X && data.rows()
    const p = new Float64Array(rows)
    const run = () => {
      for (let i = 0; i < rows; i++) p[i] = predictOne(list[i], w)
    }
    return { run, answer: () => p }
  },

  fit,
  softmax: fit,

  async gemm({ size }, { A, B, baselines }, variant) {
    const made = (await import(baselines))[variant]
    const C = new Float32Array(size * size)
    const product = variant === 'tuned' && new made.Gemm(size)
    const run = () => (product ? product.run(A, B, C) : made.gemm(size, A, B, C))
    return { run, answer: () => C }
  },

  async cold(_spec, data) {
    const { plain } = await import(data.baselines)
    return plain.predictOne(data.rows(1)[0], data.w)
  },
}

async function fit(spec, data, variant) {
  const { solve } = await import(data.baselines)
  const at = (tol) => solve(variant, spec, data, tol)
  const tol = await cheapest(spec, data, [1e-3, 1e-4, 1e-5, 1e-6, 1e-7], at)
  let w
  const run = () => {
    w = at(tol)
  }
  return { run, answer: () => w, note: 'L-BFGS' }
}
