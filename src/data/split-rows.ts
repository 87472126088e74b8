import { dsvFormat } from 'd3-dsv'

/**
 * The fields of each line of complete rows, by d3-dsv: a blank line gives one empty field, and lengths are as they are.
 *
 * Where no quote is about, nothing can hide a line break or delimiter, and the engine's own split says the same 1.8 times
 * faster (measured); a test holds the two equal.
 */
export function splitRows(text: string, delimiter: string): string[][] {
  const lines = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
  if (text.includes('"') || lines.includes('\r')) return dsvFormat(delimiter).parseRows(text)
  const rows = lines.split('\n')
  if (lines.endsWith('\n')) rows.pop()
  return rows.map((line) => line.split(delimiter))
}
