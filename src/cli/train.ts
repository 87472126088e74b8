import { Command, InvalidArgumentError, Option } from 'commander'
import {
  type ClassWeight,
  type ColumnChoice,
  type Dataset,
  init,
  LogisticRegression,
  type LogisticSolver,
  readCsv,
} from '../node.ts'
import { naming, UsageError } from './errors.ts'
import { BEST_BY, type BestBy, bestThreshold, confusion, evaluate, thresholdOn } from './evaluation.ts'
import { checkWritable, type Input, inputOf, writeStdout } from './files.ts'
import { countClasses, positiveOf, twoClasses } from './labels.ts'
import { saveModel } from './model-file.ts'
import {
  addCommonOptions,
  addCsvOptions,
  type CommonFlags,
  type CsvFlags,
  needTarget,
  targetOption,
  toColumns,
  toInteger,
  toList,
  toPositive,
  toProbability,
} from './options.ts'
import { plural } from './output.ts'
import { Progress } from './progress.ts'
import type { Context } from './signals.ts'
import { type Shares, splitData, toShares } from './splitting.ts'
import { reportJson, reportText, type Training } from './train-report.ts'

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

const EXAMPLES = `
Examples:
  lanefit train patients.csv --target diagnosis --out model.json
  lanefit train iris.csv --target species --positive setosa
  lanefit train big.csv --target -1 --drop id,date --missing mean --threshold best
  zcat huge.csv.gz | lanefit train - --target y --solver sgd --epochs 5 --json
`

export function trainCommand(context: Context): Command {
  const command = new Command('train')
    .summary('train a classifier on a CSV and measure it')
    .description('Trains a classifier on part of a CSV, measures it on the rest, and shows or saves what came out.')
    .argument('<data>', 'CSV: a path, a URL, or - for standard input')
    .usage('<data> --target <column> [options]')
    .addOption(targetOption('what to predict'))
    .option('-o, --out <file>', 'write the model there', toOutFile)
    .option('--json', 'one JSON object on standard output instead of the report')
    .optionsGroup('Model:')
    .addOption(new Option('--model <kind>', 'what to train').choices(['logistic']).default('logistic'))
    .addOption(
      new Option('--C <number>', 'inverse strength of the penalty (default: 1)')
        .argParser(toPositive())
        .conflicts('l2'),
    )
    .option('--l2 <number>', 'strength of the penalty beside the mean loss, instead of C', toPositive({ orZero: true }))
    .option('--class-weight <weights>', '"balanced", or label=weight,label=weight', toClassWeight)
    .option('--no-standardize', 'penalise the coefficients as they are, not per standard deviation')
    .option('--no-intercept', 'without an intercept')
    .optionsGroup('Solver:')
    .addOption(
      new Option('--solver <name>', 'auto is newton up to 64 features, lbfgs above')
        .choices(['auto', 'newton', 'lbfgs', 'gd', 'sgd'])
        .default('auto'),
    )
    .option(
      '--tol <number>',
      'when to stop (default: 1e-10 newton, 1e-6 lbfgs and gd, 1e-4 sgd)',
      toPositive({ orZero: true }),
    )
    .option('--max-iter <n>', 'most iterations (default: 100 newton, 1000 lbfgs and gd)', toInteger(1))
    .option('--learning-rate <number>', 'of gd and sgd (default: 0.1 sgd, the safe one gd)', toPositive())
    .option('--epochs <n>', 'most passes of sgd over the data (default: 50)', toInteger(1))
    .option('--batch-size <n>', 'rows in a mini-batch of sgd (default: 32)', toInteger(1))
    .optionsGroup('Evaluation:')
    .addOption(
      new Option('--split <shares>', 'train/validation/test in percent; 100 trains on everything')
        .argParser(toShares)
        .default(toShares('70/15/15'), '70/15/15'),
    )
    .option('--no-stratify', 'split without regard to the classes')
    .option('--seed <n>', 'of the split and of sgd', toInteger(0), 0)
    .option(
      '--positive <label>',
      'the class that precision, recall ... look at (default: the second); of more than two, the one set against the rest',
    )
    .addOption(
      new Option('--threshold <t>', 'probability of the positive class to answer it from, or "best" on validation')
        .argParser((text) => (text === 'best' ? text : toProbability(text)))
        .default(0.5),
    )
    .addOption(
      new Option('--best-by <metric>', 'what the best threshold is best for')
        .choices(Object.keys(BEST_BY))
        .default('f1'),
    )
    .option('--top <n>', 'coefficients to show', toInteger(0), 10)
    .optionsGroup('Data:')
    .option('--columns <list>', 'features, by name or position (default: all but the target)', toColumns)
    .option('--drop <list>', 'columns to leave out', toColumns)
  addCsvOptions(command).optionsGroup('Run:')
  return addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((data: string, flags: TrainFlags) => {
      needTarget(command, flags)
      return train(data, flags, context)
    })
}

