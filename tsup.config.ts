import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

// Here and not by tsup's `clean`: the builds below run side by side in one folder.
rmSync('dist', { recursive: true, force: true })

const banner = '/*! lanefit | MIT | bundled third-party code: LICENSES.txt */'

/** Kernel variants that are loaded on demand stay files of their own, kernel/relaxed.js and so on, in every format. */
const lazyKernels = {
  name: 'lazy-kernels',
  setup(build) {
    build.onResolve({ filter: /\/generated\/(relaxed|scalar|js)\.[jt]s$/ }, ({ kind, path }) => {
      const name = path.replace(/^.*\/|\.[jt]s$/g, '')
      return kind === 'dynamic-import' ? { path: `./kernel/${name}.js`, external: true } : undefined
    })
  },
} satisfies NonNullable<Options['esbuildPlugins']>[number]

const common = {
  target: 'es2022',
  dts: false, // tsup's does not work with TypeScript 7; scripts/finish-dist.mjs makes the declarations
  clean: false,
  silent: true,
  removeNodeProtocol: false,
  define: { __LANEFIT_SINGLE_FILE__: 'false' },
  esbuildPlugins: [lazyKernels],
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
  terserOptions: { ecma: 2020, compress: { passes: 2 }, mangle: { reserved: classNames }, format: { comments: /^!/ } },
  banner: { js: banner },
} satisfies Options

export default defineConfig([
  // Browsers, bundlers, workers: one file.
  { ...common, ...minified, entry: ['src/index.ts'], format: 'esm', platform: 'browser', splitting: false },

  // A script tag: the global `lanefit`, everything in one file, the simd kernel only.
  {
    ...common,
    ...minified,
    entry: { lanefit: 'src/index.ts' },
    format: 'iife',
    globalName: 'lanefit',
    platform: 'browser',
    outExtension: () => ({ js: '.iife.js' }),
    define: { __LANEFIT_SINGLE_FILE__: 'true' },
  },

  // The kernel variants that are loaded on demand.
  ...(['esm', 'cjs'] as const).map((format) => ({
    ...common,
    minify: true, // not by terser: it writes into the options, which it would share with the script tag's build
    entry: ['relaxed', 'scalar'].map((name) => `src/kernel/generated/${name}.ts`).concat('src/kernel/generated/js.js'),
    outDir: format === 'esm' ? 'dist/kernel' : 'dist/cjs/kernel',
    format,
    outExtension: () => ({ js: '.js' }),
    splitting: false,
  })),

  // Node, bun, deno: the same and the file system, and the command.
  {
    ...common,
    entry: { node: 'src/node.ts', cli: 'src/cli/index.ts' },
    format: 'esm',
    platform: 'node',
    splitting: true,
  },

  // require(). The folder has a package.json of its own that says CommonJS.
  {
    ...common,
    entry: ['src/index.ts', 'src/node.ts'],
    outDir: 'dist/cjs',
    format: 'cjs',
    platform: 'node',
    outExtension: () => ({ js: '.js' }),
  },
])
