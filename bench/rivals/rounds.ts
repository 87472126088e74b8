import type { Ratio, Timing } from '../measure.ts'

/** Somebody who is ready to be timed. */
export interface Seat {
  readonly id: string
  /** Milliseconds of the first call. */
  readonly first: number
  /** One sample: milliseconds a call or a piece. */
  sample(): Promise<number>
}

export interface RoundOptions {
  readonly minRounds: number
  readonly maxRounds: number
  /** A contender has no more samples taken after this many milliseconds, but for minRounds. */
  readonly budgetMs: number
  /** One whose first call took longer than this is not asked for another: it is its sample. */
  readonly longMs: number
}

export const thorough: RoundOptions = { minRounds: 3, maxRounds: 9, budgetMs: 900, longMs: 2500 }
export const quick: RoundOptions = { minRounds: 1, maxRounds: 2, budgetMs: 100, longMs: 1000 }

/** Milliseconds by round, shorter for those who were slow; or what went wrong. */
export type Samples = Map<string, number[] | Error>

/**
 * Times everybody in turn, round after round, so that whatever else the machine does hits all of them alike. Who is slow
 * takes part in fewer rounds; the first seat takes part in all, as the others are compared with it round by round.
 */
export async function alternate(seats: readonly Seat[], options: RoundOptions): Promise<Samples> {
  const samples: Samples = new Map(
    seats.map(({ id, first }, i) => [id, i > 0 && first > options.longMs ? [first] : []]),
  )
  const spent = new Map<string, number>()
  for (let round = 0; round < options.maxRounds; round++) {
    const playing = seats.filter((seat, i) => {
      const so = samples.get(seat.id)!
      if (so instanceof Error) return false
      if (i > 0 && seat.first > options.longMs) return false
      return i === 0 || round < options.minRounds || (spent.get(seat.id) ?? 0) < options.budgetMs
    })
    // The first seat alone has nobody to be compared with.
    if (seats.length > 1 && playing.length <= 1 && round >= options.minRounds) break
    for (const seat of playing) {
      const begin = performance.now()
      try {
        ;(samples.get(seat.id) as number[]).push(await seat.sample())
      } catch (error) {
        samples.set(seat.id, error as Error)
      }
      spent.set(seat.id, (spent.get(seat.id) ?? 0) + performance.now() - begin)
    }
  }
  return samples
}

/** Rival's time over the base's in the same rounds; above 1 the base is faster. */
export function ratios(rival: readonly number[], base: readonly number[]): Ratio | undefined {
  const rounds = Math.min(rival.length, base.length)
  return rounds > 0 ? spread(rival.slice(0, rounds).map((time, round) => time / base[round]!)) : undefined
}

/** @throws RangeError for no values */
export function spread(values: readonly number[]): Timing {
  if (!values.length) throw new RangeError('values: expected at least one')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { min: sorted[0]!, median, max: sorted[sorted.length - 1]! }
}
