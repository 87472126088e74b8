/**
 * TensorFlow.js without its layers: tensors and their operations, gradients by formula. Variants: cpu, wasm, threads
 * (wasm with threads, which its authors switch off in Node).
 */
import { createRequire } from 'node:module'
import { begin } from './tfjs-backend.mjs'
import { fit } from './tfjs-fit.mjs'

const { gather, matMul, mean, mul, sigmoid, sub, sum, tidy, transpose, variable, ...tf } = createRequire(
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
        const order = Int32Array.from(tf.util.createShuffledIndices(rows))
        for (let i = 0; i < rows; i += batchSize) {
          const [w, b] = tidy(() => {
            // Gathered batch by batch: to slice, the wasm backend copies the whole tensor.
            const batch = tf.tensor1d(order.subarray(i, i + batchSize), 'int32')
            const x = gather(X, batch)
            const r = sub(sigmoid(matMul(x, p.w).add(p.b)), gather(y, batch))
            const step = rate / batch.size
            return [sub(mul(p.w, 1 - rate * l2), mul(matMul(x, r, true), step)), sub(p.b, mul(sum(r), step))]
          })
          assign(p.w, w)
          assign(p.b, b)
        }
      }
      p.w.dataSync()
    }
    return { run, answer: () => answerOf(p) }
  },

  async network({ rows, cols, width, batchSize, rate, judged }, data, variant) {
    await begin(variant)
    const [X, y] = [tf.tensor2d(data.X, [rows, cols]), tf.tensor2d(data.y, [rows, 1])]
    const logits = (x, { w1, b1, w2, b2 }) => matMul(tf.relu(matMul(x, w1).add(b1)), w2).add(b2)
    const head = tf.slice(X, [0, 0], [judged, cols])
    let p
    const run = (epochs) => {
      if (p) tf.dispose(Object.values(p))
      p = {
        w1: variable(tf.randomNormal([cols, width], 0, Math.sqrt(2 / cols), 'float32', 1)),
        b1: variable(tf.zeros([1, width])),
        w2: variable(tf.randomNormal([width, 1], 0, Math.sqrt(2 / width), 'float32', 2)),
        b2: variable(tf.zeros([1, 1])),
      }
      const optimizer = tf.train.sgd(rate)
      for (let epoch = 0; epoch < epochs; epoch++) {
        const order = Int32Array.from(tf.util.createShuffledIndices(rows))
        for (let i = 0; i < rows; i += batchSize) {
          const batch = tf.tensor1d(order.subarray(i, i + batchSize), 'int32')
          const [x, t] = [gather(X, batch), gather(y, batch)]
          optimizer.minimize(() => tf.losses.sigmoidCrossEntropy(t, logits(x, p)))
          tf.dispose([batch, x, t])
        }
      }
      p.b2.dataSync()
    }
    return { run, answer: () => tidy(() => sigmoid(logits(head, p)).dataSync()) }
  },

  async predict({ rows, cols }, data, variant) {
    await begin(variant)
    const X = tf.tensor2d(data.X, [rows, cols])
    const [w, b] = [tf.tensor2d(Float32Array.from(data.w.subarray(0, cols)), [cols, 1]), tf.scalar(data.w[cols])]
    let proba
    const run = () => {
      proba = tidy(() => sigmoid(matMul(X, w).add(b)).dataSync())
    }
    return { run, answer: () => proba }
  },

  async one({ rows, cols }, data, variant) {
    await begin(variant)
    const list = data.rows()
    const [w, b] = [tf.tensor2d(Float32Array.from(data.w.subarray(0, cols)), [cols, 1]), tf.scalar(data.w[cols])]
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
    const w = tf.tensor2d(Float32Array.from(data.w.subarray(0, cols)), [cols, 1])
    return sigmoid(matMul(tf.tensor2d(data.X.slice(0, cols), [1, cols]), w).add(data.w[cols])).dataSync()[0]
  },
}
