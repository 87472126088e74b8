const ZERO = 48
const POINT = 46
const MINUS = 45
const LETTER_E = 101

/** Room that any float32 in nine digits takes. */
const NUMBER_ROOM = 32
/** Significant digits that tell float32 numbers apart. */
const DIGITS = 9
/** 10^0 ... 10^22, exact in float64. */
const POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`))

/** Text that is put together piece by piece as UTF-8: several times as fast as by strings, where most of it is numbers. */
export class Lines {
  #bytes = new Uint8Array(2 ** 17)
  #length = 0

  /** What has been put together, until the next `clear`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  put(text: Uint8Array): void {
    this.#reserve(text.length)
    // Calling a copy takes longer than a few bytes.
    if (text.length > 16) this.#bytes.set(text, this.#length)
    else for (let i = 0; i < text.length; i++) this.#bytes[this.#length + i] = text[i]!
    this.#length += text.length
  }

  /** A character of ASCII. */
  putCode(code: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = code
  }

  /**
   * A float32 from 0 to 1 in nine significant digits, less zeros at the end: what JavaScript writes for
   * `Number(p.toPrecision(9))`, in integers. Nine digits give the same float32 when they are read again, so that who
   * compares them with a threshold comes to the answer that the number itself gives.
   */
  putProbability(p: number): void {
    this.#reserve(NUMBER_ROOM)
    if (!(p >= 1e-12 && p < 1)) this.#putText(String(Number(p.toPrecision(DIGITS))))
    else if (p >= 1e-6) this.#putFixed(p)
    else this.#putScaled(p)
  }

  /** 0.000123456789 */
  #putFixed(p: number): void {
    let zeros = 0
    while (p < 1 / POWERS[zeros + 1]!) zeros++
    let places = DIGITS + zeros
    let digits = Math.round(p * POWERS[places]!)
    while (digits % 10 === 0) {
      digits = (digits / 10) | 0
      places--
    }
    const bytes = this.#bytes
    const begin = this.#length
    bytes[begin] = ZERO
    bytes[begin + 1] = POINT
    this.#length = begin + 2 + places
    for (let i = this.#length - 1; i > begin + 1; i--) {
      const rest = (digits / 10) | 0
      bytes[i] = ZERO + digits - 10 * rest
      digits = rest
    }
  }

  /** 1.23456789e-7 */
  #putScaled(p: number): void {
    let exponent = 7
    while (p * POWERS[exponent]! < 1) exponent++
    let digits = Math.round(p * POWERS[exponent + DIGITS - 1]!)
    let places = DIGITS - 1
    while (places > 0 && digits % 10 === 0) {
      digits = (digits / 10) | 0
      places--
    }
    const bytes = this.#bytes
    const begin = this.#length
    for (let i = begin + places + 1; i > begin + 1; i--) {
      const rest = (digits / 10) | 0
      bytes[i] = ZERO + digits - 10 * rest
      digits = rest
    }
    bytes[begin] = ZERO + digits
    if (places > 0) bytes[begin + 1] = POINT
    let end = begin + (places > 0 ? places + 2 : 1)
    bytes[end++] = LETTER_E
    bytes[end++] = MINUS
    if (exponent >= 10) bytes[end++] = ZERO + ((exponent / 10) | 0)
    bytes[end++] = ZERO + (exponent % 10)
    this.#length = end
  }

  #putText(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i)
  }

  #reserve(room: number): void {
    if (this.#length + room <= this.#bytes.length) return
    const bigger = new Uint8Array(2 * (this.#length + room))
    bigger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bigger
  }
}
