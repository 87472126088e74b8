/** An address in kernel memory, in bytes. Only memory.ts makes them; `at` moves one. */
export type Pointer = number & { readonly __pointer: true }

/** No address: kernels read "not given" from it. */
export const NULL = 0 as Pointer

/** The address `bytes` further on. */
export function at(pointer: Pointer, bytes: number): Pointer {
  return (pointer + bytes) as Pointer
}
