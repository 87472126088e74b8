import { checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import { KernelError } from '../core/errors.ts'
import type { KernelExports } from './generated/exports.ts'
import { Memory } from './memory.ts'
import {
  FALLBACKS,
  factoryOf,
  type KernelFactory,
  loadFactory,
  simdFactory,
  unavailable,
  VARIANTS,
  type Variant,
  whyNot,
} from './variants.ts'

/** One running kernel: its functions and its memory. */
export interface Kernel {
  readonly variant: Variant
  readonly kernels: KernelExports
  readonly memory: Memory
}

/** Options of `init`. */
export interface InitOptions {
  /** Which build of the kernel to run. Default: simd; where that cannot run scalar, where that cannot either js. */
  variant?: Variant
  /** The kernel's WebAssembly, for runtimes that forbid compiling bytes. Of `variant`, or of simd. */
  module?: WebAssembly.Module | BufferSource | Response
  /** Where to fetch it from instead. */
  url?: string | URL
}

/** What `kernelInfo` tells. */
export interface KernelInfo {
  /** The running variant, or undefined before first use. */
  variant: Variant | undefined
  /** Why this one. */
  reason: string
  /** Threads in use. */
  threads: number
  /** Bytes of kernel memory in use by matrices and running work. */
  liveBytes: number
  /** Bytes of the whole kernel memory, which is given back as a whole only. */
  totalBytes: number
}

/** An instance with more memory than this and nothing in it is dropped. */
const KEEP_BYTES = 64 * 2 ** 20

const BY_DEFAULT = 'the default: the same bits in every engine'

let factory: KernelFactory | undefined
let reason = 'not loaded yet: it is on first use'
let current: Kernel | undefined
const onReplace = new Set<(next: Kernel) => void>()

/**
 * The kernel, for code that must not wait. Compiles the simd variant at first use.
 * @throws KernelError UNAVAILABLE where simd cannot run and no other variant was loaded by `init`
 */
export function kernel(): Kernel {
  if (current) return current
  if (!factory) {
    const problem = whyNot('simd')
    if (problem) throw unavailable('simd', problem, 'Call `await init()` once before: it loads a fallback')
    factory = simdFactory()
    reason = BY_DEFAULT
  }
  current = start(factory)
  return current
}

function start(from: KernelFactory): Kernel {
  const kernels = from.create()
  const memory = new Memory(kernels, from.variant)
  const made: Kernel = { variant: from.variant, kernels, memory }
  memory.onEmpty = () => {
    if (memory.totalBytes > KEEP_BYTES && current === made) current = undefined
  }
  return made
}

/** The kernel, loading a fallback where simd cannot run. What `fit` and the loaders await. */
export async function kernelReady(): Promise<Kernel> {
  if (!current && !factory) await init()
  return kernel()
}

/**
 * Loads the kernel. Only needed for another variant than simd, for a fallback where simd cannot run (`fit` does that by
 * itself), and for runtimes that forbid compiling bytes. Matrices made earlier move to the new kernel.
 * @throws TypeError, RangeError for options that are none
 * @throws KernelError UNAVAILABLE if the asked-for variant cannot run here; IN_USE while a fit is running
 */
export async function init(options: InitOptions | WebAssembly.Module = {}): Promise<void> {
  if (isModule(options)) return init({ module: options })
  checkOptionNames('init', options, ['variant', 'module', 'url'])
  const { variant, module, url } = options
  if (variant !== undefined) checkOneOf('init: variant', variant, VARIANTS)
  if (module !== undefined || url !== undefined) {
    if (module !== undefined && url !== undefined) throw new TypeError('init: give module or url, not both')
    if (variant === 'js') throw new RangeError('init: the js variant has no WebAssembly module')
    use(
      factoryOf(variant ?? 'simd', await moduleOf(module ?? (await fetchModule(url as string | URL)))),
      'the module given to init',
    )
  } else if (variant !== undefined) {
    const problem = whyNot(variant)
    if (problem) throw unavailable(variant, problem, '`await init()` without a variant takes the best that can')
    if (variant !== factory?.variant) use(await loadFactory(variant), 'asked for by init')
  } else if (!factory) {
    await useFirstThatRuns()
  }
}

function isModule(value: unknown): value is WebAssembly.Module {
  return typeof WebAssembly === 'object' && value instanceof WebAssembly.Module
}

async function moduleOf(
  source: WebAssembly.Module | BufferSource | Response,
): Promise<WebAssembly.Module | BufferSource> {
  if (source instanceof Response) {
    if (!source.ok)
      throw new KernelError('UNAVAILABLE', `the kernel could not be fetched: HTTP status ${source.status}`)
    return source.arrayBuffer()
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source) || isModule(source)) return source
  throw new TypeError(`init: module: expected a WebAssembly.Module, bytes or a Response, got ${show(source)}`)
}

async function fetchModule(url: string | URL): Promise<Response> {
  try {
    return await fetch(url)
  } catch (cause) {
    throw new KernelError('UNAVAILABLE', `the kernel could not be fetched from ${url}`, { cause })
  }
}

async function useFirstThatRuns(): Promise<void> {
  const against = new Set<string>()
  for (const variant of FALLBACKS) {
    const problem = whyNot(variant)
    if (!problem) {
      const loaded = await loadFactory(variant)
      if (factory) return // someone else's init came first
      return use(loaded, against.size ? `the fallback: ${[...against].join('; ')}` : BY_DEFAULT)
    }
    if (variant === FALLBACKS.at(-1)) throw unavailable(variant, problem)
    against.add(problem.reason)
  }
}

function use(next: KernelFactory, why: string): void {
  const made = start(next)
  for (const move of onReplace) move(made)
  factory = next
  reason = why
  current = made
}

/** What makes a kernel like this one in another thread: options of `init` that can be posted there. */
export function kernelOrigin(): Pick<InitOptions, 'variant' | 'module'> {
  const { variant } = kernel()
  return { variant, ...(factory?.module && { module: factory.module }) }
}

/** Registers what must move when `init` replaces the kernel. It may throw to refuse. */
export function whenReplaced(move: (next: Kernel) => void): void {
  onReplace.add(move)
}

/** Which kernel runs, why, and how much memory it holds. */
export function kernelInfo(): KernelInfo {
  const slow = factory?.variant === 'js' ? '; this variant is slower than hand-written JavaScript' : ''
  return {
    variant: factory?.variant,
    reason: reason + slow,
    threads: 1,
    liveBytes: current?.memory.liveBytes ?? 0,
    totalBytes: current?.memory.totalBytes ?? 0,
  }
}
