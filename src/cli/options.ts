import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ColumnChoice, init, type Matrix, type MissingPolicy, type Variant } from '../node.ts'

/** How a CSV is to be read. */
export interface CsvFlags {
  delimiter?: string
  /** Undefined: find out. */
  header?: boolean
  encoding?: string
  missing: MissingPolicy
  missingValues?: string[]
}

/** What every command takes that does work. */
export interface CommonFlags {
  /** Undefined: where standard error is a terminal. */
  progress?: boolean
  variant?: Variant
  /** Undefined: as the data are large or not. */
  threads?: number
  json?: boolean
}

export function addCsvOptions(command: Command): Command {
  return command
    .option('--delimiter <character>', 'between fields; "tab" is one too (default: found out)', toDelimiter)
    .option('--header', 'the first row names the columns (default: found out)')
    .option('--no-header', 'the first row is data; columns are called x0, x1, ...')
    .option('--encoding <name>', 'of a file without a byte order mark (default: utf-8)')
    .addOption(
      new Option('--missing <what>', 'where a value is missing: error, drop the row, or take the mean')
        .choices(['error', 'drop', 'mean'])
        .default('error'),
    )
    .option(
      '--missing-values <list>',
      'texts that stand for a missing value (default: nothing, ?, NA, NaN ...)',
      toList,
    )
}

export function addCommonOptions(command: Command): Command {
  return command
    .addOption(variantOption())
    .option(
      '--threads <n>',
      'threads for passes over rows (default: all processors where the data are large)',
      toThreads,
    )
    .option('--progress', 'progress on standard error (default: on a terminal)')
    .option('--no-progress', 'none')
}

/** A number of threads. */
function toThreads(text: string): number {
  const count = toInteger(1)(text)
  if (count > 64) throw new InvalidArgumentError('Expected at most 64.')
  return count
}

/** The kernel that was asked for. Without --threads there is one, until `takeThreads` sees the data. */
export async function initKernel({ variant, threads }: CommonFlags): Promise<void> {
  await init({ ...(variant && { variant }), ...(threads !== undefined && { threads }) })
}

/** From this many bytes of X on, threads are worth starting by themselves. */
const LARGE_BYTES = 8 * 2 ** 20

/** All processors, where the data are large and nobody said how many. */
export async function takeThreads({ threads }: CommonFlags, { rows, stride }: Matrix): Promise<void> {
  if (threads === undefined && rows * stride * 4 >= LARGE_BYTES) await init({ threads: 'auto' })
}

export function variantOption(): Option {
  return new Option('--variant <name>', 'kernel to run (default: simd, or what runs here)').choices([
    'simd',
    'relaxed',
    'scalar',
    'js',
  ])
}

/** `what` is in the column. */
export function targetOption(what: string): Option {
  const description = `required; ${what}: a column by name, or by position from 0 (-1: the last)`
  return new Option('-t, --target <column>', description).argParser(toColumn)
}

/** commander would complain of a missing option before it does of a misspelt one. */
export function needTarget(command: Command, { target }: { target?: ColumnChoice }): void {
  if (target === undefined) command.error("required option '-t, --target <column>' not specified")
}

/** A parser for a whole number. */
export function toInteger(min: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text)
    if (Number.isSafeInteger(value) && value >= min) return value
    throw new InvalidArgumentError(`Expected a whole number of at least ${min}.`)
  }
}

/** A parser for a number above 0, or of at least 0. */
export function toPositive({ orZero = false } = {}): (text: string) => number {
  return (text) => {
    const value = numberOf(text)
    if (Number.isFinite(value) && (value > 0 || (orZero && value === 0))) return value
    throw new InvalidArgumentError(`Expected a number ${orZero ? 'of at least' : 'above'} 0.`)
  }
}

/** A parser for a probability. */
export function toProbability(text: string): number {
  const value = numberOf(text)
  if (value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a number from 0 to 1.')
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

/** A column: a whole number is a position from 0 (negative: from the end), anything else a name. */
function toColumn(text: string): ColumnChoice {
  if (text === '') throw new InvalidArgumentError('Expected the name or number of a column.')
  return /^-?\d+$/.test(text) ? Number(text) : text
}

/** Columns in a list; the option may be there several times. */
export function toColumns(text: string, before: readonly ColumnChoice[] = []): ColumnChoice[] {
  return [...before, ...toList(text).map(toColumn)]
}

export function toList(text: string): string[] {
  return text.split(',').map((item) => item.trim())
}

function toDelimiter(text: string): string {
  const character = text === 'tab' || text === '\\t' ? '\t' : text
  if (character.length === 1 && !/["\r\n]/.test(character)) return character
  throw new InvalidArgumentError('Expected one character that is no quote or line break.')
}
