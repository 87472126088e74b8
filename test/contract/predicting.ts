import { describe, expect, test } from 'vitest'
import { Matrix, type MatrixLike } from '../../src/kernel/index.ts'
import { type Description, dense, type Estimator, expectNear, expectSame, liveBytes } from './estimator.ts'

/** Predictions are a function of the row: its neighbours, its place and the form it comes in make no difference. */
export function testPredicting({ make, makeData, hasProba, fullBatch }: Description): void {
  const { X, y } = makeData(300)
  const model = make(fullBatch[0])
  model.fitSync(X, y)
  // The same with columns far from 0, which a Matrix stores shifted.
  const farRows = X.map((x) => x.map((v, k) => v + 1e5 * (k % 2)))
  const far = make(fullBatch[0])
  far.fitSync(farRows, y)

  /** Everything predicted of some rows: scores, and probabilities if there are any, as one list. */
  const outputs = (of: Estimator, rows: Parameters<Estimator['predict']>[0]): Float32Array =>
    Float32Array.of(...of.decisionFunction(rows), ...(of.predictProba?.(rows).data ?? []))

  describe.each([
    { rows: 'rows', of: model, all: X },
    { rows: 'rows far from 0', of: far, all: farRows },
  ])('predictions of $rows', ({ of, all }) => {
    test.each([1, 2, 3, 5, 16, 17, 255])('%i rows alone are what they are among all, bit for bit', (n) => {
      const scores = of.decisionFunction(all)
      const labels = of.predict(all)
      for (const begin of [0, 1, 2, 3, 45]) {
        const part = all.slice(begin, begin + n)
        const width = scores.length / all.length
        expectSame(of.decisionFunction(part), scores.slice(begin * width, (begin + n) * width))
        expect(of.predict(part)).toEqual(labels.slice(begin, begin + n))
        if (hasProba) {
          const { data, cols } = of.predictProba!(all)
          expectSame(of.predictProba!(part).data, data.slice(begin * cols, (begin + n) * cols))
        }
      }
    })

    test('rows in another order, or repeated, are what they are, bit for bit', () => {
      const scores = of.decisionFunction(all)
      const order = all.flatMap((_, i) => [(i * 7) % all.length, (i * 11) % all.length])
      expectSame(
        of.decisionFunction(order.map((i) => all[i]!)),
        Float32Array.from(order.flatMap((i) => rowOf(scores, i, all.length))),
      )
    })

    test('number[][], typed rows and Float64Array give the same bits', () => {
      const expected = outputs(of, all)
      expectSame(outputs(of, dense(all, Float64Array)), expected)
      expectSame(outputs(of, all.map((x) => Float64Array.from(x))), expected) // biome-ignore format: one line
      expect(of.predict(dense(all, Float64Array))).toEqual(of.predict(all))
    })

    test('a Matrix gives the same to 1e-6, and its slices give the same bits as the whole', () => {
      using matrix = Matrix.from(all)
      expectNear(outputs(of, matrix), outputs(of, all), 1e-6)
      using slice = matrix.sliceRows(45, 62)
      const whole = of.decisionFunction(matrix)
      const width = whole.length / all.length
      expectSame(of.decisionFunction(slice), whole.slice(45 * width, 62 * width))
    })

    test('predictOne agrees with predict to 1e-6', () => {
      const labels = of.predict(all)
      const proba = hasProba ? of.predictProba!(all) : undefined
      all.forEach((row, i) => {
        for (const form of [row, Float64Array.from(row), Float32Array.from(row)].slice(0, of === far ? 2 : 3)) {
          const one = of.predictOne(form)
          expect(one.label).toBe(labels[i])
          if (proba) expect(Math.abs(one.proba! - proba.of(one.label)[i]!)).toBeLessThan(1e-6)
        }
      })
    })
  })

  test('columns near 0: a Matrix and a Float32Array give the very bits of number[][]', () => {
    using matrix = Matrix.from(X)
    expectSame(outputs(model, matrix), outputs(model, X))
    expectSame(outputs(model, dense(X, Float32Array)), outputs(model, X))
  })

  test('more rows than one pass takes are predicted like any others', () => {
    const many = Array.from({ length: 30 }, () => X).flat()
    const scores = model.decisionFunction(X)
    const { length } = scores
    expectSame(model.decisionFunction(many).slice(29 * length), scores)
    expectSame(model.decisionFunction(dense(many, Float32Array)).slice(14 * length, 15 * length), scores)
    expect(model.predict(many).slice(14 * X.length, 15 * X.length)).toEqual(model.predict(X))
  })

  describe.each([
    { what: 'scores', method: 'decisionFunction', unit: 'outputs' },
    ...(hasProba ? [{ what: 'probabilities', method: 'predictProba', unit: 'classes' }] : []),
  ])('$what', ({ method, unit }) => {
    const run = (rows: MatrixLike, options?: { out?: Float32Array }): Float32Array =>
      method === 'predictProba' ? model.predictProba!(rows, options).data : model.decisionFunction(rows, options)

    test('go into a given array, of any form of X', () => {
      const expected = run(X)
      const all = Float32Array.from({ length: expected.length + 2 }, () => 7)
      const out = all.subarray(1, expected.length + 1)
      using matrix = Matrix.from(X)
      for (const form of [X, matrix, dense(X, Float64Array)]) {
        out.fill(9)
        expect(run(form, { out })).toBe(out)
        expectSame(out, expected)
      }
      expect([all[0], all.at(-1)]).toEqual([7, 7])
    })

    test('go into no array of another kind or length, nor into X', () => {
      const { length } = run(X)
      const sizes = `${X.length} rows x ${length / X.length} ${unit}`
      const detached = new Float32Array(length)
      structuredClone(detached, { transfer: [detached.buffer] })
      for (const out of [0, length - 1, length + 1].map((n) => new Float32Array(n)).concat(detached)) {
        const message = `out: expected ${length} numbers (${sizes}), got ${out.length}`
        expect(() => run(X, { out })).toThrow(new RangeError(message))
      }
      expect(() => run(X, { out: new Float64Array(length) as never })).toThrow(TypeError)
      expect(() => run(X, { into: new Float32Array(length) } as never)).toThrow(/unknown option "into"/)
      const given = dense(X, Float32Array)
      const before = given.data.slice()
      expect(() => run(given, { out: given.data.subarray(1, length + 1) })).toThrow(/apart from X/)
      expectSame(given.data, before)
    })
  })

  test('score is the share of rows predicted right, by weight', () => {
    const labels = model.predict(X)
    const right: number[] = labels.map((label, i) => (label === y[i] ? 1 : 0))
    expect(model.score(X, y)).toBeCloseTo(right.reduce((a, b) => a + b) / right.length, 12)
    const sampleWeight = X.map((_, i) => i % 4)
    const total = sampleWeight.reduce((a, b) => a + b)
    const weighted = right.reduce((sum, hit, i) => sum + hit * sampleWeight[i]!, 0)
    expect(model.score(X, y, { sampleWeight })).toBeCloseTo(weighted / total, 12)
    expect(model.score(X, labels)).toBe(1)
  })

  test('predicting leaves no byte behind', () => {
    const before = liveBytes()
    outputs(model, X)
    model.predict(X)
    model.score(X, y)
    model.predictOne(X[0])
    expect(() => model.predict([[Number.NaN, 1, 2, 3, 4]])).toThrow()
    expect(liveBytes()).toBe(before)
  })
}

/** The scores of row i, one or several. */
function rowOf(scores: Float32Array, i: number, rows: number): number[] {
  const width = scores.length / rows
  return [...scores.subarray(i * width, (i + 1) * width)]
}
