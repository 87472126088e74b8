import { KernelError } from '../core/errors.ts'
import type { Steps } from '../core/steps.ts'
import { type Kernel, kernel, whenReplaced } from './kernel.ts'
import type { Memory } from './memory.ts'
import type { Pointer } from './pointer.ts'

/** A run of rows that lie one after the other. */
export interface RowRun {
  /** Where the first of them is. */
  readonly x: Pointer
  /** Its number in the matrix. */
  readonly begin: number
  readonly rows: number
}

/**
 * The memory behind a Matrix: rows of `stride` floats in slabs of 2^shift rows (the last may be shorter), owned by one
 * kernel. A running fit holds it; freed or forgotten, it goes back to the heap.
 */
export class Slabs {
  kernel: Kernel = kernel()
  readonly stride: number
  /** log2 of the rows of a slab. */
  readonly shift: number
  pointers: Pointer[] = []
  /** Rows that each slab has room for. */
  readonly room: number[] = []
  #holds = 0
  #freeWhenLetGo = false
  #freed = false

  constructor(stride: number, shift: number) {
    this.stride = stride
    this.shift = shift
  }

  get memory(): Memory {
    return this.kernel.memory
  }

  get freed(): boolean {
    return this.#freed || this.#freeWhenLetGo
  }

  get held(): boolean {
    return this.#holds > 0
  }

  slabBytes(rows: number): number {
    return rows * this.stride * 4
  }

  add(rows: number): void {
    this.#push(this.#home().memory.alloc(this.slabBytes(rows)), rows)
  }

  *addPatiently(rows: number): Steps<void> {
    for (;;) {
      const { memory } = this.#home()
      const pointer = yield* memory.allocPatiently(this.slabBytes(rows))
      if (memory === this.#home().memory && !this.freed) return this.#push(pointer, rows)
      // While this waited, `init` replaced the kernel, or these slabs were freed.
      memory.free(pointer)
      if (this.freed) throw disposed()
    }
  }

  /** Where the next slab goes: to the others; the first one to the kernel that runs now, not when this was made. */
  #home(): Kernel {
    if (this.pointers.length === 0) this.kernel = kernel()
    return this.kernel
  }

  #push(pointer: Pointer, rows: number): void {
    this.pointers.push(pointer)
    this.room.push(rows)
    living.add(this)
  }

  /** Gives back the room behind the first `rows` rows: whole slabs, and of the last one what is too long. */
  fit(rows: number): void {
    const { room, pointers, memory } = this
    let spare = room.reduce((sum, some) => sum + some, 0) - rows
    while (spare > 0) {
      const last = room.length - 1
      const keep = Math.max(0, room[last]! - spare)
      spare -= room[last]! - keep
      const old = pointers[last]!
      if (keep > 0) {
        const floats = keep * this.stride
        const fitting = memory.alloc(floats * 4)
        memory.f32(fitting, floats).set(memory.f32(old, floats))
        pointers[last] = fitting
        room[last] = keep
      } else {
        pointers.pop()
        room.pop()
      }
      memory.free(old)
    }
  }

  /** The same memory for another owner; this has none any more. */
  handOver(): Slabs {
    const heir = new Slabs(this.stride, this.shift)
    heir.kernel = this.kernel
    for (const [i, pointer] of this.pointers.entries()) heir.#push(pointer, this.room[i]!)
    this.pointers = []
    this.free()
    return heir
  }

  /** Keeps the memory until the returned function is called, even if it is freed meanwhile. */
  hold(): () => void {
    this.#holds++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holds--
      if (this.#freeWhenLetGo && this.#holds === 0) this.#release()
    }
  }

  /** Gives the memory back, or does so when the last hold is gone. Any number of times. */
  free(): void {
    if (this.#holds > 0) this.#freeWhenLetGo = true
    else this.#release()
  }

  #release(): void {
    if (this.#freed) return
    this.#freed = true
    living.delete(this)
    for (const pointer of this.pointers) this.memory.free(pointer)
    this.pointers = []
  }

  /** Rows [begin, end) as runs of at most `most` rows that do not cross a slab; `most` divides a slab. */
  *runs(begin: number, end: number, most: number): Generator<RowRun> {
    const slabRows = 2 ** this.shift
    for (let row = begin; row < end; ) {
      const inSlab = row % slabRows
      const rows = Math.min(end - row, slabRows - inSlab, most)
      yield { x: (this.pointers[Math.floor(row / slabRows)]! + inSlab * this.stride * 4) as Pointer, begin: row, rows }
      row += rows
    }
  }

  /** Room of the same size in another kernel. */
  roomIn(next: Kernel): Pointer[] {
    return this.room.map((rows) => next.memory.alloc(this.slabBytes(rows)))
  }

  /** Moves the contents there and gives this kernel's memory back. */
  moveTo(next: Kernel, pointers: Pointer[]): void {
    for (const [i, rows] of this.room.entries()) {
      const floats = rows * this.stride
      next.memory.f32(pointers[i]!, floats).set(this.memory.f32(this.pointers[i]!, floats))
    }
    for (const pointer of this.pointers) this.memory.free(pointer)
    this.pointers = pointers
    this.kernel = next
  }
}

/** The error of whoever comes too late. */
export function disposed(): KernelError {
  return new KernelError('DISPOSED', 'this Matrix has been disposed', { hint: 'Its data are gone: load them again' })
}

/** All slabs that have memory: what must move when the kernel is replaced. */
const living = new Set<Slabs>()

/** Slabs whose owner is forgotten are freed when the collector finds out. */
let forgotten: FinalizationRegistry<Slabs> | undefined

/** Ties slabs to the object that stands for them (from now on this one): they live as long as it does, or until `release`. */
export function own(owner: object, slabs: Slabs): void {
  if (!forgotten) {
    forgotten = new FinalizationRegistry(release)
    whenReplaced(moveAll)
  }
  forgotten.unregister(slabs)
  forgotten.register(owner, slabs, slabs)
}

/** The owner gives its slabs back now. */
export function release(slabs: Slabs): void {
  forgotten?.unregister(slabs)
  slabs.free()
}

/** All or none: the next kernel is not used before everything has room in it. */
function moveAll(next: Kernel): void {
  const all = [...living]
  if (all.some((slabs) => slabs.held)) {
    throw new KernelError('IN_USE', 'init: a fit or a prediction is running', {
      hint: 'Call init before it, or await it first',
    })
  }
  const rooms = all.map((slabs) => slabs.roomIn(next))
  for (const [i, slabs] of all.entries()) slabs.moveTo(next, rooms[i]!)
}
