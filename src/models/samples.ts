import { show } from '../core/checks.ts'
import { type Label, listLabels } from '../core/labels.ts'
import { Matrix, type MatrixLike } from '../kernel/index.ts'

/** Weight of each class: by label, or 'balanced': sum of weights / (classes * weight of the class), as scikit-learn. */
export type ClassWeight = 'balanced' | Readonly<Record<string, number>> | ReadonlyMap<Label, number>

/** X in kernel memory for the time of a call: a Matrix is used where it is, anything else copied in. */
export class BorrowedMatrix {
  readonly matrix: Matrix
  readonly #release: () => void

  constructor(X: MatrixLike) {
    const matrix = X instanceof Matrix ? X : Matrix.from(X)
    const letGo = matrix.slabs.hold()
    this.matrix = matrix
    this.#release = () => {
      letGo()
      if (matrix !== X) matrix.dispose()
    }
  }

  [Symbol.dispose](): void {
    this.#release()
  }
}

/** The weight of each class, by code; undefined where all are 1. */
export function classWeights(
  classWeight: ClassWeight | undefined,
  classes: readonly Label[],
  codes: Int32Array,
  sampleWeight: Float64Array | undefined,
): Float64Array | undefined {
  if (classWeight === undefined) return undefined
  const weights = new Float64Array(classes.length).fill(1)
  if (classWeight === 'balanced') {
    const ofClass = new Float64Array(classes.length)
    let total = 0
    for (let i = 0; i < codes.length; i++) {
      const weight = sampleWeight?.[i] ?? 1
      ofClass[codes[i] as number]! += weight
      total += weight
    }
    return ofClass.map((weight) => (weight > 0 ? total / (classes.length * weight) : 0))
  }
  const entries = classWeight instanceof Map ? classWeight : Object.entries(classWeight)
  for (const [label, weight] of entries as Iterable<[Label, number]>) {
    // The keys of a plain object are strings, whatever the labels are.
    const code = classes.findIndex((c) => c === label || (!(classWeight instanceof Map) && String(c) === label))
    if (code < 0) throw new RangeError(`classWeight: ${show(label)} is none of the classes ${listLabels(classes)}`)
    weights[code] = weight
  }
  return weights
}

/** Sample weights times class weights; undefined where all are 1. */
export function totalWeights(
  codes: Int32Array,
  sampleWeight: Float64Array | undefined,
  ofClass: Float64Array | undefined,
): Float64Array | undefined {
  if (!ofClass) return sampleWeight
  return Float64Array.from(codes, (code, i) => ofClass[code]! * (sampleWeight?.[i] ?? 1))
}
