import type { Steps } from '../core/steps.ts'
import { ACTIVATION, at, type Kernel, type Pointer, slabTable, type Workspace } from '../kernel/index.ts'
import type { Rows } from './samples.ts'

/**
 * Multiply-adds that one call into the kernel may take: a few milliseconds. These numbers decide how large batches are
 * split, and so are part of a fit's bits.
 */
const CALL_WORK = 2 ** 24
/** Rows that are passed through the network together where no batch size is asked for. */
export const PASS_ROWS = 128
const MOST_ROWS = 4096
/** A call passes over all weights, whatever the rows: fewer would not be worth it, though more weights make it longer. */
const LEAST_ROWS = 32

/** Activations as users name them, by the kernel's numbers. */
export const ACTIVATIONS = {
  relu: ACTIVATION.relu,
  tanh: ACTIVATION.tanh,
  sigmoid: ACTIVATION.logistic,
  identity: ACTIVATION.identity,
} as const
export type Activation = keyof typeof ACTIVATIONS

/** What there is to know of a network but its parameters: [inputs, units of each hidden layer, outputs]. */
export interface NetworkShape {
  readonly sizes: readonly number[]
  readonly activation: Activation
}

/** What the network is given: (x - mean) * scale of every column x, in original units. */
export interface NetworkInputs {
  readonly mean: Float64Array
  readonly scale: Float64Array
}

/** Weights (inputs x units, row-major) and biases of each layer, as views into all parameters. */
export function layersOf<A extends Float32Array | Float64Array>(
  params: A,
  sizes: readonly number[],
): { weights: A[]; biases: A[] } {
  const weights: A[] = []
  const biases: A[] = []
  let begin = 0
  const next = (length: number): A => {
    begin += length
    return params.subarray(begin - length, begin) as A
  }
  for (let l = 1; l < sizes.length; l++) {
    weights.push(next(sizes[l - 1]! * sizes[l]!))
    biases.push(next(sizes[l]!))
  }
  return { weights, biases }
}

/** a W + b of one row, in float64. */
export function layerOf(
  a: ArrayLike<number>,
  weights: ArrayLike<number>,
  biases: ArrayLike<number>,
): Float64Array<ArrayBuffer> {
  const z = Float64Array.from(biases)
  for (let i = 0, w = 0; i < a.length; i++) {
    const value = a[i]!
    for (let j = 0; j < z.length; j++) z[j]! += value * weights[w++]!
  }
  return z
}

/** The number of parameters. */
export function paramCount(sizes: readonly number[]): number {
  return sizes.reduce((sum, size, l) => (l === 0 ? 0 : sum + (sizes[l - 1]! + 1) * size), 0)
}

/** Sum of squares of all weights, without the biases. */
export function squaredWeights(params: Float32Array, sizes: readonly number[]): number {
  let sum = 0
  for (const layer of layersOf(params, sizes).weights) for (const w of layer) sum += w * w
  return sum
}

/** About how many multiply-adds a batch costs, forward and backward, with what is done besides. */
export function batchWork(sizes: readonly number[], rows: number): number {
  const units = sizes.reduce((sum, size) => sum + size, 0)
  const n = paramCount(sizes)
  return rows * (3 * n + 32 * units + 256) + 12 * n
}

/** How many of something that costs `work` one call may do, a power of two. */
export function perCall(work: number, most: number): number {
  return 2 ** (31 - Math.clz32(Math.max(1, Math.min(most, CALL_WORK / work))))
}

/** A network beside the rows that pass through it, in kernel memory. Lives as long as its Workspace. */
export class NetworkRows {
  readonly X: Rows
  readonly shape: NetworkShape
  readonly inputs: NetworkInputs
  readonly kernel: Kernel
  /** Number of layers of weights. */
  readonly layers: number
  /** Number of parameters. */
  readonly size: number
  /** Number of outputs: 1 for two classes. */
  readonly outputs: number
  readonly sizes: Pointer
  readonly mean: Pointer
  readonly scale: Pointer
  /** `size` float32; assembly/kernels/network.ts has the layout. */
  readonly params: Pointer
  /** For batches of PASS_ROWS. */
  readonly scratch: Pointer
  readonly #work: Workspace
  #gathering: { table: Pointer; rows: Pointer } | undefined

