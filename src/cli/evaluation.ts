import { type ConfusionMatrix, DataError, type Label, type LogisticRegression, metrics, type Proba } from '../node.ts'
import { colors, metric, probability, shorten, table } from './output.ts'

/** What is measured where there are more than two classes. */
const OF_SEVERAL = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  macroF1: 'macro F1',
  logLoss: 'log loss',
} as const

/** What is measured of two classes, in the order of the tables. */
const MEASURES = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
  mcc: 'MCC',
  rocAuc: 'ROC AUC',
  averagePrecision: 'average precision',
  logLoss: 'log loss',
  brier: 'Brier score',
} as const

/** The measures of some rows; null where one has no value because a class is missing among them. */
export type Evaluation = Partial<Record<keyof typeof MEASURES | keyof typeof OF_SEVERAL, number | null>>

/** The decision that is measured: the positive class from this probability of it on. */
export interface Decision {
  readonly positive: Label
  readonly threshold: number
}

export type Target = readonly Label[] | Float64Array

/** Without a decision (more than two classes) the most probable class is answered. */
export function evaluate(y: Target, proba: Proba, decision: Decision | null): Evaluation {
  if (!decision) {
    const labels = y as Label[]
    return {
      accuracy: metrics.accuracy(labels, proba),
      balancedAccuracy: metrics.balancedAccuracy(labels, proba),
      macroF1: metrics.f1(labels, proba, { average: 'macro' }),
      logLoss: metrics.logLoss(labels, proba),
    }
  }
  const values: Partial<Evaluation> = {}
  for (const name of Object.keys(MEASURES) as (keyof typeof MEASURES)[]) {
    const measure = metrics[name] as (y: Target, scores: Proba, options: Decision) => number
    values[name] = unlessOneClass(() => measure(y, proba, decision))
  }
  return values
}

export function confusion(y: Target, proba: Proba, decision: Decision | null): ConfusionMatrix {
  return metrics.confusionMatrix(y as Label[], proba, decision ? { ...decision } : {})
}

export const BEST_BY = { f1: 'F1', 'balanced-accuracy': 'balanced accuracy', accuracy: 'accuracy', mcc: 'MCC' } as const
export type BestBy = keyof typeof BEST_BY

/** The threshold that is best by a measure, and what the measure is there. */
export interface BestThreshold {
  readonly by: BestBy
  readonly threshold: number
  readonly value: number
}

/** On these rows; null if a class is missing among them. */
export function bestThreshold(y: Target, proba: Proba, positive: Label, by: BestBy): BestThreshold | null {
  const name = by === 'balanced-accuracy' ? 'balancedAccuracy' : by
  const best = unlessOneClass(() => metrics.bestThreshold(y as Label[], proba, { metric: name, positive }))
  // Infinity means never: a model's threshold is a probability.
  return best && { by, threshold: Math.min(1, best.threshold), value: best.value }
}

function unlessOneClass<T>(measure: () => T): T | null {
  try {
    return measure()
  } catch (error) {
    if (error instanceof DataError && error.code === 'ONE_CLASS') return null
    throw error
  }
}

/** A model's threshold is on its second class; here it is on the positive one, whichever that is. */
export function thresholdOn(positive: Label, { classes }: LogisticRegression, threshold: number): number {
  return positive === classes[1] ? threshold : 1 - threshold
}

export function metricsTable(columns: Readonly<Record<string, Evaluation>>): string {
  const [first = {}] = Object.values(columns)
  const titles: Readonly<Record<string, string>> = { ...MEASURES, ...OF_SEVERAL }
  const rows = Object.keys(first).map((name) => [
    titles[name]!,
    ...Object.values(columns).map((values) => metric(values[name as keyof Evaluation] ?? null)),
  ])
  return table(['', ...Object.keys(columns)], rows)
}

export function confusionTable({ labels, matrix }: ConfusionMatrix, corner: string): string {
  const rows = matrix.map((row, i) => [
    `actual ${shorten(String(labels[i]), 22)}`,
    ...row.map((n, j) => (n > 0 ? (i === j ? colors.green(String(n)) : colors.red(String(n))) : '0')),
  ])
  return table([corner, ...labels.map((label) => `predicted ${shorten(String(label), 16)}`)], rows)
}

/** "best by F1: 0.4127 (F1 0.9870)" */
export function bestText({ by, threshold, value }: BestThreshold): string {
  return `best by ${BEST_BY[by]}: ${probability(threshold)} (${BEST_BY[by]} ${metric(value)})`
}
