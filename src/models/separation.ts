import type { LinearParameters } from './columns.ts'
import { outputsOf } from './linear-fit.ts'
import type { Rows } from './samples.ts'
import { scoreRows } from './scores.ts'

/** Whether these parameters put every row that weighs something strictly on its side (code 1: z > 0). */
export function isSeparated(
  X: Rows,
  parameters: LinearParameters,
  codes: Int32Array,
  weights: Float64Array | undefined,
): boolean {
  let separated = true
  scoreRows(X, outputsOf([parameters]), 0, ({ memory }, z, begin, rows) => {
    const scores = memory.f32(z, rows)
    for (let i = 0; i < rows; i++) {
      if (weights?.[begin + i] === 0) continue
      separated &&= codes[begin + i] === 1 ? scores[i]! > 0 : scores[i]! < 0
    }
  })
  return separated
}
