import type { KernelExports } from './generated/exports.ts'
import { Memory } from './memory.ts'
import type { Pool } from './pool.ts'
import { type KernelFactory, simdFactory, unavailable, type Variant, whyNot } from './variants.ts'

/** One running kernel: its functions and its memory. */
export interface Kernel {
  readonly variant: Variant
  readonly kernels: KernelExports
  readonly memory: Memory
  /** The threads that share its memory, if there are several. */
  pool?: Pool | undefined
}

/** What `kernelInfo` tells. */
export interface KernelInfo {
  /** The running variant, or undefined before first use. */
  variant: Variant | undefined
  /** Why this one. */
  reason: string
  /** Threads in use. */
  threads: number
  /** Why so many. */
  threadsReason: string
  /** Bytes of kernel memory in use by matrices and running work. */
  liveBytes: number
  /** Bytes of the whole kernel memory, which is given back as a whole only. */
  totalBytes: number
}

/** An instance with more memory than this and nothing in it is dropped. */
const KEEP_BYTES = 64 * 2 ** 20

export const ONE_BY_DEFAULT = 'one, unless init({ threads }) asks for more'
export const BY_DEFAULT = 'the default: the same bits in every engine'

let factory: KernelFactory | undefined
let reason = 'not loaded yet: it is on first use'
let current: Kernel | undefined
let pool: Pool | undefined
let threadsReason = ONE_BY_DEFAULT
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
  if (pool && factory.isShared) {
    pool.attach(factory.module!, current.kernels)
    current.pool = pool
  }
  return current
}

/** A kernel of its own, not in use yet. */
export function start(from: KernelFactory): Kernel {
  const kernels = from.create()
  const memory = new Memory(kernels, from.variant)
  const made: Kernel = { variant: from.variant, kernels, memory }
  memory.onEmpty = () => {
    if (memory.totalBytes <= KEEP_BYTES || current !== made) return
    current = undefined
    made.pool = undefined
  }
  return made
}

/** What `init` puts in place of what runs. */
export interface Replacement {
  readonly factory: KernelFactory
  readonly reason: string
  readonly pool?: Pool | undefined
  readonly threadsReason: string
  /** Made by `start`, where the pool is attached to it already. */
  readonly made?: Kernel
}

/** Moves everything to another kernel. @throws KernelError IN_USE while a fit is running */
export function replaceKernel({ made: given, ...next }: Replacement): void {
  const made = given ?? start(next.factory)
  for (const move of onReplace) move(made)
  pool?.end('another init')
  ;({ factory, reason, pool, threadsReason } = { pool: undefined, ...next })
  current = made
  made.pool = pool
  if (!made.pool) return
  made.pool.onEnd = (why) => {
    if (pool !== next.pool) return
    threadsReason = `one, since ${why}`
    pool = undefined
    if (current) current.pool = undefined
  }
}

/** How `init` finds things. */
export function running(): { factory: KernelFactory | undefined; reason: string; threads: number } {
  return { factory, reason, threads: pool?.threads ?? 1 }
}

/** The same kernel and as many threads as before, for another reason. */
export function explainThreads(why: string): void {
  threadsReason = why
}

/** What makes a kernel like this one in another thread: options of `init` that can be posted there. */
export function kernelOrigin(): { variant: Variant; module?: WebAssembly.Module; threads: number } {
  const { variant } = kernel()
  return { variant, ...(factory?.module && { module: factory.module }), threads: pool?.threads ?? 1 }
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
    threads: pool?.threads ?? 1,
    threadsReason,
    liveBytes: current?.memory.liveBytes ?? 0,
    totalBytes: current?.memory.totalBytes ?? 0,
  }
}
