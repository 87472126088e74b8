/**
 * What Node itself runs, in two pieces: dist/cjs/start.js has the classes, saved models and predictOne, rest.js everything
 * else. V8 takes 30 ms to look through a MB of JavaScript, and whoever loads a model to ask it for one row needs a quarter of
 * ours. rest.js is required by the first call that needs it, which may be a synchronous one: hence CommonJS. dist/node.js
 * is the same for `import`, so both ways lead to the same classes. Bundlers take dist/node-module.js instead.
 */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { leanLoader } from './lean-loader.mjs'
import { generatedOnDemand, inOnePiece } from './on-demand.mjs'
import { plainUsing } from './plain-using.mjs'

const source = fileURLToPath(new URL('../src/', import.meta.url))
const dist = fileURLToPath(new URL('../dist/', import.meta.url))

/** The modules of start.js, index files aside. What they import of other modules are functions, or the build fails. */
const START = `
  node.ts
  core/abort core/arrays core/checks core/dispose core/errors core/labels core/random core/steps
  kernel/activations kernel/kernel kernel/layout kernel/losses kernel/matrix kernel/matrix-builder kernel/memory
  kernel/optimizers kernel/pointer kernel/slabs kernel/workspace
  models/fit-options models/hinge-solvers models/linear-classifier models/linear-data models/linear-estimator
  models/linear-fit models/linear-options models/linear-svc models/logistic-options models/logistic-regression
  models/mlp-classifier models/mlp-network models/mlp-options models/mlp-passes models/mlp-predict models/named-row models/on-demand
  models/one-row models/options-json models/out-array models/proba models/ridge-classifier
  models/sgd-classifier models/solver-choice
  optim/schedules
  persist/envelope persist/read`
  .trim()
  .split(/\s+/)
  .map((name) => name.replace(/(\.ts)?$/, '.ts'))

const namesOf = (file) => Object.values(exportsOf(file)).flat()
const isIndex = (file) => /(^|\/)index\.ts$/.test(file)

/** What a module exports: its functions, and classes and constants. */
function exportsOf(file) {
  const text = readFileSync(join(source, file), 'utf8')
  const named = (what) => [...new Set([...text.matchAll(what)].map((match) => match[1]))]
  return {
    functions: named(/^export (?:async )?function\*? ?(\w+)/gm),
    others: named(/^export (?:abstract )?(?:class|const|let) (\w+)/gm),
  }
}

const UNREACHABLE = 'lanefitUnreachable'

/** For start.js: functions of other modules are calls of rest.js. Gives the modules that have been asked for. */
function restOnDemand(asked) {
  return {
    name: 'rest-on-demand',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\.\/rest\.js$/ }, ({ path }) => ({ path, external: true }))
      onResolve({ filter: /^rest$/ }, ({ path }) => ({ path, namespace: 'rest' }))
      onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, resolveDir }) => {
        const file = relative(source, join(resolveDir, path)).replaceAll('\\', '/')
        if (isIndex(file) || START.includes(file)) return undefined
        asked.add(file)
        return { path: file, namespace: 'elsewhere' }
      })
      onLoad({ filter: /./, namespace: 'rest' }, () => ({
        contents: `let loaded; export const rest = () => (loaded ??= require('./rest.js'))`,
        resolveDir: source,
      }))
      onLoad({ filter: /./, namespace: 'elsewhere' }, ({ path }) => {
        const { functions, others } = exportsOf(path)
        const lines = [
          `import { rest } from 'rest'`,
          ...functions.map((name) => `export const ${name} = (...given) => rest().${name}(...given)`),
          // Index files name them; where one is used it stays in the text.
          ...others.map((name) => `export const ${name} = /* @__PURE__ */ ${UNREACHABLE}('${name} of ${path}')`),
        ]
        return { contents: lines.join('\n'), resolveDir: source }
      })
    },
  }
}

/** What start.js shares with rest.js it exports by a name of its own: checkNumber$3, of the third module in START. */
const shared = (name, file) => `${name} as ${name}$${START.indexOf(file)}`
const SHARED = /import_start\d*\s*\.\s*(\w+)\$(\d+)/g

/** For rest.js: the modules of start.js are there already. */
const startIsThere = {
  name: 'start-is-there',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^\.\/start\.js$/ }, ({ path }) => ({ path, external: true }))
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, resolveDir }) => {
      const file = relative(source, join(resolveDir, path)).replaceAll('\\', '/')
      return START.includes(file) ? { path: file, namespace: 'start' } : undefined
    })
    onLoad({ filter: /./, namespace: 'start' }, ({ path }) => ({
      contents: `export { ${namesOf(path).map((name) => `${name}$${START.indexOf(path)} as ${name}`)} } from './start.js'`,
      resolveDir: source,
    }))
  },
}

async function bundle(file, contents, ...plugins) {
  const { outputFiles } = await build({
    stdin: { contents: contents.join('\n'), resolveDir: source, sourcefile: file },
    outfile: file,
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    define: { __LANEFIT_SINGLE_FILE__: 'false', __LANEFIT_NODE__: 'true' },
    legalComments: 'none',
    mainFields: ['module', 'main'],
    // All names as they are, which stand in stack traces, and in lines: Node shows the one that has thrown.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    logLevel: 'warning',
    plugins: [generatedOnDemand(), ...plugins, inOnePiece, plainUsing, leanLoader],
  })
  const { text } = outputFiles[0]
  const unreachable = new RegExp(`${UNREACHABLE}\\(([^)]*)\\)`).exec(text.replaceAll('\\\n', '')) // the line limit breaks strings, too
  if (unreachable) throw new Error(`${file} needs ${unreachable[1]}, which is no function: list its module in START`)
  return text
}

// Three times, because each wants to know what the other one needs.
const asked = new Set()
const startWith = (more) => bundle('start.js', [`export * from './node.ts'`, ...more], restOnDemand(asked))
await startWith([])
const rest = await bundle(
  'rest.js',
  [...asked].map((file) => `export { ${exportsOf(file).functions} } from './${file}'`),
  startIsThere,
)
const used = Array.from(
  rest.matchAll(SHARED),
  ([, name, of]) => `export { ${shared(name, START[of])} } from './${START[of]}'`,
)
const start = await startWith([...new Set(used)])

const names = Object.keys(await import('../dist/node-module.js')).join(', ')
const files = {
  'cjs/start.js': start,
  'cjs/rest.js': rest,
  'cjs/node.js': await bundle('node.js', [`export { ${names} } from './start.js'`], startIsThere),
  'node.js': `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
export const { ${names} } = require('./cjs/start.js')
`,
}
const banner = '/*! lanefit | MIT | bundled third-party code: LICENSES.txt */\n'
for (const [file, text] of Object.entries(files))
  await writeFile(join(dist, file), `${file.startsWith('cjs') ? '"use strict";' : ''}${banner}${text}`)
