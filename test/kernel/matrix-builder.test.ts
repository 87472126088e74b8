import { afterEach, describe, expect, test } from 'vitest'
import { kernelInfo, Matrix, MatrixBuilder, normals } from '../../src/kernel/index.ts'
import { expectSameBits } from '../assembly/expect-close.ts'
import { padding, rowsOf, stored } from './stored.ts'

afterEach(() => {
  expect(kernelInfo().liveBytes).toBe(0)
})

/** rows x cols around 0, but for the last column, which is around 1e6. */
function sample(rows: number, cols: number): Float64Array {
  const values = new Float64Array(rows * cols)
  normals(7, values)
  return values.map((z, i) => (i % cols === cols - 1 ? 1e6 + z : z))
}

/** Gives the builder its rows in pieces of these sizes, over and over. */
function feed(builder: MatrixBuilder, data: Float64Array, pieces: number[]): Matrix {
  const { cols } = builder
  const rows = data.length / cols
  for (let begin = 0, i = 0; begin < rows; i++) {
    const end = Math.min(rows, begin + pieces[i % pieces.length]!)
    builder.append(data.subarray(begin * cols, end * cols), end - begin)
    begin = end
  }
  return builder.finish()
}

describe('a stream and known rows give the same bits', () => {
  // In a stream, slabs have 4 MiB: 1,024 rows of 1,000 columns, 131,072 rows of 5.
  test.each([
    [1, 5, 1],
    [100, 5, 1],
    [1024, 3, 1],
    [1025, 3, 1],
    [2500, 1000, 3],
    [300_000, 5, 3],
  ])('%i x %i, streamed into %i slabs', (rows, cols, slabs) => {
    const data = sample(rows, cols)
    using known = Matrix.from({ data, rows, cols })
    expect(known.slabs.pointers.length).toBe(1)
    for (const pieces of [[1, 7, 1000], [rows], [1024, 1]]) {
      using streamed = feed(new MatrixBuilder(cols), data, pieces)
      expect(streamed.slabs.pointers.length).toBe(slabs)
      expect(streamed.rows).toBe(rows)
      expect([...streamed.shift]).toEqual([...known.shift])
      expectSameBits(stored(streamed), stored(known))
      expect(streamed.slabs.memory.liveBytes).toBe(2 * rows * known.stride * 4)
    }
  })
})

test('what lay in the memory before does not show', () => {
  // Non-zero numbers everywhere, given back; then narrower rows in the same place.
  Matrix.from(Array.from({ length: 50 }, () => new Array(8).fill(3))).dispose()
  using matrix = Matrix.from(Array.from({ length: 60 }, () => [1, 2, 1, 2, 1]))
  expect(padding(matrix).every((zero) => zero === 0)).toBe(true)
})

describe('reserve', () => {
  test('makes room, and what is not used goes back', async () => {
    const builder = new MatrixBuilder(1000)
    await builder.reserve(5000)
    expect(kernelInfo().liveBytes).toBe(5 * 1024 * 4000)
    const data = sample(1500, 1000)
    using matrix = feed(builder, data, [400])
    expect(kernelInfo().liveBytes).toBe(1500 * 4000)
    expect(matrix.slabs.room).toEqual([1024, 476])
    expect(matrix.row(1499)[0]).toBe(Math.fround(data[1499 * 1000]!))
  })

  test('counts what is there already', async () => {
    const builder = new MatrixBuilder(4)
    builder.append(sample(2000, 4), 2000)
    await builder.reserve(1000)
    const { liveBytes } = kernelInfo()
    await builder.reserve(10)
    expect(kernelInfo().liveBytes).toBe(liveBytes)
    builder.dispose()
  })

  test('with known rows takes just those', async () => {
    const builder = new MatrixBuilder(3, { rows: 2000 })
    await builder.reserve(2000)
    expect(kernelInfo().liveBytes).toBe(2000 * 16)
    builder.dispose()
  })

  test('what has been disposed cannot have more', async () => {
    const builder = new MatrixBuilder(3)
    builder.dispose()
    await expect(builder.reserve(10)).rejects.toThrow(expect.objectContaining({ code: 'DISPOSED' }))
  })
})

