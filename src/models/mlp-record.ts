import { readWeights } from '../core/arrays.ts'
import { Resource } from '../core/dispose.ts'
import type { Label } from '../core/labels.ts'
import type { Steps } from '../core/steps.ts'
import { Workspace } from '../kernel/index.ts'
import { EarlyStopping, type EarlyStoppingOptions } from '../optim/index.ts'
import { type FitOptions, type HistoryEntry, validationShape } from './fit-options.ts'
import { encodeLabels } from './labels.ts'
import { NetworkMeasure } from './mlp-measure.ts'
import { type NetworkInputs, NetworkRows, type NetworkShape } from './mlp-network.ts'
import { type BorrowedMatrix, borrowMatrix, holdMatrix } from './samples.ts'
import { checkMeasured } from './set-aside.ts'

/** Keeps the history of a network's training, measures it on validation data, minds budget and early stopping. */
export class NetworkRecord extends Resource {
  readonly history: HistoryEntry[] = []
  readonly early: EarlyStopping<Float32Array> | undefined
  readonly #options: FitOptions
  readonly #maxIter: number
  readonly #begin = performance.now()
  #borrowed: BorrowedMatrix | undefined
  #labels: { codes: Int32Array; weights: Float64Array | undefined } | undefined
  #work: Workspace | undefined
  #measure: NetworkMeasure | undefined
  /** Whether early stopping ended the training. */
  stopped = false

  /** @throws TypeError if there is nothing to stop early by */
  constructor(options: FitOptions, maxIter: number, earlyStopping: EarlyStoppingOptions | undefined) {
    super()
    this.#options = options
    this.#maxIter = maxIter
    checkMeasured({ earlyStopping }, options)
    this.early = earlyStopping && new EarlyStopping(earlyStopping)
    if (options.validation) this.#borrowed = holdMatrix(options.validation.X)
  }

  /** Checks the validation data, if there are any, and brings them into kernel memory. */
  *open(classes: readonly Label[], nFeatures: number): Steps<void> {
    const { validation } = this.#options
    if (!validation) return
    const { rows } = validationShape(validation.X, nFeatures)
    const { codes } = yield* encodeLabels(validation.y, rows, classes, 'validation.y')
    this.#labels = { codes, weights: yield* readWeights(validation.sampleWeight, rows, 'rows of validation.X') }
    this.#borrowed ??= yield* borrowMatrix(validation.X)
  }

  /** Measures from now on: on the validation data of `open`, or else as `held` says. */
  begin(shape: NetworkShape, inputs: NetworkInputs, held: NetworkMeasure | undefined): void {
    this.#measure = held
    if (!this.#borrowed || !this.#labels) return
    const { matrix } = this.#borrowed
    this.#work = new Workspace(matrix.slabs.memory)
    const net = new NetworkRows(this.#work, matrix, shape, inputs)
    this.#measure = new NetworkMeasure(this.#work, net, this.#labels.codes, this.#labels.weights)
  }

  /** Notes an epoch; true when it is time to stop. */
  *add(iteration: number, loss: number, net: NetworkRows): Steps<boolean> {
    const measured = this.#measure && (yield* this.#measure.measure(net))
    const entry: HistoryEntry = {
      iteration,
      loss,
      ...(measured && { validationLoss: measured.loss, validationAccuracy: measured.accuracy }),
    }
    this.history.push(entry)
    const elapsedMs = performance.now() - this.#begin
    this.#options.onProgress?.({ ...entry, maxIter: this.#maxIter, elapsedMs })
    if (measured && this.early?.add(iteration, measured.loss, () => net.copyParams())) this.stopped = true
    return this.stopped || elapsedMs >= (this.#options.budgetMs ?? Number.POSITIVE_INFINITY)
  }

  dispose(): void {
    this.#work?.dispose()
    this.#borrowed?.dispose()
  }
}
