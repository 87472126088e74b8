/** Node loads the package in two pieces, the second when it is needed; bundlers get one. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { node, root, temporaryFolder, type Workspace } from './packed.ts'

let workspace: Workspace

beforeAll(async () => {
  workspace = await temporaryFolder()
  mkdirSync(join(workspace.path, 'app/node_modules'), { recursive: true })
  symlinkSync(root, join(workspace.path, 'app/node_modules/lanefit'), 'dir')
})

afterAll(() => workspace?.remove())

async function run(name: string, text: string): Promise<string> {
  const file = join(workspace.path, 'app', name)
  writeFileSync(file, text)
  const { code, stdout, stderr } = await node(workspace.path, file)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return stdout.trim()
}

const fit = `
const { X, y } = gaussians({ rows: 200, cols: 3, seed: 1 })
const model = new LogisticRegression().fitSync(X, y)
let text = ''
try { new LogisticRegression().fitSync([[1], [2]], [1, 1]) } catch (error) { text = error instanceof DataError ? error.code : String(error) }
console.log(text, metrics.accuracy(y, model.predict(X)) === model.score(X, y), JSON.stringify(model).length > 100)`

test('import and require give the same classes and functions', async () => {
  const text = `import { createRequire } from 'node:module'
import * as imported from 'lanefit'
const required = createRequire(import.meta.url)('lanefit')
console.log(Object.keys(imported).filter((name) => imported[name] !== required[name]).length, Object.keys(imported).length > 20)`
  expect(await run('same.mjs', text)).toBe('0 true')
})

test('a saved model answers for a row by the first piece alone, everything else brings the second', async () => {
  const text = `const { LogisticRegression, gaussians, DataError, metrics } = require('lanefit')
const loaded = () => Object.keys(require.cache).some((file) => file.endsWith('rest.js'))
const states = [loaded()]
const make = () => { ${fit}; return model }
const json = process.argv[2] ?? JSON.stringify(make())
states.push(loaded())
const { execFileSync } = require('node:child_process')
if (process.argv[2]) {
  const { label } = LogisticRegression.fromJSON(json).predictOne([1, 2, 3])
  console.log(JSON.stringify([...states, loaded(), typeof label]))
} else process.stdout.write(execFileSync(process.execPath, [__filename, json]))`
  const lines = (await run('pieces.cjs', text)).split('\n')
  expect(lines).toEqual(['ONE_CLASS true true', '[false,false,false,"number"]'])
})

test.each(['esm', 'cjs'] as const)('a bundle by esbuild (%s) runs far from the package', async (format) => {
  const entry = join(workspace.path, 'app', 'entry.mjs')
  writeFileSync(entry, `import { LogisticRegression, gaussians, DataError, metrics } from 'lanefit'\n${fit}`)
  const { outputFiles } = await build({
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: 'node',
    format,
    outfile: 'bundle.js',
    // What is loaded on demand is looked for beside the bundle.
    external: ['./kernel/*', './worker/*', './node/*'],
    logLevel: 'error',
  })
  const text = outputFiles[0]?.text ?? ''
  writeFileSync(join(workspace.path, `moved.${format === 'esm' ? 'mjs' : 'cjs'}`), text)
  const { stdout, stderr } = await node(
    workspace.path,
    join(workspace.path, `moved.${format === 'esm' ? 'mjs' : 'cjs'}`),
  )
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: 'ONE_CLASS true true', stderr: '' })
})
