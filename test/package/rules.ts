/**
 * The rules of the house that text alone can show. Each takes files and gives the lines that break it, so that a test
 * can run it on the real tree and on planted offenders.
 */
import { dirname, join } from 'node:path/posix'

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  path: string
  text: string
}

export type Rule = (files: SourceFile[]) => string[]

/** Which folder of src/ may import which. A folder may always import itself. */
const ARROWS: Record<string, readonly string[]> = {
  core: [],
  kernel: ['core'],
  optim: ['core'],
  metrics: ['core'],
  persist: ['core'],
  models: ['optim', 'kernel', 'metrics', 'persist', 'worker', 'core'],
  // The page's side of a fit in a worker; worker.ts is the other.
  worker: ['kernel', 'core'],
  'worker.ts': ['models', 'worker', 'kernel', 'core'],
  data: ['kernel', 'core'],
  preprocess: ['kernel', 'core'],
  plot: ['metrics', 'core'],
  'index.ts': ['core', 'kernel', 'optim', 'metrics', 'persist', 'models', 'data', 'preprocess', 'plot'],
  'node.ts': ['index.ts', 'core', 'kernel', 'optim', 'metrics', 'persist', 'models', 'data', 'preprocess', 'plot'],
  // What everybody can import, and nothing behind it.
  cli: ['index.ts', 'node.ts'],
}

/** Which folder may import which package: those of the command are `dependencies`, the others are bundled. */
export const PACKAGES: Record<string, readonly string[]> = {
  kernel: ['@assemblyscript/loader'],
  data: ['d3-dsv'],
  cli: ['commander', 'cli-progress', 'cli-table3', 'picocolors'],
}

/** The only files outside src/cli that may import Node's own modules. */
const NODE_FILES = ['src/node.ts', 'src/core/spawn.ts']

/** Imports go one way, and only where the design says. */
export const importArrows: Rule = (files) =>
  files.flatMap((file) => {
    const from = placeOf(file.path)
    return importsOf(file.text).flatMap((specifier) => {
      const allowed = isAllowed(file.path, from, specifier)
      return allowed ? [] : [`${file.path}: may not import '${specifier}'`]
    })
  })

function isAllowed(path: string, from: string, specifier: string): boolean {
  if (specifier.startsWith('node:')) return from === 'cli' || NODE_FILES.includes(path)
  if (!specifier.startsWith('.')) return (PACKAGES[from] ?? []).includes(specifier)
  const target = join(dirname(path), specifier)
  if (from === 'cli' && target === 'package.json') return true
  const to = placeOf(target)
  if (from === 'assembly' || to === 'assembly') return from === to
  return from === to || (ARROWS[from] ?? []).includes(to)
}

/** `assembly`, a folder of src/, a file at the top of src/, or the whole path for anything else. */
function placeOf(path: string): string {
  const [top, second] = path.split('/')
  if (top === 'assembly') return 'assembly'
  return top === 'src' && second !== undefined ? second : path
}

/** The specifiers of static, dynamic, type-only and re-exporting imports. */
export function importsOf(text: string): string[] {
  const code = withoutComments(text)
  const pattern = /(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\1/g
  return [...code.matchAll(pattern)].map((match) => match[2] as string)
}

/** Comments out, strings kept, lines kept. Good enough for code that a formatter has been over. */
export function withoutComments(text: string): string {
  const pattern = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replace(pattern, (match) => (match.startsWith('/') ? match.replace(/[^\n]/g, ' ') : match))
}

/** A rule that finds a word in code (comments do not count) where it has no business. */
function forbidden(word: RegExp, why: string, isHome: (path: string) => boolean): Rule {
  return (files) =>
    files.flatMap(({ path, text }) => {
      if (isHome(path)) return []
      return withoutComments(text)
        .split('\n')
        .flatMap((line, i) => (word.test(line) ? [`${path}:${i + 1}: ${why}`] : []))
    })
}

const inFolder =
  (...folders: string[]) =>
  (path: string) =>
    folders.some((folder) => path.startsWith(`${folder}/`))

/** One folder knows WebAssembly. */
export const webAssemblyInKernel = forbidden(
  /\bWebAssembly\b/,
  'WebAssembly belongs to src/kernel',
  inFolder('src/kernel'),
)

/** The library never prints; the command does. */
export const noConsole = forbidden(/\bconsole\./, 'the library never prints', inFolder('src/cli'))

/** Randomness is one seeded algorithm. */
export const noMathRandom = forbidden(/\bMath\.random\b/, 'use core/random.ts', () => false)

/** Engines round these differently; a fitted number must not depend on the engine. */
export const noInexactMath = forbidden(
  /\bMath\.(?:exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|tanh|sinh|cosh|hypot|cbrt)\b/,
  'engines differ in this function; the kernel exports one that is the same everywhere',
  (path) => !inFolder('src/core', 'src/kernel', 'src/optim', 'src/data', 'src/preprocess')(path),
)

/** Growing memory detaches views: one file makes them, on use. */
export const oneMemoryFile: Rule = (files) => {
  const users = files.filter(({ text }) => /\bmemory\.buffer\b/.test(withoutComments(text))).map(({ path }) => path)
  if (users.every(inFolder('src/kernel')) && users.length <= 1) return []
  return users.map((path) => `${path}: memory.buffer belongs to one file of src/kernel`)
}

/** About 300 lines; the last 20 are grace. */
export const shortFiles: Rule = (files) =>
  files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length
    return lines > 320 ? [`${path}: ${lines} lines`] : []
  })
