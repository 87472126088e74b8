import { checkWeights } from '../core/arrays.ts'
import type { Label } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { shapeOf, Workspace } from '../kernel/index.ts'
import type { LinearParameters } from './columns.ts'
import type { FitOptions, HistoryEntry } from './fit-options.ts'
import { encodeLabels } from './labels.ts'
import { exactLoss, LinearData, logisticLoss } from './linear-data.ts'
import { BorrowedMatrix } from './samples.ts'

/** Keeps a fit's history, measures it on the validation data, reports progress and minds the budget. */
export class FitRecord {
  readonly history: HistoryEntry[] = []
  readonly #options: FitOptions
  readonly #begin = performance.now()
  readonly #validation: { borrowed: BorrowedMatrix; work: Workspace; data: LinearData } | undefined
  #maxIter = 0

  constructor(options: FitOptions, classes: readonly Label[], nFeatures: number) {
    this.#options = options
    const { validation } = options
    if (!validation) return
    const { rows, cols } = shapeOf(validation.X, 'validation.X')
    if (cols !== nFeatures) throw new RangeError(`validation.X: expected ${nFeatures} columns as X has, got ${cols}`)
    const { codes } = encodeLabels(validation.y, rows, classes, 'validation.y')
    const weights = checkWeights(validation.sampleWeight, rows, 'rows of validation.X')
    const borrowed = new BorrowedMatrix(validation.X)
    const work = new Workspace(borrowed.matrix.slabs.memory)
    this.#validation = { borrowed, work, data: new LinearData(work, borrowed.matrix, codes, weights) }
  }

  begin(maxIter: number): void {
    this.#maxIter = maxIter
  }

  /** Notes an iteration; true when the budget is spent. `parameters` are asked for only if they are needed. */
  *add(iteration: number, loss: number, parameters: () => LinearParameters): Steps<boolean> {
    const entry: HistoryEntry = { iteration, loss }
    const validation = this.#validation
    if (validation) {
      const { coef, intercept } = parameters()
      const { shift } = validation.borrowed.matrix
      const b = coef.reduce((sum, c, k) => sum + c * shift[k]!, intercept)
      const total = yield* exactLoss(logisticLoss, validation.data, coef, b)
      Object.assign(entry, { validationLoss: total / validation.data.weightSum })
    }
    this.history.push(entry)
    const elapsedMs = performance.now() - this.#begin
    this.#options.onProgress?.({ ...entry, maxIter: this.#maxIter, elapsedMs })
    return elapsedMs >= (this.#options.budgetMs ?? Number.POSITIVE_INFINITY)
  }

  [Symbol.dispose](): void {
    this.#validation?.work[Symbol.dispose]()
    this.#validation?.borrowed[Symbol.dispose]()
  }
}
