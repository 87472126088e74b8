/**
 * What the suites import from 'vitest', for a page without vitest's own: its browser mode brings WebKitGTK down. Tests,
 * hooks and matchers are vitest's (@vitest/runner, expect, spy); `vi`, `expect.poll` and what is about types are as much
 * of them as the suites use.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  customMatchers,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect'
import { fn, restoreAllMocks, spyOn } from '@vitest/spy'
import * as chai from 'chai'

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, onTestFinished, test } from '@vitest/runner'

type Matchers = Record<string, (...expected: unknown[]) => Promise<void>>
type Global = typeof globalThis & Record<PropertyKey, unknown>

const all = globalThis as Global

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message) as unknown as Matchers,
  chai.expect,
  all[ASYMMETRIC_MATCHERS_OBJECT],
  { poll, unreachable },
)
all[GLOBAL_EXPECT] = expect
setState({ assertionCalls: 0 }, expect as never)
// Put there by JestExtend.
;(chai.expect as unknown as { extend(expect: unknown, matchers: object): void }).extend(expect, customMatchers)

function unreachable(message: string): never {
  throw new Error(message)
}

/** The matchers, each tried until it holds or the time is over. */
function poll(value: () => unknown, { interval = 50, timeout = 1000 } = {}): Matchers {
  const tries =
    (matcher: string) =>
    async (...expected: unknown[]) => {
      for (const end = performance.now() + timeout; ; ) {
        try {
          return await expect(await value())[matcher]!(...expected)
        } catch (error) {
          if (performance.now() > end) throw error
          await new Promise((resolve) => setTimeout(resolve, interval))
        }
      }
    }
  return new Proxy({}, { get: (_, matcher) => tries(String(matcher)) })
}

const stubs = new Map<PropertyKey, PropertyDescriptor | undefined>()

export const vi = {
  fn,
  spyOn,
  restoreAllMocks,
  stubGlobal(name: PropertyKey, value: unknown): void {
    if (!stubs.has(name)) stubs.set(name, Object.getOwnPropertyDescriptor(all, name))
    Object.defineProperty(all, name, { value, configurable: true, writable: true })
  },
  unstubAllGlobals(): void {
    for (const [name, was] of stubs) {
      if (was) Object.defineProperty(all, name, was)
      else Reflect.deleteProperty(all, name)
    }
    stubs.clear()
  },
}

/** Types are checked by the compiler; here everything about them is a call that does nothing. */
export const expectTypeOf: unknown = new Proxy(() => undefined, {
  get: () => expectTypeOf,
  apply: () => expectTypeOf,
})
