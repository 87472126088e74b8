import { dsvFormat } from 'd3-dsv'

/** Rows as lines of CSV, each ended by a line feed; fields are quoted where they must be. For writing what was read. */
export function formatCsvRows(rows: readonly (readonly (string | number | boolean)[])[], delimiter = ','): string {
  const text = dsvFormat(delimiter).formatRows(rows.map((row) => row.map(String)))
  return rows.length > 0 ? `${text}\n` : ''
}
