/** Fits in workers of real pages: what the page notices, what its policy allows, where the worker's script comes from. */
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gaussians, LogisticRegression } from '../../src/node.ts'
import { launchChromium } from './chromium.ts'
import { type Site, serve } from './serve.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})

afterAll(() => browser.close())

/** Waits for what the page's script leaves in window.result, or for its first error. */
async function resultOf(page: Page, address: string): Promise<Record<string, unknown>> {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(address)
  // Not waitForFunction: it compiles text, which a policy may forbid.
  const result = () => page.evaluate(() => (window as unknown as { result?: string }).result)
  await expect.poll(async () => errors[0] ?? (await result()), { timeout: 50_000 }).toBeDefined()
  expect(errors).toEqual([])
  return JSON.parse((await result()) as string)
}

describe('a million rows of 32', () => {
  let site: Site
  const script = (how: string) => `
    import { LogisticRegression } from '/dist/index.js'
    let s = 1
    const random = () => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32
    const [rows, cols] = [1_000_000, 32]
    const [data, sampleWeight, y] = [new Float64Array(rows * cols), Array(rows), Array(rows)]
    for (let i = 0; i < rows; i++) {
      let z = 4 * random() - 2
      for (let k = 0; k < cols; k++) z += (data[i * cols + k] = random() + random() - 1) * ((k % 5) - 2)
      sampleWeight[i] = 1 + random()
      y[i] = z > 0 ? 'yes' : 'no'
    }
    const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    await rest(200)
    const long = []
    const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
    observer.observe({ entryTypes: ['longtask'] })
    const frames = []
    let last = performance.now()
    const tick = (now) => { frames.push(now - last); last = now; requestAnimationFrame(tick) }
    requestAnimationFrame(tick)
    const begin = performance.now()
    const model = new LogisticRegression()
    let told = 0
    const options = { worker: true, sampleWeight, onProgress: () => told++ }
    ${how}
    const ms = performance.now() - begin
    await rest(200)
    observer.takeRecords()
    window.result = JSON.stringify({ long, ms, frame: Math.max(...frames), nIter: model.nIter, told, loss: model.loss })`

  const pages: Record<string, string> = {
    '/page.html': '<!doctype html><script type="module" src="/page.js"></script>',
  }

  beforeAll(async () => {
    site = await serve(root, { pages })
  })
  afterAll(() => site.close())

  const run = async (how: string) => {
    pages['/page.js'] = script(how)
    const page = await browser.newPage()
    const result = await resultOf(page, `${site.origin}/page.html`)
    await page.close()
    return result as { long: number[]; nIter: number; told: number }
  }

  test('the measure sees a fit that blocks', async () => {
    const { long } = await run('model.fitSync({ data, rows, cols }, y)')
    expect(long.length).toBeGreaterThan(0)
  })

  test.each([
    ['a table', '{ data, rows, cols }'],
    ['rows in arrays', 'y.map((_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)))'],
    // The clock counts others' work on a busy machine, too: one undisturbed run is proof.
  ])('%s: in a worker, no task of the page takes more than 50 ms', { retry: 3 }, async (_, X) => {
    const { long, nIter, told } = await run(
      `const X = ${X}
       await rest(200)
       long.length = 0
       await model.fit(X, y, options)`,
    )
    expect(long).toEqual([])
    expect(nIter).toBeGreaterThan(1)
    expect(told).toBe(nIter)
  })
})

