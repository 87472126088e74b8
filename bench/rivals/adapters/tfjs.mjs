/**
 * TensorFlow.js without its layers: tensors and their operations, gradients by formula. Variants: cpu, wasm, threads
 * (wasm with threads, which its authors switch off in Node).
 */
import { createRequire } from 'node:module'
import { Capped, gapOf } from './shared.mjs'
import { begin } from './tfjs-backend.mjs'

const { gather, matMul, mean, mul, sigmoid, slice, sub, sum, tidy, transpose, variable, ...tf } = createRequire(
  import.meta.url,
)('@tensorflow/tfjs')

const assign = (target, value) => {
  target.assign(value)
  value.dispose()
}

const parameters = (cols, k = 1) => ({ w: variable(tf.zeros([cols, k])), b: variable(tf.zeros([1, k])) })
const answerOf = ({ w, b }) => [...w.dataSync(), ...b.dataSync()]
const reset = ({ w, b }) => {
  assign(w, tf.zerosLike(w))
  assign(b, tf.zerosLike(b))
}

export default {
  async gradient({ rows, cols, rate }, data, variant) {
    await begin(variant)
    const [X, y] = [tf.tensor2d(data.X, [rows, cols]), tf.tensor2d(data.y, [rows, 1])]
    const p = parameters(cols)
    const run = (steps) => {
      reset(p)
      for (let step = 0; step < steps; step++) {
        const [w, b] = tidy(() => {
          const r = sub(sigmoid(matMul(X, p.w).add(p.b)), y)
          return [sub(p.w, mul(matMul(X, r, true), rate / rows)), sub(p.b, mul(mean(r), rate))]
        })
        assign(p.w, w)
        assign(p.b, b)
      }
      p.w.dataSync()
    }
    return { run, answer: () => answerOf(p) }
  },

  async epoch({ rows, cols, batchSize, rate, l2 }, data, variant) {
    await begin(variant)
    const [X, y] = [tf.tensor2d(data.X, [rows, cols]), tf.tensor2d(data.y, [rows, 1])]
    const p = parameters(cols)
    const run = (epochs) => {
      reset(p)
      for (let epoch = 0; epoch < epochs; epoch++) {
        const order = tf.tensor1d(Int32Array.from(tf.util.createShuffledIndices(rows)), 'int32')
        const [Xs, ys] = [gather(X, order), gather(y, order)]
        for (let i = 0; i < rows; i += batchSize) {
          const m = Math.min(batchSize, rows - i)
          const [w, b] = tidy(() => {
            const x = slice(Xs, [i, 0], [m, cols])
            const r = sub(sigmoid(matMul(x, p.w).add(p.b)), slice(ys, [i, 0], [m, 1]))
            return [sub(mul(p.w, 1 - rate * l2), mul(matMul(x, r, true), rate / m)), sub(p.b, mul(mean(r), rate))]
          })
          assign(p.w, w)
          assign(p.b, b)
        }
        tf.dispose([order, Xs, ys])
      }
      p.w.dataSync()
    }
    return { run, answer: () => answerOf(p) }
  },

  async predict({ rows, cols }, data, variant) {
    await begin(variant)
    const X = tf.tensor2d(data.X, [rows, cols])
    const [w, b] = [tf.tensor2d(data.w.slice(0, cols), [cols, 1]), tf.scalar(data.w[cols])]
    let proba
    const run = () => {
      proba = tidy(() => sigmoid(matMul(X, w).add(b)).dataSync())
    }
    return { run, answer: () => proba }
  },

  async one({ rows, cols }, data, variant) {
    await begin(variant)
    const list = data.rows()
    const [w, b] = [tf.tensor2d(data.w.slice(0, cols), [cols, 1]), tf.scalar(data.w[cols])]
    const p = new Float64Array(rows)
    const run = () => {
      for (let i = 0; i < rows; i++) {
        p[i] = tidy(() => sigmoid(matMul(tf.tensor2d(list[i], [1, cols]), w).add(b)).dataSync()[0])
      }
    }
    return { run, answer: () => p }
  },

  fit,
  softmax: fit,

  async gemm({ size }, { A, B }, variant) {
    await begin(variant)
    const [a, b] = [tf.tensor2d(A, [size, size]), tf.tensor2d(B, [size, size])]
    let c
    const run = () => {
      c?.dispose()
      c = matMul(a, b)
      // The cpu backend computes at once, and so does wasm: nothing has to be fetched.
    }
    return { run, answer: () => c.dataSync() }
  },

  async cold({ cols }, data, variant) {
    await begin(variant)
    const w = tf.tensor2d(data.w.slice(0, cols), [cols, 1])
    return sigmoid(matMul(tf.tensor2d(data.X.slice(0, cols), [1, cols]), w).add(data.w[cols])).dataSync()[0]
  },
}

/** It has first-order optimisers only: momentum 0.9 on all rows, or Adam where columns differ in scale. */
async function fit(spec, data, variant) {
  await begin(variant)
  const { rows, cols, classes = 1, l2, adam } = spec
  const X = tf.tensor2d(data.X, [rows, cols])
  const y = classes === 1 ? tf.tensor2d(data.y, [rows, 1]) : tf.oneHot(tf.tensor1d(data.y, 'int32'), classes)
  let p
  let optimizer
  const start = () => {
    p = { w: variable(tf.zeros([cols, classes])), b: variable(tf.zeros([1, classes])) }
    optimizer = adam ? tf.train.adam(0.1) : tf.train.momentum(1, 0.9)
  }
  const step = () => {
    const grads = tidy(() => {
      const z = matMul(X, p.w).add(p.b)
      const r = sub(classes === 1 ? sigmoid(z) : tf.softmax(z), y).div(rows)
      return { [p.w.name]: matMul(X, r, true).add(mul(p.w, l2)), [p.b.name]: sum(r, 0, true) }
    })
    optimizer.applyGradients(grads)
    tf.dispose(grads)
  }
  const answer = () => {
    const [w, b] = [transpose(p.w).dataSync(), p.b.dataSync()]
    return Array.from({ length: classes }, (_, c) => [...w.slice(c * cols, (c + 1) * cols), b[c]]).flat()
  }
  const note = adam ? 'Adam, all rows, step 0.1' : 'momentum 0.9, all rows, step 1'
  start()
  const begun = performance.now()
  let steps = 0
  for (let gap = 1; !(gap <= spec.gap); steps += 20) {
    if (performance.now() - begun > spec.capMs) {
      throw new Capped(
        performance.now() - begun,
        `${note}: ${gap.toExponential(0)} above the optimum after ${steps} steps`,
      )
    }
    for (let i = 0; i < 20; i++) step()
    gap = gapOf(spec, data, answer())
  }
  const run = () => {
    start()
    for (let i = 0; i < steps; i++) step()
    p.w.dataSync()
  }
  return { run, answer, note: `${note}, ${steps} steps` }
}
