import { Resource } from '../core/dispose.ts'
import type { Memory } from './memory.ts'
import type { Pointer } from './pointer.ts'

/** A pair of cache lines: they come in pairs. */
const LINES = 128

/** So many bytes or a few more: whole pairs of cache lines. */
export function wholeLines(bytes: number): number {
  return Math.ceil(bytes / LINES) * LINES
}

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

  /**
   * Room that begins and ends with a cache line, not cleared. Where one thread writes to the line that another reads its
   * parameters from, both wait for it all the time (measured: half the speed).
   */
  lines(bytes: number): Pointer {
    return wholeLines(this.bytes(wholeLines(bytes) + LINES)) as Pointer
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
