import { describe, expect, test } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import { kernelInfo, Matrix, Workspace } from '../../src/kernel/index.ts'
import { columnMoments, transformOf } from '../../src/models/columns.ts'
import { LinearData, logisticLoss } from '../../src/models/linear-data.ts'
import { LinearObjective } from '../../src/models/linear-objective.ts'
import { centerClasses, fromOriginalOutputs, toOriginalOutputs } from '../../src/models/softmax-columns.ts'
import { SoftmaxObjective } from '../../src/models/softmax-objective.ts'
import { lbfgs, newton } from '../../src/optim/index.ts'
import { softmaxObjective } from '../reference/softmax-optimum.ts'
import { sample, sampleOfClasses, targets } from './sample.ts'

const COLS = 5
const K = 3
const { X: near, y } = sampleOfClasses(K, 300, COLS, 3)
// A column far from 0 (stored shifted), one of another scale, a constant one.
const X = near.map((x) => [x[0]!, x[1]! + 5e4, x[2]! * 100, x[3]!, 0.3])
const codes = Int32Array.from(y, (label) => 'abc'.indexOf(label))
const weights = Float64Array.from(y, (_, i) => [1, 0.5, 2, 0][i % 4]!)
const both = [true, false]

const cases = both.flatMap((standardize) =>
  both.flatMap((fitIntercept) =>
    [0, 0.3].flatMap((l2) =>
      both.flatMap((weighted) =>
        (standardize ? [undefined] : [undefined, 2 * l2]).map((ridge) => ({
          standardize,
          fitIntercept,
          l2,
          weighted,
          ridge,
        })),
      ),
    ),
  ),
)
type Case = (typeof cases)[number]

interface Tools {
  readonly params: Float64Array
  /** Steps of the same effect in every direction, whatever the scale of the column. */
  readonly steps: Float64Array
  /** F in float64, from coefficients in original units. */
  exact(params: Float64Array): number
  back(params: Float64Array): Float64Array
}

/** Builds the objective, hands it over with a point away from the optimum, frees everything. */
function withObjective(options: Case, use: (objective: SoftmaxObjective, tools: Tools) => void): void {
  const sampleWeight = options.weighted ? weights : undefined
  using matrix = Matrix.from(X)
  using work = new Workspace(matrix.slabs.memory)
  const { shift } = matrix
  const transform = transformOf(runSync(columnMoments(matrix, sampleWeight)), shift, options)
  const data = new LinearData(work, matrix, codes, sampleWeight)
  const objective = new SoftmaxObjective(K, data, transform, options, work)
  const problem = { X, codes, k: K, ...options, ...(sampleWeight && { sampleWeight }) }
  const steps = Float64Array.from({ length: objective.size }, (_, i) =>
    i < K * COLS && !options.standardize && !options.ridge ? 1 / [3, 3, 300, 3, 1][i % COLS]! : 1,
  )
  const params = steps.map((step, i) => {
    const constant = options.standardize && i < K * COLS && i % COLS === 4
    return constant ? 0 : step * [0.4, -0.3, 0.2, 0.1, 0.6, -0.5, 0.25][i % 7]!
  })
  use(objective, {
    params,
    steps,
    exact: (at) => softmaxObjective(problem, toOriginalOutputs(at, K, transform, shift)),
    back: (at) => fromOriginalOutputs(toOriginalOutputs(at, K, transform, shift), transform, shift),
  })
}

function evaluate(objective: SoftmaxObjective | LinearObjective, params: Float64Array) {
  const grad = new Float64Array(objective.size)
  return { loss: runSync(objective.evaluate(params, grad)), grad }
}

/** The derivatives of f along axis i by four points: exact for polynomials of degree 4. */
function differences(at: Float64Array, i: number, h: number, f: (params: Float64Array) => ArrayLike<number>): number[] {
  const [a, b, c, d] = [-2, -1, 1, 2].map((t) => f(at.map((v, j) => (j === i ? v + t * h : v))))
  return Array.from(a!, (_, j) => (8 * (c![j]! - b![j]!) - (d![j]! - a![j]!)) / (12 * h))
}

