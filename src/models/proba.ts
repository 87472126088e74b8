import { show } from '../core/checks.ts'
import type { Label } from './labels.ts'

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
