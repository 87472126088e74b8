import { Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import * as plain from '../baselines/plain.ts'
import * as tuned from '../baselines/tuned.ts'
import { checkAnswer } from '../check.ts'
import { type BenchData, blocksOf, logisticData } from '../data.ts'
import type { Shape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'

/** Probabilities of both classes for every row of a resident matrix. */
export function predictProbaWorkload({ rows, cols }: Shape): Workload {
  return {
    name: `predictProba ${rows}x${cols}`,
    flops: 2 * rows * cols,
    prepare: () => prepareMany(logisticData(rows, cols)),
  }
}

/** The same into an array that is there already. */
export function predictIntoWorkload({ rows, cols }: Shape): Workload {
  const name = `predictProba into a given array ${rows}x${cols}`
  return {
    name,
    flops: 2 * rows * cols,
    prepare: () => prepareMany(logisticData(rows, cols), new Float32Array(2 * rows)),
  }
}

/** Probability of the likelier class for one row that is a plain array. */
export function predictOneWorkload({ cols }: Pick<Shape, 'cols'>): Workload {
  return { name: `predictOne ${cols}`, flops: 2 * cols, prepare: () => prepareOne(logisticData(MANY_ROWS, cols)) }
}

const MANY_ROWS = 2_000

/** A model fitted on the first rows, and its coefficients and intercept. */
function fittedOn({ X, y, rows, cols }: BenchData): { model: LogisticRegression<number>; w: Float64Array } {
  const some = Math.min(MANY_ROWS, rows)
  const head = { data: X.subarray(0, some * cols), rows: some, cols }
  const model = new LogisticRegression<number>().fitSync(head, y.subarray(0, some))
  return { model, w: Float64Array.of(...model.coef, model.intercept) }
}

/** Probability of class 1, in float64. */
function exact({ X, cols }: BenchData, i: number, w: Float64Array): number {
  const row = X.subarray(i * cols, (i + 1) * cols)
  return 1 / (1 + Math.exp(-row.reduce((sum, value, k) => sum + value * w[k]!, w[cols]!)))
}

function prepareMany(data: BenchData, out?: Float32Array): Prepared {
  const { rows, cols } = data
  const { model, w } = fittedOn(data)
  const X = Matrix.from({ data: data.X, rows, cols })
  const proba: Record<string, Float32Array> = {}
  const contender = (name: Contender['name'], predict: () => Float32Array): Contender => ({
    name,
    run: () => {
      proba[name] = predict()
    },
    answer: () => proba[name] as Float32Array,
  })
  const contenders = [
    contender('lanefit', () => model.predictProba(X, out && { out }).data),
    contender('plain', () => plain.predictProba(rows, cols, data.X, w)),
    contender('tuned', () => tuned.predictProba(rows, cols, data.X, w)),
  ].slice(0, out ? 1 : 3)
  const expected = new Float64Array(rows * 2)
  for (let i = 0; i < rows; i++) {
    expected[2 * i + 1] = exact(data, i, w)
    expected[2 * i] = 1 - expected[2 * i + 1]!
  }
  return {
    contenders,
    blocks: blocksOf(X),
    check: ({ name, answer }) => checkAnswer(`predictProba ${rows}x${cols}, ${name}`, answer(), expected, 2e-6),
    dispose: () => X.dispose(),
  }
}

function prepareOne(data: BenchData): Prepared {
  const { cols } = data
  const { model, w } = fittedOn(data)
  // A service sees another row every time, and its code calls nothing else at that place.
  const rows = Array.from({ length: 64 }, (_, i) => Array.from(data.X.subarray(i * cols, (i + 1) * cols)))
  const answers = { lanefit: new Float64Array(rows.length), plain: new Float64Array(rows.length) }
  const contenders: Contender[] = [
    {
      name: 'lanefit',
      run: () => {
        for (let i = 0; i < rows.length; i++) answers.lanefit[i] = model.predictOne(rows[i]!).proba
      },
      answer: () => answers.lanefit,
    },
    {
      name: 'plain',
      run: () => {
        for (let i = 0; i < rows.length; i++) {
          const p = plain.predictOne(rows[i]!, w)
          answers.plain[i] = Math.max(p, 1 - p)
        }
      },
      answer: () => answers.plain,
    },
  ]
  const expected = Float64Array.from(rows, (_, i) => {
    const p = exact(data, i, w)
    return Math.max(p, 1 - p)
  })
  return {
    contenders,
    pieces: rows.length,
    check: ({ name, answer }) => checkAnswer(`predictOne ${cols}, ${name}`, answer(), expected, 1e-9),
    dispose: () => {},
  }
}
