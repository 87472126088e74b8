import { NULL } from '../kernel/index.ts'
import type { LinearData } from './linear-data.ts'

/** The upper bound of each row's alpha, c: its share of all weights, over l2. */
export function hingeBounds({ X, s, weightSum }: LinearData, l2: number): Float64Array {
  const weights = s === NULL ? undefined : X.slabs.memory.f32(s, X.rows)
  const bounds = new Float64Array(X.rows)
  // A loop: what goes through iterators blocks a page for a second of a million rows.
  for (let i = 0; i < X.rows; i++) bounds[i] = (weights ? weights[i]! : 1) / (weightSum * l2)
  return bounds
}
