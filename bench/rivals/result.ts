import type { Machine } from '../machine.ts'
import type { Ratio, Timing } from '../measure.ts'

/**
 * timed: the answer was right; capped: stopped before it had done the work, `time` is when; missing: not there, or it
 * cannot do this here; wrong: the answer was not what it must be; failed: anything else.
 */
export type Status = 'timed' | 'capped' | 'missing' | 'wrong' | 'failed'

/** A line of the table: a contender at a workload. */
export interface Line {
  readonly workload: string
  readonly rival: string
  readonly contender: string
  readonly threads: 1 | 'all'
  readonly status: Status
  readonly unit: 'ms' | 'kB'
  readonly time?: Timing
  /** Over lanefit on as many threads. */
  readonly ratio?: Ratio
  readonly note?: string
}

export interface RivalsReport {
  readonly machine: Machine
  /** What is installed natively, by name; null where it is not. */
  readonly native: Readonly<Record<string, unknown>>
  /** Versions of the npm packages. */
  readonly packages: Readonly<Record<string, string>>
  readonly capSeconds: number
  readonly seconds: number
  readonly lines: readonly Line[]
}
