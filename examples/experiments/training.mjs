// What kind of valley a loss makes, and how full-batch descent and mini-batches walk down.
import { gaussians, init, lossGradient, SGDClassifier } from 'lanefit'
import { lines } from './svg.mjs'

await init()

export const LOSSES = ['logistic', 'squaredError', 'squaredErrorLogistic', 'hinge', 'squaredHinge', 'softmax']

/** Numbers from -1 to 1, the same at every run (Park and Miller's generator). */
function numbers(seed) {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return (2 * state) / 2147483647 - 1
  }
}

/** On how many of the segments between two random points the loss at the middle lies above the chord. */
export function aboveChord(loss, { segments = 2000, size = 6 } = {}) {
  const { X, y } = gaussians({ rows: 40, centre: 0.5, seed: 7 })
  const next = numbers(1)
  const k = loss === 'softmax' ? 2 : 1
  const draw = () => Float64Array.from({ length: 3 * k }, () => size * next())
  const value = (p) => {
    const coef = p.subarray(0, 2 * k)
    return lossGradient(loss, X, y, { coef, intercept: k === 1 ? p[2] : p.subarray(2 * k) }).loss
  }
  let above = 0
  for (let i = 0; i < segments; i++) {
    const [a, b] = [draw(), draw()]
    const middle = a.map((v, j) => (v + b[j]) / 2)
    const chord = (value(a) + value(b)) / 2
    if (value(middle) > chord + 1e-9 * (1 + chord)) above++
  }
  return above
}

/** Loss on all rows after every epoch, for batches of several sizes and the same step size; GD makes as many updates as batches of 32. */
export function descents({ rows = 2000, epochs = 20, learningRate = 0.1 } = {}) {
  const { X, y } = gaussians({ rows, centre: 0.75, seed: 8 })
  return [rows, 32, 1].map((batchSize) => {
    const model = new SGDClassifier({
      batchSize,
      epochs: batchSize === rows ? epochs * Math.ceil(rows / 32) : epochs,
      learningRate,
      l2: 0,
      tol: 0,
      optimizer: 'sgd',
    })
    const { history } = model.fitSync(X, y, { validation: { X, y } })
    const updates = Math.ceil(rows / batchSize)
    const path = history.map(({ iteration, validationLoss }) => ({
      epoch: iteration,
      updates: iteration * updates,
      loss: validationLoss,
    }))
    return { batchSize, line: batchSize === rows ? 'all rows (GD)' : `batches of ${batchSize}`, path }
  })
}

export function epochsFigure(runs) {
  const points = runs.flatMap(({ line, path }) =>
    path.slice(0, 20).map(({ epoch, loss }) => ({ x: epoch, y: loss, line })),
  )
  return lines('Descent by epochs', points, { x: 'epoch', y: 'loss on all rows' })
}

export function updatesFigure(runs) {
  const points = runs.flatMap(({ line, path }) => path.map(({ updates, loss }) => ({ x: updates, y: loss, line })))
  return lines('Descent by updates', points, { x: 'updates', y: 'loss on all rows', xLog: true })
}

export function trainingNumbers(runs) {
  const convexity = LOSSES.map((loss) => [`convexity: ${loss}, of 2000 middles above the chord`, aboveChord(loss)])
  const descent = runs.flatMap(({ line, path }) => [
    [`${line}: loss after epoch 1`, path[0].loss],
    [`${line}: loss after epoch 20`, path[19]?.loss],
    [`${line}: loss after epoch 63`, path[62]?.loss],
    [`${line}: loss after epoch ${path.length}`, path.at(-1).loss],
  ])
  return Object.fromEntries([...convexity, ...descent.filter(([, loss]) => loss !== undefined)])
}
