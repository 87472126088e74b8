import { Command, InvalidArgumentError, Option } from 'commander'
import type { ClassWeight, LogisticSolver } from '../node.ts'
import { naming, UsageError } from './errors.ts'
import { BEST_BY } from './evaluation.ts'
import { checkWritable, inputOf, writeStdout } from './files.ts'
import { saveModel } from './model-file.ts'
import {
  addCommonOptions,
  addCsvOptions,
  initKernel,
  needTarget,
  targetOption,
  toColumns,
  toInteger,
  toList,
  toPositive,
  toProbability,
} from './options.ts'
import { Progress } from './progress.ts'
import type { Context } from './signals.ts'
import { toShares } from './splitting.ts'
import { reportJson, reportText } from './train-report.ts'
import { runTraining, type TrainFlags } from './training.ts'

const EXAMPLES = `
Examples:
  lanefit train patients.csv --target diagnosis --out model.json
  lanefit train iris.csv --target species
  lanefit train iris.csv --target species --positive setosa
  lanefit train big.csv --target -1 --drop id,date --missing mean
  lanefit train sms.csv --target kind --class-weight balanced --threshold best
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
      new Option('--solver <name>', 'auto is sampledNewton, on few rows newton or lbfgs')
        .choices(['auto', 'newton', 'sampledNewton', 'lbfgs', 'gd', 'sgd'])
        .default('auto'),
    )
    .option(
      '--tol <number>',
      'when to stop (default: 1e-12 sampledNewton, 1e-10 newton, 1e-6 lbfgs and gd, 1e-4 sgd)',
      toPositive({ orZero: true }),
    )
    .option('--max-iter <n>', 'most iterations (default: 100 newton, 1000 others)', toInteger(1))
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
  await initKernel(flags)
  const progress = new Progress({ asked: flags.progress })
  try {
    const training = await naming(input.name, signal, () => runTraining(input, flags, signal, progress))
    if (out !== undefined) await saveModel(out, training.model)
    await writeStdout(flags.json ? reportJson(training, flags) : reportText(training, flags))
  } finally {
    progress.stop()
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
  only('--max-iter', maxIter, ['auto', 'newton', 'sampledNewton', 'lbfgs', 'gd'])
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
