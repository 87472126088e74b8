import { kernelInfo, type LogisticRegression } from '../node.ts'
import { allEffects, effectsTables } from './effects.ts'
import { bestText, confusionTable, metricsTable } from './evaluation.ts'
import { kernelText, solverText, summaryOf } from './info.ts'
import { colors, count, entry, percent, plural, probability, seconds } from './output.ts'
import type { TrainFlags, Training } from './training.ts'

/** One JSON object and nothing else. */
export function reportJson(training: Training, { seed, stratify, out }: TrainFlags): string {
  const { model, decision, parts, data, best, confusion } = training
  const { variant, reason, threads, threadsReason } = kernelInfo()
  const byName = <T>(of: (part: Training['parts'][number]) => T) =>
    Object.fromEntries(parts.map((part) => [part.name, of(part)]))
  const report = {
    data,
    split: { ...byName(({ rows }) => rows), stratified: stratify, seed },
    model: summaryOf(model),
    seconds: training.seconds,
    kernel: { variant, reason, threads, threadsReason },
    positive: decision?.positive ?? null,
    threshold: decision?.threshold ?? null,
    bestThreshold: best,
    metrics: byName(({ metrics }) => metrics),
    confusionMatrix: confusion,
    coefficients: allEffects(model, decision?.positive ?? null),
    out: out ?? null,
  }
  return `${JSON.stringify(report, null, 2)}\n`
}

/** The report that people read. */
export function reportText(training: Training, flags: TrainFlags): string {
  const { model, decision, parts, confusion } = training
  const columns = Object.fromEntries(parts.map(({ name, metrics }) => [name, metrics]))
  const sections = [
    summary(training, flags),
    metricsTable(columns),
    confusionTable(confusion, `${confusion.part} rows`),
    ...effectsTables(model, flags.top, decision?.positive ?? null),
    next(flags, training),
  ]
  return `${sections.join('\n\n')}\n`
}

function summary({ data, model, decision, best, parts, seconds: time }: Training, flags: TrainFlags): string {
  const { rows, skippedRows, classes } = data
  const skipped = skippedRows > 0 ? `, ${plural(skippedRows, 'row')} left out for missing values` : ''
  const counts = classes.slice(0, 6).map(({ label, count: n }) => `${label} ${count(n)} (${percent(n / rows)})`)
  const more = classes.length > counts.length ? [`${classes.length - counts.length} more`] : []
  const split = parts.map(({ name, rows: n }) => `${count(n)} ${name}`).join(', ')
  const chosen = flags.threshold === 'best' ? ', the best on validation' : ''
  const lines = [
    entry('Data', `${data.source}: ${plural(rows, 'row')}, ${plural(model.nFeatures, 'feature')}${skipped}`),
    entry('Target', `${data.target}: ${[...counts, ...more].join(', ')}`),
    ...(parts.length > 1
      ? [entry('Split', `${split} (${flags.stratify ? 'stratified, ' : ''}seed ${flags.seed})`)]
      : []),
    entry('Model', `logistic regression, ${solverText(model)}, ${seconds(time)}`),
    ...(model.converged ? [] : [entry('', colors.yellow(notConverged(model)))]),
    entry('Kernel', kernelText()),
    entry(
      'Decision',
      decision
        ? `${decision.positive} from probability ${probability(decision.threshold)}${chosen}`
        : 'the most probable class',
    ),
    ...(best && flags.threshold !== 'best' ? [entry('', `${bestText(best)} on validation`)] : []),
  ]
  return lines.join('\n')
}

function notConverged({ solver }: LogisticRegression): string {
  const more = solver === 'sgd' ? '--epochs' : '--max-iter'
  return `It stopped before it had arrived: raise ${more}${solver === 'gd' ? ', or use --solver lbfgs' : ' or --tol'}`
}

function next({ out }: TrainFlags, { data: { target }, model, decision }: Training): string {
  if (out === undefined) return colors.dim('The model was not saved: add --out model.json to keep it.')
  const turned = decision && decision.positive !== model.classes[1]
  const positive = turned ? ` --positive ${quoted(String(decision.positive))}` : ''
  return [
    `${colors.green('✓')} Wrote ${out}. Next:`,
    `  lanefit predict ${quoted(out)} new.csv > predictions.csv`,
    `  lanefit evaluate ${quoted(out)} labelled.csv --target ${quoted(target)}${positive}`,
  ].join('\n')
}

/** As a shell wants it. */
function quoted(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
