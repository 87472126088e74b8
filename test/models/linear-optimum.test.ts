import { describe, expect, test } from 'vitest'
import { LinearSVC, type LinearSVCOptions, LogisticRegression, RidgeClassifier } from '../../src/models/index.ts'
import golden from '../golden/optimum-breast-cancer.json' with { type: 'json' }
import { penalised } from '../reference/linear-objective.ts'
import { diagnosis, raw, standardised } from './breast-cancer.ts'
import { relative, sample } from './sample.ts'

/** scikit-learn's second class is benign. */
const y = diagnosis.map((label) => label === 'benign')
const signs = y.map((benign) => (benign ? 1 : -1))
const n = y.length

describe('LinearSVC on breast cancer, C = 1, as liblinear has it', () => {
  const best = golden.linear_svc_squared_hinge_C1
  test.each<LinearSVCOptions>([{ solver: 'newton' }, { solver: 'lbfgs' }, {}])('%o', (options) => {
    for (const standardize of [true, false]) {
      const model = new LinearSVC({ ...options, penalizeIntercept: true, standardize })
      model.fitSync(standardize ? raw : standardised, y)
      expect(model.converged).toBe(true)
      expect(relative(n * model.loss, best.objective)).toBeLessThan(1e-6)
      const plain = standardize ? new LinearSVC({ ...options, penalizeIntercept: true, standardize: false }) : model
      plain.fitSync(standardised, y)
      const value = penalised('squaredHinge', standardised, signs, plain.coef, plain.intercept, { l2: 1 / n })
      const ofIntercept = plain.intercept ** 2 / (2 * n)
      expect(relative(n * (value + ofIntercept), best.objective)).toBeLessThan(1e-6)
      plain.coef.forEach((c, k) => {
        expect(Math.abs(c - best.coef[0]![k]!)).toBeLessThan(5e-4)
      })
      expect(Math.abs(plain.intercept - best.intercept[0]!)).toBeLessThan(5e-4)
      expect(plain.score(standardised, y)).toBe(best.accuracy)
    }
  })

  test('an intercept that is free is no worse, and not the same', () => {
    const free = new LinearSVC({ standardize: false }).fitSync(standardised, y)
    const held = new LinearSVC({ standardize: false, penalizeIntercept: true }).fitSync(standardised, y)
    expect(free.loss).toBeLessThan(held.loss)
  })
})

describe('LogisticRegression with l1 on breast cancer, C = 0.1', () => {
  const best = golden.logistic_l1_C0p1
  // |w|_1 + 0.1 * sum of losses is 0.1 n times ours.
  const unit = 0.1 * n
  test.each([{ l1: 1 / unit }, { C: 0.1, l1Ratio: 1 }, { l1: 1 / unit, solver: 'owlqn' as const, l2: 0 }])(
    '%o',
    (options) => {
      const model = new LogisticRegression({ ...options, standardize: false }).fitSync(standardised, y)
      expect(model.solver).toBe('owlqn')
      expect(model.converged).toBe(true)
      expect(relative(unit * model.loss, best.objective)).toBeLessThan(1e-5)
      const { coef, intercept } = model
      const exact = penalised('logistic', standardised, y.map(Number), coef, intercept, { l1: 1 / unit })
      expect(relative(unit * exact, best.objective)).toBeLessThan(1e-5)
      expect([...coef].map((c) => c !== 0)).toEqual(best.coef[0]!.map((c) => c !== 0))
      expect(coef.filter((c) => c !== 0)).toHaveLength(best.nonzero)
      expect(relative(unit * new LogisticRegression(options).fitSync(raw, y).loss, best.objective)).toBeLessThan(1e-5)
    },
  )

  test('a penalty that is large enough leaves the intercept only', () => {
    const model = new LogisticRegression({ l1: 10 }).fitSync(raw, y)
    expect(model.coef.every((c) => c === 0)).toBe(true)
    const share = y.filter(Boolean).length / n
    expect(model.intercept).toBeCloseTo(Math.log(share / (1 - share)), 5)
  })
})

