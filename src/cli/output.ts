import Table from 'cli-table3'
import { createColors } from 'picocolors'

/** Whether standard output takes colours: https://no-color.org, https://force-color.org, else on a terminal only. */
function wantsColors({ NO_COLOR, FORCE_COLOR, TERM } = process.env): boolean {
  if (NO_COLOR) return false
  if (FORCE_COLOR) return FORCE_COLOR !== '0'
  return process.stdout.isTTY === true && TERM !== 'dumb'
}

export const colors = createColors(wantsColors())

/** The widest a name may be in a table. */
const NAME_WIDTH = 34

/** A table without frame: the first column to the left, numbers to the right, a rule under the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    head: head.map((text) => colors.bold(text)),
    colAligns: head.map((_, k) => (k === 0 ? 'left' : 'right')),
    chars: {
      ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
      ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
      ...{ left: '', right: '', middle: '  ', 'left-mid': '', mid: '─', 'mid-mid': '──', 'right-mid': '' },
    },
    style: {
      head: [],
      border: [],
      compact: true,
      'padding-left': 0,
      'padding-right': 0,
    },
  })
  made.push(...rows.map((row) => [...row]))
  return made.toString()
}

/** A label and what belongs to it, several lines of it one below the other. */
export function entry(label: string, ...lines: readonly string[]): string {
  return lines.map((line, i) => (i === 0 ? colors.bold(label.padEnd(10)) : ' '.repeat(10)) + line).join('\n')
}

/** A name short enough for a table. */
export function shorten(name: string, width = NAME_WIDTH): string {
  return name.length > width ? `${name.slice(0, width - 1)}…` : name
}

/** 1,234,567 */
export function count(n: number): string {
  return n.toLocaleString('en-US')
}

/** 1 row, 2 rows */
export function plural(n: number, word: string, words = `${word}s`): string {
  return `${count(n)} ${n === 1 ? word : words}`
}

/** A metric with four decimals; a dash where it has no value. */
export function metric(value: number | null): string {
  return value === null ? '–' : value.toFixed(4)
}

/** A number of any size in four significant digits. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2)
  return size >= 1000 ? value.toFixed(0) : value.toPrecision(4)
}

/** A probability as people write one: 0.5, 0.4127. */
export function probability(value: number): string {
  return String(Number(value.toFixed(4)))
}

/** 0.003 s, 1.25 s, 83 s */
export function seconds(value: number): string {
  return `${value < 0.0995 ? value.toFixed(3) : value < 9.95 ? value.toFixed(2) : value.toFixed(0)} s`
}

/** 62.7 % */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
