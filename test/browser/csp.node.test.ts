/**
 * Pages whose Content-Security-Policy does not allow WebAssembly (script-src without 'wasm-unsafe-eval'). What works
 * under a strict policy that does allow it, test/package shows.
 */
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LogisticRegression } from '../../src/node.ts'
import { launchChromium } from './chromium.ts'
import { type Site, serve } from './serve.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const headers = { 'content-security-policy': `default-src 'none'; script-src 'self'` }

const X = Array.from({ length: 40 }, (_, i) => [i % 7, (i * i) % 11, i])
const y = X.map(([a, b]) => ((a as number) * 2 > (b as number) ? 'over' : 'under'))

/** A script that runs `code` and leaves what it returns, or its error, for the test. */
const script = (importing: string, code: string) => `
  ${importing}
  const [X, y] = ${JSON.stringify([X, y])}
  const told = ({ name, code, message, hint, cause }) => ({ error: name, code, message, hint, cause: String(cause) })
  const attempt = async (work) => { try { return await work() } catch (error) { return told(error) } }
  window.result = JSON.stringify(await attempt(async () => { ${code} }))`

let browser: Browser
let site: Site
const pages: Record<string, string> = {}

beforeAll(async () => {
  ;[browser, site] = await Promise.all([launchChromium(), serve(root, { headers, pages })])
})

afterAll(async () => {
  await browser.close()
  await site.close()
})

/** Runs code in a page of its own that has loaded `how`. */
async function run(how: 'module' | 'script tag', code: string): Promise<Record<string, unknown>> {
  const isModule = how === 'module'
  pages['/code.js'] = script(isModule ? `import * as lanefit from '/dist/index.js'` : '', code)
  const tag = isModule ? '' : '<script src="/dist/lanefit.iife.js"></script>'
  pages['/page.html'] = `<!doctype html>${tag}<script type="module" src="/code.js"></script>`
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(`${site.origin}/page.html`)
  const result = () => page.evaluate(() => (window as unknown as { result?: string }).result)
  await expect.poll(async () => errors[0] ?? (await result())).toBeDefined()
  expect(errors).toEqual([])
  const text = await result()
  await page.close()
  return JSON.parse(text as string)
}

const blocked = /compiling WebAssembly is blocked here \(script-src needs 'wasm-unsafe-eval'\)/

describe('the module', () => {
  test('fit falls back to the js variant, and kernelInfo says why', async () => {
    const { json, info } = await run(
      'module',
      `const model = await new lanefit.LogisticRegression().fit(X, y)
       return { json: JSON.stringify(model), info: lanefit.kernelInfo() }`,
    )
    const { variant, reason } = info as { variant: string; reason: string }
    expect(variant).toBe('js')
    expect(reason).toMatch(blocked)
    // The engine's own words, once: they quote the policy in force.
    expect(reason.match(/"script-src 'self'"/g)).toHaveLength(1)
    expect(reason).toContain('slower than hand-written JavaScript')
    const model = LogisticRegression.fromJSON(json)
    const here = new LogisticRegression().fitSync(X, y)
    expect(model.predict(X)).toEqual(here.predict(X))
    expect(Math.abs(model.loss - here.loss)).toBeLessThan(1e-6 * here.loss)
  })

  test('fitSync before anything was awaited throws, after init it works', async () => {
    const { early, late } = await run(
      'module',
      `const early = await attempt(() => new lanefit.LogisticRegression().fitSync(X, y))
       await lanefit.init()
       return { early, late: new lanefit.LogisticRegression().fitSync(X, y).score(X, y) }`,
    )
    expect(early).toMatchObject({ error: 'KernelError', code: 'UNAVAILABLE' })
    const { message, hint, cause } = early as Record<'message' | 'hint' | 'cause', string>
    expect(message).toMatch(blocked)
    expect(hint).toContain('await init()')
    expect(cause).toMatch(/^CompileError/)
    expect(late).toBeGreaterThan(0.8)
  })

  test('asking for a WebAssembly variant throws, and leaves the fallback open', async () => {
    const { asked, variant } = await run(
      'module',
      `const asked = await attempt(() => lanefit.init({ variant: 'relaxed' }))
       await lanefit.init()
       return { asked, variant: lanefit.kernelInfo().variant }`,
    )
    expect(asked).toMatchObject({ error: 'KernelError', code: 'UNAVAILABLE', message: expect.stringMatching(blocked) })
    expect(variant).toBe('js')
  })
})

describe('the script tag, which brings simd only', () => {
  test.each([
    ['fit', 'return await new lanefit.LogisticRegression().fit(X, y)'],
    ['fitSync', 'return new lanefit.LogisticRegression().fitSync(X, y)'],
    ['init', 'return await lanefit.init()'],
  ])('%s throws a KernelError that names the directive and the way out', async (_, code) => {
    const error = await run('script tag', code)
    expect(error).toMatchObject({ error: 'KernelError', code: 'UNAVAILABLE' })
    expect(error.message).toMatch(blocked)
    expect(error.hint).toMatch(/as a module/)
    expect(error.cause).toMatch(/^CompileError/)
  })

  test('a saved model still predicts row by row: that needs no kernel', async () => {
    const model = new LogisticRegression().fitSync(X, y)
    const result = await run(
      'script tag',
      `return lanefit.LogisticRegression.fromJSON(${JSON.stringify(JSON.stringify(model))}).predictOne(X[0])`,
    )
    expect(result).toEqual(model.predictOne(X[0] as number[]))
  })
})
