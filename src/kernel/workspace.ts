import { Resource } from '../core/dispose.ts'
import type { Memory } from './memory.ts'
import type { Pointer } from './pointer.ts'

/** The blocks of memory that belong to one call: `using work = new Workspace(memory)` frees them all at its end. */
export class Workspace extends Resource {
  readonly memory: Memory
  readonly #blocks: Pointer[] = []

  constructor(memory: Memory) {
    super()
    this.memory = memory
  }

  /** A block of `bytes`, not cleared. */
  bytes(bytes: number): Pointer {
    const block = this.memory.alloc(bytes)
    this.#blocks.push(block)
    return block
  }

  /** Takes over a block that was allocated elsewhere. */
  adopt(block: Pointer): Pointer {
    this.#blocks.push(block)
    return block
  }

  /** A block for `length` float32, zeros. */
  floats(length: number): Pointer {
    const block = this.bytes(length * 4)
    this.memory.f32(block, length).fill(0)
    return block
  }

  /** A block for `length` float64, zeros. */
  doubles(length: number): Pointer {
    const block = this.bytes(length * 8)
    this.memory.f64(block, length).fill(0)
    return block
  }

  /** A block with these numbers, rounded to float32. */
  floatsOf(values: ArrayLike<number>): Pointer {
    const block = this.bytes(values.length * 4)
    this.memory.f32(block, values.length).set(values)
    return block
  }

  dispose(): void {
    for (const block of this.#blocks.splice(0)) this.memory.free(block)
  }
}
