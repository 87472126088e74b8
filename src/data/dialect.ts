import { parseNumber } from './parse-number.ts'
import { findRowEnd } from './row-end.ts'
import { splitRows } from './split-rows.ts'

export const DELIMITERS = [',', ';', '\t', '|'] as const

/** Rows that decide. */
const SAMPLE_ROWS = 10

/**
 * The delimiter of a CSV: of those that split the first row, the one under which most of the first rows are as long as
 * it is; if several, the one that makes it longest; `,` where there is only one column.
 */
export function detectDelimiter(sample: string, atEnd: boolean): string {
  let best = { delimiter: ',', share: 0, width: 1 }
  for (const delimiter of DELIMITERS) {
    const widths = firstRows(sample, delimiter, atEnd).map((row) => row.length)
    const width = widths[0] ?? 1
    const share = widths.filter((other) => other === width).length / widths.length
    const better = share > best.share || (share === best.share && width > best.width)
    if (width > 1 && better) best = { delimiter, share, width }
  }
  return best.delimiter
}

function firstRows(sample: string, delimiter: string, atEnd: boolean): string[][] {
  const { end, open, stray } = findRowEnd(sample, delimiter)
  const whole = atEnd && open < 0 && stray < 0 ? sample.length : end
  const rows = splitRows(sample.slice(0, whole), delimiter)
  return rows.filter((row) => !isBlank(row)).slice(0, SAMPLE_ROWS)
}

/** A line with nothing on it. */
export function isBlank(row: readonly string[]): boolean {
  return row.length === 1 && row[0]!.trim() === ''
}

/** Whether the first row names the columns: it has a name that is expected, or no number. */
export function looksLikeHeader(row: readonly string[], expected: readonly string[]): boolean {
  const names = row.map((name) => name.trim())
  return expected.some((name) => names.includes(name)) || row.every((text) => Number.isNaN(parseNumber(text)))
}
