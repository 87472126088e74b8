/** Logistic and softmax regression to the optimum by TensorFlow.js. */
import { createRequire } from 'node:module'
import { Capped, gapOf } from './shared.mjs'
import { begin } from './tfjs-backend.mjs'

const { matMul, mul, sigmoid, sub, sum, tidy, transpose, variable, ...tf } = createRequire(import.meta.url)(
  '@tensorflow/tfjs',
)

/** It has first-order optimisers only: momentum 0.9 on all rows, or Adam where columns differ in scale. */
export async function fit(spec, data, variant) {
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
