import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'
import { leanLoader } from './scripts/lean-loader.mjs'
import { generatedOnDemand, inOnePiece, partsOf } from './scripts/on-demand.mjs'
import { plainUsing } from './scripts/plain-using.mjs'

// Here and not by tsup's `clean`: the builds below run side by side in one folder.
rmSync('dist', { recursive: true, force: true })

const banner = '/*! lanefit | MIT | bundled third-party code: LICENSES.txt */'

/** Kernel variants and programs of workers are files of their own in every format: kernel/relaxed.js and so on. */
const kernelFiles = ['relaxed', 'scalar', 'js', 'simd-threads', 'relaxed-threads', 'pool-worker-source']

/** So do parts of the code, in the builds of ES modules: beside index.js, and beside node-module.js (scripts/on-demand.mjs). */
const parts = {
  index: partsOf('src/index.ts', {
    'kernel/replacing': 'kernel/replacing',
    'models/batch-fit': 'models/batch-fit',
    'models/worker-training': 'worker/training',
  }),
  node: partsOf('src/node.ts', {
    'kernel/replacing': 'node/replacing',
    'models/batch-fit': 'node/batch-fit',
    'models/worker-training': 'node/worker-training',
  }),
}

const besideNode = {
  name: 'beside-node',
  setup(build) {
    build.onResolve({ filter: /^\.\.\/node\.ts$/ }, () => ({ path: './node.js', external: true }))
  },
} satisfies NonNullable<Options['esbuildPlugins']>[number]

const common = {
  target: 'es2022',
  dts: false, // tsup's does not work with TypeScript 7; scripts/finish-dist.mjs makes the declarations
  clean: false,
  silent: true,
  removeNodeProtocol: false,
  define: { __LANEFIT_SINGLE_FILE__: 'false', __LANEFIT_NODE__: 'false' },
  esbuildPlugins: [inOnePiece, generatedOnDemand(), plainUsing, leanLoader],
  esbuildOptions: (options, _context) => {
    options.legalComments = 'none' // LICENSES.txt has them in full
    options.mainFields = ['module', 'main']
  },
} satisfies Options

/** Shorter, with all names as they are, which stand in stack traces, and in lines: Node shows the one that has thrown. */
const compact: NonNullable<Options['esbuildOptions']> = (options, context) => {
  common.esbuildOptions(options, context)
  options.minifyWhitespace = true
  options.minifySyntax = true
  options.lineLimit = 120
}

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
    // What is written into another function, or moved behind what uses it, is longer after bundlers' own minifiers.
    compress: { passes: 2, pure_getters: true, pure_funcs: ['dsv'], reduce_funcs: false, hoist_funs: true },
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
    esbuildPlugins: [parts.index.main, generatedOnDemand(), plainUsing, leanLoader],
  },
  ...(['index', 'node'] as const).flatMap((of) =>
    Object.entries(parts[of].places).map(([name, place]) => ({
      ...common,
      define: { ...common.define, __LANEFIT_NODE__: String(of === 'node') },
      minify: true,
      entry: { [place]: `src/${name}.ts` },
      format: 'iife' as const,
      globalName: 'part',
      banner: { js: parts[of].banner },
      footer: { js: parts[of].footer },
      outExtension: () => ({ js: '.js' }),
      platform: of === 'node' ? ('node' as const) : ('browser' as const),
      esbuildPlugins: [parts[of].part, generatedOnDemand(place), plainUsing],
    })),
  ),

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

  // Bundlers for Node: the same and the file system. What Node itself loads is made by scripts/build-node.mjs.
  {
    ...common,
    define: { ...common.define, __LANEFIT_NODE__: 'true' },
    entry: { 'node-module': 'src/node.ts' },
    format: 'esm',
    platform: 'node',
    splitting: false,
    esbuildPlugins: [parts.node.main, generatedOnDemand(), plainUsing, leanLoader],
    esbuildOptions: compact,
  },

  // The command, on top of it.
  {
    ...common,
    entry: { cli: 'src/cli/index.ts' },
    format: 'esm',
    platform: 'node',
    splitting: false,
    esbuildPlugins: [besideNode],
  },

  // require() elsewhere. The folder has a package.json of its own that says CommonJS.
  {
    ...common,
    entry: { index: 'src/index.ts' },
    outDir: 'dist/cjs',
    format: 'cjs',
    platform: 'node',
    outExtension: () => ({ js: '.js' }),
  },
])
