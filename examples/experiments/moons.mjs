// Two moons: no line parts them, a hidden layer does; its size and the step size are chosen on validation rows.
import { init, LogisticRegression, Matrix, MLPClassifier, moons, trainTestSplit } from 'lanefit'
import { byClass } from './svg.mjs'

await init()

const SIZES = [2, 4, 8, 16, 32]
const STEPS = [0.001, 0.003, 0.01, 0.03]

/** 70 % to learn from, 15 % to choose by, 15 % to judge by at the very end. */
export function tune({ rows = 2000, epochs = 40 } = {}) {
  const { train, validation, test } = trainTestSplit(moons({ rows, noise: 0.2, seed: 1 }), {
    validation: 0.15,
    test: 0.15,
    stratify: true,
    seed: 1,
  })
  const tried = SIZES.flatMap((hidden) =>
    STEPS.map((learningRate) => {
      const model = new MLPClassifier({ hiddenSizes: [hidden], learningRate, epochs, seed: 1 }).fitSync(
        train.X,
        train.y,
      )
      return { hidden, learningRate, model, accuracy: model.score(validation.X, validation.y) }
    }),
  )
  const best = tried.reduce((a, b) => (b.accuracy > a.accuracy ? b : a))
  const line = new LogisticRegression().fitSync(train.X, train.y)
  return { tried, best, train, test: best.model.score(test.X, test.y), line: line.score(test.X, test.y) }
}

export function tuningFigure({ tried }) {
  const axis = (field, title) => ({ field, type: 'ordinal', title })
  return {
    title: 'Accuracy on the validation rows',
    data: { values: tried.map(({ hidden, learningRate, accuracy }) => ({ hidden, learningRate, accuracy })) },
    encoding: { x: axis('learningRate', 'step size'), y: axis('hidden', 'hidden units') },
    layer: [
      {
        mark: { type: 'rect', opacity: 0.6 },
        encoding: { color: { field: 'accuracy', type: 'quantitative', scale: { scheme: 'blues' } } },
      },
      { mark: { type: 'text', color: 'black' }, encoding: { text: { field: 'accuracy', format: '.3f' } } },
    ],
  }
}

export function moonsFigure({ best, train }) {
  const step = 0.1
  const cells = []
  for (let x = -2; x < 3 - 1e-9; x += step) for (let y = -1.5; y < 2 - 1e-9; y += step) cells.push([x, y])
  const middles = Matrix.from(cells.map(([x, y]) => [x + step / 2, y + step / 2]))
  const p = best.model.predictProba(middles).of(1)
  const grid = cells.map(([x, y], i) => ({ x, x2: x + step, y, y2: y + step, p: Math.round(1000 * p[i]) / 1000 }))
  const rows = Array.from({ length: 400 }, (_, i) => {
    const [x, y] = train.X.row(i)
    return { x, y, class: train.y[i] }
  })
  const at = (field, domain) => ({ field, type: 'quantitative', title: field === 'x' ? 'x0' : 'x1', scale: { domain } })
  const place = { x: at('x', [-2, 3]), y: at('y', [-1.5, 2]) }
  const scale = { scheme: 'blueorange', reverse: true }
  return {
    title: 'Two moons by a network',
    layer: [
      {
        data: { values: grid },
        mark: { type: 'rect', opacity: 0.6 },
        encoding: {
          ...place,
          x2: { field: 'x2' },
          y2: { field: 'y2' },
          color: { field: 'p', type: 'quantitative', title: 'p of class 1', scale },
        },
      },
      {
        data: { values: rows },
        mark: { type: 'point', size: 24, filled: true, opacity: 1, stroke: 'white', strokeWidth: 0.4, clip: true },
        encoding: { ...place, ...byClass('class') },
      },
    ],
    resolve: { scale: { color: 'independent' } },
  }
}

export function moonsNumbers({ best, test, line }) {
  return {
    'two moons: hidden units chosen': best.hidden,
    'two moons: step size chosen': best.learningRate,
    'two moons: accuracy on validation': best.accuracy,
    'two moons: accuracy on test': test,
    'two moons: accuracy of a line on test': line,
  }
}
