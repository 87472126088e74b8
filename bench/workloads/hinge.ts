import { runSync } from '../../src/core/steps.ts'
import { Matrix, Workspace } from '../../src/kernel/index.ts'
import { columnMoments, toOriginal, transformOf } from '../../src/models/columns.ts'
import { hingeInterior } from '../../src/models/hinge-interior.ts'
import { LinearSVC } from '../../src/models/index.ts'
import { LinearData, linearLosses } from '../../src/models/linear-data.ts'
import type { LinearTask } from '../../src/models/linear-solvers.ts'
import { type Grams, plainGrams, tunedGrams } from '../baselines/grams.ts'
import { JsHingeRows } from '../baselines/hinge-rows.ts'
import { moments } from '../baselines/objective.ts'
import { AnswerError } from '../check.ts'
import { type BenchData, logisticData } from '../data.ts'
import type { HingeShape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'

/** The duality gap at which the interior-point method stops: what LinearSVC takes by default. */
const TOL = 1e-8
/** How far above the least loss it may end, relative to it, by the numbers of another pass in float64. */
const GAP = 1e-7
/** Dual coordinate descent is further above it than this after its passes, or the comparison were unfair to it. */
const DUAL_GAP = 1e-5

/**
 * LinearSVC with the hinge loss and C = 1, by its interior-point method, from a matrix in kernel memory; the same method on
 * JavaScript loops, standardised rows made beforehand; and so many passes of lanefit's dual coordinate descent.
 */
export function hingeWorkload({ rows, cols, passes }: HingeShape): Workload {
  return {
    name: `fit of hinge ${rows}x${cols}`,
    reference: { what: `${passes} passes of dual coordinate descent` },
    prepare: () => prepare(logisticData(rows, cols), passes),
  }
}

function prepare(data: BenchData, passes: number): Prepared {
  const { rows, cols, y } = data
  const X = Matrix.from({ data: data.X, rows, cols })
  const work = new Workspace(X.slabs.memory)
  const targets = y.map((label) => (label === 1 ? 1 : -1))
  const transform = transformOf(runSync(columnMoments(X)), X.shift, { standardize: true, fitIntercept: true })
  const loss = linearLosses.hinge
  const start = new Float64Array(cols + 1)
  const l2 = 1 / rows
  const task: LinearTask = {
    ...{ loss, transform, options: {}, l1: 0, l2, fitIntercept: true, work, start, isWarm: false },
    data: new LinearData(work, X, targets, undefined),
  }
  const fitted = (name: 'lanefit' | 'reference', model: LinearSVC<number>): Contender => ({
    name,
    run: () => void model.fitSync(X, y),
    answer: () => [...model.coef, model.intercept],
    steps: () => model.nIter,
  })
  const results = new Map<Grams, { w: Float64Array; nIter: number }>()
  const baseline = (name: 'plain' | 'tuned', grams: Grams): Contender => {
    const loops = new JsHingeRows(data, grams)
    const never = function* () {
      yield
      return false
    }
    return {
      name,
      run: () => void results.set(grams, runSync(hingeInterior(task, { tol: TOL, maxIter: 100 }, never, loops))),
      answer: () => {
        const { coef, intercept } = toOriginal(results.get(grams)!.w, transform, X.shift)
        return [...coef, intercept]
      },
      steps: () => results.get(grams)!.nIter,
    }
  }
  const contenders = [
    fitted('lanefit', new LinearSVC<number>({ loss: 'hinge' })),
    baseline('plain', plainGrams),
    baseline('tuned', tunedGrams),
    fitted('reference', new LinearSVC<number>({ loss: 'hinge', solver: 'dual', maxIter: passes })),
  ]
  const [, deviation] = moments(data)
  const exact = new LinearSVC<number>({ loss: 'hinge', tol: 1e-12 }).fitSync(X, y)
  const least = exactLoss(data, deviation, l2, [...exact.coef, exact.intercept])
  return {
    contenders,
    check: ({ name, answer }) => {
      const gap = exactLoss(data, deviation, l2, answer()) / least - 1
      const isRight = name === 'reference' ? gap > DUAL_GAP : gap <= GAP && gap >= -1e-11
      if (!isRight) throw new AnswerError(`fit of hinge, ${name}: ends ${gap} above the least loss ${least}`)
    },
    dispose: () => {
      work.dispose()
      X.dispose()
    },
  }
}

/** F in original units, in float64, by other code than what is timed. */
function exactLoss({ rows, cols, X, y }: BenchData, deviation: Float64Array, l2: number, w: ArrayLike<number>): number {
  let loss = 0
  for (let i = 0; i < rows; i++) {
    let z = w[cols]!
    for (let k = 0; k < cols; k++) z += X[i * cols + k]! * w[k]!
    loss += Math.max(0, 1 - (y[i] === 1 ? z : -z))
  }
  let square = 0
  for (let k = 0; k < cols; k++) square += (w[k]! * deviation[k]!) ** 2
  return loss / rows + (l2 / 2) * square
}
