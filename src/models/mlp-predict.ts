import { runSync } from '../core/steps.ts'
import {
  chunkRowsOf,
  type Kernel,
  kernel,
  Matrix,
  type MatrixLike,
  type Pointer,
  shapeOf,
  Workspace,
} from '../kernel/index.ts'
import { NetworkRows } from './mlp-network.ts'
import type { Activation } from './mlp-options.ts'
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
  // A chunk for each thread (measured; of linear models all the time goes into bringing rows there).
  const step = chunkRowsOf(cols) * (kernel().pool?.threads ?? 1)
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
        const network = new RowNetwork(fit)
        for (let i = 0; i < rows; i++) {
          const exact = (c: number) => network.logits(X.row(begin + i))[c]!
          saturate(logits, width, (c) => i * width + c, exact)
        }
      }
      each(kernel, z, offset + begin, rows)
    }),
  )
}

/**
 * The logits of one row after the other in float64, without the kernel. No views and no callbacks: they cost more than the
 * sums; nor new arrays, which cost as much as 20-64-1 (measured).
 */
export class RowNetwork {
  readonly fit: MlpFit
  readonly #layers: readonly Float64Array[]

  constructor(fit: MlpFit) {
    this.fit = fit
    this.#layers = fit.shape.sizes.map((units) => new Float64Array(units))
  }

  /** They are overwritten by the next call. */
  logits(row: ArrayLike<number>): Float64Array {
    const { shape, params, inputs } = this.fit
    const { mean, scale } = inputs
    let a = this.#layers[0]!
    for (let k = 0; k < a.length; k++) a[k] = (row[k]! - mean[k]!) * scale[k]!
    let w = 0
    for (let l = 1; l < this.#layers.length; l++) {
      const z = this.#layers[l]!
      putUnits(z, a, params, w)
      w += (a.length + 1) * z.length
      if (l + 1 < this.#layers.length) activate(z, shape.activation)
      a = z
    }
    return a
  }
}

/** z = a W + b; W (inputs x units, row-major) and then b are in `params` from `w` on. Four units at a time, in registers. */
function putUnits(z: Float64Array, a: Float64Array, params: Float32Array, w: number): void {
  const inputs = a.length
  const units = z.length
  const b = w + inputs * units
  let j = 0
  for (; j + 4 <= units; j += 4) {
    let z0 = params[b + j]!
    let z1 = params[b + j + 1]!
    let z2 = params[b + j + 2]!
    let z3 = params[b + j + 3]!
    for (let i = 0, at = w + j; i < inputs; i++, at += units) {
      const value = a[i]!
      z0 += value * params[at]!
      z1 += value * params[at + 1]!
      z2 += value * params[at + 2]!
      z3 += value * params[at + 3]!
    }
    z[j] = z0
    z[j + 1] = z1
    z[j + 2] = z2
    z[j + 3] = z3
  }
  for (; j < units; j++) {
    let sum = params[b + j]!
    for (let i = 0, at = w + j; i < inputs; i++, at += units) sum += a[i]! * params[at]!
    z[j] = sum
  }
}

function activate(z: Float64Array, activation: Activation): void {
  if (activation === 'relu') {
    for (let j = 0; j < z.length; j++) if (z[j]! < 0) z[j] = 0
  } else if (activation === 'tanh') {
    for (let j = 0; j < z.length; j++) z[j] = Math.tanh(z[j]!)
  } else if (activation === 'sigmoid') {
    for (let j = 0; j < z.length; j++) z[j] = 1 / (1 + Math.exp(-z[j]!))
  }
}

/** The probability of a class from a row's logits. */
export function probabilityOf(logits: Float64Array, code: number): number {
  if (logits.length === 1) return 1 / (1 + Math.exp(code === 1 ? -logits[0]! : logits[0]!))
  const top = logits[code]!
  let sum = 0
  for (let c = 0; c < logits.length; c++) sum += Math.exp(logits[c]! - top)
  return 1 / sum
}
