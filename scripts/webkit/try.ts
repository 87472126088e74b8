/**
 * `node scripts/run-ts.mjs scripts/webkit/try.ts [PART OF A NAME]`: the suites for browsers in WebKit, each in a page of its
 * own, threads and workers included. Takes Debian's WebKitGTK (`apt-get install webkit2gtk-driver xvfb`), run without a
 * screen by `xvfb-run`. Fails where a test does.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '../../test/browser/serve.ts'
import type { Outcome } from './page.ts'

const BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'
const MOST_MS = 180_000
// Isolated, so that there are threads.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

const [, , part = ''] = process.argv
const suites = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.node.test.ts') && file.includes(part))
  .map((file) => file.replace(/\.ts$/, ''))
  .sort()
if (!existsSync(BROWSER)) throw new Error(`${BROWSER} is not there: apt-get install webkit2gtk-driver xvfb`)

const folder = await mkdtemp(join('node_modules', '.cache', 'webkit-'))
try {
  await bundle(folder)
  const page = '<!doctype html><script type="module" src="/page.js"></script>'
  const site = await serve(folder, { headers, pages: { '/page.html': page } })
  const failed = await inWebKit(site.origin)
  await site.close()
  process.exitCode = failed ? 1 : 0
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function bundle(outDir: string): Promise<void> {
  const { build } = createRequire(resolve('package.json'))('tsup') as typeof import('tsup')
  await build({
    config: false,
    silent: true,
    clean: false,
    entry: { page: 'scripts/webkit/page.ts', ...Object.fromEntries(suites.map((name) => [name, `test/${name}.ts`])) },
    outDir,
    format: 'esm',
    outExtension: () => ({ js: '.js' }),
    platform: 'browser',
    target: 'es2022',
    splitting: true,
    noExternal: [/.*/],
    external: [/^node:/],
    loader: { '.csv': 'text' },
    define: { __LANEFIT_SINGLE_FILE__: 'false', __LANEFIT_NODE__: 'false' },
    esbuildOptions: (options) => {
      options.alias = { vitest: './scripts/webkit/vitest.ts' }
    },
  })
}

/** Runs all suites and returns how many have failed. The browser is driven as https://www.w3.org/TR/webdriver2/ says. */
async function inWebKit(origin: string): Promise<number> {
  const port = await freePort()
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], {
    stdio: 'ignore',
    detached: true, // a group of its own: it ends with what it has started
    // As root there is no sandbox. JSC leaves SharedArrayBuffer out where nobody asks for it.
    env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', JSC_useSharedArrayBuffer: '1' },
  })
  await once(driver, 'spawn')
  const ask = async (method: string, path: string, body?: object) => {
    const init = { method, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    const { value } = (await response.json()) as { value: { error?: string; message?: string } | null }
    if (value?.error) throw new Error(`${value.error}: ${value.message}`)
    return value as unknown
  }
  try {
    for (let i = 0; i < 50 && !(await ask('GET', '/status').catch(() => undefined)); i++) await sleep(200)
    const browser = { 'webkitgtk:browserOptions': { binary: BROWSER, args: ['--automation'] } }
    const { sessionId, capabilities } = (await ask('POST', '/session', {
      capabilities: { alwaysMatch: browser },
    })) as { sessionId: string; capabilities: { browserVersion: string } }
    const session = `/session/${sessionId}`
    let [passed, failed] = [0, 0]
    for (const suite of suites) {
      await ask('POST', `${session}/url`, { url: `${origin}/page.html?suite=${encodeURIComponent(suite)}` })
      let outcome: Outcome | null = null
      for (const end = Date.now() + MOST_MS; !outcome && Date.now() < end; await sleep(100)) {
        outcome = (await ask('POST', `${session}/execute/sync`, {
          script: 'return window.outcome',
          args: [],
        })) as Outcome
      }
      const failures = outcome ? outcome.failures : [`no answer within ${MOST_MS / 1000} s`]
      passed += outcome?.passed ?? 0
      failed += failures.length
      console.log(`${suite}: ${outcome?.passed ?? 0} passed${failures.map((line) => `\n  FAILED ${line}`).join('')}`)
    }
    await ask('DELETE', session)
    console.log(`\nWebKitGTK ${capabilities.browserVersion}: ${passed} passed, ${failed} failed`)
    return failed
  } finally {
    process.kill(-driver.pid!)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}
