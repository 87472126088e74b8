/** Runs a TypeScript program of this repository on any Node: `node scripts/run-ts.mjs bench/index.ts [arguments]`. */
import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

const root = fileURLToPath(new URL('..', import.meta.url))
const [, , entry, ...args] = process.argv
if (entry === undefined) {
  console.error('usage: node scripts/run-ts.mjs FILE.ts [arguments]')
  process.exit(2)
}
// Programs may run side by side, several of them called index.ts.
const outDir = join(root, 'node_modules', '.cache', 'lanefit', 'run', `${basename(entry, '.ts')}-${process.pid}`)
process.on('exit', () => rmSync(outDir, { recursive: true, force: true }))
await build({
  config: false,
  silent: true,
  clean: true,
  entry: { program: entry },
  outDir,
  format: 'esm',
  target: 'es2022',
  platform: 'node',
  sourcemap: 'inline',
  removeNodeProtocol: false,
  define: { __LANEFIT_SINGLE_FILE__: 'false' },
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main']
  },
})
process.argv = [process.argv[0], entry, ...args]
await import(pathToFileURL(join(outDir, 'program.js')).href)
