import { checkOneOf, checkOptionNames, show } from '../core/checks.ts'
import { KernelError } from '../core/errors.ts'
import type { InitOptions } from './init.ts'
import { BY_DEFAULT, explainThreads, ONE_BY_DEFAULT, replaceKernel, running, start } from './kernel.ts'
import { loadFactory, loadWorkerScript } from './load-factory.ts'
import { Pool } from './pool.ts'
import { countThreads, whyOneThread } from './threads.ts'
import { FALLBACKS, factoryOf, type KernelFactory, unavailable, VARIANTS, whyNot } from './variants.ts'

/** See variants.ts. */
declare const __LANEFIT_SINGLE_FILE__: boolean | undefined

/** A build of the kernel, and why this one. */
interface Choice {
  readonly factory: KernelFactory
  readonly reason: string
}

/** Does what `init` is asked for. */
export async function replace(options: InitOptions | WebAssembly.Module): Promise<void> {
  if (isModule(options)) return replace({ module: options })
  checkOptionNames('init', options, ['variant', 'module', 'url', 'threads'])
  const { variant, module, url, threads } = options
  if (variant !== undefined) checkOneOf('init: variant', variant, VARIANTS)
  const asked = threads === undefined ? undefined : countThreads(threads)
  const count = asked ?? running().threads
  if (module !== undefined || url !== undefined) {
    if (module !== undefined && url !== undefined) throw new TypeError('init: give module or url, not both')
    if (variant === 'js') throw new RangeError('init: the js variant has no WebAssembly module')
    const factory = factoryOf(variant ?? 'simd', await moduleOf(module ?? (await fetchModule(url as string | URL))))
    if (asked !== undefined && asked > 1 && !factory.isShared) {
      throw new RangeError('init: threads: the module given has one thread; those for more are called *-threads.wasm')
    }
    return use({ factory, reason: 'the module given to init' }, factory.isShared ? count : 1, asked)
  }
  if (variant !== undefined) {
    const problem = whyNot(variant)
    if (problem) throw unavailable(variant, problem, '`await init()` without a variant takes the best that can')
    if (variant !== running().factory?.variant) {
      return use({ factory: await loadFactory(variant), reason: 'asked for by init' }, count, asked)
    }
  } else if (!running().factory) {
    const first = await firstThatRuns()
    // Unless someone else's init came first.
    if (!running().factory) return use(first, count, asked)
  }
  if (asked === undefined) return
  const { factory, reason } = running()
  await use({ factory: factory!, reason }, count, asked)
}

/** Puts a kernel in place, on `count` threads if that is possible here; `asked` undefined: nobody said how many. */
async function use({ factory, reason }: Choice, count: number, asked: number | undefined): Promise<void> {
  const { variant } = factory
  let threadsReason = asked === undefined && count === 1 ? ONE_BY_DEFAULT : 'asked for by init'
  const problem = count > 1 ? whyOneThread(variant) : undefined
  if (problem) threadsReason = `one, since ${problem}`
  const isSame = factory === running().factory
  const wanted = problem ? 1 : count
  if (isSame && wanted === running().threads) return explainThreads(threadsReason)
  // The bundler leaves out what is behind this condition, and the pool with it (it does not see through whyOneThread).
  if (wanted > 1 && (typeof __LANEFIT_SINGLE_FILE__ === 'undefined' || !__LANEFIT_SINGLE_FILE__)) {
    try {
      const shared = factory.isShared ? factory : await loadFactory(variant, true)
      const made = start(shared)
      const script = await loadWorkerScript()
      const pool = await Pool.start({ threads: wanted, script }, shared.module!, made.kernels)
      try {
        return replaceKernel({ factory: shared, reason, pool, threadsReason, made })
      } catch (error) {
        pool.end('refused')
        throw error
      }
    } catch (error) {
      if (!(error instanceof KernelError) || error.code !== 'UNAVAILABLE') throw error
      threadsReason = `one, since ${error.message}`
      if (isSame && running().threads === 1) return explainThreads(threadsReason)
    }
  }
  const alone = isSame && factory.isShared ? await loadFactory(variant) : factory
  replaceKernel({ factory: alone, reason, threadsReason })
}

function isModule(value: unknown): value is WebAssembly.Module {
  return typeof WebAssembly === 'object' && value instanceof WebAssembly.Module
}

async function moduleOf(
  source: WebAssembly.Module | ArrayBufferView<ArrayBuffer> | ArrayBuffer | Response,
): Promise<WebAssembly.Module | ArrayBufferView<ArrayBuffer> | ArrayBuffer> {
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

async function firstThatRuns(): Promise<Choice> {
  const against = new Set<string>()
  for (const variant of FALLBACKS) {
    const problem = whyNot(variant)
    if (!problem) {
      const reason = against.size ? `the fallback: ${[...against].join('; ')}` : BY_DEFAULT
      return { factory: await loadFactory(variant), reason }
    }
    if (variant === FALLBACKS.at(-1)) throw unavailable(variant, problem)
    against.add(problem.reason)
  }
  throw new Error('unreachable')
}

/** For benchmarks, which let its threads loose on one kernel. (Spelt out for the bundler, as above.) */
export const Threads = typeof __LANEFIT_SINGLE_FILE__ === 'undefined' || !__LANEFIT_SINGLE_FILE__ ? Pool : undefined
