import { isArray, type NumberArray } from './arrays.ts'
import { show } from './checks.ts'
import { DataError } from './errors.ts'

/** A class label. The labels of one `y` are all of one kind. */
export type Label = number | string | boolean

/** One label a row, all of one kind. */
export type Labels<L extends Label = Label> = readonly L[] | (Extract<L, number> extends never ? never : NumberArray)

/** -1, 0 or 1: numbers by value, strings by code unit, false before true. */
export function compareLabels(a: Label, b: Label): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The codes of rows from `i` on as long as they are one of two labels; returns the first row that is not. Comparing takes a
 * fifth of what looking up takes, without a branch between the two.
 */
function encodePair(values: ArrayLike<unknown>, codes: Int32Array, i: number, end: number, a: Label, b: Label): number {
  for (; i < end; i++) {
    const isB = values[i] === b
    if (Number(isB) + Number(values[i] === a) !== 1) break
    codes[i] = Number(isB)
  }
  return i
}

/** Gives labels small whole numbers (codes) in order of appearance: `labels[code]` is the label. */
export class LabelIndex {
  readonly labels: Label[] = []
  readonly #codes = new Map<Label, number>()
  #closedBy: string | undefined

  /** The kind of the labels; every later one has to be of it too. */
  get kind(): 'number' | 'string' | 'boolean' {
    return typeof this.labels[0] as 'number' | 'string' | 'boolean'
  }

  /** From now on a new label is an error: `name` had listed them all. */
  close(name: string): void {
    this.#closedBy = name
  }

  get closed(): boolean {
    return this.#closedBy !== undefined
  }

  code(label: Label): number | undefined {
    return this.#codes.get(label)
  }

  /** The codes of an array of labels, new ones added; `name` is for errors. */
  encode(name: string, values: unknown): Int32Array {
    if (!isArray(values)) throw new TypeError(`${name}: expected an array of labels, got ${show(values)}`)
    if (values.length === 0) throw new RangeError(`${name}: expected at least one label, got none`)
    const codes = new Int32Array(values.length)
    this.encodeRows(name, values, codes, 0, codes.length)
    return codes
  }

  /** The part of `encode` for rows [begin, end), for work that is done in slices. */
  encodeRows(name: string, values: ArrayLike<unknown>, codes: Int32Array, begin: number, end: number): void {
    for (let i = begin; i < end; i++) {
      if (this.labels.length === 2) i = encodePair(values, codes, i, end, this.labels[0]!, this.labels[1]!)
      if (i === end) return
      const value = values[i] as Label
      codes[i] = this.#codes.get(value) ?? this.#add(`${name}[${i}]`, value, i)
    }
  }

  /** A list of distinct labels, after which the index is closed. */
  encodeAll(name: string, values: unknown): void {
    const { length } = this.encode(name, values)
    if (length !== this.labels.length) throw new RangeError(`${name}: expected distinct labels, got one twice`)
    this.close(name)
  }

  #add(name: string, value: unknown, row: number): number {
    const kind = typeof value
    if (kind !== 'number' && kind !== 'string' && kind !== 'boolean') {
      throw new TypeError(`${name}: expected a label (number, string or boolean), got ${show(value)}`)
    }
    if (this.labels.length > 0 && kind !== this.kind) {
      throw new TypeError(`${name}: expected a ${this.kind} like the other labels, got ${show(value)}`)
    }
    if (kind === 'number' && !Number.isFinite(value)) {
      throw new DataError('NON_FINITE', `${name}: expected a finite label, got ${value}`, { row })
    }
    if (this.closed) {
      throw new DataError('UNKNOWN_LABEL', `${name}: ${show(value)} is not among ${this.#closedBy}`, { row })
    }
    const code = this.labels.push(value as Label) - 1
    this.#codes.set(value as Label, code)
    return code
  }
}

/**
 * The positive class: the one asked for, else the greater of two labels (as in scikit-learn). Where only one label is
 * known it is true among booleans and 1 among -1, 0 and 1; anything else has to be asked for.
 */
export function positiveLabel(index: LabelIndex, positive: Label | undefined): Label {
  const { labels, kind } = index
  if (positive !== undefined) {
    if (typeof positive !== kind) {
      throw new TypeError(`positive: expected a ${kind} like the labels of y, got ${show(positive)}`)
    }
    // Where y has one label only, the positive class may be the one that happens not to occur.
    if (index.code(positive) === undefined && (labels.length > 1 || index.closed)) {
      throw new RangeError(`positive: expected one of ${listLabels(labels)}, got ${show(positive)}`)
    }
    return positive
  }
  if (labels.length > 2) {
    throw new RangeError(`positive: there are ${labels.length} classes (${listLabels(labels)}), name the positive one`)
  }
  const [a, b] = labels as [Label, Label?]
  if (b !== undefined) return compareLabels(a, b) > 0 ? a : b
  if (kind === 'boolean') return true
  if (a === -1 || a === 0 || a === 1) return 1
  throw new DataError('ONE_CLASS', `y: has only the label ${show(a)}`, { hint: 'Name the positive class: positive' })
}

/** The first few labels, for an error message. */
export function listLabels(labels: readonly Label[]): string {
  const few = labels.slice(0, 5).map(show).join(', ')
  return labels.length > 5 ? `${few}, ...` : few
}
