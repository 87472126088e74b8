import { KernelError } from '../core/errors.ts'
import { CannotWait, macrotask, type Steps } from '../core/steps.ts'
import type { KernelExports } from './generated/exports.ts'
import type { Pointer } from './pointer.ts'
import type { Variant } from './variants.ts'

const GIB = 2 ** 30
const MIB = 2 ** 20
/** AssemblyScript's heap aborts above this. */
const LARGEST_BLOCK = GIB - 16
/** How often an async allocation waits for the garbage collector before it gives up. */
const RETRIES = 10

/**
 * The kernel's memory. This file alone allocates, frees and looks at `memory.buffer`, because the heap has traps: a
 * size above 4 GiB would wrap to a small block, addresses above 2 GiB come back negative, failed growth is a bare trap,
 * and a double free hands one block out twice.
 *
 * Memory that grows detaches every view on it, and writes to a detached view vanish: make views on use, never keep one
 * over an allocation.
 */
export class Memory {
  readonly #exports: KernelExports
  readonly #variant: Variant
  readonly #sizes = new Map<Pointer, number>()
  #liveBytes = 0
  /** Called whenever the last block has been freed. */
  onEmpty: (() => void) | undefined

  constructor(exports: KernelExports, variant: Variant) {
    this.#exports = exports
    this.#variant = variant
  }

  /** Bytes in blocks that have been allocated and not freed. */
  get liveBytes(): number {
    return this.#liveBytes
  }

  /** Bytes of the whole WebAssembly memory, which never shrinks. */
  get totalBytes(): number {
    return this.#exports.memory.buffer.byteLength
  }

  /** A block of `bytes`, 16-byte aligned, not cleared. Throws KernelError OUT_OF_MEMORY. */
  alloc(bytes: number): Pointer {
    if (bytes <= LARGEST_BLOCK) {
      try {
        const pointer = (this.#exports.alloc(Math.max(bytes, 1)) >>> 0) as Pointer
        if (pointer !== 0) {
          this.#sizes.set(pointer, bytes)
          this.#liveBytes += bytes
          return pointer
        }
      } catch (cause) {
        throw this.#outOfMemory(bytes, cause)
      }
    }
    throw this.#outOfMemory(bytes, undefined)
  }

  /**
   * As `alloc`, but when memory is short gives forgotten matrices a chance: the collector does not feel kernel memory,
   * so it is shown some garbage of its own and a macrotask in which to run finalizers. Run synchronously, it gives up at
   * once.
   */
  *allocPatiently(bytes: number): Steps<Pointer> {
    for (let attempt = 0; ; attempt++) {
      try {
        return this.alloc(bytes)
      } catch (error) {
        if (attempt === RETRIES || bytes > LARGEST_BLOCK) throw error
        for (let i = 0; i < 8; i++) new ArrayBuffer(16 * MIB)
        try {
          // Firefox collects in small pieces, between which it wants time of its own.
          yield attempt < 3 ? macrotask() : new Promise((resolve) => setTimeout(resolve, 50))
        } catch (reason) {
          throw reason instanceof CannotWait ? error : reason
        }
      }
    }
  }

  /** Gives a block back. Freeing twice is an error of this library, not something to live with. */
  free(pointer: Pointer): void {
    const bytes = this.#sizes.get(pointer)
    if (bytes === undefined) throw new KernelError('TRAP', `free: no block at ${pointer}`, { variant: this.#variant })
    this.#sizes.delete(pointer)
    this.#liveBytes -= bytes
    this.#exports.free(pointer)
    if (this.#sizes.size === 0) this.onEmpty?.()
  }

  f32(pointer: Pointer, length: number): Float32Array {
    return new Float32Array(this.#exports.memory.buffer, pointer, length)
  }

  f64(pointer: Pointer, length: number): Float64Array {
    return new Float64Array(this.#exports.memory.buffer, pointer, length)
  }

  u32(pointer: Pointer, length: number): Uint32Array {
    return new Uint32Array(this.#exports.memory.buffer, pointer, length)
  }

  u8(pointer: Pointer, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, pointer, length)
  }

  #outOfMemory(bytes: number, cause: unknown): KernelError {
    const mib = (n: number) => `${(n / MIB).toFixed(1)} MiB`
    const limit = bytes > LARGEST_BLOCK ? ' (one block holds at most 1 GiB)' : ''
    return new KernelError('OUT_OF_MEMORY', `no room for ${mib(bytes)}${limit}: ${mib(this.#liveBytes)} are in use`, {
      cause,
      variant: this.#variant,
      hint: 'Release matrices with `using` or dispose() as soon as they are done with; train on data that do not fit into 4 GiB in batches, with fitBatches or partialFit',
    })
  }
}

/** The size of a kernel's memory in pages of 64 KiB. */
export function pagesOf({ memory }: KernelExports): number {
  return memory.buffer.byteLength / 2 ** 16
}
