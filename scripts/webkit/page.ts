/** Runs the suite that the page's address names (`?suite=core/checks`) and leaves what came of it in `window.outcome`. */
import { type File, startTests, type Task, type VitestRunner } from '@vitest/runner'

export interface Outcome {
  passed: number
  /** A line for each test that failed, and for what else went wrong. */
  failures: string[]
}

const MOST_MS = 120_000
const suite = new URLSearchParams(location.search).get('suite')
const outcome: Outcome = { passed: 0, failures: [] }
addEventListener('unhandledrejection', ({ reason }) => outcome.failures.push(`unhandled: ${reason}`))

const config = {
  root: '/',
  sequence: { shuffle: false, concurrent: false, hooks: 'stack', setupFiles: 'list', seed: 1 },
  maxConcurrency: 5,
  testTimeout: MOST_MS,
  hookTimeout: MOST_MS,
  retry: 0,
  setupFiles: [],
  passWithNoTests: true,
  tags: [],
  bail: 0,
}
const runner = { config, importFile: (path: string) => import(`/${path}.js`) } as unknown as VitestRunner

function count(task: File | Task): void {
  if (task.type === 'test' && task.result?.state === 'pass') outcome.passed++
  else if (task.type === 'test' && task.mode === 'run') fail(task)
  else if (task.type === 'suite') {
    if (task.result?.errors?.length) fail(task)
    for (const inner of task.tasks) count(inner)
  }
}

function fail({ fullName, result }: Task): void {
  const messages = result?.errors?.map(({ message }) => message) ?? ['did not run']
  outcome.failures.push(`${fullName}: ${messages.join('; ')}`)
}

try {
  for (const file of await startTests([{ filepath: `${suite}`, testLocations: undefined }], runner)) count(file)
} catch (error) {
  outcome.failures.push(`${suite}: ${error instanceof Error ? error.stack : error}`)
}
Object.assign(window, { outcome })
