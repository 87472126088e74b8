import { describe, expect, test } from 'vitest'
import { AnswerError, checkAnswer } from '../../bench/check.ts'
import { measure, quick } from '../../bench/measure.ts'
import type { Contender, Prepared, Workload } from '../../bench/workload.ts'
import { epochWorkload } from '../../bench/workloads/epoch.ts'
import { fitWorkload } from '../../bench/workloads/fit.ts'
import { gemmWorkload } from '../../bench/workloads/gemm.ts'
import { gradientWorkload } from '../../bench/workloads/gradient.ts'
import { workloads } from '../../bench/workloads/index.ts'
import { networkWorkload } from '../../bench/workloads/network.ts'
import { optimizerWorkload } from '../../bench/workloads/optimizer-epoch.ts'
import { predictOneWorkload, predictProbaWorkload } from '../../bench/workloads/predict.ts'
import { softmaxWorkload } from '../../bench/workloads/softmax.ts'
import { solverFitWorkload } from '../../bench/workloads/solver-fit.ts'
import { kernelInfo } from '../../src/kernel/index.ts'

/** Small and odd, so that every tail of every loop is walked. */
const small: Workload[] = [
  gemmWorkload({ size: 12 }),
  gradientWorkload({ rows: 37, cols: 7 }),
  epochWorkload({ rows: 47, cols: 7, batchSize: 10 }),
  epochWorkload({ rows: 47, cols: 7, batchSize: 1 }),
  optimizerWorkload({ rows: 47, cols: 7, batchSize: 10, optimizer: 'momentum' }),
  optimizerWorkload({ rows: 47, cols: 7, batchSize: 10, optimizer: 'adam' }),
  softmaxWorkload({ rows: 37, cols: 7, classes: 3 }),
  softmaxWorkload({ rows: 38, cols: 5, classes: 4 }),
  softmaxWorkload({ rows: 40, cols: 6, classes: 4 }),
  networkWorkload({ rows: 47, cols: 7, width: 5, batchSize: 10 }),
  fitWorkload({ rows: 301, cols: 5, resident: true }),
  fitWorkload({ rows: 301, cols: 5, resident: false }),
  solverFitWorkload({ rows: 301, cols: 5, classes: 3, solver: 'lbfgs', scales: 1 }),
  solverFitWorkload({ rows: 2100, cols: 5, classes: 2, solver: 'auto', scales: 1 }),
  solverFitWorkload({ rows: 2100, cols: 5, classes: 3, solver: 'auto', scales: 1000 }),
  ...(['newton', 'lbfgs'] as const).flatMap((solver) =>
    [2, 3, 4].map((classes) => solverFitWorkload({ rows: 302, cols: 5, classes, solver, scales: 1000 })),
  ),
  predictProbaWorkload({ rows: 39, cols: 3 }),
  predictOneWorkload({ cols: 9 }),
]

const largest = (numbers: number[]): number => Math.max(...numbers.map(Math.abs))

/** The workload as it is, but lanefit's answers have gone through `damage`. */
function damaged(prepared: Prepared, damage: (answer: number[]) => number[]): Prepared {
  const contenders = prepared.contenders.map((contender) =>
    contender.name === 'lanefit'
      ? { ...contender, answer: () => damage([...(contender.answer() as number[])]) }
      : contender,
  )
  return { ...prepared, contenders }
}

describe.each(small)('$name', ({ prepare, reference }) => {
  function using<T>(use: (prepared: Prepared) => T): T {
    const prepared = prepare()
    try {
      return use(prepared)
    } finally {
      prepared.dispose()
    }
  }

  test('everybody gives the right answer and is timed in every round', () => {
    const { rounds, timings, ratios } = using((prepared) => measure(prepared, quick))
    expect(rounds).toBe(3)
    expect(timings.lanefit?.min).toBeGreaterThan(0)
    expect(timings.plain?.min).toBeGreaterThan(0)
    expect(ratios.plain?.median).toBeGreaterThan(0)
    expect(ratios.lanefit).toBeUndefined()
    expect(ratios.reference !== undefined).toBe(reference !== undefined)
  })

  test.each<[string, (answer: number[]) => number[]]>([
    [
      'is off in one element',
      ([first, second, ...rest]) => [first!, second! + 0.05 * largest([first!, ...rest]), ...rest],
    ],
    ['has a NaN', (answer) => [...answer.slice(0, -1), Number.NaN]],
  ])('an answer that %s is caught before anything is timed', (_, damage) => {
    using((prepared) => {
      const called = new Set<string>()
      const { contenders, ...rest } = damaged(prepared, damage)
      const watched = contenders.map((contender: Contender) => ({
        ...contender,
        run() {
          called.add(contender.name)
          contender.run()
        },
      }))
      expect(() => measure({ ...rest, contenders: watched }, quick)).toThrow(AnswerError)
      expect([...called]).toEqual(['lanefit'])
    })
  })
})

test('nothing is left in kernel memory', () => {
  for (const { prepare } of small) prepare().dispose()
  expect(kernelInfo().liveBytes).toBe(0)
})

test('names are unique, and every target is a ratio', () => {
  expect(new Set(workloads.map(({ name }) => name)).size).toBe(workloads.length)
  for (const { target = 1 } of workloads) expect(target).toBeGreaterThan(0.5)
})

describe('checkAnswer', () => {
  test('measures differences by the largest magnitude expected', () => {
    expect(() => checkAnswer('it', [100.09, 0.09], [100, 0], 1e-3)).not.toThrow()
    expect(() => checkAnswer('it', [100, 0.2], [100, 0], 1e-3)).toThrow(
      'it: element 1: expected 0 to within 0.1, got 0.2',
    )
  })

  test('names the worst element, a NaN before all', () => {
    expect(() => checkAnswer('it', [1, 5, 9], [1, 2, 3], 0.1)).toThrow('element 2')
    expect(() => checkAnswer('it', [1, Number.NaN, 9], [1, 2, 3], 0.1)).toThrow('element 1')
  })

  test('refuses another length', () => {
    expect(() => checkAnswer('it', [1, 2], [1, 2, 3], 1)).toThrow('it: expected 3 numbers, got 2')
  })
})