describe('announced rows', () => {
  test.each([1, 10, 1500])('fewer than announced: %i of 3000', (rows) => {
    const data = sample(rows, 3)
    using matrix = feed(new MatrixBuilder(3, { rows: 3000 }), data, [rows])
    using known = Matrix.from({ data, rows, cols: 3 })
    expect([...stored(matrix)]).toEqual([...stored(known)])
    expect(kernelInfo().liveBytes).toBe(2 * rows * 16)
  })

  test('more than announced are refused before they are taken', () => {
    const builder = new MatrixBuilder(3, { rows: 2000 })
    const data = sample(3000, 3)
    expect(() => feed(builder, data, [700])).toThrow(new RangeError('X: expected 2000 rows, as announced, got 2100'))
    expect(builder.rows).toBe(1400)
    builder.append(data.subarray(4200), 600)
    using matrix = builder.finish()
    expect(kernelInfo().liveBytes).toBe(2000 * 16)
    expect(matrix.row(1999)[1]).toBe(Math.fround(data[1999 * 3 + 1]!))
  })

  test('reserving more than announced does no harm', async () => {
    const builder = new MatrixBuilder(3, { rows: 10 })
    await builder.reserve(5000)
    using matrix = feed(builder, sample(10, 3), [3])
    expect(matrix.slabs.room).toEqual([10])
  })
})

test('rows counts what has been taken, waiting or stored', () => {
  const builder = new MatrixBuilder(2)
  for (let taken = 0; taken < 2400; taken += 600) {
    expect(builder.rows).toBe(taken)
    builder.append(sample(600, 2), 600)
  }
  builder.dispose()
})

test('no row at all is a matrix without rows', () => {
  using matrix = new MatrixBuilder(3).finish()
  expect(matrix).toMatchObject({ rows: 0, cols: 3 })
})

test('appendRows and append may take turns', () => {
  const builder = new MatrixBuilder(2)
  builder.appendRows([[1, 2], Float32Array.of(3, 4)])
  builder.append(Float64Array.of(5, 6), 1)
  builder.appendRows([])
  using matrix = builder.finish()
  expect(rowsOf(matrix)).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
})

test('a bad number leaves nothing behind once the builder is disposed', () => {
  for (const bad of [3, 1023, 1024, 2000]) {
    const builder = new MatrixBuilder(2)
    const data = sample(2500, 2)
    data[bad * 2] = Number.NaN
    expect(() => feed(builder, data, [100])).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', row: bad, column: 0 }),
    )
    builder.dispose()
    builder.dispose()
    expect(kernelInfo().liveBytes).toBe(0)
  }
})

test('a row of the wrong kind or length leaves the builder as it was', () => {
  const builder = new MatrixBuilder(2)
  builder.appendRows([[1, 2]])
  expect(() => builder.appendRows([[3, 4], [5]])).toThrow('X: expected 2 numbers in row 2, got 1')
  expect(() =>
    builder.appendRows([
      [3, 4],
      [null as never, 6],
    ]),
  ).toThrow('X: row 2, column 0: expected a number, got null')
  expect(builder.rows).toBe(1)
  builder.appendRows([[7, 8]])
  using matrix = builder.finish()
  expect(rowsOf(matrix)).toEqual([
    [1, 2],
    [7, 8],
  ])
})

test('the widest rows fit, wider ones are refused', () => {
  using matrix = feed(
    new MatrixBuilder(2 ** 20 - 4, { rows: 1, shift: new Float64Array(2 ** 20 - 4) }),
    new Float64Array(2 ** 20 - 4),
    [1],
  )
  expect(matrix.slabs.shift).toBe(8)
  expect(2 ** matrix.slabs.shift * matrix.stride * 4).toBeLessThanOrEqual(2 ** 30 - 16)
  expect(() => new MatrixBuilder(2 ** 20 - 3)).toThrow(
    new RangeError('X: expected at most 1048572 columns, got 1048573'),
  )
})
