import { checkBoolean, checkInteger, checkNumber, checkOptionNames, show } from '../core/checks.ts'
import { disposeSymbol } from '../core/dispose.ts'
import { DataError } from '../core/errors.ts'
import { Random } from '../core/random.ts'
import { Matrix } from '../kernel/index.ts'

/** A label as users have it. */
type Label = number | string | boolean

/** What can be split: rows and their labels, and whatever else a data set says of itself. */
export interface Splittable {
  /** nSamples x nFeatures. */
  readonly X: Matrix | readonly (readonly number[])[]
  /** nSamples labels. */
  readonly y: readonly Label[] | Float64Array | Float32Array | Int32Array | Uint8Array
  readonly featureNames?: readonly string[]
  readonly targetName?: string
}

/** Some of the rows of D. */
export type Part<D extends Splittable> = Pick<D, Extract<keyof D, 'featureNames' | 'targetName'>> & {
  readonly X: D['X']
  readonly y: D['y']
  dispose(): void
  [Symbol.dispose](): void
}

/** The parts of D. */
export interface Split<D extends Splittable> {
  readonly train: Part<D>
  readonly test: Part<D>
  /** There if the option `validation` asks for it. */
  readonly validation?: Part<D>
  /** Disposes of every part. */
  dispose(): void
  [Symbol.dispose](): void
}

/** Options of `trainTestSplit`. */
export interface SplitOptions {
  /** Below 1: the share of rows, rounded up; else their number. Default 0.25. */
  test?: number | undefined
  /** The same for a third part to choose settings by. Default 0: none. */
  validation?: number | undefined
  /** Every part gets its share of each class (to the nearest row, sizes stay exact). Default false. */
  stratify?: boolean | undefined
  /** Default 0. */
  seed?: number | undefined
  /** In random order (default), or the first rows to train, the last to test. */
  shuffle?: boolean | undefined
  /** A Matrix is reordered and cut up instead of copied: it needs little more memory, and the data given are spent. */
  inPlace?: boolean | undefined
}

const OPTIONS = ['test', 'validation', 'stratify', 'seed', 'shuffle', 'inPlace'] as const

/**
 * Splits data into train, test and, if asked for, validation, reproducibly by the seed. Parts of a Matrix are matrices
 * of their own (dispose of the original when it has served); parts of plain arrays share its rows.
 * Mirrors sklearn.model_selection.train_test_split.
 *
 *     const { train, test } = trainTestSplit(data, { test: 0.15, stratify: true, seed: 1 })
 *
 * @throws TypeError, RangeError for the options, wrong lengths or a split that leaves no rows to train
 * @throws DataError TOO_FEW_ROWS for a class that stratification would leave without a row to train
 */
export function trainTestSplit<D extends Splittable>(
  data: D,
  options: SplitOptions & { validation: number },
): Split<D> & { readonly validation: Part<D> }
export function trainTestSplit<D extends Splittable>(data: D, options?: SplitOptions): Split<D>
export function trainTestSplit<D extends Splittable>(data: D, options: SplitOptions = {}): Split<D> {
  checkOptionNames('trainTestSplit', options, OPTIONS)
  const { test = 0.25, validation = 0, stratify = false, seed = 0, shuffle = true, inPlace = false } = options
  for (const [name, value] of Object.entries({ stratify, shuffle, inPlace })) checkBoolean(name, value)
  checkInteger('seed', seed, { min: 0 })
  const rows = checkData(data)
  const sizes = checkSizes(test, validation, rows)
  const order = Uint32Array.from({ length: rows }, (_, i) => i)
  if (shuffle) new Random(seed).shuffle(order)
  const indices = stratify ? dealByClass(order, data.y, sizes) : deal(order, sizes)
  return takeParts(data, indices, inPlace)
}

/** Row numbers (or how many rows) of each part, in the order in which they are dealt. */
interface Parts<T> {
  train: T
  validation: T
  test: T
}

function checkData(data: Splittable): number {
  if (data === null || typeof data !== 'object') throw new TypeError(`data: expected { X, y }, got ${show(data)}`)
  const { X, y } = data
  if (!(X instanceof Matrix) && !Array.isArray(X))
    throw new TypeError(`X: expected a Matrix or an array of rows, got ${show(X)}`)
  const rows = X instanceof Matrix ? X.rows : X.length
  if (!Array.isArray(y) && !ArrayBuffer.isView(y)) throw new TypeError(`y: expected an array of labels, got ${show(y)}`)
  if (y.length !== rows) throw new RangeError(`y: expected ${rows} labels (rows of X), got ${y.length}`)
  return rows
}

function checkSizes(test: unknown, validation: unknown, rows: number): Parts<number> {
  const sizes = {
    test: sizeOf('test', checkNumber('test', test, { above: 0 }), rows),
    validation: sizeOf('validation', checkNumber('validation', validation, { min: 0 }), rows),
  }
  const train = rows - sizes.test - sizes.validation
  if (train >= 1) return { train, ...sizes }
  const taken =
    sizes.validation > 0 ? `${sizes.test} to test and ${sizes.validation} to validation` : `${sizes.test} to test`
  throw new RangeError(`test: expected to leave at least one of ${rows} rows to train, got ${taken}`)
}

