/**
 * brain.js 1.6: one row at a time, squared error, one activation for all layers; so sigmoid, as its documentation does.
 * (Its WebGL side needs a native module and is left out: installed without scripts.)
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { NeuralNetwork } = require('brain.js')

export default {
  network({ cols, width, judged }, data) {
    const all = Array.from(data.y, (label, i) => ({
      input: data.X.subarray(i * cols, (i + 1) * cols),
      output: [label],
    }))
    let network
    const run = (iterations) => {
      network = new NeuralNetwork({ hiddenLayers: [width], activation: 'sigmoid' })
      network.train(all, { iterations, errorThresh: 1e-12, learningRate: 0.01, momentum: 1e-12 })
    }
    const answer = () => all.slice(0, judged).map(({ input }) => network.run(input)[0])
    return { run, answer, note: 'batch 1, sigmoid units, squared error' }
  },

  /** A network without hidden units would be the model that the others have; it is loaded as its toJSON() saves one. */
  one({ rows, cols }, data) {
    const list = data.rows()
    const network = new NeuralNetwork({ activation: 'sigmoid' }).fromJSON(json(cols, data.w))
    const p = new Float64Array(rows)
    const run = () => {
      for (let i = 0; i < rows; i++) p[i] = network.run(list[i])[0]
    }
    return { run, answer: () => p }
  },

  cold({ cols }, data) {
    return new NeuralNetwork({ activation: 'sigmoid' }).fromJSON(json(cols, data.w)).run(data.X.subarray(0, cols))[0]
  },
}

function json(cols, w) {
  const made = new NeuralNetwork({ hiddenLayers: [], activation: 'sigmoid' })
  made.sizes = [cols, 1]
  made.initialize()
  made.biases[1][0] = w[cols]
  for (let k = 0; k < cols; k++) made.weights[1][0][k] = w[k]
  return made.toJSON()
}