describe('hinge', () => {
  const { X, y: words } = sample(400, 6, 11)
  const t = words.map((word) => (word === 'yes' ? 1 : -1))
  const l2 = 0.02

  const exactly = [
    ['dual', false],
    ['dual', true],
    ['interiorPoint', false],
    ['interiorPoint', true],
  ] as const
  const tolerance = { dual: 1e-7, interiorPoint: 1e-11 }

  test.each(exactly)('by %s: the duality gap closes, penalizeIntercept %o', (solver, penalizeIntercept) => {
    const tol = tolerance[solver]
    const model = new LinearSVC({ loss: 'hinge', solver, l2, standardize: false, penalizeIntercept, tol })
    model.fitSync(X, words)
    expect(model.converged).toBe(true)
    const { coef, intercept } = model
    const primal =
      penalised('hinge', X, t, coef, intercept, { l2 }) + (penalizeIntercept ? (l2 / 2) * intercept ** 2 : 0)
    expect(relative(model.loss, primal)).toBeLessThan(1e-6)
    // Any alpha in [0, 1 / n] bounds the optimum from below; those of rows on their margin are found by least squares on
    // what coef leaves to explain, so the bound is tight only at the optimum.
    const bound = lowerBound(X, t, coef, intercept, l2, penalizeIntercept)
    expect(primal - bound).toBeGreaterThan(-1e-9)
    expect(primal - bound).toBeLessThan(1e-4 * primal)
  })

  test.each(exactly)('by %s: nothing around it is better, penalizeIntercept %o', (solver, penalizeIntercept) => {
    const tol = tolerance[solver]
    const model = new LinearSVC({ loss: 'hinge', solver, l2, standardize: false, penalizeIntercept, tol })
    model.fitSync(X, words)
    const at = (coef: Float64Array, b: number) =>
      penalised('hinge', X, t, coef, b, { l2 }) + (penalizeIntercept ? (l2 / 2) * b * b : 0)
    const { coef, intercept } = model
    const best = at(coef, intercept)
    for (let k = 0; k <= coef.length; k++) {
      for (const step of [1e-2, 1e-3, 1e-4]) {
        for (const sign of [-1, 1]) {
          const moved = coef.map((c, j) => (j === k ? c + sign * step : c))
          expect(at(moved, intercept + (k === coef.length ? sign * step : 0))).toBeGreaterThan(best - 1e-9)
        }
      }
    }
  })

  test.each(['dual', 'interiorPoint'] as const)('by %s with weights is the fit of repeated rows', (solver) => {
    const sampleWeight = X.map((_, i) => i % 3)
    const repeated = X.flatMap((_, i) => Array(i % 3).fill(i) as number[])
    const options = { loss: 'hinge', solver, l2, tol: 1e-8 } as const
    const weighted = new LinearSVC(options).fitSync(X, words, { sampleWeight })
    const plain = new LinearSVC(options).fitSync(repeated.map((i) => X[i]!), repeated.map((i) => words[i]!)) // biome-ignore format: one line
    expect(relative(weighted.loss, plain.loss)).toBeLessThan(1e-7)
    // Rows of weight 0 do not keep it from its end.
    expect([weighted.converged, plain.converged]).toEqual([true, true])
    expect(weighted.nIter).toBeLessThan(2 * plain.nIter)
  })

  test('many rows with a weak penalty: by interior point in some twenty steps, as low as anything gets', () => {
    const many = sample(20_000, 10, 5)
    const model = new LinearSVC({ loss: 'hinge', C: 100 }).fitSync(many.X, many.y)
    expect(model.solver).toBe('interiorPoint')
    expect(model.converged).toBe(true)
    expect(model.nIter).toBeLessThan(50)
    const other = new LinearSVC({ loss: 'hinge', C: 100, solver: 'dual', maxIter: 300 }).fitSync(many.X, many.y)
    expect(model.loss).toBeLessThan(other.loss * (1 + 1e-7))
  })

  test('of classes that can be separated, both find the same border', () => {
    const rows = [[1, 0], [3, 0], [0, 5], [-4, 1], [5, -3], [9, 9]] // biome-ignore format: a table
    const labels = ['no', 'yes', 'no', 'no', 'yes', 'yes']
    const fit = (solver: 'dual' | 'interiorPoint') =>
      new LinearSVC({ loss: 'hinge', solver, C: 100, standardize: false, tol: 1e-10 }).fitSync(rows, labels)
    const [dual, interior] = [fit('dual'), fit('interiorPoint')]
    expect(interior.score(rows, labels)).toBe(1)
    expect(interior.loss).toBeCloseTo(dual.loss, 7)
    interior.coef.forEach((c, k) => {
      expect(c).toBeCloseTo(dual.coef[k]!, 4)
    })
  })

  test('by sgd comes near the same loss', () => {
    const exact = new LinearSVC({ loss: 'hinge', l2 }).fitSync(X, words)
    const sgd = new LinearSVC({ loss: 'hinge', l2, solver: 'sgd', learningRate: 0.01, epochs: 100 }).fitSync(X, words)
    expect(sgd.loss).toBeGreaterThanOrEqual(exact.loss * (1 - 1e-6))
    expect(sgd.loss).toBeLessThan(exact.loss * 1.02)
  })
})

