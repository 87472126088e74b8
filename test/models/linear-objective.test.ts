import { describe, expect, test } from 'vitest'
import { runSync, type Steps } from '../../src/core/steps.ts'
import { kernelInfo, Matrix, Workspace } from '../../src/kernel/index.ts'
import { columnMoments, fromOriginal, toOriginal, transformOf } from '../../src/models/columns.ts'
import { LinearData, logisticLoss } from '../../src/models/linear-data.ts'
import { LinearObjective } from '../../src/models/linear-objective.ts'
import { logisticObjective } from '../reference/logistic-optimum.ts'
import { sample, targets } from './sample.ts'

const COLS = 5
const { X: near, y } = sample(300, COLS, 3)
// A column far from 0 (stored shifted), one of another scale, a constant one.
const X = near.map((x) => [x[0]!, x[1]! + 5e4, x[2]! * 100, x[3]!, 0.3])
const t = targets(y)
const weights = Float64Array.from(t, (_, i) => [1, 0.5, 2, 0][i % 4]!)
const both = [true, false]

const cases = both.flatMap((standardize) =>
  both.flatMap((fitIntercept) =>
    [0, 0.3].flatMap((l2) =>
      both.flatMap((weighted) =>
        (standardize ? [undefined] : [undefined, 4 * l2]).map((ridge) => ({
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

/** Builds the objective, hands it over, frees everything. */
function withObjective(options: Case, use: (objective: LinearObjective, tools: Tools) => void): void {
  const sampleWeight = options.weighted ? weights : undefined
  using matrix = Matrix.from(X)
  using work = new Workspace(matrix.slabs.memory)
  const transform = transformOf(runSync(columnMoments(matrix, sampleWeight)), matrix.shift, options)
  const data = new LinearData(work, matrix, t, sampleWeight)
  const objective = new LinearObjective(logisticLoss, data, transform, options)
  const problem = { X, t, ...options, ...(sampleWeight && { sampleWeight }) }
  use(objective, {
    // Steps of the same effect in every direction, whatever the scale of the column.
    steps: Float64Array.from({ length: objective.size }, (_, k) => {
      const square = k < COLS && !options.standardize && !options.ridge ? [3, 3, 300, 3, 1][k]! : 1
      return 1 / square
    }),
    exact(params) {
      const { coef, intercept } = toOriginal(params, transform, matrix.shift)
      return logisticObjective(problem, coef, intercept)
    },
    back: (params) => fromOriginal(toOriginal(params, transform, matrix.shift), transform, matrix.shift),
  })
}

interface Tools {
  steps: Float64Array
  /** F in float64, from coefficients in original units. */
  exact(params: Float64Array): number
  back(params: Float64Array): Float64Array
}

function evaluate(objective: LinearObjective, params: Float64Array) {
  const grad = new Float64Array(objective.size)
  return { loss: runSync(objective.evaluate(params, grad)), grad }
}

/** The derivatives of f along axis k by four points: exact for polynomials of degree 4. */
function differences(at: Float64Array, k: number, h: number, f: (params: Float64Array) => ArrayLike<number>): number[] {
  const [a, b, c, d] = [-2, -1, 1, 2].map((t) => f(at.map((v, j) => (j === k ? v + t * h : v))))
  return Array.from(a!, (_, j) => (8 * (c![j]! - b![j]!) - (d![j]! - a![j]!)) / (12 * h))
}

/** A point away from the optimum, of logits around 0. A constant column that is standardised has no parameter to vary. */
function somewhere(size: number, steps: Float64Array, { standardize }: Case): Float64Array {
  return Float64Array.from(
    { length: size },
    (_, k) => [0.4, -0.3, 0.2, 0.1, standardize ? 0 : 0.6, -0.5][k]! * steps[k]!,
  )
}

describe.each(cases)('objective with %o', (options) => {
  test('its value is the formula of the documentation in float64', () => {
    withObjective(options, (objective, { steps, exact }) => {
      const params = somewhere(objective.size, steps, options)
      const expected = exact(params)
      expect(Math.abs(evaluate(objective, params).loss - expected)).toBeLessThan(1e-6 * expected)
    })
  })

  test('its gradient is the two-sided difference of that formula', () => {
    withObjective(options, (objective, { steps, exact }) => {
      const params = somewhere(objective.size, steps, options)
      const { grad } = evaluate(objective, params)
      for (let k = 0; k < objective.size; k++) {
        const [expected] = differences(params, k, 1e-2 * steps[k]!, (p) => [exact(p)])
        expect(Math.abs(grad[k]! - expected!) * steps[k]!).toBeLessThan(1e-6)
      }
    })
  })

  test('its Hessian is the two-sided difference of its gradient, symmetric', () => {
    withObjective(options, (objective, { steps }) => {
      const { size } = objective
      const params = somewhere(size, steps, options)
      const hessian = new Float64Array(size * size)
      runSync(objective.hessian(params, hessian))
      for (let i = 0; i < size; i++) {
        const expected = differences(params, i, 0.05 * steps[i]!, (p) => evaluate(objective, p).grad)
        for (let j = 0; j < size; j++) {
          // The row of a constant column, standardised to 0, is that of the unit matrix: it must not be singular.
          const extra = options.standardize && i === 4 && j === 4 ? 1 : 0
          expect(Math.abs(hessian[i * size + j]! - expected[j]! - extra) * steps[i]! * steps[j]!).toBeLessThan(1e-5)
          expect(hessian[i * size + j]).toBe(hessian[j * size + i])
        }
      }
    })
  })

  test('parameters go to original units and back', () => {
    withObjective(options, (objective, { steps, back }) => {
      const params = somewhere(COLS + 1, Float64Array.of(...steps, 1), options)
      if (!options.fitIntercept) params[COLS] = 0
      back(params).forEach((v, k) => {
        expect(v).toBeCloseTo(params[k]!, 9)
      })
      expect(objective.size).toBe(options.fitIntercept ? COLS + 1 : COLS)
    })
  })
})

test('everything is given back', () => {
  const before = kernelInfo().liveBytes
  withObjective(cases[0]!, (objective) => {
    const steps: Steps<void> = objective.hessian(new Float64Array(COLS + 1), new Float64Array((COLS + 1) ** 2))
    steps.next()
    steps.return()
  })
  expect(kernelInfo().liveBytes).toBe(before)
})
