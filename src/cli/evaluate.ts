import { Command, Option } from 'commander'
import { type ColumnChoice, type CsvBatch, type Label, type LogisticRegression, Proba } from '../node.ts'
import { CliError, UsageError } from './errors.ts'
import {
  BEST_BY,
  type BestBy,
  bestText,
  bestThreshold,
  confusion,
  confusionTable,
  evaluate as measure,
  metricsTable,
  thresholdOn,
} from './evaluation.ts'
import { type Input, inputOf, writeStdout } from './files.ts'
import { countClasses, findLabel, list, positiveOf, restOf } from './labels.ts'
import { loadModel } from './model-file.ts'
import {
  addCommonOptions,
  addCsvOptions,
  type CommonFlags,
  type CsvFlags,
  initKernel,
  needTarget,
  targetOption,
  toProbability,
} from './options.ts'
import { entry, plural, probability } from './output.ts'
import { Progress } from './progress.ts'
import { readForModel } from './scored-rows.ts'
import type { Context } from './signals.ts'

interface EvaluateFlags extends CsvFlags, CommonFlags {
  target: ColumnChoice
  positive?: string
  threshold?: number
  bestBy: BestBy
}

const EXAMPLES = `
Examples:
  lanefit evaluate model.json new.csv --target diagnosis
  lanefit evaluate model.json new.csv -t diagnosis --json | jq .metrics.rocAuc
`

export function evaluateCommand(context: Context): Command {
  const command = new Command('evaluate')
    .summary('measure a model on a CSV with labels')
    .description(
      'Measures a saved model on labelled data: a table of metrics, the confusion matrix, the best threshold.',
    )
    .argument('<model>', 'file written by lanefit train')
    .argument('[data]', 'CSV: a path, a URL, or - for standard input', '-')
    .usage('<model> [data] --target <column> [options]')
    .addOption(targetOption('the labels'))
    .optionsGroup('Evaluation:')
    .option(
      '--threshold <t>',
      "probability of the positive class to answer it from (default: the model's)",
      toProbability,
    )
    .option('--positive <label>', 'the class that precision, recall, F1 ... look at (default: the second)')
    .addOption(
      new Option('--best-by <metric>', 'what the best threshold is best for')
        .choices(Object.keys(BEST_BY))
        .default('f1'),
    )
    .option('--json', 'one JSON object on standard output')
    .optionsGroup('Data:')
  addCsvOptions(command).optionsGroup('Run:')
  return addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((model: string, data: string, flags: EvaluateFlags) => {
      needTarget(command, flags)
      return evaluate(model, data, flags, context)
    })
}

async function evaluate(modelPath: string, dataPath: string, flags: EvaluateFlags, context: Context): Promise<void> {
  const input = inputOf(dataPath)
  await initKernel(flags)
  const model = await loadModel(modelPath)
  const positive = positiveOf(model.classes, flags.positive)
  const { y, proba } = await score(model, input, flags, context)
  if (positive === null && flags.threshold !== undefined) {
    throw new UsageError(`--threshold: only for two classes, the model has ${model.classes.length}`)
  }
  const threshold = positive === null ? null : (flags.threshold ?? thresholdOn(positive, model, model.threshold))
  const decision = positive === null || threshold === null ? null : { positive, threshold }
  const values = measure(y, proba, decision)
  const best = positive === null ? null : bestThreshold(y, proba, positive, flags.bestBy)
  const matrix = confusion(y, proba, decision)
  const classes = countClasses(y)
  if (flags.json) {
    const result = { model: modelPath, data: input.name, rows: y.length, classes, positive, threshold }
    await writeStdout(
      `${JSON.stringify({ ...result, metrics: values, bestThreshold: best, confusionMatrix: matrix }, null, 2)}\n`,
    )
    return
  }
  const counts = classes.map(({ label, count }) => `${label} ${count}`).join(', ')
  const parts = [
    [
      entry('Data', `${input.name}: ${plural(y.length, 'row')} (${counts})`),
      entry(
        'Decision',
        decision
          ? `${decision.positive} from probability ${probability(decision.threshold)}`
          : 'the most probable class',
        ...(best ? [`${bestText(best)} on these rows`] : []),
      ),
    ].join('\n'),
    metricsTable({ value: values }),
    confusionTable(matrix, ''),
  ]
  await writeStdout(`${parts.join('\n\n')}\n`)
}

/** Labels and probabilities of every row. */
async function score(
  model: LogisticRegression,
  input: Input,
  flags: EvaluateFlags,
  { signal }: Context,
): Promise<{ y: Label[]; proba: Proba }> {
  const { target } = flags
  const progress = new Progress({ asked: flags.progress })
  const y: Label[] = []
  const parts: Float32Array[] = []
  try {
    for await (const { batch, kept, unlabelled, X } of readForModel(model, input, {
      flags,
      signal,
      onProgress: progress.reading,
      target,
    })) {
      if (kept.length === 0) continue
      const column = batch.indexOf(target, 'target')
      for (const i of kept) y.push(labelOf(model, batch, i, column, unlabelled.has(i), input.name))
      parts.push(model.predictProba(X).data)
    }
    if (y.length === 0) throw new CliError(`${input.name}: there are no rows to evaluate on`)
    progress.done(plural(y.length, 'row'))
  } finally {
    progress.stop()
  }
  const data = new Float32Array(model.classes.length * y.length)
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length
  }
  return { y, proba: new Proba(data, y.length, model.classes) }
}

/** The label of a row; of a model that sets one class against the rest, all others are the rest. */
function labelOf(
  { classes }: LogisticRegression,
  batch: CsvBatch,
  i: number,
  column: number,
  missing: boolean,
  name: string,
): Label {
  const text = batch.field(i, column).trim()
  const label = findLabel(classes, text)
  if (label !== undefined) return label
  const rest = classes.find((c) => classes.some((other) => c === restOf(other)))
  if (rest !== undefined && !missing) return rest
  throw new CliError(
    `${name}: line ${batch.line(i)}: expected a label of the model (${list(classes)}), got ${JSON.stringify(text)}${missing ? '. Leave such rows out with --missing drop' : ''}`,
  )
}
