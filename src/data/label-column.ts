import { show } from '../core/checks.ts'
import { DataError } from '../core/errors.ts'
import { GrowingArray } from './growing-array.ts'
import { parseNumber } from './parse-number.ts'

/** Different words a target may have. More than these are no classes. */
const MOST_WORDS = 2 ** 16

/**
 * The column of labels: numbers if every one of them is a number, else strings. Each word is kept once, and rows point
 * to it, until there are too many different ones; then they must all be numbers.
 */
export class LabelColumn {
  readonly #name: string
  readonly #codes = new Map<string, number>()
  #rows = new GrowingArray(new Uint32Array(0))
  #numbers: GrowingArray<Float64Array> | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** @throws DataError TOO_MANY_CLASSES */
  add(text: string): void {
    const word = text.trim()
    if (!this.#numbers && this.#codes.size === MOST_WORDS && !this.#codes.has(word)) this.#numbers = this.#toNumbers()
    if (this.#numbers) this.#addNumber(this.#numbers, word)
    else this.#rows.push(this.#codeOf(word))
  }

  finish(): Float64Array | string[] {
    if (this.#numbers) return this.#numbers.view().slice()
    const words = [...this.#codes.keys()]
    const values = words.map(parseNumber)
    const rows = this.#rows.view()
    if (values.some(Number.isNaN)) return Array.from(rows, (code) => words[code]!)
    return Float64Array.from(rows, (code) => values[code]!)
  }

  #codeOf(word: string): number {
    const known = this.#codes.get(word)
    if (known !== undefined) return known
    const code = this.#codes.size
    this.#codes.set(detached(word), code)
    return code
  }

  #toNumbers(): GrowingArray<Float64Array> {
    const numbers = new GrowingArray(new Float64Array(0))
    const words = [...this.#codes.keys()]
    for (const code of this.#rows.view()) this.#addNumber(numbers, words[code]!)
    this.#codes.clear()
    this.#rows = new GrowingArray(new Uint32Array(0))
    return numbers
  }

  #addNumber(numbers: GrowingArray<Float64Array>, word: string): void {
    const value = parseNumber(word)
    if (Number.isNaN(value)) {
      throw new DataError(
        'TOO_MANY_CLASSES',
        `target: column ${show(this.#name)} has more than ${MOST_WORDS} different labels, ${show(word)} among them`,
        { hint: 'Is it the right column? Labels of classes are few' },
      )
    }
    numbers.push(value)
  }
}

/** A copy of its own: a part of a text keeps the whole text alive. */
function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
