import type { Label } from '../node.ts'
import { CliError } from './errors.ts'

/** More classes than this, and than half the rows, are names or numbers. */
const MANY = 50
/** More classes than this that are no whole numbers are measured. */
const FEW = 10
/** Labels named in a message. */
const SHOWN = 5

/** How often a label occurs. */
export interface ClassCount {
  readonly label: Label
  readonly count: number
}

/** The classes of a column, sorted as models sort them. */
export function countClasses(y: ArrayLike<Label>): ClassCount[] {
  const counts = new Map<Label, number>()
  for (let i = 0; i < y.length; i++) counts.set(y[i]!, (counts.get(y[i]!) ?? 0) + 1)
  const classes = [...counts].map(([label, count]) => ({ label, count }))
  return classes.sort((a, b) => (a.label < b.label ? -1 : 1))
}

/** The label that a text stands for; 1.0 is as good as 1. */
export function findLabel<L extends Label>(labels: readonly L[], text: string): L | undefined {
  const exact = labels.find((label) => String(label) === text)
  if (exact !== undefined || text.trim() === '') return exact
  return labels.find((label) => typeof label !== 'boolean' && label !== '' && Number(label) === Number(text))
}

/** The class that metrics look at: the one asked for, else the second; null where there are more than two. */
export function positiveOf(labels: readonly Label[], asked: string | undefined): Label | null {
  if (labels.length > 2 && asked === undefined) return null
  if (labels.length > 2) throw new CliError('--positive: the model has more than two classes, it tells them all apart')
  return asked === undefined ? labels[1]! : named(labels, asked)
}

function named(labels: readonly Label[], asked: string): Label {
  const found = findLabel(labels, asked)
  if (found === undefined) throw new CliError(`--positive: there is no label "${asked}" among ${list(labels)}`)
  return found
}

/** What the labels other than `label` become when it is set against the rest. */
export function restOf(label: Label): string {
  return `(not ${label})`
}

/** Labels to learn, and which of two is positive; null where there are more. */
export interface Target {
  readonly y: Float64Array | string[]
  readonly positive: Label | null
}

/** The labels as they are, or the positive one against the rest where it is named and there are more than two. */
export function targetOf(y: Target['y'], target: string, asked: string | undefined): Target {
  const labels = countClasses(y).map(({ label }) => label)
  if (labels.length === 1) {
    throw new CliError(`target: column "${target}" has only the label "${labels[0]}". A classifier needs two classes`)
  }
  if (labels.length === 2) return { y, positive: positiveOf(labels, asked) }
  if (asked === undefined) {
    const measured =
      labels.length > FEW && labels.some((label) => typeof label === 'number' && !Number.isInteger(label))
    if (!measured && (labels.length <= MANY || labels.length <= y.length / 2)) return { y, positive: null }
    throw new CliError(
      `target: column "${target}" has ${labels.length} classes (${list(labels)}). Is it the right column?`,
    )
  }
  const one = named(labels, asked)
  const [yes, no] = [String(one), restOf(one)]
  return { y: Array.from(y as ArrayLike<Label>, (label) => (label === one ? yes : no)), positive: yes }
}

/** The first few labels, for a message. */
export function list(labels: readonly Label[]): string {
  const few = labels.slice(0, SHOWN).join(', ')
  return labels.length > SHOWN ? `${few}, ...` : few
}
