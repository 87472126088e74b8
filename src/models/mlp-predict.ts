import { runSync } from '../core/steps.ts'
import { chunkRowsOf, type Kernel, Matrix, type MatrixLike, type Pointer, shapeOf, Workspace } from '../kernel/index.ts'
import { layerOf, layersOf, NetworkRows } from './mlp-network.ts'
import type { MlpFit } from './mlp-result.ts'
import { allFinite, saturate } from './scores.ts'

type Each = (kernel: Kernel, z: Pointer, begin: number, rows: number) => void

/**
 * Calls `each` with the logits (rows x outputs, float32 in kernel memory) of some rows after the other. A Matrix is read
 * where it is; anything else goes through kernel memory a few thousand rows at a time. A row's logits do not depend on
 * its neighbours.
 */
export function forLogits(X: MatrixLike, fit: MlpFit, each: Each): void {
  if (X instanceof Matrix) {
    logitsOf(X, fit, 0, each)
    return
  }
  // As a Matrix would decide: columns far from 0 lose their digits unless they are shifted.
  const { mean, std } = fit.columns
  const shift = mean.map((m, k) => (Math.abs(m) > 8 * std[k]! ? m : 0))
  const { rows, cols } = shapeOf(X)
  const step = chunkRowsOf(cols)
  for (let begin = 0; begin < rows; begin += step) {
    const end = Math.min(rows, begin + step)
    const part =
      'data' in X ? { data: X.data.subarray(begin * cols, end * cols), rows: end - begin, cols } : X.slice(begin, end)
    using matrix = Matrix.from(part, { shift, firstRow: begin })
    logitsOf(matrix, fit, begin, each)
  }
}

function logitsOf(X: Matrix, fit: MlpFit, offset: number, each: Each): void {
  const { kernel } = X.slabs
  using work = new Workspace(kernel.memory)
  const net = new NetworkRows(work, X, fit.shape, fit.inputs)
  net.setParams(fit.params)
  const width = fit.shape.sizes.at(-1)!
  runSync(
    net.logits(undefined, (z, begin, rows) => {
      const logits = kernel.memory.f32(z, rows * width)
      if (!allFinite(logits)) {
        for (let i = 0; i < rows; i++) {
          const exact = (c: number) => logitsOfRow(X.row(begin + i), fit)[c]!
          saturate(logits, width, (c) => i * width + c, exact)
        }
      }
      each(kernel, z, offset + begin, rows)
    }),
  )
}

/** The logits of one row in float64, without the kernel. */
export function logitsOfRow(row: ArrayLike<number>, { shape, params, inputs }: MlpFit): Float64Array {
  const { weights, biases } = layersOf(params, shape.sizes)
  let a = Float64Array.from(inputs.mean, (mean, k) => (row[k]! - mean) * inputs.scale[k]!)
  for (let l = 0; l < weights.length; l++) {
    a = layerOf(a, weights[l]!, biases[l]!)
    if (l + 1 < weights.length) a = a.map(FUNCTION[shape.activation])
  }
  return a
}

const FUNCTION = {
  identity: (z: number) => z,
  relu: (z: number) => Math.max(0, z),
  tanh: Math.tanh,
  sigmoid: (z: number) => 1 / (1 + Math.exp(-z)),
}

/** Probabilities of the classes from a row's logits. */
export function probabilitiesOf(logits: Float64Array): Float64Array {
  if (logits.length === 1) {
    const [z] = logits as Iterable<number> as [number]
    return Float64Array.of(1 / (1 + Math.exp(z)), 1 / (1 + Math.exp(-z)))
  }
  const top = Math.max(...logits)
  const parts = logits.map((z) => Math.exp(z - top))
  const sum = parts.reduce((a, b) => a + b)
  return parts.map((part) => part / sum)
}
