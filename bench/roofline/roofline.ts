import { kernel } from '../../src/kernel/index.ts'
import { type Machine, machine } from '../machine.ts'
import { type Measurement, type MeasureOptions, measure } from '../measure.ts'
import type { Contender, OnKernel, Prepared } from '../workload.ts'
import type { LimitTarget, RooflineKernel } from './kernels.ts'
import { Probe } from './probe.ts'

/** What the machine can do, by wasm. */
export interface Limits {
  /** Gigabytes a second, the best of the rounds, by how many bytes are read again and again. */
  readonly read: readonly { readonly name: string; readonly bytes: number; readonly rate: number }[]
  /** Billions of floating-point operations a second. */
  readonly mulAdd: number
  /** Of the relaxed variant: multiplication and addition in one. */
  readonly fused?: number
}

/** A kernel beside its limits, which were timed in turn with it. */
export interface RooflineRow extends Measurement {
  readonly name: string
  readonly bytes: number
  readonly flops: number
  readonly target?: LimitTarget
}

export interface RooflineReport {
  readonly machine: Machine
  readonly limits: Limits
  readonly rows: readonly RooflineRow[]
}

const SIZES = [
  { name: '16 KiB, L1', bytes: 2 ** 14 },
  { name: '512 KiB, L2', bytes: 2 ** 19 },
  { name: '40 MB', bytes: 40e6 },
  { name: '1 GiB', bytes: 2 ** 30 },
]
/** Long enough for the clock, short beside a kernel that is timed. */
const PEAK_FLOPS = 4e8

/** The machine's limits by themselves, `rounds` tries each. */
export function measureLimits(module: WebAssembly.Module, variant: 'simd' | 'relaxed', rounds: number): Limits {
  const room = Math.max(...SIZES.map(({ bytes }) => bytes))
  const memory = new WebAssembly.Memory({ initial: Math.ceil(room / 65536) })
  // Pages that nobody has written to are all the same one.
  new Uint8Array(memory.buffer).fill(37)
  const probe = new Probe(module, memory)
  const read = SIZES.map(({ name, bytes }) => {
    const reader = probe.reader([{ at: 0, bytes }])
    const calls = Math.max(1, Math.round(1e8 / bytes))
    return { name, bytes: reader.bytes, rate: best(reader, calls, rounds, reader.bytes) }
  })
  const peak = (only?: 'multiplyAdd' | 'multiplyAndAdd') => {
    const calculator = probe.calculator(PEAK_FLOPS, only)
    return best(calculator, 1, rounds, calculator.flops)
  }
  if (variant === 'simd') return { read, mulAdd: peak() }
  return { read, mulAdd: peak('multiplyAndAdd'), fused: peak('multiplyAdd') }
}

/** Thousand millions of `work` a second. */
function best({ run }: OnKernel, calls: number, rounds: number, work: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    run()
    const begin = performance.now()
    for (let call = 0; call < calls; call++) run()
    least = Math.min(least, performance.now() - begin)
  }
  return (work * calls) / least / 1e6
}

/** Times each kernel in turn with loops that do no more than its limit asks: the same bytes read, the same operations. */
export function measureKernels(
  kernels: readonly RooflineKernel[],
  module: WebAssembly.Module,
  options: MeasureOptions,
  onRow: (row: RooflineRow) => void,
): RooflineRow[] {
  const { memory } = kernel().kernels
  // The loader's object is what it says it is.
  const probe = new Probe(module, memory as WebAssembly.Memory)
  return kernels.map(({ workload, target }) => {
    const { name, flops = 0 } = workload
    const prepared = workload.prepare()
    try {
      const reader = probe.reader(prepared.blocks ?? [])
      const { bytes } = reader
      const limits: Contender[] = [
        { name: 'read', ...reader },
        { name: 'peak', ...probe.calculator(flops) },
      ]
      const row = { name, bytes, flops, ...(target && { target }), ...measure(between(prepared, limits), options) }
      onRow(row)
      return row
    } finally {
      prepared.dispose()
    }
  })
}

/** lanefit alone, between the limits. */
function between({ contenders, check, ...rest }: Prepared, limits: readonly Contender[]): Prepared {
  return {
    ...rest,
    contenders: [...contenders.filter(({ name }) => name === 'lanefit'), ...limits],
    check: (contender) => {
      if (contender.name === 'lanefit') check(contender)
    },
  }
}

export function rooflineReport(limits: Limits, rows: readonly RooflineRow[]): RooflineReport {
  return { machine: machine(), limits, rows }
}
