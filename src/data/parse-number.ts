/** 10^0 ... 10^22, exact in float64. */
export const POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`))

/** Characters that hold at most 15 digits beside a point: their integer and a power of ten are exact, one division rounds. */
const SHORT = 16

const MINUS = 45
const POINT = 46
const ZERO = 48

/**
 * A decimal number as people write it, spaces around it allowed: exactly what `Number` gives for it, or NaN for
 * anything else: nothing, words, hexadecimal, infinity, numbers beyond float64.
 *
 * Short plain decimals, nearly all of a table, are read digit by digit, which is twice as fast (measured). m / 10^k with
 * m < 2^53 and k <= 22 is correctly rounded (Clinger, "How to read floating point numbers accurately", PLDI 1990).
 */
export function parseNumber(text: string): number {
  const { length } = text
  const negative = text.charCodeAt(0) === MINUS
  const begin = negative ? 1 : 0
  if (length === begin || length - begin > SHORT) return parseAnyNumber(text)
  let mantissa = 0
  let point = -1
  for (let i = begin; i < length; i++) {
    const code = text.charCodeAt(i)
    const digit = code - ZERO
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit
    else if (code === POINT && point < 0) point = i
    else return parseAnyNumber(text)
  }
  if (point >= 0) {
    if (length - begin === 1) return Number.NaN
    mantissa /= POWERS[length - 1 - point]!
  }
  return negative ? -mantissa : mantissa
}

function parseAnyNumber(text: string): number {
  const trimmed = text.trim()
  // Number('') is 0, and 0x.., 0b.., 0o.. are numbers to it.
  if (trimmed === '' || /^0[box]/i.test(trimmed)) return Number.NaN
  const value = Number(trimmed)
  return Number.isFinite(value) ? value : Number.NaN
}
