// Two clouds around (-2, -2) and (+2, +2): trained by a loop over lossGradient, judged at every threshold.
import { gaussians, init, LogisticRegression, lossGradient, metrics } from 'lanefit'
import { sigma } from './losses.mjs'
import { byClass, lines } from './svg.mjs'

await init()

/** The whole of training: gradient descent, the gradient by formula. */
export function train(X, y, { steps = 300, learningRate = 0.5, l2 = 0 } = {}) {
  const coef = new Float64Array(X.cols)
  let intercept = 0
  const history = []
  for (let step = 0; step < steps; step++) {
    const at = lossGradient('logistic', X, y, { coef, intercept }, { l2 })
    history.push(at.loss)
    for (let k = 0; k < coef.length; k++) coef[k] -= learningRate * at.coef[k]
    intercept -= learningRate * at.intercept
  }
  return { coef, intercept, history }
}

/** z of every row. */
export function logits(X, { coef, intercept }) {
  const row = new Float64Array(X.cols)
  return Float64Array.from({ length: X.rows }, (_, i) => {
    X.row(i, row)
    return row.reduce((sum, x, k) => sum + x * coef[k], intercept)
  })
}

const toProba = (z) => 1 / (1 + Math.exp(-z))

export function balanced() {
  const data = gaussians({ rows: 1000, seed: 1 })
  const fresh = gaussians({ rows: 400_000, seed: 2 })
  const model = train(data.X, data.y)
  const proba = logits(fresh.X, model).map(toProba)
  const curve = metrics.errorAgainstThreshold(fresh.y, proba)
  const half = metrics.errorRate(fresh.y, proba, { threshold: 0.5 })
  const least = curve.error.reduce((a, b) => Math.min(a, b))
  const leastAt = curve.thresholds[curve.error.indexOf(least)]
  return { data, model, curve, half, least, leastAt }
}

/**
 * Clouds nearer to each other, one row in twenty positive. A row missed costs what ten false alarms do, so that the best
 * threshold is 1 / 11, and costs are what 0.5 is wrong for. It is chosen on other rows than it is judged on.
 */
export function imbalanced() {
  const made = (seed) => gaussians({ rows: 40_000, centre: 0.75, balance: 0.05, seed })
  const [data, validation, test] = [made(3), made(4), made(5)]
  const cost = [
    [0, 1],
    [10, 0],
  ]
  const model = new LogisticRegression({ l2: 0 }).fitSync(data.X, data.y)
  const scores = (part) => model.predictProba(part.X).of(1)
  const { threshold } = metrics.bestThreshold(validation.y, scores(validation), { metric: 'cost', cost })
  const proba = scores(test)
  const at = (limit) => {
    const { matrix } = metrics.confusionMatrix(test.y, proba, { threshold: limit })
    const [[, falseAlarms], [missed, hits]] = matrix
    return { cost: (falseAlarms + 10 * missed) / test.X.rows, recall: hits / (hits + missed) }
  }
  return { threshold, half: at(0.5), best: at(threshold), at }
}

export function planeFigure({ data, model }) {
  const [a, b] = model.coef
  const rows = Array.from({ length: 400 }, (_, i) => {
    const [x, y] = data.X.row(i)
    return { x, y, class: data.y[i] }
  })
  const step = 0.25
  const grid = []
  for (let x = -5; x < 5; x += step) {
    for (let y = -5; y < 5; y += step) {
      const z = a * (x + step / 2) + b * (y + step / 2) + model.intercept
      grid.push({ x, x2: x + step, y, y2: y + step, p: Math.round(1000 * sigma(z)) / 1000 })
    }
  }
  const border = [-5, 5].map((x) => ({ x, y: -(a * x + model.intercept) / b }))
  const at = (field, title) => ({ field, type: 'quantitative', title, scale: { domain: [-5, 5] } })
  const place = { x: at('x', 'x0'), y: at('y', 'x1') }
  return {
    title: 'Predicted probability and decision line',
    width: 360,
    height: 360,
    layer: [
      {
        data: { values: grid },
        mark: { type: 'rect', opacity: 0.6 },
        encoding: {
          ...place,
          x2: { field: 'x2' },
          y2: { field: 'y2' },
          color: {
            field: 'p',
            type: 'quantitative',
            title: 'p of class 1',
            scale: { scheme: 'blueorange', reverse: true },
          },
        },
      },
      { data: { values: border }, mark: { type: 'line', color: 'black', clip: true }, encoding: place },
      {
        data: { values: rows },
        mark: { type: 'point', size: 24, filled: true, opacity: 1, stroke: 'white', strokeWidth: 0.4, clip: true },
        encoding: { ...place, ...byClass('class') },
      },
    ],
    resolve: { scale: { color: 'independent' } },
  }
}

export function thresholdFigure({ curve }) {
  // Far more rows lie near 0 and 1 than between: the same number of points for each stretch of the axis.
  const points = Array.from({ length: 199 }, (_, i) => (i + 1) / 200).map((x) => {
    const i = curve.thresholds.findIndex((t) => t >= x)
    return { x, y: curve.error[i], line: 'error on 400,000 fresh rows' }
  })
  const bayes = [0, 1].map((x) => ({ x, y: BAYES, line: 'Bayes error Φ(-2√2)' }))
  return lines('Error against threshold', [...points, ...bayes], { x: 'threshold', y: 'error', yLog: true })
}

export function costFigure({ at }) {
  const points = Array.from({ length: 99 }, (_, i) => (i + 1) / 100).map((x) => ({ x, y: at(x).cost, line: 'cost' }))
  return lines('One positive in twenty, a miss costs ten', points, { x: 'threshold', y: 'mean cost of a row' })
}

/** Φ(-2√2). */
export const BAYES = 0.0023388674905

export function gaussianNumbers(even, uneven) {
  return {
    'two Gaussians: Bayes error': BAYES,
    'two Gaussians: error at threshold 0.5': even.half,
    'two Gaussians: least error at any threshold': even.least,
    'two Gaussians: threshold of least error': even.leastAt,
    'imbalanced: threshold of least cost': uneven.threshold,
    'imbalanced: cost at 0.5': uneven.half.cost,
    'imbalanced: cost at that threshold': uneven.best.cost,
    'imbalanced: recall at 0.5': uneven.half.recall,
    'imbalanced: recall at that threshold': uneven.best.recall,
  }
}
