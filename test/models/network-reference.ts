import type { Activation } from '../../src/models/mlp-options.ts'

/** A network as plain float64 loops: layers of weights (inputs x units, row-major) and biases. */
export interface ReferenceNetwork {
  weights: number[][]
  biases: number[][]
}

const FUNCTION = {
  identity: (z: number) => z,
  relu: (z: number) => Math.max(0, z),
  tanh: Math.tanh,
  sigmoid: (z: number) => 1 / (1 + Math.exp(-z)),
}

/** The logits of a row. */
export function referenceLogits(x: ArrayLike<number>, { weights, biases }: ReferenceNetwork, activation: Activation) {
  let a = Array.from(x)
  for (const [l, layer] of weights.entries()) {
    const units = biases[l]!.length
    const z = biases[l]!.map((b, j) => a.reduce((sum, value, i) => sum + value * layer[i * units + j]!, b))
    a = l + 1 < weights.length ? z.map(FUNCTION[activation]) : z
  }
  return a
}

/** Weighted mean cross-entropy plus l2/2 |W|^2. */
export function referenceLoss(
  X: readonly ArrayLike<number>[],
  y: readonly number[],
  network: ReferenceNetwork,
  activation: Activation,
  { sampleWeight, l2 = 0 }: { sampleWeight?: readonly number[]; l2?: number } = {},
): number {
  let [sum, total] = [0, 0]
  for (const [i, x] of X.entries()) {
    const z = referenceLogits(x, network, activation)
    const s = sampleWeight?.[i] ?? 1
    const logits = z.length === 1 ? [0, z[0]!] : z
    const top = Math.max(...logits)
    sum += s * (top + Math.log(logits.reduce((part, v) => part + Math.exp(v - top), 0)) - logits[y[i]!]!)
    total += s
  }
  return sum / total + (l2 / 2) * network.weights.flat().reduce((squares, w) => squares + w * w, 0)
}

/** Its gradient by two-sided finite differences, layer by layer. */
export function referenceGradient(...[X, y, network, activation, options]: Parameters<typeof referenceLoss>) {
  const step = 1e-5
  const slopes = (layers: number[][]) =>
    layers.map((layer) =>
      layer.map((value, i) => {
        const at = (v: number) => {
          layer[i] = v
          return referenceLoss(X, y, network, activation, options)
        }
        const slope = (at(value + step) - at(value - step)) / (2 * step)
        layer[i] = value
        return slope
      }),
    )
  return { weights: slopes(network.weights), biases: slopes(network.biases) }
}
