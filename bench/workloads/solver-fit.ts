import { runSync } from '../../src/core/steps.ts'
import { Matrix } from '../../src/kernel/index.ts'
import { LogisticRegression } from '../../src/models/index.ts'
import { lbfgs, newton, type SolverResult } from '../../src/optim/index.ts'
import { JsObjective, LOOPS, moments } from '../baselines/objective.ts'
import { AnswerError } from '../check.ts'
import { type BenchData, classData } from '../data.ts'
import type { SolverShape } from '../shapes.ts'
import type { Contender, Prepared, Workload } from '../workload.ts'

/** How far from the least loss a fit may end, relative to it. */
const GAP = 1e-6
/** The largest gradient element that stops lbfgs, everybody's alike. */
const TOL = 1e-5
/** Newton's steps on correlated columns whose scales are three powers of ten apart. */
const MOST_NEWTON_STEPS = 10

const SOLVERS = { newton, lbfgs }

/** Who minds correlated columns little, and who is fast on others. */
const baselineSolver = (solver: SolverShape['solver'], isHard: boolean) =>
  solver === 'auto' ? (isHard ? 'newton' : 'lbfgs') : solver

/** A fit with the defaults but for the solver, from a matrix in kernel memory; the baselines have the same solver, if it is one. */
export function solverFitWorkload({ rows, cols, classes, solver, scales }: SolverShape): Workload {
  const what = classes > 2 ? `softmax fit ${rows}x${cols}, ${classes} classes` : `fit ${rows}x${cols}`
  return {
    name: `${scales > 1 ? `ill-conditioned ${what}` : what}, ${solver}`,
    prepare: () => prepare(classData(rows, cols, classes, scales), classes, solver, scales > 1),
  }
}

function prepare(data: BenchData, classes: number, solver: SolverShape['solver'], isHard: boolean): Prepared {
  const { rows, cols } = data
  const l2 = 1 / rows
  const X = Matrix.from({ data: data.X, rows, cols })
  const ofBaselines = baselineSolver(solver, isHard)
  const tol = ofBaselines === 'lbfgs' ? { tol: TOL } : {}

  const model = new LogisticRegression<number>({ solver, l2, ...(solver === 'lbfgs' ? tol : {}) })
  const results = new Map<string, { w: Float64Array; nIter: number }>()
  const baseline = (name: keyof typeof LOOPS): Contender => ({
    name,
    run: () => {
      const objective = new JsObjective(data, classes, l2, LOOPS[name])
      const start = new Float64Array(objective.size)
      const { w, nIter }: SolverResult = runSync(SOLVERS[ofBaselines](objective, start, tol))
      results.set(name, { w: objective.original(w), nIter })
    },
    answer: () => results.get(name)!.w,
    steps: () => results.get(name)!.nIter,
  })
  const contenders: Contender[] = [
    {
      name: 'lanefit',
      run: () => void model.fitSync(X, data.y),
      answer: () => {
        const { coef, intercepts } = model
        return Array.from(intercepts, (b, c) => [...coef.slice(c * cols, (c + 1) * cols), b]).flat()
      },
      steps: () => model.nIter,
    },
    baseline('plain'),
    baseline('tuned'),
  ]
  const exact = new JsObjective(data, classes, l2, LOOPS.plain)
  const least = exactLoss(data, classes, l2, exact.original(runSync(newton(exact, new Float64Array(exact.size))).w))
  const check = ({ name, answer, steps }: Contender) => {
    const gap = exactLoss(data, classes, l2, answer()) / least - 1
    // A loss below the least one would mean that the least one is wrong.
    if (!(gap <= GAP && gap >= -1e-9)) {
      throw new AnswerError(`${solver}, ${name}: ends ${gap} above the least loss ${least}, at most ${GAP}`)
    }
    if (name === 'lanefit' && solver === 'auto' && model.solver !== 'sampledNewton') {
      throw new AnswerError(`${solver}, ${name}: 'auto' is ${model.solver}, it should be sampledNewton`)
    }
    if (isHard && solver === 'newton' && !(steps!() <= MOST_NEWTON_STEPS)) {
      throw new AnswerError(`${solver}, ${name}: ${steps!()} steps, at most ${MOST_NEWTON_STEPS}`)
    }
  }
  return { contenders, check, dispose: () => X.dispose() }
}

/** F in original units, in float64, by other code than what is timed. */
function exactLoss(data: BenchData, classes: number, l2: number, w: ArrayLike<number>): number {
  const { rows, cols, X, y } = data
  const [, deviation] = moments(data)
  const outputs = classes > 2 ? classes : 1
  let loss = 0
  for (let i = 0; i < rows; i++) {
    const x = X.subarray(i * cols, (i + 1) * cols)
    const z = Array.from({ length: outputs }, (_, c) =>
      x.reduce((sum, value, j) => sum + value * w[c * (cols + 1) + j]!, w[c * (cols + 1) + cols]!),
    )
    // Two classes are a softmax of 0 and z.
    const all = outputs === 1 ? [0, z[0]!] : z
    const top = Math.max(...all)
    loss += Math.log(all.reduce((sum, zc) => sum + Math.exp(zc - top), 0)) + top - all[y[i]!]!
  }
  let square = 0
  for (let c = 0; c < outputs; c++) {
    for (let j = 0; j < cols; j++) square += (w[c * (cols + 1) + j]! * deviation[j]!) ** 2
  }
  return loss / rows + (l2 / 2) * square
}
