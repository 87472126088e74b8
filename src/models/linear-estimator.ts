import type { Label, Labels } from '../core/labels.ts'
import { runAsync, runSync } from '../core/steps.ts'
import { kernelReady, Matrix, type MatrixLike, shapeOf } from '../kernel/index.ts'
import { open, seal } from '../persist/index.ts'
import type { BatchSource } from './batches.ts'
import {
  checkBatchesOptions,
  checkFitOptions,
  type FitBatchesOptions,
  type FitOptions,
  type FitSyncOptions,
} from './fit-options.ts'
import { LinearClassifier } from './linear-classifier.ts'
import { linearFitFromJSON, linearFitToJSON } from './linear-fit.ts'
import type { LinearOptions } from './linear-options.ts'
import type { OwnSolvers } from './linear-solvers.ts'
import { fitLinear, type LinearPlan } from './linear-training.ts'
import { loadFitBatches } from './on-demand.ts'
import { optionsToJSON, readOptions } from './options-json.ts'
import type { Shape } from './solver-choice.ts'
import { fitInWorker } from './worker-fit.ts'

/**
 * A linear model of any loss: trained for two classes at once, for more as one model each, that class against the rest
 * (decisionFunction is then rows x nClasses, and the greatest z wins).
 */
export abstract class LinearEstimator<L extends Label, O extends LinearOptions> extends LinearClassifier<L> {
  /** The options given, checked. */
  abstract readonly options: Readonly<O>

  /** The loss and the solver for data of this width. */
  protected abstract plan(shape: Shape): LinearPlan

  /** The solvers that only this model has. */
  protected get ownSolvers(): OwnSolvers | undefined {
    return undefined
  }

  /**
   * Trains without blocking: it takes a break every 8 ms. The model changes only when training has ended.
   *
   * @param X nSamples x nFeatures
   * @param y nSamples labels of at least two classes: numbers, strings or booleans
   * @throws TypeError, RangeError for wrong arguments; DataError ONE_CLASS, NON_FINITE, DIVERGED ...; KernelError; the
   *   signal's reason when it is aborted
   */
  async fit(X: MatrixLike, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    this.checkFit('fit', options)
    if (options.worker) {
      this.fitted = await fitInWorker(
        'linear',
        X,
        y,
        this.plan(shapeOf(X)),
        this.options as LinearOptions,
        options,
        this.fitted,
      )
      return this
    }
    // Where there is a Matrix there is a kernel; without a wait it is held from the call on, and may be disposed.
    if (![X, options.validation?.X].some((given) => given instanceof Matrix)) await kernelReady()
    this.fitted = await runAsync(this.training(X, y, options), options)
    return this
  }

  /** As `fit`, but blocks until it is done. Throws KernelError where only `await init()` can load a kernel. */
  fitSync(X: MatrixLike, y: Labels<L>, options: FitSyncOptions = {}): this {
    this.checkFit('fitSync', options)
    this.fitted = runSync(this.training(X, y, options))
    return this
  }

  /**
   * Trains on more than kernel memory holds: `source` opens the data for a pass and is called once for each, one for
   * classes and statistics and then one for every evaluation of the objective, with the solvers of smooth losses.
   * The result is that of \`fit\` on all rows at once, but for rounding; of X one batch at a time is in kernel memory.
   *
   *     await model.fitBatches(() => readBatches(path), { onProgress })
   *
   * @param source returns an iterable or async iterable of { X, y, sampleWeight? }, the same rows every time
   * @throws as fit; RangeError for the hinge loss and for mini-batches, or a source that gives other rows than the first time
   */
  async fitBatches(source: BatchSource<L>, options: FitBatchesOptions = {}): Promise<this> {
    checkBatchesOptions(options)
    this.checkFit('fitBatches', options)
    const [{ fitBatches }] = await Promise.all([loadFitBatches(), kernelReady()])
    const plan = (cols: number) => this.plan({ rows: 0, cols })
    this.fitted = await runAsync(fitBatches(source as BatchSource, plan, options, this.fitted), options)
    return this
  }

  protected checkFit(method: string, options: FitOptions): void {
    checkFitOptions(method, options)
    options.signal?.throwIfAborted()
  }

  private *training(X: MatrixLike, y: Labels, options: FitOptions): ReturnType<typeof fitLinear> {
    return yield* fitLinear(X, y, this.plan(shapeOf(X)), options, this.fitted, this.ownSolvers)
  }

  /** The fitted model as an object for JSON.stringify. */
  toJSON(): object {
    return seal(this.kind, {
      options: optionsToJSON(this.options as LinearOptions),
      fit: linearFitToJSON(this.need('toJSON')),
    })
  }

  /** Reads what `toJSON` wrote. @throws ModelFormatError */
  protected static load<O extends LinearOptions>(
    json: unknown,
    kind: string,
    check: (options: O) => O,
  ): { options: O; fit: ReturnType<typeof linearFitFromJSON> } {
    const { options, fit, ...rest } = open(json, kind)
    return { options: readOptions(options, rest, check), fit: linearFitFromJSON(fit) }
  }
}
