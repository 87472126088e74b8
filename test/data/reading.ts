import { expect } from 'vitest'
import type { DataError } from '../../src/core/errors.ts'
import type { CsvSource, Dataset, ReadCsvOptions } from '../../src/data/index.ts'
import { readCsv } from '../../src/data/index.ts'
import { kernelInfo, type Matrix } from '../../src/kernel/index.ts'

function rowsOf(X: Matrix): number[][] {
  return Array.from({ length: X.rows }, (_, i) => [...X.row(i)])
}

/** Rows and labels, all memory given back. */
export async function read(source: CsvSource, options: ReadCsvOptions = {}) {
  using data = await readCsv(source, options)
  const { y } = data as Partial<Dataset>
  return { ...data, rows: rowsOf(data.X), y: y === undefined ? undefined : y instanceof Float64Array ? [...y] : y }
}

/** The error that reading throws, and nothing left behind. */
export async function failure(source: CsvSource, options: ReadCsvOptions = {}): Promise<Error & Partial<DataError>> {
  const before = kernelInfo().liveBytes
  const error = await readCsv(source, options).then(
    (data) => {
      data.dispose()
      throw new Error('expected an error')
    },
    (thrown) => thrown,
  )
  expect(kernelInfo().liveBytes).toBe(before)
  return error
}
