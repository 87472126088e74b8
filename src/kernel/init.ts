import { type Kernel, kernel, running } from './kernel.ts'
import { loadReplacing } from './on-demand.ts'
import { type Variant, whyNot } from './variants.ts'

/** Options of `init`. */
export interface InitOptions {
  /** Which build of the kernel to run. Default: simd; where that cannot run scalar, where that cannot either js. */
  variant?: Variant
  /** The kernel's WebAssembly, for runtimes that forbid compiling bytes. Of `variant`, or of simd. */
  module?: WebAssembly.Module | ArrayBufferView<ArrayBuffer> | ArrayBuffer | Response
  /** Where to fetch it from instead. */
  url?: string | URL
  /**
   * How many threads passes over rows may use: a number, or 'auto' for as many as the machine has (16 at most). Where
   * that cannot be (see `kernelInfo().threadsReason`) it is one. Default: as before, one at first.
   */
  threads?: number | 'auto'
}

/** The kernel, loading a fallback where simd cannot run. What `fit` and the loaders await. */
export async function kernelReady(): Promise<Kernel> {
  await init()
  return kernel()
}

/**
 * Loads the kernel. Only needed for another variant than simd, for threads, for a fallback where simd cannot run (`fit`
 * does that by itself), and for runtimes that forbid compiling bytes. Matrices made earlier move to the new kernel.
 * @throws TypeError, RangeError for options that are none
 * @throws KernelError UNAVAILABLE if the asked-for variant cannot run here; IN_USE while a fit is running
 */
export async function init(options?: InitOptions | WebAssembly.Module): Promise<void> {
  if (options === undefined && (running().factory || !whyNot('simd'))) {
    kernel() // No file is needed for what is here.
    return
  }
  const { replace } = await loadReplacing()
  await replace(options === undefined ? {} : options)
}
