/**
 * ml-logistic-regression: gradient descent on all rows by the sum of their gradients, no penalty, no intercept (a column
 * of ones is one). It trains a model for each class; of two classes the second is the first mirrored.
 */
import { createRequire } from 'node:module'
import { Capped, gapOf } from './shared.mjs'

const require = createRequire(import.meta.url)
const { Matrix } = require('ml-matrix')
const LogisticRegression = require('ml-logistic-regression')

function withOnes(rows, cols, data) {
  const X = Matrix.ones(rows, cols + 1)
  for (let i = 0; i < rows; i++) for (let k = 0; k < cols; k++) X.set(i, k, data[i * cols + k])
  return X
}

/** Its classifier of class 0 says how likely the other one is. */
const weightsOf = (model) => model.classifiers[0].weights.to1DArray()

function loaded(w) {
  const classifiers = [{ weights: Matrix.rowVector([...w]) }]
  return LogisticRegression.load({ name: 'LogisticRegression', numberClasses: 1, classifiers }).classifiers[0]
}

function descent({ rows, cols }, { X: data, y: labels }) {
  const [X, y] = [withOnes(rows, cols, data), Matrix.columnVector(labels)]
  return (numSteps, rate) => {
    const model = new LogisticRegression({ numSteps, learningRate: rate / rows })
    model.train(X, y)
    return weightsOf(model)
  }
}

export default {
  gradient(spec, data) {
    const train = descent(spec, data)
    let w
    const run = (steps) => {
      w = train(steps, spec.rate)
    }
    return { run, answer: () => w, note: 'trains both classes' }
  },

  /** Its only way to a better answer is more steps; the penalty it lacks is worth less than what it is judged by. */
  fit(spec, data) {
    const train = descent(spec, data)
    const begin = performance.now()
    let [w, gap] = [undefined, Number.POSITIVE_INFINITY]
    let run
    for (let steps = 8; !(gap <= spec.gap); steps *= 2) {
      const spent = performance.now() - begin
      if (spent > spec.capMs / 2) {
        throw new Capped(spent, `${gap.toExponential(0)} above the optimum after ${steps / 2} steps`)
      }
      run = () => {
        w = train(steps, spec.rate)
      }
      run()
      gap = gapOf(spec, data, w)
    }
    return { run, answer: () => w }
  },

  predict({ rows, cols }, { X: data, w }) {
    const [X, model] = [withOnes(rows, cols, data), loaded(w)]
    let proba
    const run = () => {
      proba = model.testScores(X)
    }
    return { run, answer: () => proba }
  },

  one({ rows }, data) {
    const list = data.rows()
    const model = loaded(data.w)
    const p = new Float64Array(rows)
    const run = () => {
      for (let i = 0; i < rows; i++) p[i] = model.testScores(Matrix.rowVector([...list[i], 1]))[0]
    }
    return { run, answer: () => p }
  },

  cold({ cols }, data) {
    return loaded(data.w).testScores(withOnes(1, cols, data.X))[0]
  },
}
