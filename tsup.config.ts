import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

// Here and not by tsup's `clean`: the builds below run side by side in one folder.
rmSync('dist', { recursive: true, force: true })

const banner = '/*! lanefit | MIT | bundled third-party code: LICENSES.txt */'

/** What is loaded on demand stays files of their own in every format: kernel/relaxed.js and so on, worker/source.js. */
const kernelFiles = ['relaxed', 'scalar', 'js', 'simd-threads', 'relaxed-threads', 'pool-worker-source']
const loadedOnDemand = {
  name: 'loaded-on-demand',
  setup(build) {
    build.onResolve(
      { filter: new RegExp(`/generated/(${kernelFiles.join('|')}|source)\\.[jt]s$`) },
      ({ kind, path }) => {
        const name = path.replace(/^.*\/|\.[jt]s$/g, '')
        const folder = name === 'source' ? 'worker' : 'kernel'
        return kind === 'dynamic-import' ? { path: `./${folder}/${name}.js`, external: true } : undefined
      },
    )
  },
} satisfies NonNullable<Options['esbuildPlugins']>[number]

/** The page's side of a fit in a worker is such a file for browsers, and so is that of threads; errors are those of index.js. */
const pageOnDemand = {
  name: 'page-on-demand',
  setup(build) {
    build.onResolve({ filter: /\/worker\/remote\.ts$|^\.\/pool\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import'
        ? { path: path.endsWith('pool.ts') ? './kernel/pool.js' : './worker/remote.js', external: true }
        : undefined,
    )
  },
} satisfies NonNullable<Options['esbuildPlugins']>[number]

const besideIndex = {
  name: 'beside-index',
  setup(build) {
    build.onResolve({ filter: /\/core\/errors\.ts$|^\.\/errors\.ts$/ }, () => ({ path: '../index.js', external: true }))
    build.onResolve({ filter: /\/generated\/source\.ts$/ }, () => ({ path: './source.js', external: true }))
  },
} satisfies NonNullable<Options['esbuildPlugins']>[number]

const common = {
  target: 'es2022',
  dts: false, // tsup's does not work with TypeScript 7; scripts/finish-dist.mjs makes the declarations
  clean: false,
  silent: true,
  removeNodeProtocol: false,
  define: { __LANEFIT_SINGLE_FILE__: 'false', __LANEFIT_NODE__: 'false' },
  esbuildPlugins: [loadedOnDemand],
  esbuildOptions: (options) => {
    options.legalComments = 'none' // LICENSES.txt has them in full
    options.mainFields = ['module', 'main']
    options.chunkNames = '[name]-[hash]' // beside kernel/, as the entries are
  },
} satisfies Options

/** Public classes keep their names, which people see when they log a model. (esbuild makes `var X = class` of them, so
 * the minifier has to be told the names of variables.) */
const classNames = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    [...readFileSync(`src/${file}`, 'utf8').matchAll(/^export class (\w+)/gm)].map((match) => match[1] as string),
  )

const minified = {
  minify: 'terser',
  terserOptions: {
    ecma: 2020,
    // d3-dsv makes parsers for csv and tsv when loaded, which nobody asks for.
    compress: { passes: 2, pure_getters: true, pure_funcs: ['dsv'] },
    mangle: { reserved: classNames },
    // What is marked as pure is what bundlers may leave out.
    format: { comments: /^!/, preserve_annotations: true },
  },
  banner: { js: banner },
} satisfies Options

export default defineConfig([
  // Browsers, bundlers, workers: one file, and what it loads on demand.
  {
    ...common,
    ...minified,
    entry: ['src/index.ts'],
    format: 'esm',
    platform: 'browser',
    splitting: false,
    esbuildPlugins: [...common.esbuildPlugins, pageOnDemand],
  },
  {
    ...common,
    minify: true,
    entry: { 'worker/remote': 'src/worker/remote.ts', 'kernel/pool': 'src/kernel/pool.ts' },
    format: 'esm',
    platform: 'browser',
    splitting: false,
    esbuildPlugins: [besideIndex],
  },

  // A script tag: the global `lanefit`, everything in one file, the simd kernel only.
  {
    ...common,
    ...minified,
    entry: { lanefit: 'src/index.ts' },
    format: 'iife',
    globalName: 'lanefit',
    platform: 'browser',
    outExtension: () => ({ js: '.iife.js' }),
    define: { ...common.define, __LANEFIT_SINGLE_FILE__: 'true' },
  },

  // What is loaded on demand: kernel variants, the worker's script.
  ...(['esm', 'cjs'] as const).map((format) => ({
    ...common,
    minify: true, // not by terser: it writes into the options, which it would share with the script tag's build
    entry: {
      ...Object.fromEntries(
        kernelFiles.map((name) => [`kernel/${name}`, `src/kernel/generated/${name}.${name === 'js' ? 'js' : 'ts'}`]),
      ),
      'worker/source': 'src/worker/generated/source.ts',
    },
    outDir: format === 'esm' ? 'dist' : 'dist/cjs',
    format,
    outExtension: () => ({ js: '.js' }),
    splitting: false,
  })),

  // Node, bun, deno: the same and the file system, and the command.
  {
    ...common,
    define: { ...common.define, __LANEFIT_NODE__: 'true' },
    entry: { node: 'src/node.ts', cli: 'src/cli/index.ts' },
    format: 'esm',
    platform: 'node',
    splitting: true,
  },

  // require(). The folder has a package.json of its own that says CommonJS.
  ...['index', 'node'].map((name) => ({
    ...common,
    define: { ...common.define, __LANEFIT_NODE__: String(name === 'node') },
    entry: [`src/${name}.ts`],
    outDir: 'dist/cjs',
    format: 'cjs' as const,
    platform: 'node' as const,
    outExtension: () => ({ js: '.js' }),
  })),
])
