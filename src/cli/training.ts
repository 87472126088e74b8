import {
  type ClassWeight,
  type ColumnChoice,
  type ConfusionMatrix,
  type Dataset,
  LogisticRegression,
  type LogisticSolver,
  readCsv,
} from '../node.ts'
import { UsageError } from './errors.ts'
import {
  type BestBy,
  type BestThreshold,
  bestThreshold,
  confusion,
  type Decision,
  type Evaluation,
  evaluate,
  thresholdOn,
} from './evaluation.ts'
import type { Input } from './files.ts'
import { type ClassCount, countClasses, targetOf } from './labels.ts'
import { type CommonFlags, type CsvFlags, takeThreads } from './options.ts'
import { plural } from './output.ts'
import type { Progress } from './progress.ts'
import { type Shares, splitData } from './splitting.ts'

export interface TrainFlags extends CsvFlags, CommonFlags {
  target: ColumnChoice
  columns?: ColumnChoice[]
  drop?: ColumnChoice[]
  model: 'logistic'
  out?: string
  split: Shares
  stratify: boolean
  seed: number
  l2?: number
  C?: number
  classWeight?: ClassWeight
  solver: LogisticSolver
  standardize: boolean
  intercept: boolean
  tol?: number
  maxIter?: number
  epochs?: number
  learningRate?: number
  batchSize?: number
  threshold: number | 'best'
  bestBy: BestBy
  positive?: string
  top: number
}

/** What training came to. */
export interface Training {
  readonly data: {
    readonly source: string
    readonly rows: number
    readonly skippedRows: number
    readonly target: string
    readonly classes: readonly ClassCount[]
  }
  readonly model: LogisticRegression
  readonly seconds: number
  /** Null where there are more than two classes: the most probable is answered. */
  readonly decision: Decision | null
  /** On the validation part; null if there is none. */
  readonly best: BestThreshold | null
  readonly parts: readonly { readonly name: string; readonly rows: number; readonly metrics: Evaluation }[]
  /** On the last part. */
  readonly confusion: ConfusionMatrix & { readonly part: string }
}

/** Reads, splits, trains, measures. */
export async function runTraining(
  input: Input,
  flags: TrainFlags,
  signal: AbortSignal,
  progress: Progress,
): Promise<Training> {
  const data = await read(input, flags, signal, progress)
  const rows = data.X.rows
  const classes = countClasses(data.y)
  const { y, positive } = targetOf(data.y, data.targetName, flags.positive)
  if (positive === null && flags.threshold !== 0.5) {
    throw new UsageError(`--threshold: only for two classes, there are ${classes.length}. Add --positive <label>`)
  }
  await takeThreads(flags, data.X)
  const split = splitData({ ...data, y }, flags)

  const model = new LogisticRegression(optionsOf(flags))
  const begin = performance.now()
  await model.fit(split.train.X, split.train.y, { signal, onProgress: progress.training })
  const seconds = (performance.now() - begin) / 1000
  progress.done(`${plural(model.nIter, model.solver === 'sgd' ? 'epoch' : 'iteration')}, loss ${model.loss.toFixed(5)}`)

  const parts = Object.entries(split).map(([name, { X, y }]) => ({ name, y, proba: model.predictProba(X) }))
  const validation = parts.find(({ name }) => name === 'validation')
  const best =
    validation && positive !== null ? bestThreshold(validation.y, validation.proba, positive, flags.bestBy) : null
  if (flags.threshold === 'best' && !best) {
    throw new UsageError('--threshold best: needs rows of both classes in the validation part')
  }
  const threshold = flags.threshold === 'best' ? best!.threshold : flags.threshold
  const decision = positive === null ? null : { positive, threshold }
  if (decision) model.threshold = thresholdOn(decision.positive, model, threshold)
  const last = parts.at(-1)!
  return {
    data: { source: input.name, rows, skippedRows: data.skippedRows, target: data.targetName, classes },
    ...{ model, seconds, decision, best },
    parts: parts.map(({ name, y, proba }) => ({ name, rows: y.length, metrics: evaluate(y, proba, decision) })),
    confusion: { part: last.name, ...confusion(last.y, last.proba, decision) },
  }
}

async function read(input: Input, flags: TrainFlags, signal: AbortSignal, progress: Progress): Promise<Dataset> {
  const { target, columns, drop, missing, missingValues, header, delimiter, encoding } = flags
  const options = { target, columns, drop, missing, missingValues, header, delimiter, encoding }
  const data = await readCsv(input.source, { ...options, signal, onProgress: progress.reading })
  progress.done(`${plural(data.X.rows, 'row')}, ${plural(data.X.cols, 'feature')}`)
  return data
}

/** The model's options: only those that were given, so that the saved model says what was chosen. */
function optionsOf(flags: TrainFlags): ConstructorParameters<typeof LogisticRegression>[0] {
  const { l2, C, classWeight, tol, maxIter, epochs, learningRate, batchSize } = flags
  const given = Object.entries({ l2, C, classWeight, tol, maxIter, epochs, learningRate, batchSize })
  return {
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...(flags.solver !== 'auto' && { solver: flags.solver }),
    ...(flags.standardize ? {} : { standardize: false }),
    ...(flags.intercept ? {} : { fitIntercept: false }),
    ...(flags.solver === 'sgd' && { seed: flags.seed }),
  }
}
