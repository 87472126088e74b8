import { show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import type { Matrix } from '../kernel/index.ts'
import { GrowingArray } from './growing-array.ts'

/**
 * Fills missing values with the mean of their column over the whole table. It is known only at the end: until then the
 * mean so far stands in (it must not disturb the shift that a Matrix decides on by its first rows), and the places are
 * noted.
 */
export class MeanImputer {
  readonly #sums: Float64Array
  readonly #counts: Float64Array
  /** row * cols + column of each missing value, ascending. */
  readonly #places = new GrowingArray(new Float64Array(0))

  constructor(cols: number) {
    this.#sums = new Float64Array(cols)
    this.#counts = new Float64Array(cols)
  }

  /** Takes rows x cols numbers, the first of them row `firstRow`, and replaces each NaN. */
  take(block: Float64Array, rows: number, firstRow: number): void {
    const cols = this.#sums.length
    for (let i = 0; i < rows * cols; i++) {
      const value = block[i]!
      if (Number.isNaN(value)) this.#places.push(firstRow * cols + i)
      else {
        const k = i % cols
        this.#sums[k]! += value
        this.#counts[k]!++
      }
    }
    for (let i = 0; i < rows * cols; i++) if (Number.isNaN(block[i])) block[i] = this.#mean(i % cols)
  }

  /** @throws DataError MISSING_VALUE for a column without any value */
  checkColumns(names: readonly string[]): void {
    const empty = this.#counts.indexOf(0)
    if (empty < 0) return
    const name = show(names[empty])
    throw new DataError('MISSING_VALUE', `column ${name} has no value in any row`, {
      column: empty,
      hint: `Leave it out with { drop: [${name}] }`,
    })
  }

  /** Writes the means to their places in the finished matrix. */
  fill(X: Matrix): void {
    const { slabs, cols, shift } = X
    const places = this.#places.view()
    let next = 0
    for (const run of slabs.runs(0, X.rows, X.rows)) {
      const rows = slabs.memory.f32(run.x, run.rows * slabs.stride)
      for (; next < places.length; next++) {
        const place = places[next]!
        const row = Math.floor(place / cols) - run.begin
        if (row >= run.rows) break
        const k = place % cols
        rows[row * slabs.stride + k] = this.#mean(k) - shift[k]!
      }
    }
  }

  #mean(k: number): number {
    const count = this.#counts[k]!
    return count === 0 ? 0 : this.#sums[k]! / count
  }
}
