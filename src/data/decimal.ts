import { POWERS } from './parse-number.ts'

const MINUS = 45
const PLUS = 43
const ZERO = 48
const LOWER_E = 101
const UPPER_E = 69

/** Digits of an integer that int32 holds whatever they are. */
const PART = 9
/** Digits of an integer that float64 holds. */
const EXACT = 15
/** 2^27 + 1: cuts a float64 in two halves of 26 bits (Veltkamp). */
const SPLITTER = 134217729
/** More than what rounding does to the small part of a quotient. */
const DOUBT = 2 ** -45

/**
 * The number at bytes[begin, end), without spaces or a sign: exactly what `Number` gives, or NaN where that takes more
 * than this does: more than 18 digits, powers of ten beyond 22, anything else than a decimal. `stop` is where its digits
 * end, and `point` where the decimal point is among them, or -1.
 *
 * The digits are an integer w, exact as the sum of two float64. w / 10^k is taken with its remainder, so that the quotient
 * is known to twice the digits of float64 and rounded once (T. J. Dekker, "A floating-point technique for extending the
 * available precision", 1971); where the rounding is in doubt, NaN.
 */
export function readDecimal(bytes: Uint8Array, begin: number, end: number, stop: number, point: number): number {
  let i = begin
  while (i < stop && (bytes[i] === ZERO || i === point)) i++
  let high = 0
  let digits = 0
  for (; i < stop && digits < PART; i++) {
    if (i === point) continue
    high = (Math.imul(high, 10) + bytes[i]! - ZERO) | 0
    digits++
  }
  let low = 0
  let lowDigits = 0
  for (; i < stop && lowDigits < PART; i++) {
    if (i === point) continue
    low = (Math.imul(low, 10) + bytes[i]! - ZERO) | 0
    lowDigits++
  }
  if (i < stop && !(i === point && i + 1 === stop)) return Number.NaN
  const exponent = (stop < end ? exponentAt(bytes, stop, end) : 0) - (point < 0 ? 0 : stop - 1 - point)
  // Exact: 30 bits times the 21 of 5^9.
  const product = high * POWERS[lowDigits]!
  const w = product + low
  if (lowDigits <= EXACT - PART) {
    if (exponent >= 0) return exponent < POWERS.length ? w * POWERS[exponent]! : Number.NaN
    return -exponent < POWERS.length ? w / POWERS[-exponent]! : Number.NaN
  }
  if (!(exponent <= 0 && -exponent < POWERS.length)) return Number.NaN
  return quotient(w, low - (w - product), POWERS[-exponent]!)
}

/** (w + rest) / t, correctly rounded, or NaN; |rest| is at most half a unit of w. */
function quotient(w: number, rest: number, t: number): number {
  const q = w / t
  const p = q * t
  const q1 = halfOf(q)
  const t1 = halfOf(t)
  const q2 = q - q1
  const t2 = t - t1
  const lost = q1 * t1 - p + q1 * t2 + q2 * t1 + q2 * t2
  const small = (w - p - lost + rest) / t
  const value = q + small
  return value === q + small * (1 + DOUBT) && value === q + small * (1 - DOUBT) ? value : Number.NaN
}

function halfOf(value: number): number {
  const c = SPLITTER * value
  return c - (c - value)
}

/** The number behind an e; NaN where there is no such thing. */
function exponentAt(bytes: Uint8Array, at: number, end: number): number {
  let i = at
  if (bytes[i] !== LOWER_E && bytes[i] !== UPPER_E) return Number.NaN
  i++
  const negative = bytes[i] === MINUS
  if (negative || bytes[i] === PLUS) i++
  if (i === end || end - i > 3) return Number.NaN
  let value = 0
  for (; i < end; i++) {
    const digit = bytes[i]! - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return negative ? -value : value
}
