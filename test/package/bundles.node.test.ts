/** The files in dist/ themselves: what they import, how heavy they are, what they do to the place they are loaded in. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { parseAst } from 'vitest/node'
import { textOfBytes } from '../../src/kernel/byte-text.ts'
import { launchChromium } from '../browser/chromium.ts'
import { serve } from '../browser/serve.ts'
import { node, root, temporaryFolder } from './packed.ts'

const dist = (file: string) => join(root, 'dist', file)

/** Every specifier that a piece of JavaScript imports or requires. */
function specifiers(code: string): { static: string[]; dynamic: string[]; required: string[] } {
  const found = { static: [] as string[], dynamic: [] as string[], required: [] as string[] }
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    const node = value as {
      type?: string
      source?: { value?: unknown } | null
      callee?: { name?: string }
      arguments?: { value?: unknown }[]
    }
    const source = String(node.source?.value ?? '(computed)')
    if (node.type === 'ImportExpression') found.dynamic.push(source)
    else if (node.source && /^(?:Import|ExportAll|ExportNamed)Declaration$/.test(node.type ?? ''))
      found.static.push(source)
    else if (node.type === 'CallExpression' && node.callee?.name === 'require') {
      found.required.push(String(node.arguments?.[0]?.value ?? '(computed)'))
    }
    for (const child of Object.values(value)) visit(child)
  }
  visit(parseAst(code))
  return found
}

/** All specifiers of a file in dist/ and of the files it leads to. */
function reachable(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const { static: first, dynamic, required } = specifiers(readFileSync(dist(file), 'utf8'))
  return [...first, ...dynamic, ...required].flatMap((specifier) => {
    if (!specifier.startsWith('.')) return [specifier]
    const next = join(dirname(file), specifier)
    expect(existsSync(dist(next)), `${file} imports ${specifier}`).toBe(true)
    return reachable(next, seen)
  })
}

describe('imports', () => {
  test('are found in every form', () => {
    const code = `import a from"a";import"b";export*from"c";export{d}from"d";const e=await import("e");import(a+b);require("f")`
    expect(specifiers(code)).toEqual({ static: ['a', 'b', 'c', 'd'], dynamic: ['e', '(computed)'], required: ['f'] })
  })

  test('index.js by itself starts the kernel, trains and predicts: a page may have copied no other file', async () => {
    const workspace = await temporaryFolder()
    try {
      const code = `import { gaussians, init, LogisticRegression } from './index.mjs'
        await init()
        const { X, y } = gaussians({ rows: 200, cols: 3, seed: 1 })
        const model = await new LogisticRegression().fit(X, y)
        console.log(model.predictProba(X).data.length)`
      copyFileSync(dist('index.js'), join(workspace.path, 'index.mjs'))
      writeFileSync(join(workspace.path, 'page.mjs'), code)
      expect(await node(workspace.path, 'page.mjs')).toEqual({ code: 0, stdout: '400\n', stderr: '' })
    } finally {
      await workspace.remove()
    }
  })

  test('index.js needs no package and no module of Node, and comes in one piece', () => {
    expect(reachable('index.js')).toEqual([])
    expect(specifiers(readFileSync(dist('index.js'), 'utf8')).static).toEqual([])
  })

  // Something that only this part says.
  const parts = [
    ['threads', 'a worker did not answer within', 'kernel/replacing.js', 'node/replacing.js'],
    ['fitBatches', 'rows of the first pass again', 'models/batch-fit.js', 'node/batch-fit.js'],
    ['a worker', 'a worker cannot start here', 'worker/training.js', 'node/worker-training.js'],
  ] as const

  test.each(parts)('%s are, or is, a file loaded on demand', (_, words, ...files) => {
    const holds = (file: string) => readFileSync(dist(file), 'utf8').includes(words)
    for (const [i, main] of ['index.js', 'node-module.js'].entries()) {
      expect(specifiers(readFileSync(dist(main), 'utf8')).dynamic).toContain(`./${files[i]}`)
      expect([main, files[i]!].map(holds)).toEqual([false, true])
      expect(specifiers(readFileSync(dist(files[i]!), 'utf8')).static).toEqual([])
    }
  })

  test('threads are not in lanefit.iife.js', () => {
    expect(readFileSync(dist('lanefit.iife.js'), 'utf8')).not.toContain(parts[0][1])
  })

  test('lanefit.iife.js imports nothing, not even on demand', () => {
    const { static: first, dynamic, required } = specifiers(readFileSync(dist('lanefit.iife.js'), 'utf8'))
    expect([...first, ...dynamic, ...required]).toEqual([])
  })

  test.each(['node.js', 'node-module.js', 'cjs/index.js', 'cjs/node.js'])('%s needs modules of Node only', (file) => {
    expect(reachable(file).filter((specifier) => !isNodes(specifier))).toEqual([])
  })

  test('cjs/start.js, which Node begins with, leads to the rest', () => {
    const text = readFileSync(dist('cjs/start.js'), 'utf8')
    expect(specifiers(text)).toMatchObject({ static: [], required: expect.arrayContaining(['./rest.js']) })
    // Each kB takes a process 0.03 ms to start.
    expect(text.length).toBeLessThan(100_000)
  })

  test('cli.js needs what package.json says', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const packages = reachable('cli.js').filter((specifier) => !isNodes(specifier))
    expect(packages).toContain('commander')
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(packages))
  })
})

