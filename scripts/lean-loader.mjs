import { readFile } from 'node:fs/promises'

const CALL = /postInstantiate\(extended, ((?:result\.)?instance)\)/g

/**
 * For esbuild: @assemblyscript/loader without its helpers for objects that AssemblyScript's collector manages. The kernel
 * has none, its exports are called as they are, and bundlers cannot know: 2 kB gzipped in every page.
 */
export const leanLoader = {
  name: 'lean-loader',
  setup(build) {
    build.onLoad({ filter: /@assemblyscript[\\/]loader[\\/]index\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const contents = text.replace(CALL, '$1.exports')
      if (contents === text) throw new Error(`${path}: this version makes its helpers in another way`)
      return { contents }
    })
  },
}