function sizeOf(name: string, wanted: number, rows: number): number {
  // 0.07 * 100 is 7.000000000000001.
  return wanted < 1 ? Math.ceil(wanted * rows - 1e-9) : checkInteger(name, wanted)
}

function deal(order: Uint32Array, { train, validation }: Parts<number>): Parts<Uint32Array> {
  return {
    train: order.subarray(0, train),
    validation: order.subarray(train, train + validation),
    test: order.subarray(train + validation),
  }
}

/** Deals each class by itself: the first of its rows to train, the last to test. */
function dealByClass(order: Uint32Array, y: Splittable['y'], sizes: Parts<number>): Parts<Uint32Array> {
  const classes = new Map<Label, number>()
  for (const label of y) classes.set(label, (classes.get(label) ?? 0) + 1)
  const counts = [...classes.values()]
  const test = apportion(counts, sizes.test)
  const rest = counts.map((count, c) => count - test[c]!)
  const validation = apportion(rest, sizes.validation)
  const train = rest.map((count, c) => count - validation[c]!)

  const labels = [...classes.keys()]
  const empty = train.indexOf(0)
  if (empty >= 0) {
    throw new DataError(
      'TOO_FEW_ROWS',
      `class ${show(labels[empty])} has ${counts[empty]} ${counts[empty] === 1 ? 'row' : 'rows'}, none is left to train`,
      {
        hint: 'Make the test part smaller, leave the class out, or do not stratify',
      },
    )
  }
  const codes = new Map(labels.map((label, c) => [label, c]))
  const parts = {
    train: new Uint32Array(sizes.train),
    validation: new Uint32Array(sizes.validation),
    test: new Uint32Array(sizes.test),
  }
  const filled = { train: 0, validation: 0, test: 0 }
  for (const row of order) {
    const c = codes.get(y[row]!) as number
    const part = take(train, c) ? 'train' : take(validation, c) ? 'validation' : 'test'
    parts[part][filled[part]++] = row
  }
  return parts
}

function take(left: number[], c: number): boolean {
  return left[c]! > 0 && left[c]!-- > 0
}

/** Shares `total` out in proportion to `counts`, in whole numbers: the largest remainders are rounded up. */
export function apportion(counts: readonly number[], total: number): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0)
  const shares = counts.map((count) => Math.floor((count * total) / all))
  const remainders = counts.map((count, c) => ({ c, remainder: (count * total) % all }))
  remainders.sort((a, b) => b.remainder - a.remainder || a.c - b.c)
  const missing = total - shares.reduce((sum, share) => sum + share, 0)
  for (const { c } of remainders.slice(0, missing)) shares[c]!++
  return shares
}

function takeParts<D extends Splittable>(data: D, indices: Parts<Uint32Array>, inPlace: boolean): Split<D> {
  const made: Part<D>[] = []
  const dispose = () => {
    for (const part of made) part.dispose()
  }
  const part = (X: Splittable['X'], rows: Uint32Array): Part<D> => {
    const disposeX = () => {
      if (X instanceof Matrix) X.dispose()
    }
    const { featureNames, targetName } = data
    const names = { ...(featureNames && { featureNames }), ...(targetName !== undefined && { targetName }) }
    const y = takeLabels(data.y, rows)
    const taken = { ...names, X, y, dispose: disposeX, [disposeSymbol]: disposeX } as Part<D>
    made.push(taken)
    return taken
  }
  try {
    const { X } = data
    const test = part(takeRows(X, indices.test), indices.test)
    const validation = indices.validation.length > 0 && part(takeRows(X, indices.validation), indices.validation)
    const train = part(
      inPlace && X instanceof Matrix ? keepRows(X, indices) : takeRows(X, indices.train),
      indices.train,
    )
    return { train, test, ...(validation && { validation }), dispose, [disposeSymbol]: dispose }
  } catch (error) {
    dispose()
    throw error
  }
}

function takeRows(X: Splittable['X'], rows: Uint32Array): Splittable['X'] {
  return X instanceof Matrix ? X.takeRows(rows) : Array.from(rows, (i) => X[i] as readonly number[])
}

/** The rows to train, in the memory of X, which is spent. */
function keepRows(X: Matrix, { train, validation, test }: Parts<Uint32Array>): Matrix {
  const order = new Uint32Array(X.rows)
  order.set(train)
  order.set(validation, train.length)
  order.set(test, train.length + validation.length)
  X.permuteRows(order)
  try {
    return X.keepRows(train.length)
  } catch (error) {
    // Its rows do not belong to the labels any more.
    X.dispose()
    throw error
  }
}

function takeLabels(y: Splittable['y'], rows: Uint32Array): Splittable['y'] {
  if (Array.isArray(y)) return Array.from(rows, (i) => y[i]!)
  const typed = y as Float64Array
  const Labels = typed.constructor as new (length: number) => Float64Array
  const taken = new Labels(rows.length)
  for (let i = 0; i < rows.length; i++) taken[i] = typed[rows[i]!]!
  return taken
}
