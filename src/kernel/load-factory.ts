import { KernelError } from '../core/errors.ts'
import { bytesOfText } from './byte-text.ts'
import { factoryOf, type KernelFactory, simdFactory, type Variant } from './variants.ts'

/** See variants.ts. */
declare const __LANEFIT_SINGLE_FILE__: boolean | undefined

/** Any variant's factory, over shared memory where asked for; all but simd arrive as a chunk of their own. */
export async function loadFactory(variant: Variant, shared = false): Promise<KernelFactory> {
  if (variant === 'simd' && !shared) return simdFactory()
  // The bundler leaves out what is behind this condition (spelt out: it does not see through SINGLE_FILE), and the
  // chunks with it.
  if (typeof __LANEFIT_SINGLE_FILE__ === 'undefined' || !__LANEFIT_SINGLE_FILE__) {
    if (variant === 'js') {
      const { instantiate } = await import('./generated/js.js')
      const abort = (): never => {
        throw new Error('abort')
      }
      return { variant, create: () => instantiate({ abort }) }
    }
    const { text } = await (shared
      ? variant === 'relaxed'
        ? import('./generated/relaxed-threads.ts')
        : import('./generated/simd-threads.ts')
      : variant === 'relaxed'
        ? import('./generated/relaxed.ts')
        : import('./generated/scalar.ts'))
    return factoryOf(variant, bytesOfText(text))
  }
  throw new KernelError('UNAVAILABLE', `the ${variant} kernel is not in the single-file build`, {
    variant,
    hint: 'Import the package as a module to have every variant, or pass `module` or `url` to init',
  })
}

/** The program of a pool's worker. */
export async function loadWorkerScript(): Promise<string> {
  if (typeof __LANEFIT_SINGLE_FILE__ === 'undefined' || !__LANEFIT_SINGLE_FILE__) {
    return (await import('./generated/pool-worker-source.ts')).source
  }
  throw new KernelError('UNAVAILABLE', 'the single-file build has no threads')
}
