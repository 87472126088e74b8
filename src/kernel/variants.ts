import { instantiateSync } from '@assemblyscript/loader'
import { KernelError } from '../core/errors.ts'
import { bytesOfText } from './byte-text.ts'
import type { KernelExports } from './generated/exports.ts'
import { text as simdText } from './generated/simd.ts'

/**
 * The builds of the kernel and how each becomes an instance. All come from one AssemblyScript source:
 *
 *   simd     IEEE-exact 128-bit SIMD, the same bits in every engine; its bytes are in the main bundle
 *   relaxed  fused multiply-add where the CPU has it: faster, bits may differ between CPUs
 *   scalar   WebAssembly without SIMD
 *   js       the scalar build as JavaScript, for where WebAssembly itself is blocked; slower than hand-written loops
 *
 * simd and relaxed also come as builds over shared memory, for threads.
 */
export const VARIANTS = ['simd', 'relaxed', 'scalar', 'js'] as const
export type Variant = (typeof VARIANTS)[number]

// Whoever compiles for Node alone has no types of WebAssembly, and would have to check ours without; where there are, these add
// nothing to them.
declare global {
  namespace WebAssembly {
    interface Module {}
    interface Memory {}
  }
}

/** True in the single-file script build, which holds the simd variant only. Bundling puts it in; sources run without. */
declare const __LANEFIT_SINGLE_FILE__: boolean | undefined
export const SINGLE_FILE = typeof __LANEFIT_SINGLE_FILE__ !== 'undefined' && __LANEFIT_SINGLE_FILE__

/** What to try where nothing is asked for, the best first. */
export const FALLBACKS: readonly Variant[] = SINGLE_FILE ? ['simd'] : ['simd', 'scalar', 'js']

/** Makes fresh instances of one variant, without compiling again. */
export interface KernelFactory {
  readonly variant: Variant
  /** What it makes them of; js has none. */
  readonly module?: WebAssembly.Module
  /** For threads: the module imports its memory, which is shared. */
  readonly isShared?: boolean
  create(): KernelExports
}

const EMPTY_MODULE = '0061736d01000000'
// The smallest modules that are valid only where the feature is: f() { drop(i8x16.splat(0)) }, and the same with
// i32x4.relaxed_trunc_f32x4_s before the drop.
const HEAD = '0061736d0100000001040160000003020100'
const SIMD_PROBE = `${HEAD}0a090107004100fd0f1a0b`
const RELAXED_PROBE = `${HEAD}0a0c010a004100fd0ffd81021a0b`

export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

function validates(probe: string): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(bytesOfHex(probe))
}

/** Why a variant cannot run here. */
interface Obstacle {
  readonly reason: string
  readonly cause?: unknown
}

/** What keeps this engine from running a variant, or undefined if nothing is known against it. */
export function whyNot(variant: Variant): Obstacle | undefined {
  if (variant === 'js') return undefined
  if (typeof WebAssembly !== 'object') return { reason: 'there is no WebAssembly here' }
  if (variant !== 'scalar' && !validates(SIMD_PROBE)) return { reason: 'this engine has no WebAssembly SIMD' }
  if (variant === 'relaxed' && !validates(RELAXED_PROBE)) return { reason: 'this engine has no relaxed SIMD' }
  try {
    // Valid even under a policy that forbids it: only compiling tells.
    new WebAssembly.Module(bytesOfHex(EMPTY_MODULE))
  } catch (cause) {
    const text = String((cause as Error).message).replace(/\.$/, '')
    const reason = `compiling WebAssembly is blocked here (script-src needs 'wasm-unsafe-eval'): ${text}`
    return { reason, cause }
  }
  return undefined
}

/** The error for a variant that cannot run; `hint` is about what else can. */
export function unavailable(variant: Variant, { reason, cause }: Obstacle, hint?: string): KernelError {
  const what = SINGLE_FILE ? 'Load the package as a module (index.js): it brings fallbacks, this script does not' : hint
  return new KernelError('UNAVAILABLE', `the ${variant} kernel cannot run: ${reason}`, {
    cause,
    variant,
    ...(what !== undefined && { hint: what }),
  })
}

/** A factory from compiled or compilable WebAssembly. Throws KernelError where compiling is blocked. */
export function factoryOf(
  variant: Variant,
  source: WebAssembly.Module | ArrayBufferView<ArrayBuffer> | ArrayBuffer,
): KernelFactory {
  let module: WebAssembly.Module
  try {
    module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source)
  } catch (cause) {
    const obstacle = whyNot(variant) ?? {
      reason: `what was given cannot be compiled: ${(cause as Error).message}`,
      cause,
    }
    throw unavailable(
      variant,
      obstacle,
      'Pass init a WebAssembly.Module that is compiled already, or await init() without options',
    )
  }
  const isShared = WebAssembly.Module.imports(module).some(({ kind }) => kind === 'memory')
  return { variant, module, isShared, create: () => instanceOf(module, variant, isShared) }
}

/** A fresh instance; `module` may come from outside and be anything. */
function instanceOf(module: WebAssembly.Module, variant: Variant, isShared: boolean): KernelExports {
  let exports: Partial<KernelExports>
  try {
    const imports = isShared ? { env: { memory: sharedMemory() } } : {}
    exports = instantiateSync(module, imports).instance.exports as Partial<KernelExports>
  } catch (cause) {
    throw unavailable(variant, { reason: (cause as Error).message, cause })
  }
  if (exports.memory && exports.alloc && exports.free) return exports as KernelExports
  throw unavailable(variant, { reason: 'the module is not a lanefit kernel' })
}

/** As much address space as there is to be had: shared memory takes all of its maximum at once. */
function sharedMemory(): WebAssembly.Memory {
  for (let maximum = 65536; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true })
    } catch (error) {
      if (maximum <= 1024) throw error
    }
  }
}

/** The simd factory, compiled on the spot from the bytes in this bundle. */
export function simdFactory(): KernelFactory {
  return factoryOf('simd', bytesOfText(simdText))
}
