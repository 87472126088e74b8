const digitBits = 11
const buckets = 1 << digitBits
const digitsPerWord = 3

/**
 * Row numbers by falling score, equal scores in row order: a radix sort, least digit first, on the bits of the numbers
 * (which sort like whole numbers once negative ones are turned over), so that a million rows need no comparator.
 * Digits that all scores share, as the low ones of float32 scores, cost nothing. The scores are finite and have no -0.
 */
export function fallingOrder(scores: Float64Array): Uint32Array {
  const n = scores.length
  const keys = fallingKeys(scores)
  let order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  let next = new Uint32Array(n)
  const start = new Uint32Array(buckets)
  for (const key of keys) {
    for (let digit = 0; digit < digitsPerWord; digit++) {
      const shift = digit * digitBits
      start.fill(0)
      for (let i = 0; i < n; i++) start[bucket(key[i] as number, shift)]!++
      if (start[bucket(key[0] as number, shift)] === n) continue
      let sum = 0
      for (let b = 0; b < buckets; b++) {
        const count = start[b] as number
        start[b] = sum
        sum += count
      }
      for (let i = 0; i < n; i++) {
        const row = order[i] as number
        const b = bucket(key[row] as number, shift)
        next[start[b]!++] = row
      }
      ;[order, next] = [next, order]
    }
  }
  return order
}

function bucket(key: number, shift: number): number {
  return (key >>> shift) & (buckets - 1)
}

/** The low and the high words of keys that rise as the scores fall. */
function fallingKeys(scores: Float64Array): [low: Uint32Array, high: Uint32Array] {
  const words = new Uint32Array(scores.buffer, scores.byteOffset, 2 * scores.length)
  const highWord = new Uint8Array(Uint16Array.of(1).buffer)[0] // 1 where bytes are stored low first
  const lowWord = 1 - (highWord as number)
  const low = new Uint32Array(scores.length)
  const high = new Uint32Array(scores.length)
  for (let i = 0; i < scores.length; i++) {
    const h = words[2 * i + (highWord as number)] as number
    const l = words[2 * i + lowWord] as number
    const negative = h >>> 31 === 1
    low[i] = negative ? l : ~l
    high[i] = negative ? h : ~h ^ 0x80000000
  }
  return [low, high]
}
