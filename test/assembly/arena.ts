import type { Kernel } from '../../src/kernel/kernel.ts'
import type { Pointer } from '../../src/kernel/pointer.ts'

/** Bytes before and behind every block that no kernel may touch. */
const GUARD = 64
const MARK = 0xa5
/** What a block for results or scratch holds at first: NaN as float32 and as float64, so that nothing relies on zeros. */
const DIRT = 0xff

type Numbers = Float32Array | Float64Array | Uint32Array

interface Block {
  readonly base: Pointer
  readonly begin: Pointer
  readonly bytes: number
  /** For inputs: what must still be there at the end. */
  readonly content: Uint8Array | undefined
}

/** Blocks of kernel memory for one call, each between guards; `inArena` checks and frees them. */
export class Arena {
  readonly kernel: Kernel
  readonly #blocks: Block[] = []

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  /** A block the kernel may only read. `skip` bytes (a multiple of 4) take it off the 16-byte alignment. */
  input(values: Numbers, skip = 0): Pointer {
    return this.#block(values.byteLength, skip, bytesOf(values).slice(), true)
  }

  /** A block the kernel may write, with these numbers in it. */
  inout(values: Numbers, skip = 0): Pointer {
    return this.#block(values.byteLength, skip, bytesOf(values), false)
  }

  /** A block the kernel may write, full of dirt. */
  room(bytes: number, skip = 0): Pointer {
    return this.#block(bytes, skip, new Uint8Array(bytes).fill(DIRT), false)
  }

  f32(pointer: Pointer, length: number): Float32Array {
    return this.kernel.memory.f32(pointer, length).slice()
  }

  f64(pointer: Pointer, length: number): Float64Array {
    return this.kernel.memory.f64(pointer, length).slice()
  }

  u32(pointer: Pointer, length: number): Uint32Array {
    return this.kernel.memory.u32(pointer, length).slice()
  }

  /** Throws if a guard or an input has changed. */
  check(): void {
    const { memory } = this.kernel
    for (const [i, { base, begin, bytes, content }] of this.#blocks.entries()) {
      const before = memory.u8(base, begin - base).findIndex((byte) => byte !== MARK)
      if (before >= 0) throw new Error(`block ${i}: written ${begin - base - before} bytes before its begin`)
      const behind = memory.u8((begin + bytes) as Pointer, GUARD).findIndex((byte) => byte !== MARK)
      if (behind >= 0) throw new Error(`block ${i}: written ${behind} bytes behind its end`)
      if (!content) continue
      const then = new Uint32Array(content.buffer, content.byteOffset, bytes / 4)
      const now = memory.u32(begin, bytes / 4)
      for (let k = 0; k < now.length; k++)
        if (now[k] !== then[k]) throw new Error(`block ${i}: input changed at byte ${4 * k}`)
    }
  }

  free(): void {
    for (const { base } of this.#blocks.splice(0)) this.kernel.memory.free(base)
  }

  #block(bytes: number, skip: number, content: Uint8Array, constant: boolean): Pointer {
    const { memory } = this.kernel
    const base = memory.alloc(bytes + skip + 2 * GUARD)
    const begin = (base + GUARD + skip) as Pointer
    memory.u8(base, bytes + skip + 2 * GUARD).fill(MARK)
    memory.u8(begin, bytes).set(content)
    this.#blocks.push({ base, begin, bytes, content: constant ? content : undefined })
    return begin
  }
}

function bytesOf(values: Numbers): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** Gives `work` an arena, checks the guards and inputs after it, frees the blocks. */
export function inArena<T>(kernel: Kernel, work: (arena: Arena) => T): T {
  const arena = new Arena(kernel)
  try {
    const result = work(arena)
    arena.check()
    return result
  } finally {
    arena.free()
  }
}
