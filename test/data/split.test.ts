import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { type Dataset, type Split, type SplitOptions, trainTestSplit } from '../../src/data/index.ts'
import { apportion } from '../../src/data/split.ts'
import { kernel, kernelInfo, Matrix, MatrixBuilder } from '../../src/kernel/index.ts'
import { Memory } from '../../src/kernel/memory.ts'

let before = 0
beforeEach(() => {
  before = kernelInfo().liveBytes
})
afterEach(() => {
  expect(kernelInfo().liveBytes).toBe(before)
})

/** Row i is [i, 2i], its label is i % classes. */
function plain(rows: number, classes = 2) {
  return {
    X: Array.from({ length: rows }, (_, i) => [i, 2 * i]),
    y: Array.from({ length: rows }, (_, i) => i % classes),
  }
}

const sizes = ({ train, validation, test }: Split<ReturnType<typeof plain>>) =>
  [train, validation, test].map((part) => part?.y.length)

describe('sizes', () => {
  test.each<[number, SplitOptions, (number | undefined)[]]>([
    [100, {}, [75, undefined, 25]],
    [569, { test: 0.15, validation: 0.15 }, [397, 86, 86]],
    [100, { test: 0.07 }, [93, undefined, 7]],
    [9, { test: 0.25 }, [6, undefined, 3]],
    [100, { test: 10, validation: 5 }, [85, 5, 10]],
    [4, { test: 1 }, [3, undefined, 1]],
  ])('%d rows, %o', (rows, options, expected) => {
    expect(sizes(trainTestSplit(plain(rows), options))).toEqual(expected)
    expect(sizes(trainTestSplit(plain(rows), { ...options, stratify: true }))).toEqual(expected)
  })
})

test('every row is in one part, with its label, for any size, classes and seed', () => {
  const cases = fc.record({
    rows: fc.integer({ min: 4, max: 60 }),
    classes: fc.integer({ min: 1, max: 3 }),
    test: fc.integer({ min: 1, max: 2 }),
    validation: fc.integer({ min: 0, max: 1 }),
    shuffle: fc.boolean(),
    seed: fc.nat(),
  })
  fc.assert(
    fc.property(cases, ({ rows, classes, ...options }) => {
      const data = plain(rows, classes)
      const { train, test, validation } = trainTestSplit(data, options)
      const parts = [train, ...(validation ? [validation] : []), test]
      expect(parts.flatMap(({ X }) => X.map((row) => row[0]!)).sort((a, b) => a - b)).toEqual(data.y.map((_, i) => i))
      for (const { X, y } of parts) expect(y).toEqual(X.map((row) => row[0]! % classes))
    }),
  )
})

describe('order', () => {
  test('is the same for a seed, another for another', () => {
    const of = (seed: number) => trainTestSplit(plain(50), { seed }).test.X
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })

  test('stays so from version to version', () => {
    expect(trainTestSplit(plain(12), { seed: 7 }).test.X.map((row) => row[0])).toEqual([6, 2, 0])
  })

  test('without shuffle is that of the data: first to train, last to test', () => {
    const { train, validation, test } = trainTestSplit(plain(10), { test: 2, validation: 3, shuffle: false })
    expect([train, validation, test].map(({ X }) => X.map((row) => row[0]))).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7],
      [8, 9],
    ])
  })

  test('is random', () => {
    // The mean place of a row in the test part, over many seeds, is that of a fair draw: within 5 standard errors.
    let sum = 0
    for (let seed = 0; seed < 400; seed++)
      for (const [place] of trainTestSplit(plain(40), { seed }).test.X) sum += place!
    expect(Math.abs(sum / 4000 - 19.5)).toBeLessThan((5 * 11.5) / Math.sqrt(4000))
  })
})

describe('stratify', () => {
  test('gives every part its share of each class, whatever the labels are', () => {
    const y = Array.from({ length: 200 }, (_, i) => (i % 10 === 0 ? 'rare' : i % 10 < 4 ? 'some' : 'most'))
    const { train, validation, test } = trainTestSplit(
      { X: y.map((_, i) => [i]), y },
      { test: 0.2, validation: 0.1, stratify: true },
    )
    const shares = [train, validation, test].map((part) =>
      ['rare', 'some', 'most'].map((label) => part.y.filter((other) => other === label).length),
    )
    expect(shares).toEqual([
      [14, 42, 84],
      [2, 6, 12],
      [4, 12, 24],
    ])
  })

  test('shares are whole, exact in sum, and off by less than one', () => {
    const cases = fc
      .array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 6 })
      .filter((counts) => counts.some((count) => count > 0))
      .chain((counts) => fc.tuple(fc.constant(counts), fc.nat(counts.reduce((a, b) => a + b))))
    fc.assert(
      fc.property(cases, ([counts, total]) => {
        const all = counts.reduce((a, b) => a + b)
        const shares = apportion(counts, total)
        expect(shares.reduce((a, b) => a + b)).toBe(total)
        for (const [c, share] of shares.entries()) {
          expect(Math.abs(share - (counts[c]! * total) / all)).toBeLessThan(1)
          expect(share).toBeLessThanOrEqual(counts[c]!)
        }
      }),
    )
  })

  test('a class that would be left without a row to train is an error', () => {
    const split = () =>
      trainTestSplit({ X: [[1], [2], [3], [4]], y: ['a', 'b', 'b', 'b'] }, { test: 3, stratify: true })
    expect(split).toThrow(DataError)
    expect(split).toThrow(/^class "a" has 1 row, none is left to train/)
  })
})

