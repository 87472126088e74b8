import { describe, expect, test } from 'vitest'
import { runSync } from '../../src/core/steps.ts'
import { kernelInfo, Matrix, Workspace } from '../../src/kernel/index.ts'
import { columnMoments, penaltyOf, toOriginal, transformOf } from '../../src/models/columns.ts'
import { lossGradient } from '../../src/models/index.ts'
import { LinearData, type LinearLossName, linearLosses, meanLoss, targetsOf } from '../../src/models/linear-data.ts'
import { LinearObjective } from '../../src/models/linear-objective.ts'
import { checkGradient, type ValueAndGradient } from '../../src/optim/index.ts'
import golden from '../golden/gradients.json' with { type: 'json' }
import { penalised, pointwise } from '../reference/linear-objective.ts'
import { relative, sample, targets } from './sample.ts'

const NEAR = 1e-5
const names = Object.keys(linearLosses) as LinearLossName[]
const smooth = names.filter((name) => name !== 'hinge')

/** Within a share of the largest. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, near: number): void {
  expect(actual.length).toBe(expected.length)
  const size = Math.max(...Array.from(expected, Math.abs))
  for (let k = 0; k < expected.length; k++) expect(Math.abs(actual[k]! - expected[k]!)).toBeLessThanOrEqual(near * size)
}

/** Every number within a share of itself: the largest says nothing about the small ones. */
function expectEach(actual: ArrayLike<number>, expected: ArrayLike<number>, near: number): void {
  expect(actual.length).toBe(expected.length)
  for (let k = 0; k < expected.length; k++) expect(relative(actual[k]!, expected[k]!)).toBeLessThan(near)
}

describe("PyTorch's values", () => {
  const { X, y, w, b, expected } = golden
  test.each([
    ['logistic', expected.bce],
    ['squaredErrorLogistic', expected.squared_error_logistic],
    ['squaredError', expected.squared_error_linear],
    ['hinge', expected.hinge],
    ['squaredHinge', expected.squared_hinge],
  ] as const)('%s', (loss, { loss: value, dw, db }) => {
    const got = lossGradient(loss, X, y, { coef: w, intercept: b })
    expect(Math.abs(got.loss - value)).toBeLessThan(NEAR * value)
    expectEach([...got.coef, got.intercept], [...dw, db], NEAR)
  })

  test('softmax, by class numbers and one-hot', () => {
    const { W, B, yClass } = golden
    const { loss, dW, db } = expected.softmax_cross_entropy
    // Theirs is nFeatures x k.
    const turned = (rows: number[][]) => B.flatMap((_, c) => rows.map((row) => row[c]!))
    const hot = yClass.map((code) => B.map((_, c) => (c === code ? 1 : 0)))
    for (const given of [yClass, hot, Int8Array.from(hot.flat()), Uint8Array.from(yClass)]) {
      const got = lossGradient('softmax', X, given, { coef: turned(W), intercept: B })
      expect(Math.abs(got.loss - loss)).toBeLessThan(NEAR * loss)
      expectEach(got.coef, turned(dW), NEAR)
      expectEach(got.intercept, db, NEAR)
    }
  })
})

const { X: near, y: words } = sample(200, 4, 6)
// One column far from 0, which a Matrix stores shifted.
const X = near.map((x) => x.map((v, k) => (k === 2 ? v + 300 : v)))
const t = targets(words)
const signs = t.map((v) => 2 * v - 1)
const sampleWeight = t.map((_, i) => [1, 0.5, 0, 3][i % 4]!)
const coef = [0.4, -0.3, 0.01, 0.2]
const intercept = -2.7

describe.each(names)('%s', (loss) => {
  const isHinge = loss === 'hinge' || loss === 'squaredHinge'

  test('is the formula in float64, with weights and penalty', () => {
    for (const options of [{}, { l2: 0.3 }, { sampleWeight }, { l2: 0.3, sampleWeight }]) {
      const exact = penalised(loss, X, isHinge ? signs : t, coef, intercept, options)
      expect(lossGradient(loss, X, t, { coef, intercept }, options).loss).toBeCloseTo(exact, 9)
    }
  })

  test.each(['central', 'forward'] as const)('its gradient is that of %s differences', (method) => {
    for (const options of [{}, { l2: 0.3 }, { sampleWeight }, { l2: 0.3, sampleWeight }]) {
      const objective: ValueAndGradient = (params, grad) => {
        const point = { coef: params.subarray(0, 4), intercept: params[4]! }
        const at = lossGradient(loss, X, t, point, options)
        grad.set([...at.coef, at.intercept])
        return at.loss
      }
      const near = method === 'central' ? 1e-5 : 1e-4
      expect(checkGradient(objective, [...coef, intercept], { method }).maxError).toBeLessThan(near)
    }
  })

  test('targets -1 and +1 are for hinge losses, what is between 0 and 1 for the others', () => {
    const point = { coef, intercept }
    if (isHinge) expect(lossGradient(loss, X, signs, point)).toEqual(lossGradient(loss, X, t, point))
    else if (loss === 'squaredError') expect(lossGradient(loss, X, signs, point).loss).toBeGreaterThan(0)
    else expect(() => lossGradient(loss, X, signs, point)).toThrow(/y\[\d+\]: expected 0 to 1/)
    const soft = t.map((v) => 0.1 + 0.8 * v)
    if (isHinge) expect(() => lossGradient(loss, X, soft, point)).toThrow(RangeError)
    else expect(lossGradient(loss, X, soft, point).loss).toBeCloseTo(penalised(loss, X, soft, coef, intercept), 7)
  })

  test('is safe from overflow for logits up to 1e30, on both targets', () => {
    for (const z of [1e3, 1e30, -1e3, -1e30]) {
      for (const target of [0, 1]) {
        const at = lossGradient(loss, [[1]], [target], { coef: [z], intercept: 0 })
        const sign = isHinge ? 2 * target - 1 : target
        const [value, slope] = pointwise[loss](z, sign)
        expect(Math.abs(at.loss - value)).toBeLessThanOrEqual(1e-6 * value)
        expect(Math.abs(at.coef[0]! - slope)).toBeLessThanOrEqual(1e-6 * Math.abs(slope))
        expect(at.intercept).toBe(at.coef[0])
      }
    }
  })
})

