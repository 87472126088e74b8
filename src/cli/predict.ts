import { Command } from 'commander'
import { type CsvBatch, formatCsvRows, type LogisticRegression, Matrix } from '../node.ts'
import { CliError } from './errors.ts'
import { checkWritable, inputOf, type Write, writeFile, writeStdout } from './files.ts'
import { Lines } from './lines.ts'
import { loadModel } from './model-file.ts'
import {
  addCommonOptions,
  addCsvOptions,
  type CommonFlags,
  type CsvFlags,
  initKernel,
  toProbability,
} from './options.ts'
import { plural } from './output.ts'
import { Progress } from './progress.ts'
import { type ReadRows, readForModel } from './scored-rows.ts'
import type { Context } from './signals.ts'

interface PredictFlags extends CsvFlags, CommonFlags {
  out?: string
  onlyPredictions?: boolean
  /** Undefined: unless --only-predictions. */
  proba?: boolean
  threshold?: number
}

const EXAMPLES = `
Examples:
  lanefit predict model.json new.csv > predictions.csv
  lanefit predict model.json new.csv --out predictions.csv --threshold 0.3
  zcat huge.csv.gz | lanefit predict model.json | head
`

export function predictCommand(context: Context): Command {
  const command = new Command('predict')
    .summary('add predictions to a CSV')
    .description(
      'Reads a CSV and writes it with the columns prediction and probability_<class> added. Columns are found by the ' +
        'names the model was trained on; others are passed through. Works row by row, however long the data are.',
    )
    .argument('<model>', 'file written by lanefit train')
    .argument('[data]', 'CSV: a path, a URL, or - for standard input', '-')
    .optionsGroup('Output:')
    .option('-o, --out <file>', 'where to write (default: standard output)')
    .option('--only-predictions', 'leave the columns of the input out')
    .option('--proba', 'with the probability of each class (default: unless --only-predictions)')
    .option('--no-proba', 'without')
    .option(
      '--threshold <t>',
      "probability of the second class to answer it from (default: the model's)",
      toProbability,
    )
    .optionsGroup('Data:')
  addCsvOptions(command).optionsGroup('Run:')
  return addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((modelPath: string, dataPath: string, flags: PredictFlags) => predict(modelPath, dataPath, flags, context))
}

async function predict(modelPath: string, dataPath: string, flags: PredictFlags, { signal }: Context): Promise<void> {
  const out = flags.out === '-' ? undefined : flags.out
  const input = inputOf(dataPath)
  if (out !== undefined) await checkWritable(out)
  await initKernel(flags)
  const model = await loadModel(modelPath)
  const busy = out === undefined && process.stdout.isTTY === true
  const progress = new Progress({ asked: flags.progress, busy })
  let rows = 0
  const run = async (write: Write): Promise<void> => {
    let begun = false
    // Two, so that one is written while the other is filled.
    const buffers = [new Lines(), new Lines()] as const
    let turn: 0 | 1 = 0
    let written = Promise.resolve()
    for await (const read of readForModel(model, input, { flags, signal, onProgress: progress.reading })) {
      if (!begun && read.batch.header) await write(headerOf(model, read.batch, flags))
      begun = true
      if (read.kept.length === 0) continue
      const lines = buffers[turn]
      turn = turn === 0 ? 1 : 0
      lines.clear()
      putLines(lines, model, read, flags)
      await written
      written = write(lines.bytes)
      // It is waited for later.
      written.catch(() => {})
      rows += read.kept.length
    }
    await written
  }
  try {
    await (out === undefined ? run(writeStdout) : writeFile(out, run))
    progress.done(out === undefined ? plural(rows, 'row') : `${plural(rows, 'row')}, written to ${out}`)
  } finally {
    progress.stop()
  }
}

const PREDICTION = 'prediction'
const LINE_FEED = 10
const encoder = new TextEncoder()

function withProba({ proba, onlyPredictions }: PredictFlags): boolean {
  return proba ?? !onlyPredictions
}

function headerOf({ classes }: LogisticRegression, { columns, delimiter }: CsvBatch, flags: PredictFlags): string {
  const added = [PREDICTION, ...(withProba(flags) ? classes.map((label) => `probability_${label}`) : [])]
  if (flags.onlyPredictions) return formatCsvRows([added], delimiter)
  const twice = added.find((name) => columns.includes(name))
  if (twice !== undefined) {
    throw new CliError(`the data already have a column "${twice}". Rename it, or add --only-predictions`)
  }
  return formatCsvRows([[...columns, ...added]], delimiter)
}

/** Puts together the lines of some rows. */
function putLines(
  lines: Lines,
  model: LogisticRegression,
  { batch, kept, X: values }: ReadRows,
  flags: PredictFlags,
): void {
  const { threshold, onlyPredictions } = flags
  using X = Matrix.from(values, { shift: shiftOf(model) })
  const labels = model.predict(X, threshold === undefined ? {} : { threshold })
  const proba = withProba(flags) ? model.predictProba(X) : undefined
  const separator = encoder.encode(batch.delimiter)
  // A line less its break.
  const format = (fields: readonly (string | number | boolean)[]) =>
    encoder.encode(formatCsvRows([fields], batch.delimiter).slice(0, -1))
  const names = new Map(model.classes.map((label) => [label, format([label])]))
  for (let i = 0; i < labels.length; i++) {
    const at = kept[i]!
    if (!onlyPredictions) {
      // What had no quotes when it was read needs none now.
      lines.put(batch.bytes(at) ?? format(batch.rows[at]!))
      lines.put(separator)
    }
    lines.put(names.get(labels[i]!)!)
    for (let k = 0; proba && k < proba.cols; k++) {
      lines.put(separator)
      lines.putProbability(proba.data[i * proba.cols + k]!)
    }
    lines.putCode(LINE_FEED)
  }
}

/** What the model itself would subtract from the columns: a row must be predicted alike whatever rows come with it. */
function shiftOf({ columns: { mean, std } }: LogisticRegression): Float64Array {
  return mean.map((m, k) => (Math.abs(m) > 8 * std[k]! ? m : 0))
}
