import { describe, expect, test } from 'vitest'
import { runAsync, runSync, type Steps } from '../../src/core/steps.ts'
import {
  gradientDescent,
  type IterationInfo,
  lbfgs,
  newton,
  type Objective,
  type SolverOptions,
  type SolverResult,
} from '../../src/optim/index.ts'
import { barrier, diagonalQuadratic, logistic, stepwise } from './problems.ts'

/** What holds for every solver, whatever its method. */
type Solver = (objective: Objective, start: ArrayLike<number>, options?: SolverOptions) => Steps<SolverResult>

const solvers: [string, Solver][] = [
  ['lbfgs', lbfgs],
  ['newton', newton],
  [
    'gradientDescent',
    (objective, start, options) => gradientDescent(objective, start, { learningRate: 2, ...options }),
  ],
]

describe.each(solvers)('%s', (_name, solve) => {
  const problem = logistic(200, 4, 1e-2)
  const start = [0, 0, 0, 0, 0]

  test('reports the value and gradient at the returned parameters', () => {
    const result = runSync(solve(problem, start))
    const grad = new Float64Array(5)
    expect(result.converged).toBe(true)
    expect(problem.evaluate(result.w, grad)).toBe(result.loss)
    expect(Math.max(...grad.map(Math.abs))).toBe(result.gradNorm)
  })

  test('leaves the start as it was', () => {
    const from = Float64Array.of(1, 2, 3, 4, 5)
    const result = runSync(solve(problem, from))
    expect([...from]).toEqual([1, 2, 3, 4, 5])
    expect(result.w).not.toBe(from)
  })

  test('a start at the optimum takes no iteration', () => {
    const result = runSync(solve(diagonalQuadratic([1, 2], [3, 4], 1), [3, 4]))
    expect(result).toMatchObject({ nIter: 0, evaluations: 1, converged: true, reason: 'gradient', loss: 1 })
  })

  test('stops after maxIter, not converged', () => {
    const result = runSync(solve(problem, start, { maxIter: 2, tol: 0 }))
    expect(result).toMatchObject({ nIter: 2, converged: false, reason: 'max-iter' })
    expect(runSync(solve(problem, start, { maxIter: 0 }))).toMatchObject({ nIter: 0, reason: 'max-iter' })
  })

  test('tells the callback every iteration, with a falling loss', () => {
    const seen: IterationInfo[] = []
    const result = runSync(solve(problem, start, { onIteration: (info) => void seen.push(info) }))
    expect(seen.map((info) => info.iteration)).toEqual(Array.from({ length: result.nIter }, (_, k) => k + 1))
    for (let k = 1; k < seen.length; k++) expect(seen[k]!.loss).toBeLessThanOrEqual(seen[k - 1]!.loss * (1 + 1e-7))
    const { evaluations, loss, gradNorm, w } = result
    expect(seen.at(-1)).toMatchObject({ evaluations, loss, gradNorm, w })
  })

  test('stops when the callback says so, at once or in steps', () => {
    const onIteration = (info: IterationInfo) => info.iteration === 2
    const expected = { nIter: 2, converged: false, reason: 'stopped' }
    expect(runSync(solve(problem, start, { onIteration }))).toMatchObject(expected)
    function* inSteps(info: IterationInfo): Steps<boolean> {
      yield
      return info.iteration === 2
    }
    expect(runSync(solve(problem, start, { onIteration: inSteps }))).toMatchObject(expected)
  })

  test('gives the same bits run at once, with breaks, and on an objective that works in steps', async () => {
    const expected = runSync(solve(problem, start))
    expect(await runAsync(solve(problem, start), { sliceMs: 0 })).toEqual(expected)
    expect(await runAsync(solve(stepwise(problem), start), { sliceMs: 0 })).toEqual(expected)
  })

  test('refuses to run an objective that waits for others synchronously', () => {
    const log: string[] = []
    expect(() => runSync(solve(stepwise(problem, log), start))).toThrow('cannot run synchronously')
    expect(log).toEqual(['evaluate ended'])
  })

  test('an abort in the middle of an evaluation ends it properly', async () => {
    const controller = new AbortController()
    const log: string[] = []
    const objective: Objective = {
      ...problem,
      *evaluate(w, grad): Steps<number> {
        try {
          log.push('begun')
          if (log.length === 5) controller.abort(new Error('enough'))
          yield
          return problem.evaluate(w, grad)
        } finally {
          log.push('ended')
        }
      },
    }
    const steps = solve(objective, start, { tol: 0 })
    await expect(runAsync(steps, { signal: controller.signal })).rejects.toThrow('enough')
    expect(log).toEqual(['begun', 'ended', 'begun', 'ended', 'begun', 'ended'])
    expect(steps.next()).toEqual({ done: true, value: undefined })
  })

  test('an objective that throws ends the solver with its error', () => {
    const broken: Objective = {
      ...problem,
      evaluate() {
        throw new Error('no data')
      },
    }
    expect(() => runSync(solve(broken, start))).toThrow('no data')
  })

  test('a start where the objective is not finite is divergence, not an endless search', () => {
    const result = runSync(solve(barrier(2), [1, -1]))
    expect(result).toMatchObject({ nIter: 0, evaluations: 1, converged: false, reason: 'diverged' })
  })

  test('refuses a start of the wrong length', () => {
    expect(() => runSync(solve(problem, [0, 0]))).toThrow(new RangeError('start: expected 5 parameters, got 2'))
  })
})