async function train(path: string, flags: TrainFlags, { signal }: Context): Promise<void> {
  checkTogether(flags)
  const input = inputOf(path)
  const { out } = flags
  if (out !== undefined) await checkWritable(out)
  await init(flags.variant ? { variant: flags.variant } : {})
  const progress = new Progress({ asked: flags.progress })
  try {
    const training = await naming(input.name, signal, () => trained(input, flags, signal, progress))
    if (out !== undefined) await saveModel(out, training.model)
    await writeStdout(flags.json ? reportJson(training, flags) : reportText(training, flags))
  } finally {
    progress.stop()
  }
}

async function trained(input: Input, flags: TrainFlags, signal: AbortSignal, progress: Progress): Promise<Training> {
  const data = await read(input, flags, signal, progress)
  const rows = data.X.rows
  const classes = countClasses(data.y)
  const y = twoClasses(data.y, data.targetName, flags.positive)
  const split = splitData({ ...data, y }, flags)

  const model = new LogisticRegression(optionsOf(flags))
  const begin = performance.now()
  await model.fit(split.train.X, split.train.y, { signal, onProgress: progress.training })
  const seconds = (performance.now() - begin) / 1000
  progress.done(`${plural(model.nIter, model.solver === 'sgd' ? 'epoch' : 'iteration')}, loss ${model.loss.toFixed(5)}`)

  const positive = positiveOf(model.classes, flags.positive)
  const parts = Object.entries(split).map(([name, { X, y }]) => ({ name, y, proba: model.predictProba(X) }))
  const validation = parts.find(({ name }) => name === 'validation')
  const best = validation ? bestThreshold(validation.y, validation.proba, positive, flags.bestBy) : null
  if (flags.threshold === 'best' && !best) {
    throw new UsageError('--threshold best: needs rows of both classes in the validation part')
  }
  const threshold = flags.threshold === 'best' ? best!.threshold : flags.threshold
  model.threshold = thresholdOn(positive, model, threshold)
  const decision = { positive, threshold }
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

/** An option that would do nothing is a mistake. */
function checkTogether({ solver, epochs, batchSize, learningRate, maxIter, threshold, split }: TrainFlags): void {
  const only = (flag: string, value: unknown, solvers: readonly LogisticSolver[]): void => {
    if (value === undefined || solvers.includes(solver)) return
    throw new UsageError(`${flag}: only with --solver ${solvers.join(' or ')}`)
  }
  only('--epochs', epochs, ['sgd'])
  only('--batch-size', batchSize, ['sgd'])
  only('--learning-rate', learningRate, ['gd', 'sgd'])
  only('--max-iter', maxIter, ['auto', 'newton', 'lbfgs', 'gd'])
  if (threshold === 'best' && split.validation === 0) {
    throw new UsageError('--threshold best: needs a validation part, as in --split 70/15/15')
  }
}

function toOutFile(text: string): string {
  if (text === '' || text === '-') throw new InvalidArgumentError('Expected the name of a file.')
  return text
}

function toClassWeight(text: string): ClassWeight {
  if (text === 'balanced') return text
  const pairs = toList(text).map((pair) => {
    const at = pair.lastIndexOf('=')
    const weight = at > 0 ? Number(pair.slice(at + 1) || Number.NaN) : Number.NaN
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new InvalidArgumentError('Expected "balanced" or label=weight,label=weight.')
    }
    return [pair.slice(0, at), weight]
  })
  return Object.fromEntries(pairs)
}
