import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { kernelInfo, Matrix, MatrixBuilder } from '../../src/kernel/index.ts'
import { rowsOf } from './stored.ts'

afterEach(() => {
  expect(kernelInfo().liveBytes).toBe(0)
})

const WIDE = 999
const ROWS = 2500
const NAMES = Array.from({ length: WIDE }, (_, k) => `c${k}`)

/** 2,500 rows of 999 columns in three slabs (as they come from a stream): row i begins and ends with i. */
function slabbed(): Matrix {
  const builder = new MatrixBuilder(WIDE)
  const row = new Float64Array(WIDE)
  for (let i = 0; i < ROWS; i++) {
    row[0] = i
    row[WIDE - 1] = i
    builder.append(row, 1)
  }
  const matrix = builder.finish()
  expect(matrix.slabs.pointers.length).toBe(3)
  return matrix
}

/** The numbers of the rows, from both ends of each. */
function numbers(X: Matrix): number[] {
  const out = new Float64Array(X.cols)
  return Array.from({ length: X.rows }, (_, i) => {
    X.row(i, out)
    expect(out[X.cols - 1]).toBe(out[0])
    return out[0]!
  })
}

const counting = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('row', () => {
  test.each([-1, 2, 0.5, Number.NaN, '0'])('%o is none', (i) => {
    using matrix = Matrix.from([[1], [2]])
    expect(() => matrix.row(i as number)).toThrow(RangeError)
  })
})

describe('takeRows', () => {
  test('takes rows of several slabs in any order, repeated ones too', () => {
    using matrix = slabbed()
    matrix.featureNames = NAMES
    const wanted = [2499, 0, 1023, 1024, 1024, 2047, 2048, 5]
    using taken = matrix.takeRows(Uint32Array.from(wanted))
    expect(numbers(taken)).toEqual(wanted)
    expect(taken.featureNames).toEqual(NAMES)
    expect(numbers(matrix)).toEqual(counting(ROWS))
  })

  test('takes more rows than there are', () => {
    using matrix = slabbed()
    const wanted = [...counting(ROWS), ...counting(ROWS)]
    using taken = matrix.takeRows(Uint32Array.from(wanted))
    expect(numbers(taken)).toEqual(wanted)
  })

  test('keeps the shift', () => {
    using matrix = Matrix.from([[1e6], [1e6 + 1], [1e6 + 2]])
    using taken = matrix.takeRows(Uint32Array.of(2))
    expect(rowsOf(taken)).toEqual([[1e6 + 2]])
    expect([...taken.shift]).toEqual([...matrix.shift])
    expect(taken.shift).not.toBe(matrix.shift)
  })

  test('none are a matrix without rows', () => {
    using matrix = Matrix.from([[1]])
    using taken = matrix.takeRows(new Uint32Array(0))
    expect(taken.rows).toBe(0)
  })

  test('refuses what is not there', () => {
    using matrix = Matrix.from([[1], [2]])
    expect(() => matrix.takeRows(Uint32Array.of(0, 2))).toThrow(
      new RangeError('takeRows: expected row numbers below 2, got 2'),
    )
  })

  test('sliceRows takes a range', () => {
    using matrix = slabbed()
    using slice = matrix.sliceRows(1000, 1050)
    expect(numbers(slice)).toEqual(counting(50).map((i) => i + 1000))
    using nothing = matrix.sliceRows(5, 5)
    expect(nothing.rows).toBe(0)
    expect(() => matrix.sliceRows(2400, 2501)).toThrow(RangeError)
    expect(() => matrix.sliceRows(-1, 3)).toThrow(RangeError)
  })
})

describe('permuteRows', () => {
  test('the new row i is the old row indices[i], over slabs', () => {
    using matrix = slabbed()
    const order = new Random(1).shuffle(Uint32Array.from(counting(ROWS)))
    matrix.permuteRows(order)
    expect(numbers(matrix)).toEqual([...order])
  })

  test('is takeRows in place, for every permutation', () => {
    const order = fc.integer({ min: 1, max: 30 }).chain((n) => fc.shuffledSubarray(counting(n), { minLength: n }))
    fc.assert(
      fc.property(order, (indices) => {
        using matrix = Matrix.from(indices.map((_, i) => [i, 2 * i, 3 * i]))
        using taken = matrix.takeRows(Uint32Array.from(indices))
        matrix.permuteRows(Uint32Array.from(indices))
        expect(rowsOf(matrix)).toEqual(rowsOf(taken))
      }),
    )
  })

  test.each([[[0, 1]], [[0, 1, 1]], [[0, 1, 3]], [[0, 1, 2, 2]]])('%j is no permutation of three', (indices) => {
    using matrix = Matrix.from([[1], [2], [3]])
    expect(() => matrix.permuteRows(Uint32Array.from(indices))).toThrow(
      new RangeError('permuteRows: expected each row number below 3 exactly once'),
    )
    expect(rowsOf(matrix)).toEqual([[1], [2], [3]])
  })
})

describe('keepRows', () => {
  test('keeps the first rows in place and gives the rest back', () => {
    const matrix = slabbed()
    matrix.featureNames = NAMES
    using kept = matrix.keepRows(1500)
    expect(matrix.disposed).toBe(true)
    expect(numbers(kept)).toEqual(counting(1500))
    expect(kept.featureNames).toEqual(NAMES)
    expect(kernelInfo().liveBytes).toBe(1500 * 1000 * 4)
    matrix.dispose()
    expect(numbers(kept)).toEqual(counting(1500))
  })

  test.each([0, -1, 4, 1.5])('refuses %f of three', (rows) => {
    using matrix = Matrix.from([[1], [2], [3]])
    expect(() => matrix.keepRows(rows)).toThrow(RangeError)
  })
})

test('rows do not move while they are in use', () => {
  using matrix = Matrix.from([[1], [2]])
  const letGo = matrix.slabs.hold()
  const inUse = expect.objectContaining({ name: 'KernelError', code: 'IN_USE' })
  expect(() => matrix.permuteRows(Uint32Array.of(1, 0))).toThrow(inUse)
  expect(() => matrix.keepRows(1)).toThrow(inUse)
  using copy = matrix.takeRows(Uint32Array.of(1, 0))
  expect(rowsOf(copy)).toEqual([[2], [1]])
  letGo()
  matrix.permuteRows(Uint32Array.of(1, 0))
  expect(rowsOf(matrix)).toEqual([[2], [1]])
})
