/** What npm would publish, installed in a folder of its own and used as a stranger would. No registry is asked. */
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { install, node, pack, root, run, temporaryFolder, type Workspace } from './packed.ts'
import { PACKAGES } from './rules.ts'

const tool = (name: string, file: string) => join(root, 'node_modules', name, file)

let workspace: Workspace
let tarball: string
let consumer: string
let installed: string

beforeAll(async () => {
  workspace = await temporaryFolder()
  tarball = await pack(root, join(workspace.path, 'packed'))
  consumer = join(workspace.path, 'consumer')
  installed = await install(tarball, consumer)
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module", "private": true }')
  writeFileSync(join(consumer, 'smoke.mjs'), readFileSync(join(root, 'test/package/smoke.mjs')))
})

afterAll(() => workspace?.remove())

/** Another copy of the package, to break something in. */
async function copy(name: string, breakIt: (path: string) => void): Promise<string> {
  const path = await install(tarball, join(workspace.path, name))
  breakIt(path)
  return path
}

test('holds what is needed, and nothing else', async () => {
  const { stdout } = await run(root, 'tar', '-tzf', tarball)
  const files = stdout.trim().split('\n')
  for (const file of ['LICENSE', 'dist/LICENSES.txt', 'dist/index.js', 'dist/cjs/index.js', 'dist/lanefit.iife.js']) {
    expect(files).toContain(`package/${file}`)
  }
  const expected =
    /^package\/(?:package\.json|LICENSE|README\.md|CHANGELOG\.md|dist\/.+\.(?:js|d\.ts|wasm|txt)|dist\/cjs\/package\.json)$/
  expect(files.filter((file) => !expected.test(file))).toEqual([])
})

test('types do not carry kernels and scripts as literals', async () => {
  const { stdout } = await run(root, 'tar', '-tvzf', tarball)
  const sizes = stdout.match(/\d+(?= \S+ \S+ \S+\.d\.ts$)/gm)!.map(Number)
  expect(sizes.length).toBeGreaterThan(100)
  expect(Math.max(...sizes)).toBeLessThan(20_000)
})

test('every bundled project has its licence in LICENSES.txt', () => {
  const licences = readFileSync(join(installed, 'dist/LICENSES.txt'), 'utf8')
  const { cli: _, ...bundled } = PACKAGES
  // The runtime of AssemblyScript is compiled into the kernel.
  for (const name of [...Object.values(bundled).flat(), 'assemblyscript']) {
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
  }
  expect(licences).toContain('Permission to use, copy, modify')
  expect(licences).toContain('Apache License')
})

describe('publint', () => {
  test('has nothing to say', async () => {
    const bytes = readFileSync(tarball)
    const { messages } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
    expect(messages).toEqual([])
  })

  test('can fail', async () => {
    const pkgDir = await copy('publint', (path) => rmSync(join(path, 'dist/cjs/package.json')))
    const { messages } = await publint({ pkgDir, pack: false })
    expect(messages.map(({ code }) => code)).toContain('FILE_INVALID_FORMAT')
  })
})

describe('attw', () => {
  const check = (path: string) =>
    node(
      root,
      tool('@arethetypeswrong/cli', 'dist/index.js'),
      path,
      '--profile',
      'node16',
      '--no-definitely-typed',
      '--no-color',
      // An address for workers, nothing to import.
      '--exclude-entrypoints',
      './worker.js',
    )

  test('finds the types right', async () => {
    const { code, stdout } = await check(tarball)
    expect(code, stdout).toBe(0)
  })

  test('can fail', async () => {
    const path = await copy('attw', (folder) => rmSync(join(folder, 'dist/cjs/types'), { recursive: true }))
    const { code, stdout } = await check(await pack(path, join(workspace.path, 'broken')))
    expect(code, stdout).toBe(1)
  })
})

