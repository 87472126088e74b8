/**
 * Finds a headless Chromium for the tests: Debian's where it is installed, else the one that comes with the npm package
 * @sparticuz/chromium. LANEFIT_CHROMIUM=npm asks for the latter, any other value is taken as the path of a browser.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type LaunchOptions } from 'playwright'

const DEBIAN = '/usr/bin/chromium'
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/lanefit/chromium', import.meta.url))

/** Nothing that weakens the web platform itself: a missing COOP/COEP header or a CSP must fail here as it does outside. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Playwright's launch options for that browser. */
export async function chromiumOptions(): Promise<LaunchOptions> {
  const wanted = process.env.LANEFIT_CHROMIUM ?? (existsSync(DEBIAN) ? DEBIAN : 'npm')
  if (wanted !== 'npm') return { headless: true, executablePath: wanted, args: ARGS }
  if (!existsSync(CACHE)) await unpackTo(CACHE)
  return {
    headless: true,
    executablePath: join(CACHE, 'chromium'),
    args: ARGS,
    // Its own NSS and fonts, for this process only: a fresh machine has neither.
    env: { ...process.env, LD_LIBRARY_PATH: join(CACHE, 'al2023', 'lib'), FONTCONFIG_PATH: join(CACHE, 'fonts') },
  }
}

/** A browser to drive with Playwright; close it with `browser.close()`. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch(await chromiumOptions())
}

/**
 * Unpacks next to the target and renames, so that an interrupted or a concurrent run leaves no half of a browser. The
 * package unpacks to the temporary folder, and brings its libraries only where it believes to run in a certain cloud.
 */
async function unpackTo(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  const folder = await mkdtemp(`${target}-`)
  const before = { ...process.env }
  try {
    process.env.TMPDIR = folder
    process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs22.x'
    const { default: packed } = await import('@sparticuz/chromium')
    await packed.executablePath()
    await writeFile(join(folder, 'fonts', 'fonts.conf'), fontsConf(join(target, 'fonts')))
    await rename(folder, target).catch((error) => {
      if (!existsSync(target)) throw error
    })
  } finally {
    for (const name of ['TMPDIR', 'AWS_LAMBDA_JS_RUNTIME', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH', 'HOME']) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
    await rm(folder, { recursive: true, force: true })
  }
}

function fontsConf(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <cachedir>${join(folder, 'cache')}</cachedir>
</fontconfig>
`
}