describe('RidgeClassifier', () => {
  const { X, y: words } = sample(300, 6, 5)
  const t = words.map((word) => (word === 'yes' ? 1 : -1))

  test.each(['cholesky', 'lbfgs', 'gd'] as const)('%s solves the normal equations', (solver) => {
    const model = new RidgeClassifier({ solver, C: 0.1, standardize: false, tol: 1e-7, maxIter: 100_000 })
    model.fitSync(X, words)
    expect(model.converged).toBe(true)
    // scikit-learn's alpha = 1 / C: X'(X w + b - t) + alpha w = 0 and sum of residuals 0.
    const alpha = 10
    const residuals = X.map((x, i) => model.intercept + x.reduce((sum, v, k) => sum + v * model.coef[k]!, 0) - t[i]!)
    expect(Math.abs(residuals.reduce((a, b) => a + b))).toBeLessThan(1e-4)
    model.coef.forEach((c, k) => {
      const slope = X.reduce((sum, x, i) => sum + x[k]! * residuals[i]!, 0) + alpha * c
      expect(Math.abs(slope)).toBeLessThan(1e-3)
    })
    const exact = penalised('squaredError', X, t, model.coef, model.intercept, { l2: alpha / X.length })
    expect(relative(model.loss, exact)).toBeLessThan(1e-9)
    if (solver === 'cholesky') expect(model.nIter).toBeLessThanOrEqual(2)
  })

  test('more features than rows, without a penalty: fits what can be fitted', () => {
    const wide = sample(10, 30, 2)
    const model = new RidgeClassifier({ l2: 0 }).fitSync(wide.X, wide.y)
    expect(model.score(wide.X, wide.y)).toBe(1)
    expect(model.loss).toBeLessThan(1e-6)
    expect(model.coef.every(Number.isFinite)).toBe(true)
  })
})

/**
 * The dual's value at an alpha made from the primal solution: 1/n below the margin, 0 above, and on it (to 1e-3) by
 * projected gradient steps on | sum of alpha t x - l2 coef |^2.
 */
function lowerBound(
  X: number[][],
  t: number[],
  coef: Float64Array,
  intercept: number,
  l2: number,
  penalizeIntercept: boolean,
): number {
  const rows = X.map((x, i) => [...x, 1].map((v) => v * t[i]!))
  const w = [...coef, intercept]
  const cap = 1 / X.length
  const margins = rows.map((x) => x.reduce((sum, v, k) => sum + v * w[k]!, 0))
  const alpha = margins.map((m) => (m < 1 - 1e-3 ? cap : m > 1 + 1e-3 ? 0 : cap / 2))
  const target = [...coef].map((c) => l2 * c).concat(penalizeIntercept ? l2 * intercept : 0)
  const free = margins.flatMap((m, i) => (Math.abs(m - 1) <= 1e-3 ? [i] : []))
  const sums = () => target.map((_, k) => rows.reduce((sum, x, i) => sum + alpha[i]! * x[k]!, 0))
  const now = sums()
  for (let pass = 0; pass < 20_000; pass++) {
    for (const i of free) {
      const x = rows[i]!
      const slope = x.reduce((sum, v, k) => sum + v * (now[k]! - target[k]!), 0)
      const next = Math.min(cap, Math.max(0, alpha[i]! - slope / x.reduce((sum, v) => sum + v * v, 0)))
      x.forEach((v, k) => {
        now[k]! += (next - alpha[i]!) * v
      })
      alpha[i] = next
    }
  }
  const squares = now.slice(0, penalizeIntercept ? undefined : -1).reduce((sum, v) => sum + v * v, 0)
  // Of a free intercept sum of alpha t has to be 0.
  if (!penalizeIntercept) expect(Math.abs(now.at(-1)!)).toBeLessThan(1e-6)
  return alpha.reduce((a, b) => a + b) - squares / (2 * l2)
}
