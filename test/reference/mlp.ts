import { logisticValue } from './logistic.ts'
import { sigmoid } from './pointwise.ts'
import { softmax } from './softmax.ts'
import { cell, type Numbers, type Table } from './table.ts'

export type ActivationName = 'identity' | 'relu' | 'tanh' | 'logistic'

/** f, and f' from the output. */
const activations: Record<ActivationName, { f(z: number): number; slope(a: number): number }> = {
  identity: { f: (z) => z, slope: () => 1 },
  relu: { f: (z) => Math.max(0, z), slope: (a) => (a > 0 ? 1 : 0) },
  tanh: { f: Math.tanh, slope: (a) => 1 - a * a },
  logistic: { f: sigmoid, slope: (a) => a * (1 - a) },
}

export interface Network {
  /** [inputs, width of layer 1, ..., outputs] */
  sizes: number[]
  activation: ActivationName
  mean: Numbers
  scale: Numbers
}

/** Number of parameters: of each layer W (inputs x width), then b. */
export function paramCount(sizes: number[]): number {
  return sizes.slice(1).reduce((sum, width, l) => sum + (sizes[l]! + 1) * width, 0)
}

/** Where the parameters of layer l (from 0) begin. */
function offset(sizes: number[], l: number): number {
  return paramCount(sizes.slice(0, l + 1))
}

/** The outputs of every layer for row i, the input first and the logits last. */
function layersOf({ sizes, activation, mean, scale }: Network, params: Numbers, X: Table, i: number): number[][] {
  const { f } = activations[activation]
  const outputs = [Array.from({ length: sizes[0]! }, (_, k) => (cell(X, i, k) - mean[k]!) * scale[k]!)]
  for (let l = 0; l + 1 < sizes.length; l++) {
    const [from, to, at] = [sizes[l]!, sizes[l + 1]!, offset(sizes, l)]
    const a = outputs[l]!
    const z = Array.from({ length: to }, (_, j) => {
      let sum = params[at + from * to + j]!
      for (let k = 0; k < from; k++) sum += a[k]! * params[at + k * to + j]!
      return sum
    })
    outputs.push(l + 2 < sizes.length ? z.map(f) : z)
  }
  return outputs
}

export function mlpLogits(network: Network, params: Numbers, X: Table): number[] {
  return Array.from({ length: X.rows }, (_, i) => layersOf(network, params, X, i).at(-1)!).flat()
}

/** The loss of one row of logits, and its gradient in them. */
function rowLoss(z: number[], y: number): { loss: number; delta: number[] } {
  if (z.length === 1) return { loss: logisticValue(z[0]!, y), delta: [sigmoid(z[0]!) - y] }
  const { p, logSum } = softmax(Float64Array.from(z))
  return { loss: logSum - z[y]!, delta: Array.from(p, (pc, c) => pc - (c === y ? 1 : 0)) }
}

/** Sum of s times the losses of the given rows, and its gradient by back-propagation, row by row. */
export function mlpPass(network: Network, params: Numbers, X: Table, y: Numbers, s: Numbers, rows: Iterable<number>) {
  const { sizes, activation } = network
  const { slope } = activations[activation]
  const gradient = new Float64Array(paramCount(sizes))
  let loss = 0
  for (const i of rows) {
    const outputs = layersOf(network, params, X, i)
    const top = rowLoss(outputs.at(-1)!, y[i]!)
    loss += s[i]! * top.loss
    let delta = top.delta.map((d) => s[i]! * d)
    for (let l = sizes.length - 2; l >= 0; l--) {
      const [from, to, at] = [sizes[l]!, sizes[l + 1]!, offset(sizes, l)]
      const a = outputs[l]!
      for (let j = 0; j < to; j++) {
        gradient[at + from * to + j]! += delta[j]!
        for (let k = 0; k < from; k++) gradient[at + k * to + j]! += a[k]! * delta[j]!
      }
      const above = delta
      delta = a.map((ak, k) => {
        let sum = 0
        for (let j = 0; j < to; j++) sum += above[j]! * params[at + k * to + j]!
        return sum * slope(ak)
      })
    }
  }
  return { loss, gradient }
}

/** Which parameters are biases. */
export function isBias(sizes: number[]): (k: number) => boolean {
  const bias = new Uint8Array(paramCount(sizes))
  for (let l = 0; l + 1 < sizes.length; l++) {
    const at = offset(sizes, l) + sizes[l]! * sizes[l + 1]!
    bias.fill(1, at, at + sizes[l + 1]!)
  }
  return (k) => bias[k] === 1
}
