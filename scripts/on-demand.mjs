import { readFileSync } from 'node:fs'
import { dirname, posix, relative, resolve } from 'node:path'

/**
 * Parts of src/ that are loaded on demand, for esbuild. The files called on-demand.ts import them; in a build that is one
 * file (`inOnePiece`) they come with it, in the others each is a file of its own (`partsOf`).
 *
 * Such a part uses functions and classes of the main file, of which there may be one only. It does not import that file:
 * then bundlers would have to keep all that the main file exports, and another address of it would be another kernel.
 * Instead it is a function, which is called with what it uses: `link([Matrix, runSync, ...])`.
 */
const LOADER = /[\\/]on-demand\.ts$/
const DYNAMIC = /import\('(\.[^']+)'\)/g
const STATIC = /^(?:import|export)\s+(type\s)?\s*(?:\{([^}]*)\}|\*|\* as \w+)\s*from '(\.[^']+)'/gm

/** What a file imports: paths, with the names if it takes values. */
function importsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(STATIC)].flatMap(([, type, list, from]) => {
    const values = (list ?? '*').split(',').flatMap((name) => name.match(/^\s*(?!type\s)(\w+|\*)/)?.[1] ?? [])
    const names = type ? [] : values
    return names.length ? [{ path: resolve(dirname(path), from), names }] : []
  })
}

/** All files that an entry is made of, but for what is loaded on demand and for those of `others`. */
function filesOf(entry, others = new Set(), files = new Set()) {
  files.add(entry)
  for (const { path } of importsOf(entry)) if (!files.has(path) && !others.has(path)) filesOf(path, others, files)
  return files
}

/** What a part uses of the main file: paths and names, always in the same order. */
function sharedBy(part, main) {
  const used = [...filesOf(part, main)].flatMap((file) => importsOf(file).filter(({ path }) => main.has(path)))
  const pairs = used.flatMap(({ path, names }) => names.map((name) => `${path} ${name}`))
  return [...new Set(pairs)].map((pair) => ({ path: pair.split(' ')[0], name: pair.split(' ')[1] }))
}

/** Kernel variants and programs of workers are files of their own in every build; `by` is the file in dist/ that loads them. */
export const generatedOnDemand = (by = 'index') => ({
  name: 'generated-on-demand',
  setup(build) {
    build.onResolve({ filter: /\/generated\/[\w-]+\.[jt]s$/ }, ({ kind, path }) => {
      if (kind !== 'dynamic-import') return undefined
      const name = path.replace(/^.*\/|\.[jt]s$/g, '')
      const file = posix.relative(posix.dirname(by), `${name === 'source' ? 'worker' : 'kernel'}/${name}.js`)
      return { path: file.startsWith('.') ? file : `./${file}`, external: true }
    })
  },
})

/** For a build that is one file. */
export const inOnePiece = {
  name: 'in-one-piece',
  setup(build) {
    build.onLoad({ filter: LOADER }, ({ path }) => {
      const heads = []
      const body = readFileSync(path, 'utf8').replace(DYNAMIC, (_, from) => {
        heads.push(`import * as part${heads.length} from '${from}'\n`)
        return `Promise.resolve(part${heads.length - 1})`
      })
      return { contents: heads.join('') + body, loader: 'ts' }
    })
  },
}

/**
 * For the build of an entry of src/ whose parts are files of their own: `places` says where in dist/, by the part's path in src/. `main` is for the build of that, `part` for the parts'.
 */
export function partsOf(entry, places) {
  const files = filesOf(resolve(entry))
  const sourceOf = (path) => relative(resolve('src'), path).replaceAll('\\', '/').slice(0, -3)
  return {
    places,
    main: {
      name: 'parts',
      setup(build) {
        build.onLoad({ filter: LOADER }, ({ path }) => {
          const heads = []
          const body = readFileSync(path, 'utf8').replace(DYNAMIC, (_, from) => {
            const part = resolve(dirname(path), from)
            const shared = sharedBy(part, files)
            const given = shared.map(({ path, name }, i) => {
              const own = `shared${heads.length}_${i}`
              return { own, head: `import { ${name} as ${own} } from ${JSON.stringify(path)}\n` }
            })
            heads.push(given.map(({ head }) => head).join(''))
            const list = given.map(({ own }) => own).join(', ')
            return `import('./${places[sourceOf(part)]}.js').then(({ link }) => link([${list}]))`
          })
          return { contents: heads.join('') + body, loader: 'ts' }
        })
        const external = Object.values(places).map((place) => `./${place}.js`)
        build.onResolve({ filter: /^\.\// }, ({ path, kind }) =>
          kind === 'dynamic-import' && external.includes(path) ? { path, external: true } : undefined,
        )
      },
    },
    part: {
      name: 'part',
      setup(build) {
        let shared
        build.onResolve({ filter: /^\./ }, ({ path, importer, kind }) => {
          if (kind !== 'import-statement') return undefined
          const at = resolve(dirname(importer), path)
          return files.has(at) ? { path: at, namespace: 'shared' } : undefined
        })
        build.onStart(() => {
          const [[, source]] = Object.entries(build.initialOptions.entryPoints)
          shared = sharedBy(resolve(source), files)
        })
        build.onLoad({ filter: /./, namespace: 'shared' }, ({ path }) => ({
          contents: shared
            .map((one, i) => (one.path === path ? `export const ${one.name} = given[${i}]\n` : ''))
            .join(''),
        }))
      },
    },
    /** Around the part, which esbuild makes an IIFE with the global name `part`. */
    banner: 'let made\nexport const link = (given) => (made ??= (() => {',
    footer: 'return part })())',
  }
}