describe.each(cases)('objective with %o', (options) => {
  test('value and gradient are those of the formula in float64', () => {
    withObjective(options, (objective, { params, steps, exact }) => {
      const { loss, grad } = evaluate(objective, params)
      const expected = exact(params)
      expect(Math.abs(loss - expected)).toBeLessThan(1e-6 * expected)
      for (let i = 0; i < objective.size; i++) {
        const [slope] = differences(params, i, 1e-2 * steps[i]!, (p) => [exact(p)])
        expect(Math.abs(grad[i]! - slope!) * steps[i]!).toBeLessThan(1e-6)
      }
    })
  })

  test('the Hessian is the two-sided difference of the gradient, but for the direction that all classes share', () => {
    withObjective(options, (objective, { params, steps }) => {
      const { size } = objective
      const hessian = new Float64Array(size * size)
      runSync(objective.hessian(params, hessian))
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) expect(hessian[i * size + j]).toBeCloseTo(hessian[j * size + i]!, 12)
      }
      // Along directions that sum to 0 over the classes it is the Hessian of F.
      for (const [from, to] of [
        [0, 1],
        [1, 2],
        [2, 0],
      ] as const) {
        for (let j = 0; j < size / K; j++) {
          const place = (c: number) => (j < COLS ? c * COLS + j : K * COLS + c)
          const [a, b] = [place(from), place(to)]
          const move = (t: number) => params.map((v, i) => v + (i === a ? t : i === b ? -t : 0) * steps[a]!)
          const h = 0.05
          const [g1, g2, g3, g4] = [-2, -1, 1, 2].map((t) => evaluate(objective, move(t * h)).grad)
          for (let i = 0; i < size; i++) {
            const slope = (8 * (g3![i]! - g2![i]!) - (g4![i]! - g1![i]!)) / (12 * h)
            const ours = (hessian[i * size + a]! - hessian[i * size + b]!) * steps[a]!
            // The rows of a constant column, standardised to 0, are those of the unit matrix.
            const unit = options.standardize && j === 4 ? (i === a ? 1 : i === b ? -1 : 0) : 0
            expect(Math.abs(ours - slope - unit) * steps[i]!).toBeLessThan(1e-5)
          }
        }
      }
    })
  })

  test('parameters go to original units and back', () => {
    withObjective(options, (_, { params, back }) => {
      const whole = Float64Array.of(...params, ...(options.fitIntercept ? [] : [0, 0, 0]))
      back(whole).forEach((v, i) => {
        expect(v).toBeCloseTo(whole[i]!, 9)
      })
    })
  })
})

test('of two classes it is the binary objective: twice the coefficients, half the penalty', () => {
  const { X: rows, y: labels } = sample(300, 4)
  using matrix = Matrix.from(rows)
  using work = new Workspace(matrix.slabs.memory)
  const transform = transformOf(runSync(columnMoments(matrix)), matrix.shift, { standardize: true, fitIntercept: true })
  const data = new LinearData(work, matrix, targets(labels), undefined)
  const softmax = new SoftmaxObjective(2, data, transform, { l2: 0.02, fitIntercept: true }, work)
  const binary = new LinearObjective(logisticLoss, data, transform, { l2: 0.01, fitIntercept: true })
  const one = Float64Array.of(0.3, -0.2, 0.5, 0.1, -0.4)
  const half = Array.from(one, (v) => v / 2)
  const two = Float64Array.of(...half.slice(0, 4).map((v) => -v), ...half.slice(0, 4), -half[4]!, half[4]!)
  expect(evaluate(softmax, two).loss).toBeCloseTo(evaluate(binary, one).loss, 6)
  const best = runSync(newton(binary, new Float64Array(5))).w
  for (const solver of [newton, lbfgs]) {
    const { w, loss } = runSync(solver(softmax, new Float64Array(10)))
    const centered = centerClasses(w, 2, 4)
    best.forEach((v, j) => {
      expect(2 * centered[j < 4 ? 4 + j : 9]!).toBeCloseTo(v, 4)
    })
    expect(loss).toBeCloseTo(evaluate(binary, best).loss, 6)
  }
})

test('everything is given back', () => {
  const before = kernelInfo().liveBytes
  withObjective(cases[0]!, (objective) => {
    const steps = objective.hessian(new Float64Array(objective.size), new Float64Array(objective.size ** 2))
    steps.next()
    steps.return()
  })
  expect(kernelInfo().liveBytes).toBe(before)
})
