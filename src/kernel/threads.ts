import { checkInteger } from '../core/checks.ts'
import { bytesOfHex, SINGLE_FILE, type Variant } from './variants.ts'

/** More threads than this are a mistake. */
const MOST = 64
/** What 'auto' takes at most: passes over rows wait for memory long before. */
const MOST_AUTO = 16

/** A memory that is shared: valid where there are threads. */
const THREADS_PROBE = '0061736d01000000050401030101'

/** How many threads `init({ threads })` asks for. @throws TypeError, RangeError for what is no such number */
export function countThreads(threads: number | 'auto'): number {
  if (threads !== 'auto') return checkInteger("init: threads (or 'auto')", threads, { min: 1, max: MOST })
  return Math.min(MOST_AUTO, Math.max(1, globalThis.navigator?.hardwareConcurrency ?? coresOfNode()))
}

/** Node 20 has no navigator. */
function coresOfNode(): number {
  const node = globalThis.process as Partial<typeof process> | undefined
  return node?.getBuiltinModule?.('node:os').availableParallelism() ?? 1
}

/** Why this variant runs on one thread here, or undefined where it can have more. */
export function whyOneThread(variant: Variant): string | undefined {
  if (SINGLE_FILE) return 'this script holds the kernel for one thread only: load the package as a module (index.js)'
  if (variant === 'scalar' || variant === 'js') return `the ${variant} kernel has one thread`
  if (typeof SharedArrayBuffer === 'undefined' || globalThis.crossOriginIsolated === false) {
    return (
      'there is no SharedArrayBuffer here: a page gets it by the headers Cross-Origin-Opener-Policy: same-origin and ' +
      'Cross-Origin-Embedder-Policy: require-corp'
    )
  }
  if (!WebAssembly.validate(bytesOfHex(THREADS_PROBE))) return 'this engine has no WebAssembly threads'
  return undefined
}
