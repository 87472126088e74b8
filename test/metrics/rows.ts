import fc from 'fast-check'

export interface Rows {
  y: number[]
  scores: number[]
  weights: number[]
}

/** Rows with plenty of ties, small whole weights (0 too), and both classes with some weight. */
export const rows: fc.Arbitrary<Rows> = fc
  .array(fc.record({ y: fc.nat(1), score: fc.integer({ min: 0, max: 8 }), weight: fc.nat(3) }), { maxLength: 30 })
  .map((list) => [{ y: 0, score: 3, weight: 1 }, { y: 1, score: 4, weight: 2 }, ...list])
  .map((list) => ({
    y: list.map((row) => row.y),
    scores: list.map((row) => row.score / 8),
    weights: list.map((row) => row.weight),
  }))
