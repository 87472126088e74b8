/** ml-matrix: its matrices and products, gradients by formula. Float64, as all of it. */
import { createRequire } from 'node:module'

const { Matrix } = createRequire(import.meta.url)('ml-matrix')

const matrixOf = (rows, cols, data) => Matrix.from1DArray(rows, cols, data)
const probaOf = (z) => 1 / (1 + Math.exp(-z))

export default {
  gradient({ rows, cols, rate }, { X: data, y }) {
    const X = matrixOf(rows, cols, data)
    const transposed = X.transpose()
    const r = Matrix.zeros(rows, 1)
    let [w, b] = [Matrix.zeros(cols, 1), 0]
    const run = (steps) => {
      w = Matrix.zeros(cols, 1)
      b = 0
      for (let step = 0; step < steps; step++) {
        const z = X.mmul(w)
        let sum = 0
        for (let i = 0; i < rows; i++) {
          const residual = probaOf(z.get(i, 0) + b) - y[i]
          r.set(i, 0, residual)
          sum += residual
        }
        w.sub(transposed.mmul(r).mul(rate / rows))
        b -= (rate / rows) * sum
      }
    }
    return { run, answer: () => [...w.to1DArray(), b], note: 'X and its transpose made beforehand' }
  },

  predict({ rows, cols }, { X: data, w }) {
    const X = matrixOf(rows, cols, data)
    const v = matrixOf(cols, 1, w.slice(0, cols))
    let proba
    const run = () => {
      proba = X.mmul(v).to1DArray()
      for (let i = 0; i < rows; i++) proba[i] = probaOf(proba[i] + w[cols])
    }
    return { run, answer: () => proba }
  },

  one({ rows, cols }, data) {
    const list = data.rows()
    const { w } = data
    const v = matrixOf(cols, 1, w.slice(0, cols))
    const p = new Float64Array(rows)
    const run = () => {
      for (let i = 0; i < rows; i++) p[i] = probaOf(Matrix.rowVector(list[i]).mmul(v).get(0, 0) + w[cols])
    }
    return { run, answer: () => p }
  },

  gemm({ size }, { A, B }) {
    const [a, b] = [matrixOf(size, size, A), matrixOf(size, size, B)]
    let c
    const run = () => {
      c = a.mmul(b)
    }
    return { run, answer: () => c.to1DArray() }
  },
}
