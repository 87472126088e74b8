import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { root } from './packed.ts'
import * as rules from './rules.ts'

/** Hand-written code below these folders. */
function read(...folders: string[]): rules.SourceFile[] {
  const files = folders
    .filter((folder) => existsSync(`${root}/${folder}`))
    .flatMap((folder) =>
      readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
        .filter((path) => /\.(?:ts|mjs|js|html)$/.test(path) && !/node_modules|\/generated\/|\/golden\//.test(path)),
    )
  return files.map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }))
}

const source = read('src')
const everything = read('src', 'assembly', 'test', 'bench', 'scripts', 'examples')
const file = (path: string, ...lines: string[]): rules.SourceFile => ({ path, text: lines.join('\n') })

test('there are files to look at', () => {
  const paths = everything.map(({ path }) => path)
  expect(paths).toContain('src/core/errors.ts')
  expect(paths).toContain('assembly/lanes.ts')
  expect(paths).toContain('test/package/rules.ts')
})

/** Each rule: the real files hold it, and it finds every one of the offenders. */
const cases: [name: string, rule: rules.Rule, files: rules.SourceFile[], offenders: rules.SourceFile[]][] = [
  [
    'importArrows',
    rules.importArrows,
    [...source, ...everything.filter(({ path }) => path.startsWith('assembly/'))],
    [
      file('src/core/a.ts', `import { b } from '../kernel/b.ts'`),
      file('src/optim/a.ts', `import type { b } from '../kernel/b.ts'`),
      file('src/kernel/a.ts', `export * from '../models/b.ts'`),
      file('src/metrics/a.ts', `const b = await import('../data/b.ts')`),
      file('src/models/a.ts', `import '../data/b.ts'`),
      file('src/data/a.ts', 'import {', '  b,', '  c,', `} from '../models/b.ts'`),
      file('src/data/a.ts', `import { readFile } from 'node:fs/promises'`),
      file('src/data/a.ts', `import { Command } from 'commander'`),
      file('src/kernel/a.ts', `import { dsvFormat } from 'd3-dsv'`),
      file('src/kernel/a.ts', `import { readFile } from 'fs'`),
      file('src/index.ts', `import { a } from './node.ts'`),
      file('src/cli/a.ts', `import { a } from '../models/b.ts'`),
      file('src/models/a.ts', `import { a } from '../../assembly/b.ts'`),
      file('src/models/a.ts', `import { a } from '../../scripts/b.ts'`),
      file('assembly/a.ts', `import { b } from '../src/core/b.ts'`),
    ],
  ],
  [
    'webAssemblyInKernel',
    rules.webAssemblyInKernel,
    source,
    [file('src/models/a.ts', 'new WebAssembly.Module(bytes)')],
  ],
  [
    'oneMemoryFile',
    rules.oneMemoryFile,
    source,
    [
      file('src/kernel/a.ts', 'new Float32Array(memory.buffer)'),
      file('src/kernel/b.ts', 'new Float32Array(kernel.memory.buffer)'),
    ],
  ],
  ['oneMemoryFile', rules.oneMemoryFile, source, [file('src/data/a.ts', 'new Float32Array(memory.buffer)')]],
  ['noConsole', rules.noConsole, source, [file('src/models/a.ts', `console.log('fitted')`)]],
  ['noMathRandom', rules.noMathRandom, source, [file('src/data/a.ts', 'const u = Math.random()')]],
  [
    'noInexactMath',
    rules.noInexactMath,
    source,
    [file('src/optim/a.ts', 'const e = Math.exp(x)'), file('src/data/a.ts', 'Math.cos(x)')],
  ],
  ['shortFiles', rules.shortFiles, everything, [file('src/models/a.ts', ...Array(321).fill('x'))]],
]

describe.each(cases)('%s', (_name, rule, files, offenders) => {
  test('holds', () => expect(rule(files)).toEqual([]))

  test('can fail', () => expect(rule(offenders)).toHaveLength(offenders.length))
})

test('comments do not count, strings do', () => {
  const text = `// WebAssembly\n/* console.log() */ const url = 'http://x' // Math.random()\nimport 'a' /* from 'b' */`
  expect(rules.withoutComments(text)).not.toMatch(/WebAssembly|console|Math/)
  expect(rules.withoutComments(text)).toContain(`'http://x'`)
  expect(rules.importsOf(text)).toEqual(['a'])
})
