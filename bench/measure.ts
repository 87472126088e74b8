import { Bench, type Task } from 'tinybench'
import type { Contender, ContenderName, Prepared } from './workload.ts'

/** Times of one contender, in milliseconds a call (or a piece of it). */
export interface Timing {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** How much faster than a rival: rival's time / lanefit's, round by round. */
export interface Ratio {
  readonly min: number
  readonly median: number
  readonly max: number
}

export interface Measurement {
  readonly rounds: number
  readonly timings: Partial<Record<ContenderName, Timing>>
  readonly ratios: Partial<Record<ContenderName, Ratio>>
  /** Of solvers: the steps to the answer. */
  readonly steps?: Partial<Record<ContenderName, number>>
}

export interface MeasureOptions {
  /** Rounds at least, whatever they take. */
  readonly minRounds: number
  readonly maxRounds: number
  /** No new round after this long. */
  readonly budgetMs: number
}

export const thorough: MeasureOptions = { minRounds: 7, maxRounds: 25, budgetMs: 12_000 }
export const quick: MeasureOptions = { minRounds: 3, maxRounds: 3, budgetMs: 1_000 }

/** Untimed calls before each sample: cache state alone is a factor of 2. Of long calls fewer do, at least one. */
const UNTIMED_CALLS = 6
const UNTIMED_MS = 600
/** A sample is as many calls as fill this time. */
const SAMPLE_MS = 5

/**
 * Checks every contender's answer, then times them in turn, round after round, so that whatever else the machine does
 * hits all of them alike.
 * @throws AnswerError before anything is timed
 */
export function measure(prepared: Prepared, options: MeasureOptions): Measurement {
  const { contenders, pieces = 1 } = prepared
  for (const contender of contenders) {
    contender.run()
    prepared.check(contender)
  }
  const samplers = contenders.map((contender) => new Sampler(contender, pieces))
  const begin = performance.now()
  let rounds = 0
  while (rounds < options.minRounds || (rounds < options.maxRounds && performance.now() - begin < options.budgetMs)) {
    for (const sampler of samplers) sampler.sample()
    rounds++
  }
  for (const contender of contenders) prepared.check(contender)

  const samplesOf = new Map(samplers.map(({ name, samples }) => [name, samples]))
  const own = samplesOf.get('lanefit') as number[]
  const timings: Measurement['timings'] = {}
  const ratios: Measurement['ratios'] = {}
  for (const [name, samples] of samplesOf) {
    timings[name] = spread(samples)
    if (name !== 'lanefit') ratios[name] = spread(samples.map((time, round) => time / own[round]!))
  }
  const steps = contenders.flatMap(({ name, steps }) => (steps ? [[name, steps()]] : []))
  return { rounds, timings, ratios, ...(steps.length > 0 && { steps: Object.fromEntries(steps) }) }
}

class Sampler {
  readonly name: ContenderName
  /** Milliseconds a piece of work, one number a round. */
  readonly samples: number[] = []
  readonly #task: Task
  readonly #calls: number
  readonly #pieces: number

  constructor(contender: Contender, pieces: number) {
    this.name = contender.name
    this.#pieces = pieces
    const once = timeOf(contender, 3)
    this.#calls = Math.max(1, Math.ceil(SAMPLE_MS / timeOf(contender, once > 20 ? 1 : Math.ceil(20 / once))))
    const untimed = Math.min(UNTIMED_CALLS, Math.max(1, Math.round(UNTIMED_MS / once)))
    const calls = this.#calls
    const run = () => {
      for (let i = 0; i < calls; i++) contender.run()
    }
    const bench = new Bench({
      iterations: 1,
      time: 0,
      warmupIterations: Math.max(1, Math.ceil(untimed / calls)),
      warmupTime: 0,
      retainSamples: true,
      throws: true,
    })
    bench.add(contender.name, run, { async: false })
    this.#task = bench.getTask(contender.name) as Task
  }

  sample(): void {
    // A task that has run does not run again.
    this.#task.reset()
    this.#task.warmupSync()
    this.#task.runSync()
    const { result } = this.#task
    if (result.state !== 'completed') throw new Error(`${this.name}: the sample ended as ${result.state}`)
    this.samples.push((result.latency.samples as number[])[0]! / (this.#calls * this.#pieces))
  }
}

/** Milliseconds a call, roughly. */
function timeOf(contender: Contender, calls: number): number {
  const begin = performance.now()
  for (let i = 0; i < calls; i++) contender.run()
  return (performance.now() - begin) / calls
}

function spread(values: readonly number[]): Timing {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { min: sorted[0]!, median, max: sorted[sorted.length - 1]! }
}
