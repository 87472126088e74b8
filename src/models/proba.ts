import { show } from '../core/checks.ts'
import type { Label } from '../core/labels.ts'
import { type Kernel, type Pointer, Workspace } from '../kernel/index.ts'

/** Class probabilities of some rows: row i of `data` holds one probability per class, in the order of `classes`, sum 1. */
export class Proba<L extends Label = Label> {
  /** rows x cols, row-major. */
  readonly data: Float32Array
  readonly rows: number
  /** Number of classes. */
  readonly cols: number
  readonly classes: readonly L[]

  constructor(data: Float32Array, rows: number, classes: readonly L[]) {
    this.data = data
    this.rows = rows
    this.cols = classes.length
    this.classes = classes
  }

  /** The probabilities of one class, one per row. @throws RangeError if there is no such class */
  of(label: L): Float32Array {
    const code = this.classes.indexOf(label)
    if (code < 0) throw new RangeError(`of: expected one of ${this.classes.map(show).join(', ')}, got ${show(label)}`)
    return Float32Array.from({ length: this.rows }, (_, i) => this.data[i * this.cols + code] as number)
  }
}

/** Both probabilities of n logits at z, into rows of two from row `begin` on. */
export function putBothSides(
  { memory, kernels }: Kernel,
  z: Pointer,
  n: number,
  data: Float32Array,
  begin: number,
): void {
  using work = new Workspace(memory)
  const pairs = work.bytes(n * 8)
  kernels.sigmoidPairs(n, z, pairs)
  data.set(memory.f32(pairs, 2 * n), 2 * begin)
}

/**
 * Sigmoids of k x n logits at z (overwritten), class by class, divided by their sum over the classes, into rows of k from
 * row `begin` on (scikit-learn's one against the rest).
 */
export function putShares(
  { memory, kernels }: Kernel,
  z: Pointer,
  n: number,
  k: number,
  data: Float32Array,
  begin: number,
): void {
  const logits = memory.f32(z, n * k).slice()
  kernels.sigmoid(n * k, z, z)
  const sigmoids = memory.f32(z, n * k)
  for (let i = 0; i < n; i++) {
    let [sum, best] = [0, 0]
    for (let c = 0; c < k; c++) {
      sum += sigmoids[c * n + i]!
      if (logits[c * n + i]! > logits[best * n + i]!) best = c
    }
    // Where float32 has made them all 0, the greatest of them outweighs the others by far.
    for (let c = 0; c < k; c++) data[(begin + i) * k + c] = sum > 0 ? sigmoids[c * n + i]! / sum : c === best ? 1 : 0
  }
}
