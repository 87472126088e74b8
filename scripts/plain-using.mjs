import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const indentOf = (line) => line.search(/\S/)

/**
 * `using x = ...` becomes try { ... } finally { x?.dispose() }, which is what it means for a Resource (src/core/dispose.ts)
 * but for the case that disposing throws, too. What compilers make of it is three times as long and needs a helper.
 * Goes by the indentation, which the formatter has made.
 */
export function lower(text) {
  const lines = text.split('\n')
  for (let i = lines.length - 1; i >= 0; i--) {
    const [, name] = lines[i].match(/^\s*using (\w+) = /) ?? []
    if (!name) continue
    const indent = indentOf(lines[i])
    let begin = i + 1
    while (indentOf(lines[begin]) > indent || /^\s*[)\]}]/.test(lines[begin].slice(indent))) begin++
    let end = begin
    while (end < lines.length && (lines[end] === '' || indentOf(lines[end]) >= indent)) end++
    if (!/^ *}/.test(lines[end] ?? '')) throw new Error(`${lines[i]}: where does its block end?`)
    lines.splice(end, 0, `${' '.repeat(indent)}} finally { ${name}?.dispose() }`)
    lines.splice(begin, 0, `${' '.repeat(indent)}try {`)
    lines[i] = lines[i].replace('using ', 'const ')
  }
  return lines.join('\n')
}

/** For esbuild. */
export const plainUsing = {
  name: 'plain-using',
  setup(build) {
    const sources = join(process.cwd(), 'src')
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(sources)) return undefined
      const text = await readFile(path, 'utf8')
      return /^\s*using /m.test(text) ? { contents: lower(text), loader: 'ts' } : undefined
    })
  },
}
