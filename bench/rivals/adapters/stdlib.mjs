/** @stdlib/ml-incr-binary-classification (ml-incr-sgd-classification is its old name): SGD, a row at a time. Float64. */
import { createRequire } from 'node:module'
import { Capped, gapOf } from './shared.mjs'

const require = createRequire(import.meta.url)
const incrBinaryClassification = require('@stdlib/ml-incr-binary-classification')
const ndarray = require('@stdlib/ndarray-ctor')

function rowsOf({ rows, cols }, values) {
  const data = Float64Array.from(values)
  return Array.from({ length: rows }, (_, i) => new ndarray('float64', data, [cols], [1], i * cols, 'row-major'))
}

const coefficients = (model, cols) => {
  const at = model()
  return Array.from({ length: cols + 1 }, (_, k) => at.get(k))
}

/** Epochs over rows in the order of `index`. */
function train(model, rows, y, index, epochs) {
  for (let epoch = 0; epoch < epochs; epoch++) for (const i of index) model(rows[i], y[i] === 1 ? 1 : -1)
}

/** There is no way to give it coefficients, but a first step from 0 by this row and step size ends right there. */
function loaded({ cols }, w) {
  const [weights, b] = [w.slice(0, cols), w[cols]]
  const model = incrBinaryClassification(cols, { loss: 'log', lambda: 0, learningRate: ['constant', 2 * Math.abs(b)] })
  model(
    rowsOf(
      { rows: 1, cols },
      weights.map((weight) => weight / b),
    )[0],
    Math.sign(b),
  )
  return model
}

export default {
  async epoch(spec, data) {
    const { Random } = await import(data.baselines)
    const rows = rowsOf(spec, data.X)
    const index = new Random(1).shuffle(Uint32Array.from({ length: spec.rows }, (_, i) => i))
    let model
    const run = (epochs) => {
      model = incrBinaryClassification(spec.cols, {
        learningRate: ['constant', spec.rate],
        lambda: spec.l2,
        loss: 'log',
      })
      train(model, rows, data.y, index, epochs)
    }
    return { run, answer: () => coefficients(model, spec.cols), note: 'one order of rows' }
  },

  async fit(spec, data) {
    const rows = rowsOf(spec, data.X)
    const index = Uint32Array.from({ length: spec.rows }, (_, i) => i)
    const begin = performance.now()
    const model = incrBinaryClassification(spec.cols, {
      learningRate: ['invscaling', 0.1, 0.6],
      lambda: spec.l2,
      loss: 'log',
    })
    for (let epochs = 1; ; epochs++) {
      train(model, rows, data.y, index, 1)
      const spent = performance.now() - begin
      if (spent < spec.capMs / 2) continue
      const gap = gapOf(spec, data, coefficients(model, spec.cols))
      throw new Capped(spent, `${gap.toExponential(0)} above the optimum after ${epochs} epochs`)
    }
  },

  one(spec, data) {
    const rows = rowsOf(spec, data.X)
    const model = loaded(spec, data.w)
    const p = new Float64Array(spec.rows)
    const run = () => {
      for (let i = 0; i < spec.rows; i++) p[i] = model.predict(rows[i], 'probability').get()
    }
    return { run, answer: () => p }
  },

  predict(spec, data) {
    const X = new ndarray('float64', Float64Array.from(data.X), [spec.rows, spec.cols], [spec.cols, 1], 0, 'row-major')
    const model = loaded(spec, data.w)
    let proba
    const run = () => {
      proba = model.predict(X, 'probability')
    }
    return { run, answer: () => Array.from({ length: spec.rows }, (_, i) => proba.get(i)) }
  },

  cold(spec, data) {
    return loaded(spec, data.w)
      .predict(rowsOf({ rows: 1, cols: spec.cols }, data.X.subarray(0, spec.cols))[0], 'probability')
      .get()
  },
}
