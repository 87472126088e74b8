import { show } from '../core/checks.ts'
import { Resource } from '../core/dispose.ts'
import { type Label, listLabels } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { type DenseData, Matrix, MatrixBuilder, type MatrixLike, shapeOf } from '../kernel/index.ts'

/** Numbers copied in one go: about a millisecond's work. */
const SLICE_NUMBERS = 2 ** 17

/** Rows between two breaks of a pass over labels and weights: about a millisecond's work. */
export const SLICE_ROWS = 2 ** 16

/** Weight of each class: by label, or 'balanced': sum of weights / (classes * weight of the class), as scikit-learn. */
export type ClassWeight = 'balanced' | Readonly<Record<string, number>> | ReadonlyMap<Label, number>

/** What passes over the rows of a Matrix need of it. */
export type Rows = Pick<Matrix, 'rows' | 'cols' | 'stride' | 'shift' | 'slabs' | 'featureNames'>

/**
 * X in kernel memory for the time of a call: a Matrix is used where it is, anything else copied in. `matrix` is good until
 * the end of the call, even if its owner disposes of the Matrix meanwhile.
 */
export class BorrowedMatrix extends Resource {
  readonly matrix: Rows
  readonly #release: () => void

  constructor(matrix: Matrix, isCopy: boolean) {
    super()
    const { rows, cols, stride, shift, slabs, featureNames } = matrix
    const letGo = slabs.hold()
    this.matrix = { rows, cols, stride, shift, slabs, featureNames }
    this.#release = () => {
      letGo()
      if (isCopy) matrix.dispose()
    }
  }

  dispose(): void {
    this.#release()
  }
}

/** Borrows X at once if it is a Matrix. @throws KernelError DISPOSED */
export function holdMatrix(X: MatrixLike): BorrowedMatrix | undefined {
  return X instanceof Matrix ? new BorrowedMatrix(X, false) : undefined
}

/**
 * Borrows X for a call, copied in slice by slice where it is no Matrix: a page must not notice, and memory that is short
 * is waited for. `options` as for Matrix.from, for what is no Matrix.
 */
export function* borrowMatrix(
  X: MatrixLike,
  options: { shift?: Float64Array; firstRow?: number } = {},
): Steps<BorrowedMatrix> {
  const held = holdMatrix(X)
  if (held) return held
  const { rows, cols } = shapeOf(X)
  using builder = new MatrixBuilder(cols, { rows, ...options })
  yield* builder.reserving(rows)
  const slice = Math.max(1, Math.floor(SLICE_NUMBERS / cols))
  for (let begin = 0; begin < rows; begin += slice) {
    const end = Math.min(begin + slice, rows)
    if (Array.isArray(X)) builder.appendRows(X.slice(begin, end))
    else builder.append((X as DenseData).data.subarray(begin * cols, end * cols), end - begin)
    yield
  }
  return new BorrowedMatrix(builder.finish(), true)
}

/** The weight of each class, by code; undefined where all are 1. */
export function* classWeights(
  classWeight: ClassWeight | undefined,
  classes: readonly Label[],
  codes: Int32Array,
  sampleWeight: Float64Array | undefined,
): Steps<Float64Array | undefined> {
  if (classWeight === undefined) return undefined
  const weights = new Float64Array(classes.length).fill(1)
  if (classWeight === 'balanced') {
    const ofClass = new Float64Array(classes.length)
    let total = 0
    for (let i = 0; i < codes.length; i++) {
      if (i % SLICE_ROWS === SLICE_ROWS - 1) yield
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

/** The sum of the weights as the kernel has them, in float32; of 1s where there are none. */
export function sumOfWeights(weights: Float64Array | undefined, rows: number): number {
  if (!weights) return rows
  let sum = 0
  for (let i = 0; i < rows; i++) sum += Math.fround(weights[i]!)
  return sum
}

/** Sample weights times class weights; undefined where all are 1. */
export function* totalWeights(
  codes: Int32Array,
  sampleWeight: Float64Array | undefined,
  ofClass: Float64Array | undefined,
): Steps<Float64Array | undefined> {
  if (!ofClass) return sampleWeight
  const total = new Float64Array(codes.length)
  for (let i = 0; i < total.length; i++) {
    if (i % SLICE_ROWS === SLICE_ROWS - 1) yield
    total[i] = ofClass[codes[i]!]! * (sampleWeight?.[i] ?? 1)
  }
  return total
}
