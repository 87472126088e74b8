type Name = 'logistic' | 'squaredError' | 'squaredErrorLogistic' | 'hinge' | 'squaredHinge'

/** Value and derivative by z of each loss, as plain float64. */
export const pointwise: Record<Name, (z: number, t: number) => [value: number, slope: number]> = {
  logistic(z, t) {
    const p = sigmoid(z)
    return [Math.max(z, 0) - t * z + Math.log1p(Math.exp(-Math.abs(z))), p - t]
  },
  squaredError: (z, t) => [(z - t) ** 2 / 2, z - t],
  squaredErrorLogistic(z, t) {
    const p = sigmoid(z)
    return [(p - t) ** 2 / 2, (p - t) * p * (1 - p)]
  },
  hinge: (z, t) => [Math.max(0, 1 - t * z), t * z < 1 ? -t : 0],
  squaredHinge: (z, t) => [Math.max(0, 1 - t * z) ** 2, -2 * t * Math.max(0, 1 - t * z)],
}

function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))
}

/** Mean loss plus l2/2 |coef|^2 + l1 |coef|_1. */
export function penalised(
  loss: Name,
  X: readonly ArrayLike<number>[],
  t: readonly number[],
  coef: ArrayLike<number>,
  intercept: number,
  { l2 = 0, l1 = 0, sampleWeight }: { l2?: number; l1?: number; sampleWeight?: readonly number[] } = {},
): number {
  let [total, weights] = [0, 0]
  X.forEach((x, i) => {
    let z = intercept
    for (let k = 0; k < coef.length; k++) z += x[k]! * coef[k]!
    const s = sampleWeight?.[i] ?? 1
    total += s * pointwise[loss](z, t[i]!)[0]
    weights += s
  })
  const penalty = Array.from(coef).reduce((sum, c) => sum + (l2 / 2) * c * c + l1 * Math.abs(c), 0)
  return total / weights + penalty
}