describe('a consumer', () => {
  const script = (type: 'module' | 'commonjs', text: string) => node(consumer, `--input-type=${type}`, '--eval', text)

  test('gets the same from import, require and the browser file', async () => {
    const load = (specifier: string) =>
      `import * as lanefit from '${specifier}'\nimport { report } from './smoke.mjs'\nawait report(lanefit)`
    const outcomes = await Promise.all([
      script('module', load('lanefit')),
      script('commonjs', `import('./smoke.mjs').then(({ report }) => report(require('lanefit')))`),
      script('module', load('./node_modules/lanefit/dist/index.js')),
    ])
    for (const { code, stderr } of outcomes) expect(code, stderr).toBe(0)
    const [esm, cjs, browser] = outcomes.map(({ stdout }) => JSON.parse(stdout) as { names: string[]; result: unknown })
    expect(cjs).toEqual(esm)
    expect(browser?.result).toEqual(esm?.result)
    expect(esm?.names).toEqual(expect.arrayContaining(browser?.names as string[]))
    expect(browser?.names).toContain('DataError')
  })

  test('finds the kernels by URL', async () => {
    const text = `import { readFileSync } from 'node:fs'
      for (const variant of ['simd', 'relaxed', 'scalar']) {
        const bytes = readFileSync(new URL(import.meta.resolve('lanefit/kernel/' + variant + '.wasm')))
        console.log(variant, bytes.subarray(0, 4).equals(Buffer.from('\\0asm')))
      }`
    const { stdout, stderr } = await script('module', text)
    expect(stdout, stderr).toBe('simd true\nrelaxed true\nscalar true\n')
  })

  test('has a working command', async () => {
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    const other = join(workspace.path, 'command')
    const path = await install(tarball, other)
    for (const name of Object.keys(dependencies))
      symlinkSync(join(root, 'node_modules', name), join(other, 'node_modules', name))
    const { code, stdout, stderr } = await node(other, join(path, 'dist/cli.js'), '--version')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  })

  describe('with TypeScript', () => {
    const use = `const error: Error = new DataError('ONE_CLASS', 'message')\nexport { error }`
    const sources = {
      'esm.mts': `import { DataError } from 'lanefit'\n${use}`,
      'cjs.cts': `import lanefit = require('lanefit')\nimport { DataError } from 'lanefit'\n${use}\nexport { lanefit }`,
    }
    const WEB = ['DOM', 'DOM.Iterable', 'DOM.AsyncIterable']
    const compile = async (module: string, moduleResolution: string, files: string[], types: string[], web = WEB) => {
      const config = {
        compilerOptions: {
          ...{ module, moduleResolution, types, strict: true, noEmit: true, skipLibCheck: false, target: 'ES2022' },
          lib: ['ES2022', ...web, 'ESNext.Disposable'],
          typeRoots: [tool('@types', '.')],
        },
        files,
      }
      const name = `tsconfig.${module}.${types.length}.${web.length}.json`
      writeFileSync(join(consumer, name), JSON.stringify(config))
      return node(consumer, tool('typescript', 'bin/tsc'), '-p', name)
    }

    beforeAll(() => {
      for (const [name, text] of Object.entries(sources)) writeFileSync(join(consumer, name), text)
      writeFileSync(join(consumer, 'wrong.mts'), `import { DataError } from 'lanefit'\nnew DataError(1, 2)`)
    })

    test.each<[string, string, string[], string[], string[]?]>([
      ['NodeNext', 'NodeNext', ['esm.mts', 'cjs.cts'], ['node']],
      ['Node16', 'Node16', ['esm.mts', 'cjs.cts'], ['node']],
      // A web project: no types of Node.
      ['ESNext', 'Bundler', ['esm.mts'], []],
      // A project for Node alone: no types of the web, so none of WebAssembly.
      ['NodeNext', 'NodeNext', ['esm.mts', 'cjs.cts'], ['node'], []],
    ])('%s, %s', async (...args) => {
      const { code, stdout } = await compile(...args)
      expect(code, stdout).toBe(0)
    })

    test('can fail', async () => {
      const { stdout } = await compile('NodeNext', 'NodeNext', ['wrong.mts'], [])
      expect(stdout).toContain("Argument of type '1' is not assignable")
    })
  })
})
