import { expect } from 'vitest'
import { ACTIVATION } from '../../src/kernel/activations.ts'
import { type ActivationName, type Network, paramCount } from '../reference/mlp.ts'
import type { Table } from '../reference/table.ts'
import type { Arena } from './arena.ts'
import { padded, Samples } from './samples.ts'

/** What the tests of networks share: problems, and what every call into the kernel takes. */

export const ACTIVATIONS = Object.keys(ACTIVATION) as ActivationName[]
/** One to three layers, one output and several, widths around the lanes. */
export const SHAPES = [
  [1, 1],
  [5, 1],
  [7, 3],
  [4, 5, 1],
  [3, 1, 4],
  [5, 64, 1],
  [65, 3, 2],
  [6, 4, 5, 1],
  [5, 3, 64, 10],
]

export interface Problem extends Network {
  mean: Float32Array
  scale: Float32Array
  X: Table
  y: Float32Array
  s: Float32Array | undefined
  params: Float32Array
  batch: number
}

export function problem(seed: number, sizes: number[], rows: number, options: Partial<Problem> = {}): Problem {
  const samples = new Samples(seed)
  const [inputs, outputs] = [sizes[0]!, sizes.at(-1)!]
  return {
    sizes,
    activation: 'tanh',
    mean: samples.uniform(inputs, -0.5, 0.5),
    scale: samples.uniform(inputs, 0.5, 1.5),
    X: samples.table(rows, inputs, (n) => samples.uniform(n), 4),
    y: samples.whole(rows, 50).map((n) => (n + 50) % Math.max(2, outputs)),
    s: samples.uniform(rows, 0, 2),
    params: samples.uniform(paramCount(sizes)).map((w) => w / Math.sqrt(inputs)),
    batch: 8,
    ...options,
  }
}

/** What every call takes. Padding of mean and scale that is not 0 must not matter. */
export function shared(arena: Arena, { sizes, mean, scale, X, batch }: Problem) {
  const { kernels } = arena.kernel
  const layers = sizes.length - 1
  const at = arena.input(Uint32Array.from(sizes))
  expect(kernels.mlpParams(layers, at)).toBe(paramCount(sizes))
  return {
    layers,
    sizes: at,
    mean: arena.input(padded(mean, X.stride, 3)),
    scale: arena.input(padded(scale, X.stride, 5)),
    scratch: arena.room(kernels.mlpScratchBytes(batch, X.stride, layers, at)),
  }
}

/** [loss, gradient ...] */
export const all = (n: number) => Array.from({ length: n }, (_, i) => i)
export const ones = (n: number) => new Float32Array(n).fill(1)