const isNodes = (specifier: string) => specifier.startsWith('node:') && builtinModules.includes(specifier.slice(5))

describe('kernels', () => {
  const text = (variant: string) => textOfBytes(readFileSync(dist(`kernel/${variant}.wasm`)))
  // Minifiers escape what would end a script inside a page.
  const unescaped = (code: string) =>
    code
      .replace(/\\x([0-9a-f]{2})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)))
      .replace(/<\\/g, '<')
  const holds = (file: string, variant: string) => unescaped(readFileSync(dist(file), 'utf8')).includes(text(variant))
  // What wasm2js makes of a memory; a minifier keeps it.
  const holdsJs = (file: string) => readFileSync(dist(file), 'utf8').includes('Object.create(Object.prototype')

  test.each(['index.js', 'lanefit.iife.js'])('%s holds simd and no other', (file) => {
    expect(holds(file, 'simd')).toBe(true)
    expect(holds(file, 'relaxed')).toBe(false)
    expect(holds(file, 'scalar')).toBe(false)
    expect(holdsJs(file)).toBe(false)
  })

  test.each(['kernel/replacing.js', 'node/replacing.js', 'cjs/index.js', 'cjs/rest.js'])(
    '%s loads each of the others on demand',
    (file) => {
      const { dynamic, required } = specifiers(readFileSync(dist(file), 'utf8'))
      const lazy = [...dynamic, ...required]
        .map((specifier) => join(dirname(file), specifier))
        .filter((path) => path.startsWith(file.startsWith('cjs') ? 'cjs/kernel/' : 'kernel/'))
      // The worker's program is one of them.
      expect(lazy).toHaveLength(6)
      for (const variant of ['simd-threads', 'relaxed-threads'])
        expect(lazy.filter((chunk) => holds(chunk, variant))).toHaveLength(1)
      expect(lazy.filter((chunk) => holds(chunk, 'relaxed'))).toHaveLength(1)
      expect(lazy.filter((chunk) => holds(chunk, 'scalar'))).toHaveLength(1)
      expect(lazy.filter(holdsJs)).toHaveLength(1)
    },
  )
})

describe('weight', () => {
  const sizeLimit = (...args: string[]) => node(root, join(root, 'node_modules/size-limit/bin.js'), '--json', ...args)

  test('is within the budgets of .size-limit.json', async () => {
    const { code, stdout, stderr } = await sizeLimit()
    expect(code, stdout + stderr).toBe(0)
    expect(JSON.parse(stdout)).toHaveLength(5)
  })

  test('can be too much', async () => {
    const folder = await temporaryFolder()
    const config = join(folder.path, '.size-limit.json')
    writeFileSync(config, JSON.stringify([{ path: dist('index.js'), limit: '100 B', gzip: true }]))
    const { code, stdout } = await sizeLimit('--config', config)
    await folder.remove()
    expect(code).toBe(1)
    expect(JSON.parse(stdout)[0]).toMatchObject({ passed: false })
  })
})

describe('lanefit.iife.js', () => {
  test('adds one name to a bare world, and does nothing else', () => {
    // AssemblyScript's loader makes itself a decoder when it is loaded.
    const world = createContext({ TextDecoder })
    const before = runInContext('Object.getOwnPropertyNames(globalThis)', world)
    runInContext(readFileSync(dist('lanefit.iife.js'), 'utf8'), world)
    const after = runInContext('Object.getOwnPropertyNames(globalThis)', world)
    expect(after.filter((name: string) => !before.includes(name))).toEqual(['lanefit'])
    expect(runInContext('Object.keys(lanefit)', world)).toContain('DataError')
  })
})

describe('in a page with a strict content security policy', () => {
  const headers = { 'content-security-policy': `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'` }
  const pages = {
    '/tag.html':
      '<!doctype html><script src="/dist/lanefit.iife.js"></script><script type="module" src="/tag.js"></script>',
    '/tag.js': `import { smoke } from '/test/package/smoke.mjs'\nwindow.result = JSON.stringify(await smoke(lanefit))`,
    '/module.html': '<!doctype html><script type="module" src="/module.js"></script>',
    '/module.js': `import * as lanefit from '/dist/index.js'\nimport { smoke } from '/test/package/smoke.mjs'\nwindow.result = JSON.stringify(await smoke(lanefit))`,
  }

  test('a script tag and a module work as in Node', async () => {
    const lanefit = await import(dist('index.js'))
    const { smoke } = await import(join(root, 'test/package/smoke.mjs'))
    const expected = await smoke(lanefit)
    const site = await serve(root, { headers, pages })
    const browser = await launchChromium()
    try {
      for (const path of ['/tag.html', '/module.html']) {
        const page = await browser.newPage()
        const errors: string[] = []
        page.on('pageerror', (error) => errors.push(String(error)))
        await page.goto(site.origin + path)
        // Not waitForFunction: it compiles text, which the policy forbids.
        const result = async () => page.evaluate(() => (window as unknown as { result?: string }).result)
        await expect.poll(async () => (await result()) ?? errors[0], { timeout: 30_000 }).toBeDefined()
        expect(errors).toEqual([])
        expect(JSON.parse((await result()) as string)).toEqual(expected)
      }
    } finally {
      await browser.close()
      await site.close()
    }
  })
})
