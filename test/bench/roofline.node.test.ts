import { describe, expect, test } from 'vitest'
import type { Machine } from '../../bench/machine.ts'
import { quick } from '../../bench/measure.ts'
import { rooflineKernels } from '../../bench/roofline/kernels.ts'
import { compileProbe, Probe } from '../../bench/roofline/probe.ts'
import { rooflineMarkdown, rooflineMisses, sharesOf } from '../../bench/roofline/report.ts'
import { measureKernels, type RooflineReport, type RooflineRow } from '../../bench/roofline/roofline.ts'
import { gemmWorkload } from '../../bench/workloads/gemm.ts'
import { gradientWorkload } from '../../bench/workloads/gradient.ts'
import { predictProbaWorkload } from '../../bench/workloads/predict.ts'

const module = await compileProbe('simd')
const readers = ['readOnce', 'readFour', 'readAhead'] as const

describe('the loops that read', () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const bytes = new Uint8Array(memory.buffer)
  const loops = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports as Record<
    string,
    (bytes: number, at: number) => number
  >

  test.each(readers)('%s reads every word of its bytes and no other', (name) => {
    for (const length of [512, 1024, 4096, 8192]) {
      bytes.fill(0)
      bytes.fill(255, 0, 4096)
      bytes.fill(255, 4096 + length)
      expect(loops[name]!(length, 4096)).toBe(0)
      for (let at = 0; at < length; at += 16) {
        bytes[4096 + at + (at % 13)] = 1
        expect(loops[name]!(length, 4096)).toBe(1)
        bytes[4096 + at + (at % 13)] = 0
      }
    }
  })

  test('a reader reads whole grains of every block', () => {
    bytes.fill(0)
    const {
      bytes: all,
      run,
      answer,
    } = new Probe(module, memory).reader([
      { at: 0, bytes: 1000 },
      { at: 2048, bytes: 1024 },
    ])
    expect(all).toBe(512 + 1024)
    run()
    expect(answer()).toEqual([0])
    bytes[2048 + 1000] = 1
    run()
    expect(answer()).toEqual([1])
  })
})

test('the loops that calculate do what they are counted for', () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const loops = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports as Record<
    string,
    (steps: number, by: number, plus: number) => number
  >
  // 12 vectors of 4 lanes: ((2 * 2 + 1) * 2 + 1) = 11 each; or half of them 2 * 2 * 2 and half 2 + 1 + 1.
  expect(loops.multiplyAdd!(2, 2, 1)).toBe(48 * 11)
  expect(loops.multiplyAndAdd!(2, 2, 1)).toBe(24 * 8 + 24 * 4)
  expect(new Probe(module, memory).calculator(1000).flops).toBe(960)
})

test('kernels are timed in turn with their limits', () => {
  const kernels = [
    { workload: gradientWorkload({ rows: 600, cols: 7 }) },
    { workload: predictProbaWorkload({ rows: 600, cols: 7 }) },
    { workload: gemmWorkload({ size: 16 }), target: { limit: 'peak', share: 0.95 } as const },
  ]
  const names: string[] = []
  const rows = measureKernels(kernels, module, quick, ({ name }) => names.push(name))
  expect(names).toEqual(['gradient 600x7', 'predictProba 600x7', 'gemm 16'])
  expect(rows.map(({ bytes }) => bytes)).toEqual([18_944, 18_944, 2048])
  expect(rows.map(({ flops }) => flops)).toEqual([16_800, 8400, 8192])
  for (const { timings, ratios } of rows) {
    expect(Object.keys(timings)).toEqual(['lanefit', 'read', 'peak'])
    expect(ratios.read!.median).toBeGreaterThan(0)
    expect(ratios.peak!.median).toBeGreaterThan(0)
  }
})

test('every kernel has a name of its own and something to be held against', () => {
  expect(new Set(rooflineKernels.map(({ workload }) => workload.name)).size).toBe(rooflineKernels.length)
  for (const { workload } of rooflineKernels) expect(workload.flops).toBeGreaterThan(0)
})

describe('the report', () => {
  const spread = (median: number) => ({ min: median * 0.9, median, max: median * 1.1 })
  const row = (name: string, read: number, peak: number, target?: RooflineRow['target']): RooflineRow => ({
    name,
    bytes: 4e7,
    flops: 2e7,
    ...(target && { target }),
    rounds: 7,
    timings: { lanefit: spread(2) },
    ratios: { read: spread(read), peak: spread(peak) },
  })
  const machine: Machine = {
    date: '2026-01-02',
    cpu: 'A CPU',
    cores: 2,
    memoryGiB: 8,
    os: 'linux 6.1 x64',
    node: '24.1.0',
    v8: '13.6',
    variant: 'relaxed',
  }
  const report: RooflineReport = {
    machine,
    limits: { read: [{ name: '40 MB', bytes: 4e7, rate: 28.83 }], mulAdd: 44, fused: 58.9 },
    rows: [
      row('reads', 0.5, 0.2, { limit: 'read', share: 0.85 }),
      row('adds', 0.1, 0.96, { limit: 'peak', share: 0.95 }),
      row('free', 0.3, 0.6),
    ],
  }

  test('a kernel is held against the limit that it is nearer to', () => {
    expect(report.rows.map((one) => sharesOf(one).limit)).toEqual(['read', 'peak', 'peak'])
    const cells = rooflineMarkdown(report)
      .split('\n')
      .filter((line) => /^\| (reads|adds|free)/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()))
    expect(cells.map((line) => line.slice(2, 6))).toEqual([
      ['50 % (45-55)', 'reading', '85 % missed', '1.80 ms / 2.00 ms'],
      ['96 % (86-106)', 'arithmetic', '95 % met', '1.80 ms / 2.00 ms'],
      ['60 % (54-66)', 'arithmetic', '', '1.80 ms / 2.00 ms'],
    ])
    expect(cells[0]!.slice(6, 10)).toEqual(['22.2', '50 %', '11.1', '20 %'])
  })

  test('says what the machine can do', () => {
    expect(rooflineMarkdown(report)).toMatch(/\| read 40 MB +\| +28\.8 GB\/s \|/)
    expect(rooflineMarkdown(report)).toMatch(/\| fused multiply-add +\| 58\.9 GFLOP\/s \|/)
  })

  test('what is missed is named', () => {
    expect(rooflineMisses(report)).toEqual(['reads: 50 % of the speed of reading alone, 85 % aimed at'])
  })
})
