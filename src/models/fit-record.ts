import { readWeights } from '../core/arrays.ts'
import { Resource } from '../core/dispose.ts'
import type { Label } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { type Matrix, NULL, Workspace } from '../kernel/index.ts'
import { type FitOptions, type HistoryEntry, validationShape } from './fit-options.ts'
import { encodeLabels } from './labels.ts'
import { LinearData } from './linear-data.ts'
import type { LinearOutputs } from './linear-fit.ts'
import { BorrowedMatrix, borrowMatrix, holdMatrix } from './samples.ts'
import { scoreRowsInSteps } from './scores.ts'

/** Keeps a fit's history, measures it on the validation data, reports progress and minds the budget. */
export class FitRecord extends Resource {
  readonly history: HistoryEntry[] = []
  readonly #options: FitOptions
  readonly #begin = performance.now()
  #borrowed: BorrowedMatrix | undefined
  #work: Workspace | undefined
  #validation: LinearData | undefined
  #codes: Int32Array | undefined
  /** Iterations of the solvers that ran before. */
  #done = 0
  #maxIter = 0
  #solvers = 1

  constructor(options: FitOptions) {
    super()
    this.#options = options
    if (options.validation) this.#borrowed = holdMatrix(options.validation.X)
  }

  /** Checks the validation data, if there are any, and puts them where they can be measured on. */
  *open(classes: readonly Label[], nFeatures: number): Steps<void> {
    const { validation } = this.#options
    if (!validation) return
    const { rows } = validationShape(validation.X, nFeatures)
    const { codes } = yield* encodeLabels(validation.y, rows, classes, 'validation.y')
    const weights = yield* readWeights(validation.sampleWeight, rows, 'rows of validation.X')
    this.#borrowed ??= yield* borrowMatrix(validation.X)
    const { matrix } = this.#borrowed
    this.#work = new Workspace(matrix.slabs.memory)
    this.#codes = codes
    this.#validation = new LinearData(this.#work, matrix, codes, weights)
  }

  /** Measures on these rows, whose weights may be all 1; they belong to the record from now on. */
  measureOn(matrix: Matrix, codes: Int32Array, weights: Float64Array | undefined): void {
    this.#borrowed = new BorrowedMatrix(matrix, true)
    this.#work = new Workspace(matrix.slabs.memory)
    this.#codes = codes
    this.#validation = new LinearData(this.#work, this.#borrowed.matrix, codes, weights)
  }

  /** Says what the loss takes for class codes; the codes themselves unless this is called. */
  setTargets(targets: (codes: Int32Array) => ArrayLike<number>): void {
    if (!this.#validation || !this.#codes) return
    const { kernel, y, X } = this.#validation
    kernel.memory.f32(y, X.rows).set(targets(this.#codes))
  }

  /** How many solvers will run, one after the other. */
  expect(solvers: number): void {
    this.#solvers = solvers
  }

  /** A solver begins. */
  begin(maxIter: number): void {
    this.#done = this.history.length
    this.#maxIter = maxIter * this.#solvers
  }

  /**
   * Notes an iteration; true when the budget is spent. On validation data, `outputs` gives the parameters in original
   * units, and `meanLoss` the mean loss at them.
   */
  *add(
    iteration: number,
    loss: number,
    outputs: () => LinearOutputs,
    meanLoss: (validation: LinearData, outputs: LinearOutputs) => Steps<number>,
  ): Steps<boolean> {
    let entry: HistoryEntry = { iteration: this.#done + iteration, loss }
    if (this.#validation) {
      const at = outputs()
      const validationLoss = yield* meanLoss(this.#validation, at)
      entry = { ...entry, validationLoss, validationAccuracy: yield* accuracyOf(this.#validation, at) }
    }
    this.history.push(entry)
    const elapsedMs = performance.now() - this.#begin
    this.#options.onProgress?.({ ...entry, maxIter: this.#maxIter, elapsedMs })
    return elapsedMs >= (this.#options.budgetMs ?? Number.POSITIVE_INFINITY)
  }

  dispose(): void {
    this.#work?.dispose()
    this.#borrowed?.dispose()
  }
}

/** The share of the weight that goes to the right class: by the sign of one output, by the greatest of several. */
function* accuracyOf({ X, y, s, kernel, weightSum }: LinearData, outputs: LinearOutputs): Steps<number> {
  const { memory } = kernel
  const k = outputs.intercepts.length
  let right = 0
  yield* scoreRowsInSteps(X, outputs, 0, (_, z, begin, rows) => {
    const scores = memory.f32(z, k * rows)
    const targets = memory.f32(y, X.rows)
    const weights = s === NULL ? undefined : memory.f32(s, X.rows)
    for (let i = 0; i < rows; i++) {
      let best = 0
      for (let c = 1; c < k; c++) if (scores[c * rows + i]! > scores[best * rows + i]!) best = c
      const target = targets[begin + i]!
      const isRight = k === 1 ? scores[i]! >= 0 === target > 0 : best === target
      if (isRight) right += weights?.[begin + i] ?? 1
    }
  })
  return right / weightSum
}
