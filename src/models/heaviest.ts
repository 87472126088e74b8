/** What a row may weigh beside the penalty's 1 before its rounding to float32 disturbs that. */
const HEAVY = 1000
/** Multiplications that sums in float64 may take, about a millisecond; but for twice as many rows as there are parameters. */
const WORK = 1e6

/** The rows of the greatest weights, to be summed up in float64; none that float32 is good enough for. */
export function heaviest(weights: Float64Array, parameters: number): number[] {
  const most = Math.max(2 * parameters, Math.floor(WORK / parameters ** 2))
  const heavy: number[] = []
  for (let i = 0; i < weights.length; i++) if (weights[i]! > HEAVY) heavy.push(i)
  if (heavy.length <= most) return heavy
  return heavy.sort((a, b) => weights[b]! - weights[a]! || a - b).slice(0, most)
}
