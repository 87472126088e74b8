import { checkInteger, show } from '../core/checks.ts'
import { DataError, ParseError } from '../core/errors.ts'
import { looksLikeHeader } from './dialect.ts'

/** A column by name, or by position from 0; negative positions count from the end. */
export type ColumnChoice = string | number

/** Names shown in a message. */
const SHOWN = 20

/**
 * The names that a first row gives to the columns, or makes necessary. `header` undefined means: decide.
 * @throws ParseError for a name that occurs twice
 */
export function nameColumns(
  first: readonly string[],
  line: number,
  header: boolean | undefined,
  expected: readonly string[],
): { header: boolean; columns: string[] } {
  const named = header ?? looksLikeHeader(first, expected)
  const columns = first.map((text, i) => (named && text.trim()) || `x${i}`)
  const places = new Map<string, number>()
  for (const [i, name] of columns.entries()) {
    const before = places.get(name)
    places.set(name, i)
    if (before !== undefined) {
      throw new ParseError(`line ${line}: columns ${before + 1} and ${i + 1} are both called ${show(name)}`, {
        line,
        column: i + 1,
        hint: 'Rename one; if this line is no header, pass { header: false }',
      })
    }
  }
  return { header: named, columns }
}

/**
 * The position of a column.
 * @throws DataError MISSING_COLUMN, RangeError for a position that is none, TypeError for another kind
 */
export function findColumn(
  option: string,
  choice: ColumnChoice,
  { columns, header }: { readonly columns: readonly string[]; readonly header: boolean },
): number {
  if (typeof choice === 'number') {
    const index = checkInteger(option, choice, { min: -columns.length, max: columns.length - 1 })
    return index < 0 ? index + columns.length : index
  }
  if (typeof choice !== 'string')
    throw new TypeError(`${option}: expected the name or number of a column, got ${show(choice)}`)
  const found = placesOf(columns).get(choice)
  if (found !== undefined) return found
  const near = nearest(choice, columns)
  const names =
    columns.slice(0, SHOWN).join(', ') + (columns.length > SHOWN ? ` and ${columns.length - SHOWN} more` : '')
  const hint =
    near !== undefined
      ? `Did you mean ${show(near)}?`
      : header
        ? undefined
        : 'The data have no header row: their columns are x0, x1 ...'
  const message = `${option}: there is no column ${show(choice)} among ${names}`
  throw new DataError('MISSING_COLUMN', message, hint === undefined ? {} : { hint })
}

const places = new WeakMap<readonly string[], ReadonlyMap<string, number>>()

/** Where each name is: tables of a hundred thousand columns are asked for each of them. */
function placesOf(columns: readonly string[]): ReadonlyMap<string, number> {
  let found = places.get(columns)
  if (!found) {
    found = new Map(columns.map((name, i) => [name, i]))
    places.set(columns, found)
  }
  return found
}

/** The name most like this one, if it is like it at all. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const simple = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  const word = simple(name)
  let best: string | undefined
  let least = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of names) {
    const distance = editDistance(word, simple(candidate), least)
    if (distance < least) {
      best = candidate
      least = distance
    }
  }
  return best
}

/** Insertions, deletions and replacements that turn a into b (Levenshtein); any number of at least `limit` if it is that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