  constructor(work: Workspace, X: Rows, shape: NetworkShape, inputs: NetworkInputs) {
    const { sizes } = shape
    const { kernel } = X.slabs
    this.X = X
    this.shape = shape
    this.inputs = inputs
    this.kernel = kernel
    this.layers = sizes.length - 1
    this.size = paramCount(sizes)
    this.outputs = sizes.at(-1)!
    this.#work = work
    this.sizes = work.bytes(sizes.length * 4)
    kernel.memory.u32(this.sizes, sizes.length).set(sizes)
    this.mean = work.floats(X.stride)
    this.scale = work.floats(X.stride)
    kernel.memory.f32(this.mean, X.cols).set(inputs.mean.map((mean, k) => mean - X.shift[k]!))
    kernel.memory.f32(this.scale, X.cols).set(inputs.scale)
    this.params = work.floats(this.size)
    this.scratch = this.scratchFor(PASS_ROWS)
  }

  get activation(): number {
    return ACTIVATIONS[this.shape.activation]
  }

  scratchFor(batch: number): Pointer {
    return this.#work.bytes(this.kernel.kernels.mlpScratchBytes(batch, this.X.stride, this.layers, this.sizes) >>> 0)
  }

  /** A copy of the parameters. */
  copyParams(): Float32Array {
    return this.kernel.memory.f32(this.params, this.size).slice()
  }

  setParams(params: Float32Array): void {
    this.kernel.memory.f32(this.params, this.size).set(params)
  }

  /** Rows that one call takes forward (or, `factor` 3, backward too). */
  rowsAtOnce(factor = 1): number {
    return Math.max(LEAST_ROWS, perCall((factor * batchWork(this.shape.sizes, 64)) / (3 * 64), MOST_ROWS))
  }

  /**
   * Calls `each` with pieces of `most` rows that lie one after the other: all rows of X, or those that `rows` numbers of
   * an index (uint32) name, copied together.
   */
  *pieces(
    most: number,
    index: { at: Pointer; rows: number } | undefined,
    each: (x: Pointer, begin: number, rows: number) => void,
  ): Steps<void> {
    const { X, kernel } = this
    if (!index) {
      for (const run of X.slabs.runs(0, X.rows, most)) {
        each(run.x, run.begin, run.rows)
        yield
      }
      return
    }
    const { table, rows: room } = this.#gather()
    const { slabs, stride } = X
    for (let begin = 0; begin < index.rows; begin += most) {
      const rows = Math.min(most, index.rows - begin)
      kernel.kernels.gatherRows(rows, at(index.at, begin * 4), table, slabs.shift, stride, room)
      each(room, begin, rows)
      yield
    }
  }

  #gather(): { table: Pointer; rows: Pointer } {
    this.#gathering ??= {
      table: this.#work.adopt(slabTable(this.X.slabs)),
      rows: this.#work.bytes(Math.min(this.rowsAtOnce(), this.X.rows) * this.X.stride * 4),
    }
    return this.#gathering
  }

  /** Calls `each` with the logits, rows x outputs float32, of some rows after the other. A row's do not depend on others. */
  *logits(
    index: { at: Pointer; rows: number } | undefined,
    each: (z: Pointer, begin: number, rows: number) => void,
  ): Steps<void> {
    const { kernels, memory } = this.kernel
    const most = this.rowsAtOnce()
    const z = memory.alloc(Math.min(most, this.X.rows) * this.outputs * 4)
    try {
      yield* this.pieces(most, index, (x, begin, rows) => {
        const { layers, sizes, mean, scale, params, scratch, activation } = this
        kernels.mlpForward(
          rows,
          PASS_ROWS,
          layers,
          sizes,
          x,
          this.X.stride,
          mean,
          scale,
          params,
          z,
          scratch,
          activation,
        )
        each(z, begin, rows)
      })
    } finally {
      memory.free(z)
    }
  }

  /** Adds losses and gradients of rows that lie one after the other to `out` (float64 [loss, gradients]). */
  pass(x: Pointer, rows: number, y: Pointer, s: Pointer, grads: Pointer, out: Pointer): void {
    const { layers, sizes, mean, scale, params, scratch, activation } = this
    const { stride } = this.X
    this.kernel.kernels.mlpPass(
      rows,
      PASS_ROWS,
      layers,
      sizes,
      x,
      stride,
      y,
      s,
      mean,
      scale,
      params,
      grads,
      out,
      scratch,
      activation,
    )
  }
}