test('sigmoid - t is within 1e-7 however large z is, alone and behind the sigmoid', () => {
  for (const target of [0, 1]) {
    for (let z = -40; z <= 40; z += 0.25) {
      // 1 - p without cancelling.
      const [p, q] = [1 / (1 + Math.exp(-z)), 1 / (1 + Math.exp(z))]
      const exact = target === 0 ? p : -q
      const point = { coef: [z], intercept: 0 }
      expect(Math.abs(lossGradient('logistic', [[1]], [target], point).coef[0]! - exact)).toBeLessThan(1e-7)
      const behind = lossGradient('squaredErrorLogistic', [[1]], [target], point).coef[0]!
      expect(Math.abs(behind - exact * p * q)).toBeLessThan((1e-7 + 4e-7 * Math.abs(exact)) * p * q)
    }
  }
})

describe('softmax', () => {
  const codes = t.map((v, i) => (i % 3 === 0 ? 2 : v))
  const point = { coef: [0.4, -0.3, 0.01, 0.2, -0.1, 0.2, 0.002, 0, 0.3, 0.1, -0.01, 0.4], intercept: [0.5, -2, 1] }

  test.each(['central', 'forward'] as const)('its gradient is that of %s differences', (method) => {
    for (const options of [{}, { l2: 0.3, sampleWeight }]) {
      const objective: ValueAndGradient = (params, grad) => {
        const parts = { coef: params.subarray(0, 12), intercept: params.subarray(12) }
        const at = lossGradient('softmax', X, codes, parts, options)
        grad.set([...at.coef, ...at.intercept])
        return at.loss
      }
      const { maxError } = checkGradient(objective, [...point.coef, ...point.intercept], { method })
      expect(maxError).toBeLessThan(1e-5)
    }
  })

  test('of two classes is the logistic loss of their difference', () => {
    const two = { coef: [...coef.map((c) => c / 2 - 0.1), ...coef.map((c) => (3 * c) / 2 - 0.1)], intercept: [1, -1.7] }
    const soft = lossGradient('softmax', X, t, two)
    const one = lossGradient('logistic', X, t, { coef, intercept })
    expect(soft.loss).toBeCloseTo(one.loss, 12)
    expectClose(soft.coef.subarray(4), one.coef, NEAR)
    expectClose(soft.coef.subarray(0, 4), one.coef.map((c) => -c), NEAR) // biome-ignore format: one line
  })

  test('is safe from overflow', () => {
    const at = lossGradient('softmax', [[1]], [0], { coef: [-1e30, 1e30, 0], intercept: [0, 0, 0] })
    expect(at.loss).toBeCloseTo(2e30, -24)
    expect([...at.coef]).toEqual([-1, 1, 0])
  })
})