describe('on an isolated page with threads', () => {
  const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
  const pages = {
    '/page.html': '<!doctype html><script type="module" src="/page.js"></script>',
    '/page.js': `
      import { init, kernelInfo, LogisticRegression } from '/dist/index.js'
      const [rows, cols] = [30_000, 16]
      const data = Float32Array.from({ length: rows * cols }, (_, i) => ((i * 7919) % 1009) / 1009)
      const y = Uint8Array.from({ length: rows }, (_, i) => (data[i * cols] > 0.5 ? 1 : 0))
      await init({ threads: 3 })
      const controller = new AbortController()
      window.abort = () => controller.abort()
      const onProgress = ({ iteration }) => { window.result = JSON.stringify({ ...kernelInfo(), iteration }) }
      const options = { worker: true, signal: controller.signal, onProgress }
      window.begin = () => {
        window.fit = new LogisticRegression({ solver: 'gd', tol: 0, maxIter: 1e9 }).fit({ data, rows, cols }, y, options)
          .catch((error) => error.name)
      }
      window.result = JSON.stringify(kernelInfo())`,
  }

  /** Threads of the browser's pages that are workers. */
  async function workersOf(): Promise<number> {
    const session = await browser.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    await session.detach()
    let workers = 0
    for (const { id } of processInfo.filter(({ type }) => type === 'renderer')) {
      for (const task of await readdir(`/proc/${id}/task`)) {
        const name = await readFile(`/proc/${id}/task/${task}/comm`, 'utf8').catch(() => '')
        if (name.startsWith('DedicatedWorker')) workers++
      }
    }
    return workers
  }

  test("a fit's worker has as many, and an abort ends them all", async () => {
    const site = await serve(root, { headers, pages })
    const page = await browser.newPage()
    const tell = (name: string) =>
      page.evaluate((name) => (window as unknown as Record<string, () => void>)[name]!(), name)
    expect(await resultOf(page, `${site.origin}/page.html`)).toMatchObject({ threads: 3 })
    // The page's own: it may not block, and leaves all work to them.
    expect(await workersOf()).toBe(3)
    await tell('begin')
    const iteration = () => page.evaluate(() => JSON.parse((window as unknown as { result: string }).result).iteration)
    await expect.poll(iteration, { timeout: 20_000 }).toBeGreaterThan(20)
    expect(await workersOf()).toBe(3 + 1 + 2)
    await tell('abort')
    expect(await page.evaluate(() => (window as unknown as { fit: Promise<string> }).fit)).toBe('AbortError')
    await expect.poll(workersOf, { timeout: 10_000 }).toBe(3)
    await page.close()
    await site.close()
  })
})

describe('policies and places', () => {
  const { X, y } = gaussians({ rows: 300, cols: 4, centre: 0.5 })
  const rows = Array.from({ length: 300 }, (_, i) => Array.from(X.row(i)))
  const expected = JSON.stringify(new LogisticRegression().fitSync(rows, y))

  /** What a fit on a page with this policy comes to. */
  async function fitOn(policy: string, how: 'module' | 'script tag', worker: string): Promise<Record<string, unknown>> {
    const headers = { 'content-security-policy': `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; ${policy}` }
    const isModule = how === 'module'
    const pages = {
      '/page.html': `<!doctype html>${isModule ? '' : '<script src="/dist/lanefit.iife.js"></script>'}<script type="module" src="/page.js"></script>`,
      '/page.js': `${isModule ? `import * as lanefit from '/dist/index.js'` : ''}
        const [X, y] = ${JSON.stringify([rows, [...y]])}
        const told = (error) => ({ name: error.name, code: error.code, message: error.message, hint: error.hint,
          typed: error instanceof lanefit.KernelError })
        window.result = JSON.stringify(await new lanefit.LogisticRegression().fit(X, y, { worker: ${worker} })
          .then((model) => ({ model: JSON.stringify(model) }), told))`,
    }
    const site = await serve(root, { headers, pages })
    const page = await browser.newPage()
    try {
      return await resultOf(page, `${site.origin}/page.html`)
    } finally {
      await page.close()
      await site.close()
    }
  }

  test('worker-src blob: is enough', async () => {
    expect(await fitOn('worker-src blob:', 'module', 'true')).toEqual({ model: expected })
  })

  test('without it the error names the directive and the way out', async () => {
    const error = await fitOn(`worker-src 'self'`, 'module', 'true')
    expect(error).toMatchObject({ name: 'KernelError', code: 'UNAVAILABLE', typed: true })
    expect(error.hint).toMatch(/worker-src blob:.*URL of a worker file/)
  })

  test.each(['module', 'script tag'] as const)("%s: the package's worker.js, hosted", async (how) => {
    expect(await fitOn(`worker-src 'self'`, how, `'dist/worker.js'`)).toEqual({ model: expected })
    expect(await fitOn(`worker-src 'self'`, how, `new URL('/dist/worker.js', location)`)).toEqual({ model: expected })
  })

  test('a script tag has only that', async () => {
    const error = await fitOn('worker-src blob:', 'script tag', 'true')
    expect(error).toMatchObject({ name: 'KernelError', code: 'UNAVAILABLE', typed: true })
    expect(error.hint).toContain('dist/worker.js')
  })

  test.each(['/nowhere/worker.js', '/dist/index.js', '/dist/LICENSES.txt'])('%s is no worker file', async (place) => {
    const error = await fitOn(`worker-src 'self'`, 'module', `'${place}'`)
    expect(error).toMatchObject({ name: 'KernelError', code: 'UNAVAILABLE', typed: true })
    expect(error.hint).toContain(place)
  })
})
