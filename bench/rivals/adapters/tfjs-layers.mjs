/** TensorFlow.js by its layers: model.compile, model.fit. Variants: cpu, wasm, threads. */
import { createRequire } from 'node:module'
import { begin } from './tfjs-backend.mjs'

const tf = createRequire(import.meta.url)('@tensorflow/tfjs')

/** A network of these layers, fitted by mini-batches for n epochs from the same weights. */
function fitting(X, y, { batchSize, rate }, layers) {
  const model = tf.sequential({ layers })
  model.compile({ optimizer: tf.train.sgd(rate), loss: 'binaryCrossentropy' })
  const start = model.getWeights().map((w) => w.clone())
  const run = async (epochs) => {
    model.setWeights(start)
    await model.fit(X, y, { batchSize, epochs, shuffle: true, verbose: 0, yieldEvery: 'never' })
  }
  return { model, run }
}

export default {
  async epoch(spec, data, variant) {
    await begin(variant)
    const { rows, cols, l2 } = spec
    const [X, y] = [tf.tensor2d(data.X, [rows, cols]), tf.tensor2d(data.y, [rows, 1])]
    const { model, run } = fitting(X, y, spec, [
      tf.layers.dense({
        units: 1,
        inputShape: [cols],
        activation: 'sigmoid',
        kernelInitializer: 'zeros',
        kernelRegularizer: tf.regularizers.l2({ l2: l2 / 2 }),
      }),
    ])
    return { run, answer: () => model.getWeights().flatMap((w) => [...w.dataSync()]) }
  },

  async network(spec, data, variant) {
    await begin(variant)
    const { rows, cols, width, judged } = spec
    const [X, y] = [tf.tensor2d(data.X, [rows, cols]), tf.tensor2d(data.y, [rows, 1])]
    const { model, run } = fitting(X, y, spec, [
      tf.layers.dense({ units: width, inputShape: [cols], activation: 'relu', kernelInitializer: 'heNormal' }),
      tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: 'heNormal' }),
    ])
    return { run, answer: () => model.predict(tf.slice(X, [0, 0], [judged, cols])).dataSync() }
  },

  async predict({ rows, cols }, data, variant) {
    await begin(variant)
    const X = tf.tensor2d(data.X, [rows, cols])
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [cols], activation: 'sigmoid' })] })
    model.setWeights([tf.tensor2d(Float32Array.from(data.w.subarray(0, cols)), [cols, 1]), tf.tensor1d([data.w[cols]])])
    let proba
    const run = () => {
      proba = tf.tidy(() => model.predict(X, { batchSize: rows }).dataSync())
    }
    return { run, answer: () => proba }
  },
}