describe.each(smooth)('the objective of training, %s', (name) => {
  const loss = linearLosses[name]
  test.each(
    [true, false].flatMap((standardize) =>
      [true, false].flatMap((penalizeIntercept) => [0, 0.3].map((l2) => ({ standardize, penalizeIntercept, l2 }))),
    ),
  )('has the gradient and Hessian of its differences with %o', ({ standardize, penalizeIntercept, l2 }) => {
    using matrix = Matrix.from(X)
    using work = new Workspace(matrix.slabs.memory)
    const weights = Float64Array.from(sampleWeight)
    const moments = runSync(columnMoments(matrix, weights))
    const ridge = standardize ? undefined : 0.1
    const transform = transformOf(moments, matrix.shift, { standardize, fitIntercept: true, penalizeIntercept, ridge })
    const data = new LinearData(work, matrix, targetsOf(loss, Int32Array.from(t)), weights)
    const objective = new LinearObjective(loss, data, transform, { l2, fitIntercept: true })
    // The kernel's values carry float32 noise: those that are compared are recomputed in float64.
    const exact: ValueAndGradient = (params, grad) => {
      runSync(objective.evaluate(params, grad))
      const value = runSync(meanLoss(loss, data, toOriginal(params, transform, matrix.shift)))
      return value + penaltyOf(params, transform, l2)
    }
    const params = Float64Array.of(0.5, -0.4, 0.1, 0.3, -0.2)
    expect(checkGradient(exact, params).maxError).toBeLessThan(1e-5)

    const hessian = new Float64Array(25)
    runSync(objective.hessian(params, hessian))
    const [up, down] = [new Float64Array(5), new Float64Array(5)]
    for (let i = 0; i < 5; i++) {
      // Squared hinge bends where rows cross their margin: a small step meets few.
      const step = 1e-3
      runSync(objective.evaluate(params.map((p, k) => (k === i ? p + step : p)), up)) // biome-ignore format: one line
      runSync(objective.evaluate(params.map((p, k) => (k === i ? p - step : p)), down)) // biome-ignore format: one line
      for (let j = 0; j < 5; j++) {
        const numeric = (up[j]! - down[j]!) / (2 * step)
        expect(Math.abs(hessian[i * 5 + j]! - numeric)).toBeLessThan(name === 'squaredHinge' ? 0.1 : 2e-3)
      }
    }
  })
})

describe('bad input', () => {
  const point = { coef, intercept }
  const call =
    (...args: unknown[]) =>
    () =>
      (lossGradient as (...args: unknown[]) => unknown)(...args)

  test.each([
    ['an unknown loss', call('log', X, t, point), RangeError, /loss.*logistic/],
    ['no loss', call(undefined, X, t, point), TypeError, /loss/],
    ['too few targets', call('logistic', X, t.slice(1), point), RangeError, /y: .*200.*199/],
    ['too few coefficients', call('logistic', X, t, { coef: [1], intercept }), RangeError, /coef: .*4.*1/],
    ['no intercept', call('logistic', X, t, { coef }), TypeError, /intercept/],
    ['no parameters', call('logistic', X, t, null), TypeError, /coef/],
    ['a penalty below 0', call('logistic', X, t, point, { l2: -1 }), RangeError, /l2/],
    ['an unknown option', call('logistic', X, t, point, { L2: 1 }), TypeError, /L2.*l2/],
    ['weights of 0', call('logistic', X, t, point, { sampleWeight: t.map(() => 0) }), Error, /0/],
    ['one class', call('softmax', X, t, { coef, intercept: [1] }), RangeError, /two classes/],
    ['an unknown class', call('softmax', X, t.map(() => 2), { coef: [...coef, ...coef], intercept: [1, 1] }), RangeError, /y\[0\].*0 to 1/], // biome-ignore format: one line
    ['two ones', call('softmax', X, t.map(() => [1, 1]), { coef: [...coef, ...coef], intercept: [1, 1] }), RangeError, /row 0/], // biome-ignore format: one line
  ] as const)('%s', (_, run, kind, message) => {
    const before = kernelInfo().liveBytes
    expect(run).toThrow(kind)
    expect(run).toThrow(message)
    expect(kernelInfo().liveBytes).toBe(before)
  })

  test('a gradient that float32 cannot hold is said to be one, not handed out', () => {
    const before = kernelInfo().liveBytes
    const large = [[1e30], [-1e30], [1], [0]]
    const at = { coef: [1], intercept: 0 }
    const refused = expect.objectContaining({ code: 'FLOAT32_OVERFLOW', hint: expect.stringMatching(/[Ss]cale/) })
    expect(() => lossGradient('squaredError', large, [0, 1, 0, 1], at)).toThrow(refused)
    expect(() => lossGradient('squaredHinge', large, [0, 1, 0, 1], at)).toThrow(refused)
    // e^-|z| is 0, so the slopes are at most 1 and every sum is finite.
    expect(lossGradient('logistic', large, [0, 1, 0, 1], at).coef[0]).toBeCloseTo(5e29, -24)
    expect(() => lossGradient('logistic', X, t, point, { l2: 1e308, sampleWeight })).not.toThrow()
    expect(() => lossGradient('logistic', X, t, { coef: [1e200, 0, 0, 0], intercept: 0 }, { l2: 1e200 })).toThrow(
      refused,
    )
    expect(() => lossGradient('softmax', [[3e38]], [0], { coef: [-1e10, 1e10], intercept: [0, 0] })).toThrow(refused)
    expect(kernelInfo().liveBytes).toBe(before)
  })

  test('NaN in X is a DataError, and nothing is left behind', () => {
    const before = kernelInfo().liveBytes
    expect(() => lossGradient('logistic', [[Number.NaN]], [1], { coef: [1], intercept: 0 })).toThrow(/row 0, column 0/)
    lossGradient('logistic', X, t, point)
    expect(kernelInfo().liveBytes).toBe(before)
  })
})
