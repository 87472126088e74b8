import type { Steps } from '../core/steps.ts'
import { at, type Kernel, NULL, type Pointer, slabTable, type Workspace } from '../kernel/index.ts'
import { ACTIVATIONS, type Activation } from './mlp-options.ts'
import { logitsOfAll, PASS_ROWS } from './mlp-passes.ts'
import type { Rows } from './samples.ts'

/** Multiply-adds, or what takes as long, that one call into the kernel does: a millisecond or two. */
const CALL_WORK = 2 ** 24
/** The same of a piece of a large batch: this decides how batches are split, and so is a part of a fit's bits. */
const PIECE_WORK = 2 ** 24
const MOST_ROWS = 4096
/** A piece passes over all weights, whatever the rows: fewer would not be worth it. */
const LEAST_ROWS = 32
/** assembly/kernels/parts.ts */
const PROGRESS_BYTES = 16
/** Parameters that are looked at in one go. */
const SLICE = 2 ** 19

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
export function* squaredWeights(params: Float32Array, sizes: readonly number[]): Steps<number> {
  let sum = 0
  for (const layer of layersOf(params, sizes).weights) {
    for (let begin = 0; begin < layer.length; begin += SLICE) {
      for (const w of layer.subarray(begin, begin + SLICE)) sum += w * w
      yield
    }
  }
  return sum
}

/** About how many multiply-adds a batch costs, forward and backward, with what is done besides. */
export function batchWork(sizes: readonly number[], rows: number): number {
  const units = sizes.reduce((sum, size) => sum + size, 0)
  const n = paramCount(sizes)
  return rows * (3 * n + 32 * units + 256) + 12 * n
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
  /** Where in a batch a call that ran out of its budget goes on. */
  readonly #progress: Pointer
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
    this.#progress = work.doubles(PROGRESS_BYTES / 8)
  }

  get activation(): number {
    return ACTIVATIONS[this.shape.activation]
  }

  scratchFor(batch: number): Pointer {
    return this.#work.bytes(this.scratchBytes(batch))
  }

  scratchBytes(batch: number): number {
    return this.kernel.kernels.mlpScratchBytes(batch, this.X.stride, this.layers, this.sizes) >>> 0
  }

  /** A copy of the parameters. */
  copyParams(): Float32Array {
    return this.kernel.memory.f32(this.params, this.size).slice()
  }

  setParams(params: Float32Array): void {
    this.kernel.memory.f32(this.params, this.size).set(params)
  }

  /** About how many multiply-adds a row costs on its way forward. */
  get rowWork(): number {
    return batchWork(this.shape.sizes, 64) / (3 * 64)
  }

  /** Rows of a piece that goes forward (or, `factor` 3, backward too), a power of two. */
  rowsAtOnce(factor = 1): number {
    const rows = PIECE_WORK / (factor * this.rowWork)
    return Math.max(LEAST_ROWS, 2 ** (31 - Math.clz32(Math.max(1, Math.min(MOST_ROWS, rows)))))
  }

  /**
   * Calls into the kernel until all `rows` are done. `call` passes progress and budget on, begins at row `begin`, and
   * returns how many more rows are done: none where one batch is more than a call may take.
   */
  *calls(rows: number, call: (begin: number, progress: Pointer, budget: number) => number): Steps<void> {
    // Steps that were given up may have left a batch half done.
    this.kernel.memory.f64(this.#progress, PROGRESS_BYTES / 8).fill(0)
    for (let begin = 0; begin < rows; yield) begin += call(begin, this.#progress, CALL_WORK)
  }

  /**
   * Takes the steps that `each` makes of pieces of `most` rows that lie one after the other: all rows of X, or those that `rows` numbers of
   * an index (uint32) name, copied together.
   */
  *pieces(
    most: number,
    index: { at: Pointer; rows: number } | undefined,
    each: (x: Pointer, begin: number, rows: number) => Steps<void>,
  ): Steps<void> {
    const { X, kernel } = this
    if (!index) {
      for (const run of X.slabs.runs(0, X.rows, most)) {
        yield* each(run.x, run.begin, run.rows)
      }
      return
    }
    const { table, rows: room } = this.#gather()
    const { slabs, stride } = X
    for (let begin = 0; begin < index.rows; begin += most) {
      const rows = Math.min(most, index.rows - begin)
      kernel.kernels.gatherRows(rows, at(index.at, begin * 4), table, slabs.shift, stride, room)
      yield* each(room, begin, rows)
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
    const { kernels, memory, pool } = this.kernel
    if (pool && !index) return yield* logitsOfAll(this, each)
    const most = this.rowsAtOnce()
    const z = memory.alloc(Math.min(most, this.X.rows) * this.outputs * 4)
    try {
      const { layers, sizes, mean, scale, params, scratch, activation, outputs } = this
      const { stride } = this.X
      const forward = (x: Pointer, rows: number) =>
        this.calls(rows, (begin, progress, budget) =>
          kernels.mlpForward(
            rows - begin,
            PASS_ROWS,
            layers,
            sizes,
            at(x, begin * stride * 4),
            stride,
            mean,
            scale,
            params,
            at(z, begin * outputs * 4),
            scratch,
            progress,
            activation,
            budget,
          ),
        )
      yield* this.pieces(most, index, function* (x, begin, rows) {
        yield* forward(x, rows)
        each(z, begin, rows)
        yield
      })
    } finally {
      memory.free(z)
    }
  }

  /** Adds losses and gradients of rows that lie one after the other to `out` (float64 [loss, gradients]). */
  pass(x: Pointer, rows: number, y: Pointer, s: Pointer, grads: Pointer, out: Pointer): Steps<void> {
    const { layers, sizes, mean, scale, params, scratch, activation } = this
    const { stride } = this.X
    return this.calls(rows, (begin, progress, budget) =>
      this.kernel.kernels.mlpPass(
        rows - begin,
        PASS_ROWS,
        layers,
        sizes,
        at(x, begin * stride * 4),
        stride,
        at(y, begin * 4),
        s === NULL ? NULL : at(s, begin * 4),
        mean,
        scale,
        params,
        grads,
        out,
        scratch,
        progress,
        activation,
        budget,
      ),
    )
  }
}
