/** The heap, AssemblyScript's TLSF. Only src/kernel/memory.ts calls these; it knows their traps. */

export function alloc(bytes: usize): usize {
  return heap.alloc(bytes)
}

export function free(at: usize): void {
  heap.free(at)
}