describe('a Matrix', () => {
  const dataset = (rows: number) => {
    const { X, y } = plain(rows)
    return { X: Matrix.from(X), y: Float64Array.from(y), featureNames: ['a', 'b'], targetName: 'c', extra: 1 }
  }
  const firsts = (X: Matrix) => Array.from({ length: X.rows }, (_, i) => X.row(i)[0])

  test.each([false, true])('is split as plain rows are; inPlace: %s', (inPlace) => {
    const data = dataset(700)
    using parts = trainTestSplit(data, { test: 0.15, validation: 0.15, seed: 3, inPlace })
    const expected = trainTestSplit(plain(700), { test: 0.15, validation: 0.15, seed: 3 })
    for (const name of ['train', 'validation', 'test'] as const) {
      expect(firsts(parts[name].X)).toEqual(expected[name].X.map((row) => row[0]))
      expect(parts[name].y).toEqual(Float64Array.from(expected[name].y))
      expect(parts[name]).toMatchObject({ featureNames: ['a', 'b'], targetName: 'c' })
      expect(parts[name]).not.toHaveProperty('extra')
    }
    expect(data.X.disposed).toBe(inPlace)
    data.X.dispose()
  })

  test('in place, the rows to train stay where they are', () => {
    const rows = 500_000
    const builder = new MatrixBuilder(8)
    builder.append(new Float64Array(8 * rows), rows)
    const X = builder.finish()
    const { memory } = kernel()
    const held = memory.liveBytes
    let peak = 0
    const alloc = vi.spyOn(memory, 'alloc').mockImplementation((bytes) => {
      peak = Math.max(peak, memory.liveBytes + bytes)
      return Memory.prototype.alloc.call(memory, bytes)
    })
    using parts = trainTestSplit({ X, y: new Uint8Array(rows) }, { test: 0.1, inPlace: true })
    alloc.mockRestore()
    expect(parts.train.X.rows).toBe(450_000)
    expect(memory.liveBytes).toBe(held)
    // The copy of the test part, row numbers, and one slab of X twice for a moment.
    expect(peak - held).toBeLessThan(0.1 * held + 4 * rows + 4 * 2 ** 20)
  })

  test('in place, it is refused while a fit is running on it', () => {
    const data = dataset(20)
    const letGo = data.X.slabs.hold()
    expect(() => trainTestSplit(data, { inPlace: true })).toThrow(/a fit or a prediction is running on this Matrix/)
    letGo()
    expect(firsts(data.X)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    data.X.dispose()
  })

  test('a part can be given back by itself', () => {
    const data = dataset(20)
    const { train, test } = trainTestSplit(data)
    train.dispose()
    expect([train.X.disposed, test.X.disposed, data.X.disposed]).toEqual([true, false, false])
    test.dispose()
    data.X.dispose()
  })

  test('nothing is left when it fails', () => {
    const X = Matrix.from([[1], [2], [3]])
    X.dispose()
    expect(() => trainTestSplit({ X, y: [1, 2, 3] })).toThrow(/disposed/)
  })
})

test('types are those of the data', () => {
  const { X, y } = plain(8)
  const rows = trainTestSplit({ X, y })
  expectTypeOf(rows.train.X).toEqualTypeOf<number[][]>()
  expectTypeOf(rows.train.y).toEqualTypeOf<number[]>()
  expectTypeOf(rows.validation?.y).toEqualTypeOf<number[] | undefined>()
  expectTypeOf(trainTestSplit({ X, y }, { validation: 1 }).validation.X).toEqualTypeOf<number[][]>()
  expectTypeOf<Split<Dataset>['train']['X']>().toEqualTypeOf<Matrix>()
  expectTypeOf<Split<Dataset>['train']['y']>().toEqualTypeOf<Float64Array | string[]>()
  expectTypeOf<Split<Dataset>['test']['targetName']>().toEqualTypeOf<string>()
  const typed = trainTestSplit({ X, y: Uint8Array.from(y) })
  expect(typed.test.y).toBeInstanceOf(Uint8Array)
})

describe('what cannot be split', () => {
  const { X, y } = plain(10)

  test.each<[unknown, unknown, ErrorConstructor, RegExp]>([
    [{ X, y: y.slice(1) }, {}, RangeError, /^y: expected 10 labels \(rows of X\), got 9/],
    [{ X: 5, y }, {}, TypeError, /^X: expected a Matrix or an array of rows, got 5/],
    [{ X, y: 'abc' }, {}, TypeError, /^y: expected an array of labels, got "abc"/],
    [undefined, {}, TypeError, /^data: expected/],
    [{ X, y }, { test: 0 }, RangeError, /^test: expected a finite number > 0, got 0/],
    [{ X, y }, { test: 1.5 }, RangeError, /^test: expected an integer, got 1\.5/],
    [{ X, y }, { test: -1 }, RangeError, /^test: /],
    [{ X, y }, { test: 10 }, RangeError, /^test: expected to leave at least one of 10 rows to train, got 10 to test/],
    [{ X, y }, { test: 0.5, validation: 0.5 }, RangeError, /got 5 to test and 5 to validation/],
    [{ X, y }, { validation: Number.NaN }, RangeError, /^validation: /],
    [{ X, y }, { test: '0.2' }, TypeError, /^test: expected a number > 0, got "0\.2"/],
    [{ X, y }, { stratify: 'y' }, TypeError, /^stratify: expected true or false/],
    [{ X, y }, { seed: 1.5 }, RangeError, /^seed: /],
    [{ X, y }, { testSize: 0.2 }, TypeError, /^trainTestSplit: unknown option "testSize"/],
  ])('%o %o', (data, options, kind, message) => {
    const split = () => trainTestSplit(data as never, options as SplitOptions)
    expect(split).toThrow(kind)
    expect(split).toThrow(message)
  })
})
