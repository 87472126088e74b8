import { runSync } from '../../src/core/steps.ts'
import { Matrix, type MatrixLike } from '../../src/kernel/index.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import { lbfgs, type Objective } from '../../src/optim/index.ts'
import * as plain from '../baselines/plain.ts'
import * as tuned from '../baselines/tuned.ts'
import { AnswerError } from '../check.ts'
import { type BenchData, logisticData } from '../data.ts'
import type { FitShape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'

/** How far from the least loss a fit may end, relative to it. */
const GAP = 1e-6
/** The largest gradient element that stops all of them; it leaves a gap of some 1e-8 on these data. */
const TOL = 1e-5

/** A fit by L-BFGS: lanefit's from labels to coefficients, and the same solver on JavaScript loops. */
export function fitWorkload({ rows, cols, resident }: FitShape): Workload {
  return {
    name: `fit ${rows}x${cols}${resident ? '' : ' from typed array'}`,
    prepare: () => prepare(logisticData(rows, cols), resident),
  }
}

function prepare(data: BenchData, resident: boolean): Prepared {
  const { rows, cols } = data
  const l2 = 1 / rows
  const dense = { data: data.X, rows, cols }
  const X: MatrixLike = resident ? Matrix.from(dense) : dense

  const model = new LogisticRegression({ solver: 'lbfgs', standardize: false, l2, tol: TOL })
  const solve = (gradient: typeof plain.logisticGradient, tol: number): Float64Array =>
    runSync(lbfgs(objectiveOf(data, l2, gradient), new Float64Array(cols + 1), { tol })).w
  const w: Record<string, Float64Array> = {}
  const contenders: Contender[] = [
    { name: 'lanefit', run: () => void model.fitSync(X, data.y), answer: () => [...model.coef, model.intercept] },
    {
      name: 'plain',
      run: () => {
        w.plain = solve(plain.logisticGradient, TOL)
      },
      answer: () => w.plain!,
    },
    {
      name: 'tuned',
      run: () => {
        w.tuned = solve(tuned.logisticGradient, TOL)
      },
      answer: () => w.tuned!,
    },
  ]
  const least = exactLoss(data, l2, solve(plain.logisticGradient, 1e-10))
  return {
    contenders,
    check: ({ name, answer }) => {
      const gap = exactLoss(data, l2, answer()) / least - 1
      // A loss below the least one would mean that the least one is wrong.
      if (!(gap <= GAP && gap >= -1e-9)) {
        throw new AnswerError(`fit ${rows}x${cols}, ${name}: ends ${gap} above the least loss ${least}, at most ${GAP}`)
      }
    },
    dispose: () => {
      if (X instanceof Matrix) X.dispose()
    },
  }
}

/** F(w) = mean loss + l2/2 |w|^2, with the intercept free, on JavaScript loops. */
function objectiveOf({ rows, cols, X, y }: BenchData, l2: number, gradient: typeof plain.logisticGradient): Objective {
  return {
    size: cols + 1,
    evaluate(w, grad) {
      let value = gradient(rows, cols, X, y, w, grad) / rows
      for (let k = 0; k <= cols; k++) grad[k]! /= rows
      for (let k = 0; k < cols; k++) {
        value += (l2 / 2) * w[k]! * w[k]!
        grad[k]! += l2 * w[k]!
      }
      return value
    },
  }
}

/** F(w) in float64, by other code than what is timed. */
function exactLoss({ rows, cols, X, y }: BenchData, l2: number, w: ArrayLike<number>): number {
  let loss = 0
  for (let i = 0; i < rows; i++) {
    const z = X.subarray(i * cols, (i + 1) * cols).reduce((sum, value, k) => sum + value * w[k]!, w[cols]!)
    loss += Math.log1p(Math.exp(y[i] === 1 ? -z : z))
  }
  let square = 0
  for (let k = 0; k < cols; k++) square += w[k]! ** 2
  return loss / rows + (l2 / 2) * square
}
