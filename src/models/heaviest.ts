/** What a row may weigh beside the penalty's 1 before its rounding to float32 disturbs that. */
const HEAVY = 1000

/** The rows of the greatest weights, at most so many; none that float32 is good enough for. */
export function heaviest(weights: Float64Array, most: number): number[] {
  const heavy: number[] = []
  for (let i = 0; i < weights.length; i++) if (weights[i]! > HEAVY) heavy.push(i)
  if (heavy.length <= most) return heavy
  return heavy.sort((a, b) => weights[b]! - weights[a]! || a - b).slice(0, most)
}
